// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package prometheus lets the operator evaluate alarms by a real Prometheus, which scrapes what the test says, in real time.
package prometheus

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// notHere is what PROMETHEUS is set to where there is none and none can be had.
const notHere = "none"

var env *testkit.Environment

func TestPrometheus(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(60 * time.Second)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond)
	RunSpecs(t, "Prometheus Suite")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	switch os.Getenv("PROMETHEUS") {
	case "":
		Fail("PROMETHEUS isn't set, so there is nobody to ask; run make test-integration, or set it to what hack/prometheus.sh prints")
	case notHere:
		Skip("NOT RUN: there is no Prometheus on this machine, and hack/prometheus.sh can't fetch one")
	}
	log.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))
	var err error
	env, err = testkit.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error { return env.Stop() })
	operator, err := env.StartOperator(ctx, &testkit.Clock{}, &testkit.Record{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error { return operator.Stop() })
})

// server is a Prometheus that scrapes one target every second.
type server struct {
	url     string
	process *exec.Cmd
}

func start(ctx context.Context, target string) *server {
	GinkgoHelper()
	folder, address := GinkgoT().TempDir(), freeAddress()
	config := filepath.Join(folder, "prometheus.yml")
	Expect(os.WriteFile(config, []byte(fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: exporter
    static_configs: [{targets: [%q]}]
`, target)), 0o600)).To(Succeed())
	s := &server{url: "http://" + address}
	s.process = exec.Command(os.Getenv("PROMETHEUS"), //nolint:gosec // it is what the test is about
		"--config.file="+config, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address, "--log.level=warn")
	s.process.Stdout, s.process.Stderr = GinkgoWriter, GinkgoWriter
	Expect(s.process.Start()).To(Succeed())
	DeferCleanup(s.kill)
	Eventually(func(g Gomega) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/-/ready", nil)
		g.Expect(err).NotTo(HaveOccurred())
		resp, err := http.DefaultClient.Do(req)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(resp.Body.Close()).To(Succeed())
		g.Expect(resp.StatusCode).To(Equal(http.StatusOK))
	}).Should(Succeed())
	return s
}

// kill ends it, as a node that is lost does.
func (s *server) kill() {
	if s.process.ProcessState == nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
	}
}

func freeAddress() string {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	Expect(listener.Close()).To(Succeed())
	return listener.Addr().String()
}
