// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

// DryRun is the flag of commands that write, as kubectl has it.
type DryRun struct{ value string }

var dryRuns = []string{"none", "client", "server"}

// Add defines the flag.
func (d *DryRun) Add(c *cobra.Command) {
	c.Flags().StringVar(&d.value, "dry-run", "none", "none; client: only tell what would be written; server: let the apiserver check it, and keep nothing.")
	c.Flags().Lookup("dry-run").NoOptDefVal = "client"
	if err := c.RegisterFlagCompletionFunc("dry-run", cobra.FixedCompletions(dryRuns, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is defined above
	}
}

// Validate refuses other values.
func (d *DryRun) Validate() error {
	if !slices.Contains(dryRuns, d.value) {
		return cli.UsageError("--dry-run %s: expected one of %s", d.value, strings.Join(dryRuns, ", "))
	}
	return nil
}

// Writes reports whether the apiserver is asked.
func (d *DryRun) Writes() bool { return d.value != "client" }

// Options are those of a patch.
func (d *DryRun) Options() []client.PatchOption {
	out := []client.PatchOption{client.FieldOwner("kubectl-ecs")}
	if d.value == "server" {
		out = append(out, client.DryRunAll)
	}
	return out
}

// Note is what follows a sentence that tells what was written.
func (d *DryRun) Note() string {
	if d.value == "none" {
		return ""
	}
	return " (" + d.value + " dry run)"
}
