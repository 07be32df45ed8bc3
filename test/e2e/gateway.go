// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

// gateway is Traefik, a real Gateway, as a process of this machine, which reaches pods by their addresses.
type gateway struct {
	port               int
	url                string
	program, namespace string
	process            *exec.Cmd
}

const gatewayName = "e2e"

// openGateway installs the Gateway API and runs Traefik on it. TRAEFIK names its program, which hack/traefik.sh builds.
func openGateway(ctx context.Context, namespace string) *gateway {
	GinkgoHelper()
	needs("routes from this machine to its pods")
	program := os.Getenv("TRAEFIK")
	if program == "" {
		Skip("not run here: needs Traefik (TRAEFIK=$(hack/traefik.sh), which builds it once)")
	}
	kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-f", filepath.Join(moduleOf(ctx, "sigs.k8s.io/gateway-api"), "config", "crd", "standard"))
	g := &gateway{port: freePort(), program: program, namespace: namespace}
	g.url = fmt.Sprintf("http://127.0.0.1:%d", g.port)
	class := &gatewayv1.GatewayClass{
		ObjectMeta: metav1.ObjectMeta{Name: namespace, Labels: map[string]string{labelOfSuite: "true"}},
		Spec:       gatewayv1.GatewayClassSpec{ControllerName: "traefik.io/gateway-controller"},
	}
	Eventually(ctx, func() error { return client.IgnoreAlreadyExists(kube.Create(ctx, class)) }).Should(Succeed())
	DeferCleanup(func(ctx SpecContext) { Expect(client.IgnoreNotFound(kube.Delete(ctx, class))).To(Succeed()) })
	Eventually(ctx, func() error {
		return client.IgnoreAlreadyExists(kube.Create(ctx, &gatewayv1.Gateway{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: gatewayName},
			Spec: gatewayv1.GatewaySpec{
				GatewayClassName: gatewayv1.ObjectName(namespace),
				Listeners:        []gatewayv1.Listener{{Name: "web", Protocol: gatewayv1.HTTPProtocolType, Port: gatewayv1.PortNumber(g.port)}},
			},
		}))
	}).Should(Succeed())
	g.run()
	return g
}

// run starts Traefik for one namespace, and ends it with the spec.
func (g *gateway) run() {
	GinkgoHelper()
	log, err := os.Create(filepath.Join(GinkgoT().TempDir(), "traefik.log"))
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.Command(g.program, "--global.checknewversion=false", "--global.sendanonymoususage=false", "--log.level=INFO",
		"--providers.kubernetesgateway=true", "--providers.kubernetesgateway.namespaces="+g.namespace,
		fmt.Sprintf("--entrypoints.web.address=127.0.0.1:%d", g.port))
	cmd.Stdout, cmd.Stderr = log, log
	Expect(cmd.Start()).To(Succeed())
	g.process = cmd
	DeferCleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it is over already where the spec has killed it
		_ = log.Close()
		if CurrentSpecReport().Failed() {
			text, _ := os.ReadFile(log.Name())
			AddReportEntry("Traefik's log", string(text))
		}
	})
}

// kill ends Traefik by SIGKILL.
func (g *gateway) kill() {
	GinkgoHelper()
	Expect(g.process.Process.Kill()).To(Succeed())
	_ = g.process.Wait() // tells of the signal
}

func freePort() int {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	Expect(ok).To(BeTrue())
	return address.Port
}

// moduleOf is the folder of a module that go.mod requires.
func moduleOf(ctx context.Context, path string) string {
	GinkgoHelper()
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", path).Output()
	Expect(err).NotTo(HaveOccurred())
	_, rest, found := strings.Cut(string(out), `"Dir": "`)
	Expect(found).To(BeTrue(), "%s", out)
	dir, _, _ := strings.Cut(rest, `"`)
	return dir
}

// route makes an HTTPRoute for a service with target groups NAME-blue and NAME-green: requests with the header X-Test have a rule of their own.
func (g *gateway) route(ctx context.Context, namespace, name string) {
	GinkgoHelper()
	backends := func() []gatewayv1.HTTPBackendRef {
		var out []gatewayv1.HTTPBackendRef
		for i, group := range []string{name + "-blue", name + "-green"} {
			ref := gatewayv1.HTTPBackendRef{}
			ref.Name, ref.Port, ref.Weight = gatewayv1.ObjectName(group), new(gatewayv1.PortNumber(containerPort)), new(int32(1-i))
			out = append(out, ref)
		}
		return out
	}
	route := &gatewayv1.HTTPRoute{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: gatewayName}}},
			Rules: []gatewayv1.HTTPRouteRule{
				{Name: new(gatewayv1.SectionName("test")), BackendRefs: backends(), Matches: []gatewayv1.HTTPRouteMatch{{Headers: []gatewayv1.HTTPHeaderMatch{{Name: "X-Test", Value: "true"}}}}},
				{Name: new(gatewayv1.SectionName("production")), BackendRefs: backends()},
			},
		},
	}
	Eventually(ctx, func() error { return kube.Create(ctx, route) }).Should(Succeed()) // its kind may just have been made
}

// takesTurns gives a service two target groups and the listener rules of route.
func takesTurns(strategy ecsv1.DeploymentConfiguration) setting {
	return func(m manifest) {
		spec, name := &m.service.Spec, m.service.Name
		spec.DeploymentConfiguration = &strategy
		spec.LoadBalancers[0].TargetGroupArn = name + "-blue"
		spec.LoadBalancers[0].AdvancedConfiguration = &ecsv1.AdvancedConfiguration{
			AlternateTargetGroupArn: name + "-green", ProductionListenerRule: name + "/production", TestListenerRule: name + "/test",
		}
		groups := spec.Kubernetes.TargetGroups
		groups[0].Name, groups[0].Type = name+"-blue", ""
		green := groups[0]
		green.Name = name + "-green"
		spec.Kubernetes.TargetGroups = append(groups, green)
	}
}

// createTurns makes a service whose two target groups take turns behind a route of its name, and waits until it runs.
func createTurns(ctx context.Context, namespace, name string, strategy ecsv1.DeploymentConfiguration) service {
	GinkgoHelper()
	m := manifests(namespace, name, takesTurns(strategy))
	Expect(kube.Create(ctx, m.taskDefinition)).To(Succeed())
	Expect(kube.Create(ctx, m.service)).To(Succeed())
	s := service{namespace, name}
	s.deployed(ctx, 3, "v1")
	return s
}

// rounds are how many deployments a spec makes under one load: 2, or as many as DEPLOYMENTS says.
func rounds() int {
	GinkgoHelper()
	text := cmp.Or(os.Getenv("DEPLOYMENTS"), "2")
	n, err := strconv.Atoi(text)
	Expect(err).NotTo(HaveOccurred(), "DEPLOYMENTS is a number")
	return n
}

// No strategy here has a bake time: each stage and step is over as soon as the traffic is where it is to be.
func blueGreen() ecsv1.DeploymentConfiguration {
	return ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: new(int32(0))}
}

// linear has four steps.
func linear() ecsv1.DeploymentConfiguration {
	return ecsv1.DeploymentConfiguration{
		Strategy: ecsv1.DeploymentStrategyLinear, BakeTimeInMinutes: new(int32(0)),
		LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: new(ecsv1.DecimalFromTenths(250)), StepBakeTimeInMinutes: new(int32(0))},
	}
}

func canary() ecsv1.DeploymentConfiguration {
	return ecsv1.DeploymentConfiguration{
		Strategy: ecsv1.DeploymentStrategyCanary, BakeTimeInMinutes: new(int32(0)),
		CanaryConfiguration: &ecsv1.CanaryConfiguration{CanaryPercent: new(ecsv1.DecimalFromTenths(100)), CanaryBakeTimeInMinutes: new(int32(0))},
	}
}

// crowd is the load of the promise that no request is lost: connections that are kept, new ones, and one request of ten seconds always in flight.
type crowd []*load.Run

func sendCrowd(ctx context.Context, url string) crowd {
	GinkgoHelper()
	var out crowd
	for _, opts := range []load.Options{{URL: url + "/", KeepAlive: true}, {URL: url + "/"}} {
		opts.Rate = 100
		out = append(out, start(ctx, opts))
	}
	// One each half second means some twenty of them in flight, at each moment one of any age.
	return append(out, start(ctx, load.Options{URL: url + "/slow?ms=10000", Rate: 2, Timeout: 30 * time.Second}))
}

func start(ctx context.Context, opts load.Options) *load.Run {
	GinkgoHelper()
	opts.Class = func(body []byte) string { return field(string(body), "version") }
	run, err := load.Start(ctx, opts)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { run.Stop() })
	return run
}

// stop ends the load, once all that was sent is answered or has failed.
func (c crowd) stop() {
	for _, run := range c {
		run.Stop()
	}
}

// failed counts the requests that have failed.
func (c crowd) failed() int {
	n := 0
	for _, run := range c {
		n += run.Snapshot().Failed()
	}
	return n
}

// noneFailed ends the load and expects that every request was answered.
func (c crowd) noneFailed() {
	GinkgoHelper()
	for _, run := range c {
		report := run.Stop()
		AddReportEntry("load", report.String())
		Expect(report.Requests).To(BeNumerically(">", 0))
		Expect(report.Failed()).To(BeZero(), "%s\n%v", report, report.Samples)
	}
}
