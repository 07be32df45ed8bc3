// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/binaries"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cluster"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
)

func statusCommand(f *folders) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what runs; exits with 1 unless all is well",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			status := c.Status(cmd.Context())
			if output == "json" {
				err = printJSON(os.Stdout, status)
			} else {
				err = printStatus(os.Stdout, status)
			}
			if err == nil && !status.Ready {
				return errors.New("the cluster isn't ready: `localcluster up` repairs it")
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "json for a machine")
	return cmd
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

func printStatus(w io.Writer, s cluster.Status) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{
		{"server", s.Server}, {"kubeconfig", s.Kubeconfig}, {"node ports", "127.0.0.1:" + s.NodePorts},
		{"logs", s.Logs}, {"audit log", s.AuditLog}, {"problem", s.Problem},
	} {
		if row[1] != "" {
			fmt.Fprintf(t, "%s\t%s\n", row[0], row[1])
		}
	}
	fmt.Fprintf(t, "\nCOMPONENT\tPID\tUP FOR\n")
	for _, c := range s.Components {
		if !c.Running {
			fmt.Fprintf(t, "%s\t-\tnot running\n", c.Name)
			continue
		}
		fmt.Fprintf(t, "%s\t%d\t%s\n", c.Name, c.PID, time.Since(c.Started).Round(time.Second))
	}
	fmt.Fprintln(t)
	printNodes(t, s.Nodes)
	return t.Flush()
}

func printNodes(w io.Writer, nodes []kubeapi.Node) {
	fmt.Fprintf(w, "NODE\tSTATUS\tKIND\tZONE\tTYPE\tCPU\tMEMORY\n")
	for _, n := range nodes {
		status, kind := "NotReady", "real"
		if n.Ready {
			status = "Ready"
		}
		if n.Cordoned {
			status += ",cordoned"
		}
		if n.Simulated {
			kind = "simulated"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.Name, status, kind, n.Zone, n.InstanceType, n.CPU, n.Memory)
	}
}

func nodesCommand(f *folders) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "nodes",
		Short: "List the nodes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			nodes, err := c.Nodes(cmd.Context())
			if err != nil {
				return err
			}
			if output == "json" {
				return printJSON(os.Stdout, nodes)
			}
			t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
			printNodes(t, nodes)
			return t.Flush()
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "json for a machine")
	return cmd
}

func kubeconfigCommand(f *folders) *cobra.Command {
	var raw bool
	cmd := &cobra.Command{
		Use:   "kubeconfig",
		Short: "Print the path of the administrator's kubeconfig",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			if !raw {
				fmt.Println(c.State.Kubeconfig())
				return nil
			}
			content, err := os.ReadFile(c.State.Kubeconfig())
			if err != nil {
				return fmt.Errorf("reading the kubeconfig: %w", err)
			}
			_, err = os.Stdout.Write(content)
			return err
		},
	}
	cmd.Flags().BoolVar(&raw, "raw", false, "print its content")
	return cmd
}

func auditLogCommand(f *folders) *cobra.Command {
	return &cobra.Command{
		Use:   "audit-log",
		Short: "Print the path of the apiserver's audit log: one JSON object a line",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			fmt.Println(c.State.AuditLog())
			return nil
		},
	}
}

func kubectlCommand(f *folders) *cobra.Command {
	return &cobra.Command{
		Use:                "kubectl ARGS...",
		Short:              "Run the cluster's kubectl as its administrator",
		DisableFlagParsing: true, // all flags are kubectl's; give ours by environment
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			set, err := binaries.Ensure(cmd.Context(), f.cache, os.Stderr)
			if err != nil {
				return err
			}
			kubectl := set.Path("kubectl")
			// Become kubectl: signals and exit codes are then its own.
			if err := os.Setenv("KUBECONFIG", c.State.Kubeconfig()); err != nil {
				return fmt.Errorf("pointing kubectl at the cluster: %w", err)
			}
			err = unix.Exec(kubectl, append([]string{kubectl}, args...), os.Environ())
			return fmt.Errorf("running kubectl: %w", err)
		},
	}
}

func logsCommand(f *folders) *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs [COMPONENT]",
		Short: "Print a component's log; without one, list them",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.open()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listLogs(c)
			}
			tail := []string{"-n", "+1"}
			if follow {
				tail = append(tail, "-F")
			}
			show := exec.CommandContext(cmd.Context(), "tail", append(tail, c.State.Log(args[0]))...)
			show.Stdout, show.Stderr = os.Stdout, os.Stderr
			if err := show.Run(); err != nil && cmd.Context().Err() == nil {
				return fmt.Errorf("showing %s: %w", c.State.Log(args[0]), err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on as the log grows")
	return cmd
}

func listLogs(c *cluster.Cluster) error {
	files, err := filepath.Glob(filepath.Join(c.State.Logs(), "*.log"))
	if err != nil {
		return err
	}
	for _, file := range files {
		fmt.Println(strings.TrimSuffix(filepath.Base(file), ".log"))
	}
	return nil
}
