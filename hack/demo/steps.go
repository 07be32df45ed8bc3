// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

type demo struct {
	screen *screen
	shell  shell
	kube   client.Client
	// containers says that there are real nodes: tasks are processes that answer HTTP.
	containers bool
	zones      map[string]string // of each node
	port       int               // where the service answers
}

const (
	describe = "LOCALCLUSTER_STATE=.state/demo bin/localcluster kubectl describe services.ecs.pods.dev web"
	logs     = "LOCALCLUSTER_STATE=.state/demo bin/localcluster kubectl -n ecs-operator-system logs deploy/ecs-operator"
)

func (d *demo) steps() []step {
	return []step{
		{"Start Kubernetes on this machine", d.startCluster, "bin/localcluster --state .state/demo status; ls .state/demo/logs"},
		{"Build the operator and a web application, and bring their images to the nodes", d.images, "hack/images.sh"},
		{"Install the CRDs and the operator", d.install, logs},
		{"Create a cluster, a task definition and a service of 3 tasks", d.create, describe},
		{"Ask it over HTTP", d.ask, describe},
		{"Ship a new revision while 50 requests a second run against it", d.update, describe},
		{"Scale to 5 tasks, and back to 3", d.scale, describe},
		{"Kill a task", d.kill, describe},
		{"Read what the service did, in ECS's words", d.events, logs},
	}
}

func (d *demo) startCluster(ctx context.Context) error {
	up := append([]string{"up"}, strings.Fields(os.Getenv("NODES"))...)
	d.screen.command("localcluster " + strings.Join(up, " "))
	if err := d.shell.stream(ctx, d.screen.indented(), d.shell.localcluster(), up...); err != nil {
		return err
	}
	status, err := d.shell.status(ctx)
	if err != nil {
		return err
	}
	if d.kube, err = newClient(status.Kubeconfig); err != nil {
		return err
	}
	d.zones = map[string]string{}
	for _, n := range status.Nodes {
		d.zones[n.Name] = n.Zone
		d.containers = d.containers || !n.Simulated
	}
	if !d.containers {
		d.screen.say("These nodes are simulated (real ones want root and containerd): tasks are counted but no container runs, so there is no HTTP to show.")
	}
	if d.port, err = nodePort(status.NodePorts); err != nil {
		return err
	}
	if d.port != samplePort {
		d.screen.say("Another cluster on this machine has node port %d: here the service gets %d.", samplePort, d.port)
	}
	return nil
}

func (d *demo) images(ctx context.Context) error {
	d.screen.command("hack/images.sh")
	if err := d.shell.stream(ctx, d.screen.indented(), filepath.Join(d.shell.root, "hack", "images.sh")); err != nil || !d.containers {
		return err
	}
	d.screen.command("localcluster load-image bin/ecs-operator.tar bin/ecs-launcher.tar bin/ecs-web.tar")
	return d.shell.stream(ctx, d.screen.indented(), d.shell.localcluster(), "load-image", "bin/ecs-operator.tar", "bin/ecs-launcher.tar", "bin/ecs-web.tar")
}

func (d *demo) install(ctx context.Context) error {
	if !d.containers {
		return d.installOutside(ctx)
	}
	d.screen.command("hack/deploy.sh     # kubectl apply --server-side -k config/default")
	return d.shell.stream(ctx, d.screen.indented(), filepath.Join(d.shell.root, "hack", "deploy.sh"))
}

func (d *demo) create(ctx context.Context) error {
	if err := d.applySamples(ctx); err != nil {
		return err
	}
	s, err := d.until(ctx, 90*time.Second, "3 running tasks and a completed deployment", func(s sight) bool { return s.settled(3) })
	if err != nil {
		return err
	}
	if _, err := d.show(ctx, true, "get", "ecs", "-A"); err != nil {
		return err
	}
	tasks := map[string]int{}
	for _, t := range s.tasks {
		tasks[d.zones[t.node]]++
	}
	for _, zone := range slices.Sorted(maps.Keys(tasks)) {
		d.screen.say("zone %s: %d tasks", zone, tasks[zone])
	}
	if len(tasks) < 2 {
		return fmt.Errorf("3 tasks stand in %d zone, want 2 zones", len(tasks))
	}
	return nil
}

// applySamples applies config/samples, with another node port where theirs is taken.
func (d *demo) applySamples(ctx context.Context) error {
	if d.port == samplePort {
		_, err := d.show(ctx, true, "apply", "-k", "config/samples")
		return err
	}
	d.screen.command(fmt.Sprintf("kubectl kustomize config/samples | sed 's/%d/%d/' | kubectl apply -f -", samplePort, d.port))
	manifests, err := d.shell.kubectl(ctx, "kustomize", "config/samples")
	if err != nil {
		return err
	}
	manifests = strings.ReplaceAll(manifests, strconv.Itoa(samplePort), strconv.Itoa(d.port))
	out, err := d.shell.output(ctx, manifests, d.shell.localcluster(), "kubectl", "apply", "-f", "-")
	d.screen.block(out)
	return err
}

// version of the application that the sample asks for, and the one the demo ships.
const (
	before = "v1"
	after  = "v2"
)

func (d *demo) ask(ctx context.Context) error {
	if !d.containers {
		d.screen.say("skipped: simulated nodes answer nothing")
		return nil
	}
	d.screen.command("for i in {1..30}; do curl -s " + d.url() + "; done | sort | uniq -c")
	answers, err := ask(ctx, d.url(), 30)
	if err != nil {
		return err
	}
	for _, a := range slices.Sorted(maps.Keys(answers)) {
		d.screen.say("%3d × %s", answers[a], a)
		if versionOf([]byte(a)) != before {
			return fmt.Errorf("an answer came from %q, want %s", a, before)
		}
	}
	if len(answers) != 3 {
		return fmt.Errorf("%d tasks answered, want all 3", len(answers))
	}
	return nil
}

func (d *demo) scale(ctx context.Context) error {
	for _, n := range []int{5, 3} {
		if _, err := d.show(ctx, true, "scale", "services.ecs.pods.dev", serviceName, fmt.Sprintf("--replicas=%d", n)); err != nil {
			return err
		}
		began := time.Now()
		if _, err := d.until(ctx, time.Minute, fmt.Sprintf("%d running tasks", n), func(s sight) bool { return s.settled(n) }); err != nil {
			return err
		}
		d.screen.say("%d tasks run, %d take traffic, after %.1fs", n, n, time.Since(began).Seconds())
	}
	_, err := d.show(ctx, true, "get", "services.ecs.pods.dev", serviceName)
	return err
}

func (d *demo) kill(ctx context.Context) error {
	s, err := d.look(ctx)
	if err != nil {
		return err
	}
	victim := s.tasks[0]
	began := time.Now()
	if _, err := d.show(ctx, true, "delete", "pod", victim.name, "--wait=false"); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, t := range s.tasks {
		known[t.name] = true
	}
	s, err = d.until(ctx, time.Minute, "a replacement of the task", func(s sight) bool {
		return s.settled(3) && !slices.ContainsFunc(s.tasks, func(t task) bool { return t.name == victim.name })
	})
	if err != nil {
		return err
	}
	for _, t := range s.tasks {
		if !known[t.name] {
			d.screen.say("%s on %s took over after %.1fs", t.name, t.node, time.Since(began).Seconds())
		}
	}
	return nil
}

func (d *demo) events(ctx context.Context) error {
	out, err := d.show(ctx, true, "events", "--for", "service.ecs.pods.dev/"+serviceName)
	if err != nil {
		return err
	}
	if !strings.Contains(out, "has reached a steady state") {
		return errors.New("no event says that the service reached a steady state")
	}
	return nil
}

// show runs kubectl as the reader could, with what it printed if that says something.
func (d *demo) show(ctx context.Context, print bool, args ...string) (string, error) {
	d.screen.command("kubectl " + strings.Join(args, " "))
	out, err := d.shell.kubectl(ctx, args...)
	if err == nil && print {
		d.screen.block(out)
	}
	return out, err
}

func (d *demo) farewell() {
	d.screen.say("")
	d.screen.say("Everything held. The cluster is yours now:")
	d.screen.block(`
alias k="LOCALCLUSTER_STATE=$PWD/.state/demo $PWD/bin/localcluster kubectl"
k get ecs -A                                      everything there is
k explain service.spec --api-version=ecs.pods.dev/v1alpha1
k edit taskdefinition web                         each change becomes a revision and is rolled out
k describe services.ecs.pods.dev web              counts, deployments, events
k patch services.ecs.pods.dev web --type merge -p '{"spec":{"taskDefinition":"web:1"}}'     back to the first revision
make demo-clean                                   undo everything`)
}

func (d *demo) clean(ctx context.Context) error {
	if err := d.shell.stopManager(); err != nil {
		return err
	}
	return d.shell.stream(ctx, d.screen.indented(), d.shell.localcluster(), "down")
}
