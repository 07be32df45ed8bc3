// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

// The measurements of docs/benchmarks.md: hack/bench.sh sets ECS_BENCH, without which none of this is part of the suite. Each is
// taken beside its peer in the same run: a plain Deployment of the same image.
var _ = func() bool {
	if os.Getenv("ECS_BENCH") == "" {
		return false
	}
	return Describe("Benchmark", Label("bench"), Ordered, ContinueOnFailure, func() {
		It("rolling updates in a row, under load", benchRollouts, SpecTimeout(40*time.Minute))
		It("time until tasks run", benchStart, SpecTimeout(20*time.Minute))
		It("writes to the apiserver", benchWrites, SpecTimeout(5*time.Minute))
	})
}()

// say prints a line of the result.
func say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// setting of a benchmark from the environment.
func number(name string, otherwise int) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(otherwise)))
	Expect(err).NotTo(HaveOccurred(), name)
	return n
}

// score adds up the reports of one side.
type score struct {
	requests, failed, runsWithFailures int
	worst                              time.Duration
	rollouts                           []time.Duration
}

func (s *score) add(name string, n int, r load.Report, took time.Duration) {
	s.requests += r.Requests
	s.failed += r.Failed()
	if r.Failed() > 0 {
		s.runsWithFailures++
	}
	s.worst = max(s.worst, r.Latency(1))
	s.rollouts = append(s.rollouts, took)
	say("| %d | %s | %d | %d | %s | %s | %s | %s |", n, name, r.Requests, r.Failed(),
		ms(r.Latency(0.5)), ms(r.Latency(0.99)), ms(r.Latency(1)), seconds(took))
}

func benchRollouts(ctx SpecContext) {
	ns := newNamespace(ctx)
	web := create(ctx, ns, "web")
	peer := createPlain(ctx, ns, "plain", 3)
	var ours, theirs score
	runs := number("ECS_BENCH_ROLLOUTS", 20)

	say("\n%d rolling updates of 3 tasks, %d requests a second, each on its own connection\n", runs, rate)
	say("| Run | Of | Requests | Failed | p50 | p99 | Max | Rollout |\n|---|---|---|---|---|---|---|---|")
	for n := range runs {
		version := fmt.Sprintf("v%d", n+2)
		report, took := underLoad(ctx, web.url(ctx), func() {
			web.ship(ctx, version)
			web.settles(ctx, 3, version)
		})
		ours.add("ECS service", n+1, report, took)
		report, took = underLoad(ctx, peer.url(ctx), func() {
			peer.ship(ctx, version)
			peer.settles(ctx, 3, version)
		})
		theirs.add("Deployment", n+1, report, took)
	}
	say("\n| | ECS service | Deployment, no preStop |\n|---|---|---|")
	say("| requests | %d | %d |", ours.requests, theirs.requests)
	say("| failed | %d | %d |", ours.failed, theirs.failed)
	say("| rollouts with a failed request | %d of %d | %d of %d |", ours.runsWithFailures, runs, theirs.runsWithFailures, runs)
	say("| slowest answer | %s | %s |", ms(ours.worst), ms(theirs.worst))
	say("| median rollout, old tasks gone | %s | %s |", seconds(median(ours.rollouts)), seconds(median(theirs.rollouts)))
	Expect(ours.failed).To(BeZero())
}

// underLoad does something a second after a load has begun, and ends the load a second after it is done.
func underLoad(ctx context.Context, url string, do func()) (load.Report, time.Duration) {
	GinkgoHelper()
	run, err := load.Start(ctx, load.Options{URL: url, Rate: rate})
	Expect(err).NotTo(HaveOccurred())
	defer run.Stop()
	answers(ctx, run, rate)
	began := time.Now()
	do()
	took := time.Since(began)
	answers(ctx, run, rate)
	return run.Stop(), took
}

func benchStart(ctx SpecContext) {
	ns := newNamespace(ctx)
	say("\n| Tasks | Runs | ECS service, median | Deployment, median | Ratio | ECS service | Deployment |\n|---|---|---|---|---|---|---|")
	for _, c := range []struct{ tasks, runs int }{{3, number("ECS_BENCH_STARTS", 7)}, {50, number("ECS_BENCH_STARTS_50", 3)}} {
		var ours, theirs []time.Duration
		for n := range c.runs {
			ours = append(ours, startService(ctx, ns, fmt.Sprintf("web-%d-%d", c.tasks, n), c.tasks))
			theirs = append(theirs, startPlain(ctx, ns, fmt.Sprintf("plain-%d-%d", c.tasks, n), c.tasks))
		}
		say("| %d | %d | %s | %s | %.2f | %v | %v |", c.tasks, c.runs, seconds(median(ours)), seconds(median(theirs)),
			median(ours).Seconds()/median(theirs).Seconds(), all(ours), all(theirs))
	}
}

// startService measures from the creation of a service until its status counts all tasks as running and all take traffic. Its task
// definition is there before: that is how ECS has it, and a Deployment has none.
func startService(ctx context.Context, ns, name string, tasks int) time.Duration {
	GinkgoHelper()
	m := manifests(ns, name, small, desired(int32(tasks)))
	Expect(kube.Create(ctx, m.taskDefinition)).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(m.taskDefinition), m.taskDefinition)).To(Succeed())
		g.Expect(m.taskDefinition).To(beReady())
	}).Should(Succeed())
	began := time.Now()
	Expect(kube.Create(ctx, m.service)).To(Succeed())
	s := service{ns, name}
	Eventually(ctx, func(g Gomega) {
		g.Expect(s.get(ctx, g).Status.RunningCount).To(BeEquivalentTo(tasks))
		g.Expect(s.endpoints(ctx, g)).To(Equal(tasks))
	}).WithPolling(pollFast).WithTimeout(3 * time.Minute).Should(Succeed())
	took := time.Since(began)
	Expect(kube.Delete(ctx, m.service)).To(Succeed())
	Expect(kube.Delete(ctx, m.taskDefinition)).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, s.key(), &ecsv1.Service{})).To(beNotFound())
		g.Expect(s.tasks(ctx, g)).To(BeEmpty())
	}).WithTimeout(3 * time.Minute).Should(Succeed())
	return took
}

func benchWrites(ctx SpecContext) {
	needs("an audit log")
	ns := newNamespace(ctx)
	onlyNamespace(ctx, ns)
	quiet(ctx)
	created, updated := countWrites(ctx, ns)
	say("\nThe operator's writes for a service of 3 tasks with a target group\n\n%s", table([]string{"created", "rolling update"}, created, updated))
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func all(durations []time.Duration) []string {
	var out []string
	for _, d := range durations {
		out = append(out, seconds(d))
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
