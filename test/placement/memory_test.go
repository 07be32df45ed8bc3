// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var _ = func() bool {
	if !benchmarking() {
		return false
	}
	return Describe("Memory", Label("memory"), func() {
		It("at thousands of instances and tasks, beside the cluster's own programs", benchMemory, SpecTimeout(50*time.Minute))
	})
}()

func benchMemory(ctx SpecContext) {
	instances, count := setting("PLACEMENT_LARGE_NODES", 5000), setting("PLACEMENT_LARGE_TASKS", 10000)
	say("\nMemory, MiB resident (the manager's heap in use)\n| At | manager | heap | kube-controller-manager | kube-scheduler | kube-apiserver |\n|---|---|---|---|---|---|")
	row := func(at string) {
		of := processes()
		say("| %s | %d | %.0f | %d | %d | %d |", at, memory(of["manager"]), heap(ctx), memory(of["kube-controller-manager"]), memory(of["kube-scheduler"]), memory(of["kube-apiserver"]))
	}
	Eventually(ctx, func() error { _, err := http.Get("http://" + operator.Profile + "/debug/pprof/"); return err }).Should(Succeed(), "the manager has just started")
	row("nothing")
	began := time.Now()
	f, ns := newFleet(ctx, "large", instances, medium), newNamespace(ctx)
	say("  %d nodes were made and registered in %.0f s", instances, time.Since(began).Seconds())
	row(fmt.Sprintf("%d instances", instances))
	began = time.Now()
	const services = 5
	for i := range services {
		name := fmt.Sprintf("web-%d", i+1)
		how := []func(*ecsv1.Service){strategy(overZones, overInstances)}
		if i%2 == 1 {
			how = []func(*ecsv1.Service){strategy(packMemory)}
		}
		create(ctx, ns, name, f.name, kind{128, 256}, int32(count/services), how...)
	}
	say("  %d tasks ran after %.0f s", count, time.Since(began).Seconds())
	row(fmt.Sprintf("and %d tasks", count))

	before := reconciles(ctx)
	web := service{ns, "web-1"}
	for i := range 10 {
		web.scale(ctx, count/services+2*(i+1))
	}
	after := reconciles(ctx)
	for controller, now := range after {
		if n := now.count - before[controller].count; n > 0 {
			say("  reconciling %s then: %d times, %.1f ms on average", controller, int(n), 1000*(now.sum-before[controller].sum)/n)
		}
	}
}

// heap is the manager's heap in use, in MiB, after a collection.
func heap(ctx context.Context) float64 {
	GinkgoHelper()
	text := fetch(ctx, "http://"+operator.Profile+"/debug/pprof/heap?gc=1&debug=1")
	found := regexp.MustCompile(`# HeapInuse = (\d+)`).FindStringSubmatch(text)
	Expect(found).NotTo(BeNil())
	n, err := strconv.ParseFloat(found[1], 64)
	Expect(err).NotTo(HaveOccurred())
	return n / (1 << 20)
}

type timing struct{ sum, count float64 }

// reconciles are how often each controller reconciled, and how many seconds that took.
func reconciles(ctx context.Context) map[string]timing {
	GinkgoHelper()
	out := map[string]timing{}
	metric := regexp.MustCompile(`^controller_runtime_reconcile_time_seconds_(sum|count)\{controller="([^"]+)"\} (\S+)`)
	lines := bufio.NewScanner(strings.NewReader(fetch(ctx, "http://"+operator.Metrics+"/metrics")))
	for lines.Scan() {
		found := metric.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		n, err := strconv.ParseFloat(found[3], 64)
		Expect(err).NotTo(HaveOccurred())
		t := out[found[2]]
		if found[1] == "sum" {
			t.sum = n
		} else {
			t.count = n
		}
		out[found[2]] = t
	}
	return out
}

func fetch(ctx context.Context, url string) string {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	Expect(err).NotTo(HaveOccurred())
	answer, err := http.DefaultClient.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}
