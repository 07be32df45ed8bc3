// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ecs-operator/ecs-operator/controllers"
)

// The measurement of docs/benchmarks.md, section 8: many services, all redeployed at once, again and again, beside plain Deployments and beside
// Argo Rollouts, whose binary ROLLOUTS names. hack/bench-services.sh runs it.
var _ = func() bool {
	if !benchmarking() {
		return false
	}
	return Describe("Redeploying", Label("services"), func() {
		It("of many services at once, beside Deployments and Rollouts", benchRedeploying, SpecTimeout(170*time.Minute))
	})
}()

// contender is a kind of object that rolls a new version of its pods out.
type contender struct {
	name string
	// owner is whose writes are counted, "" where the local cluster's audit log has none of them.
	owner string
	// runs starts what has to run for it, if anything has to, and returns its process and what ends it.
	runs func(ctx context.Context) (pid func() int, end func())
	// object is an empty one of its kind, of which the list is watched.
	object func() client.Object
	// make makes count of them of the first version, ship gives all of them the next one.
	make func(ctx context.Context, namespace, fleet string, count int)
	ship func(ctx context.Context, namespace string, count, version int)
	// completed reports whether the object has that version and nothing older.
	completed func(o client.Object, version int) bool
}

func benchRedeploying(ctx SpecContext) {
	count, runs := setting("SERVICES", 1000), setting("REDEPLOYMENTS", 20)
	peers := setting("PEER_REDEPLOYMENTS", runs)
	f := newFleet(ctx, "many", setting("PLACEMENT_NODES", 100), size{cpu: "16", memory: "64Gi"})
	for _, c := range contenders() {
		if only := os.Getenv("CONTENDERS"); only != "" && !strings.Contains(","+only+",", ","+c.name+",") {
			continue
		}
		times := peers
		if c.owner == operatorAccount {
			times = runs
		}
		c.bench(ctx, f.name, count, times)
	}
}

// bench redeploys all of them that often and prints a line for each time.
func (c contender) bench(ctx context.Context, fleet string, count, runs int) {
	GinkgoHelper()
	ours := c.owner == operatorAccount
	if !ours {
		// The nodes are container instances: the operator would write for each pod that comes and goes.
		operator.stop()
		defer func() { operator = startManager(ctx) }()
	}
	pid, end := c.runs(ctx)
	defer end()
	ns := newNamespace(ctx)
	seen := c.follow(ctx, ns)
	began := time.Now()
	c.make(ctx, ns, fleet, count)
	seen.all(ctx, count, 1)
	say("\n%d of %s, all redeployed at once; made in %.0f s\n| Time | To all completed | Objects a second | Writes each | Its controller's CPU | CPU of all | Its MiB resident | of them heap in use |\n|---|---|---|---|---|---|---|---|", count, c.name, time.Since(began).Seconds())
	for run := range runs {
		used, log, began := cpuTimes(), sizeOf(auditLog()), time.Now()
		spent := ticks(pid())
		c.ship(ctx, ns, count, run+2)
		seen.all(ctx, count, run+2)
		took := time.Since(began)
		kinds, writes := "", "not counted"
		if c.owner != "" {
			var all int
			kinds, all = writesOf(c.owner, log)
			writes = fmt.Sprintf("%.1f", float64(all)/float64(count))
		}
		cpu, all, resident, inUse := (ticks(pid()) - spent).Seconds(), inWords(since(used)), memory(pid()), "not asked"
		if ours {
			inUse = fmt.Sprintf("%.0f", heap(ctx))
		}
		say("| %d | %.1f s | %.1f | %s | %.1f s | %s | %d | %s |", run+1, took.Seconds(), float64(count)/took.Seconds(), writes, cpu, all, resident, inUse)
		if kinds != "" && (run == 0 || run == runs-1) {
			say("  writes: %s", kinds)
		}
		time.Sleep(time.Duration(setting("REST", 5)) * time.Second) // what is cleaned up after a deployment isn't the next one's
	}
}

// tally knows of each object which version it has completed.
type tally struct {
	mu   sync.Mutex
	of   contender
	last map[string]client.Object
}

// follow watches the objects of a namespace until the end of the spec.
func (c contender) follow(ctx context.Context, namespace string) *tally {
	GinkgoHelper()
	t := &tally{of: c, last: map[string]client.Object{}}
	watch, err := cache.New(admin, cache.Options{
		Scheme: controllers.Scheme(), DefaultNamespaces: map[string]cache.Config{namespace: {}}, DefaultTransform: cache.TransformStripManagedFields(),
	})
	Expect(err).NotTo(HaveOccurred())
	until, stop := context.WithCancel(context.Background())
	DeferCleanup(stop)
	go func() {
		defer GinkgoRecover()
		Expect(watch.Start(until)).To(Succeed())
	}()
	informer, err := watch.GetInformer(ctx, c.object())
	Expect(err).NotTo(HaveOccurred())
	note := func(o any) {
		if object, ok := o.(client.Object); ok {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.last[object.GetName()] = object
		}
	}
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{AddFunc: note, UpdateFunc: func(_, o any) { note(o) }})
	Expect(err).NotTo(HaveOccurred())
	return t
}

// all waits until count of them have completed the version.
func (t *tally) all(ctx context.Context, count, version int) {
	GinkgoHelper()
	Eventually(ctx, func() string {
		t.mu.Lock()
		defer t.mu.Unlock()
		done, open := 0, ""
		for name, o := range t.last {
			if t.of.completed(o, version) {
				done++
			} else {
				open = name
			}
		}
		if done == count {
			return ""
		}
		return fmt.Sprintf("%d of %d have completed version %d, %s has not", done, count, version, open)
	}).WithTimeout(patience(10 * count)).Should(BeEmpty())
}
