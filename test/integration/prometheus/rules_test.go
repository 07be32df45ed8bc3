// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package prometheus

import (
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("The alert rules", func() {
	It("are taken by promtool, which comes with Prometheus", func(ctx SpecContext) {
		root, err := testkit.Root()
		Expect(err).NotTo(HaveOccurred())
		promtool := filepath.Join(filepath.Dir(os.Getenv("PROMETHEUS")), "promtool")
		out, err := exec.CommandContext(ctx, promtool, "check", "rules", filepath.Join(root, "config", "monitoring", "rules.yaml")).CombinedOutput() //nolint:gosec // it is what the test is about
		Expect(err).NotTo(HaveOccurred(), "%s", out)
	})
})
