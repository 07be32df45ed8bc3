// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

const (
	rate     = 50 // requests a second
	pollFast = 50 * time.Millisecond
)

// url is where the service answers from outside of the cluster: the node port of the target group of its name.
func (s service) url(ctx context.Context) string {
	GinkgoHelper()
	var port int32
	Eventually(ctx, func(g Gomega) {
		groups := s.get(ctx, g).Status.LoadBalancers
		i := slices.IndexFunc(groups, func(t ecsv1.TargetGroupStatus) bool { return t.Name == s.name })
		g.Expect(i).To(BeNumerically(">=", 0), "target groups: %v", groups)
		g.Expect(groups[i].NodePort).NotTo(BeNil())
		port = *groups[i].NodePort
	}).Should(Succeed())
	return "http://" + net.JoinHostPort(host(ctx, port), strconv.Itoa(int(port)))
}

// host is an address of this machine or of a node that answers on a node port. E2E_HOST names one.
func host(ctx context.Context, port int32) string {
	if h := os.Getenv("E2E_HOST"); h != "" {
		return h
	}
	if machine != nil {
		return "127.0.0.1"
	}
	for _, n := range nodes(ctx) {
		for _, a := range n.Status.Addresses {
			if a.Type == corev1.NodeHostName {
				continue
			}
			conn, err := net.DialTimeout("tcp", net.JoinHostPort(a.Address, strconv.Itoa(int(port))), 2*time.Second)
			if err == nil {
				_ = conn.Close()
				return a.Address
			}
		}
	}
	Skip("not run here: needs a node whose ports can be reached from here (E2E_HOST names its address)")
	return ""
}

// send starts a load on the service. It ends with the spec at the latest.
func send(ctx context.Context, opts load.Options) *load.Run {
	GinkgoHelper()
	opts.Rate = rate
	opts.Class = func(body []byte) string { return field(string(body), "version") }
	run, err := load.Start(ctx, opts)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { run.Stop() })
	answers(ctx, run, rate)
	return run
}

// answers waits until n more requests have come to an end.
func answers(ctx context.Context, run *load.Run, n int) {
	GinkgoHelper()
	want := run.Snapshot().Requests + n
	Eventually(ctx, func() int { return run.Snapshot().Requests }).WithPolling(pollFast).Should(BeNumerically(">=", want))
}

// noneFailed ends a load, after another second of it, and expects that every request was answered.
func noneFailed(ctx context.Context, run *load.Run) load.Report {
	GinkgoHelper()
	answers(ctx, run, rate)
	report := run.Stop()
	AddReportEntry("load", report.String())
	Expect(report.Failed()).To(BeZero(), "%s\n%v", report, report.Samples)
	return report
}

// field is the value of a field of an answer such as "version=v1 task=web-1-abc".
func field(answer, name string) string {
	for f := range strings.FieldsSeq(answer) {
		if value, ok := strings.CutPrefix(f, name+"="); ok {
			return value
		}
	}
	return ""
}

// ask sends one request on a connection of its own.
func ask(ctx context.Context, url string) (string, error) { return askWith(ctx, url, nil) }

// askTest is the version that answers test traffic, which a header makes of a request.
func askTest(ctx context.Context, url string) string {
	GinkgoHelper()
	answer, err := askWith(ctx, url, http.Header{"X-Test": {"true"}})
	Expect(err).NotTo(HaveOccurred())
	return field(answer, "version")
}

func askWith(ctx context.Context, url string, header http.Header) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	req.Header = header
	direct := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := direct.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return string(body), err
}

// only expects that everyone who answers is of a version.
func only(ctx context.Context, url, version string) {
	GinkgoHelper()
	for range 20 {
		answer, err := ask(ctx, url)
		Expect(err).NotTo(HaveOccurred())
		Expect(field(answer, "version")).To(Equal(version), "answered: %s", answer)
	}
}
