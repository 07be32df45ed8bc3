// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cluster"
)

func upCommand(f *folders) *cobra.Command {
	flags := cluster.DefaultOptions()
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster; or change it; or repair it",
		Long: `up makes sure that everything runs as asked and prints how long that took. Options are remembered:
a second up without flags keeps them, and repairs what has died since. Standard output stays empty.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.describe()
			if err != nil {
				return err
			}
			return c.Up(cmd.Context(), func(o *cluster.Options) { copyChanged(cmd.Flags(), &flags, o) })
		},
	}
	bindOptions(cmd.Flags(), &flags)
	return cmd
}

func bindOptions(set *pflag.FlagSet, o *cluster.Options) {
	set.StringVar(&o.Name, "name", o.Name, "prefix of node names")
	set.IntVar(&o.Real, "real", o.Real, "nodes with real containers; -1 means two where they can be had")
	set.IntVar(&o.Simulated, "simulated", o.Simulated, "nodes that KWOK plays")
	set.StringSliceVar(&o.Zones, "zones", o.Zones, "zones that nodes are spread over, in order")
	set.StringVar(&o.Region, "region", o.Region, "region label of all nodes")
	set.StringVar(&o.InstanceType, "instance-type", o.InstanceType, "instance type label of all nodes")
	set.IntVar(&o.NodeCPU, "node-cpu", o.NodeCPU, "cores that a node offers to pods (a real one never more than the machine has)")
	set.IntVar(&o.NodeMemory, "node-memory", o.NodeMemory, "MiB that a node offers to pods (a real one never more than the machine has)")
	set.IntVar(&o.QPS, "kube-api-qps", o.QPS, "client limit of controller manager and scheduler")
	set.IntVar(&o.Burst, "kube-api-burst", o.Burst, "client burst of controller manager and scheduler")
	set.DurationVar(&o.NodeMonitorGrace, "node-monitor-grace-period", o.NodeMonitorGrace,
		"how long a silent node stays Ready (default 16s, or 40s with simulated nodes; Kubernetes: 50s)")
	set.IntVar(&o.Toleration, "toleration-seconds", o.Toleration,
		"how long pods stay on a lost node (Kubernetes: 300)")
	set.BoolVar(&o.AuditReads, "audit", o.AuditReads, "put reads into the audit log too (writes always are)")
}

// copyChanged takes over what the user gave on this command line, and leaves the rest as remembered.
func copyChanged(set *pflag.FlagSet, from, to *cluster.Options) {
	for name, take := range map[string]func(){
		"name":                      func() { to.Name = from.Name },
		"real":                      func() { to.Real = from.Real },
		"simulated":                 func() { to.Simulated = from.Simulated },
		"zones":                     func() { to.Zones = from.Zones },
		"region":                    func() { to.Region = from.Region },
		"instance-type":             func() { to.InstanceType = from.InstanceType },
		"node-cpu":                  func() { to.NodeCPU = from.NodeCPU },
		"node-memory":               func() { to.NodeMemory = from.NodeMemory },
		"kube-api-qps":              func() { to.QPS = from.QPS },
		"kube-api-burst":            func() { to.Burst = from.Burst },
		"node-monitor-grace-period": func() { to.NodeMonitorGrace = from.NodeMonitorGrace },
		"toleration-seconds":        func() { to.Toleration = from.Toleration },
		"audit":                     func() { to.AuditReads = from.AuditReads },
	} {
		if set.Changed(name) {
			take()
		}
	}
}

func downCommand(f *folders) *cobra.Command {
	var keepLogs, force bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Remove the cluster and everything of it from this machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.describe()
			if err != nil {
				return err
			}
			return c.Down(cmd.Context(), keepLogs, force)
		},
	}
	cmd.Flags().BoolVar(&keepLogs, "keep-logs", false, "leave the logs in the state folder")
	cmd.Flags().BoolVar(&force, "force", false, "go on when a step fails")
	return cmd
}

func nodeCommand(f *folders) *cobra.Command {
	cmd := &cobra.Command{Use: "node", Short: "Do something to one node"}
	verb := func(use, short string, run func(*cobra.Command, *cluster.Cluster, string) error) {
		cmd.AddCommand(&cobra.Command{
			Use: use + " NODE", Short: short, Args: cobra.ExactArgs(1),
			ValidArgsFunction: f.completeNodes,
			RunE: func(cmd *cobra.Command, args []string) error {
				c, err := f.open()
				if err != nil {
					return err
				}
				return run(cmd, c, args[0])
			},
		})
	}
	verb("stop", "Cut its power: kubelet, containerd and all containers die at once", func(cmd *cobra.Command, c *cluster.Cluster, node string) error {
		return c.StopNode(cmd.Context(), node)
	})
	verb("start", "Turn it on again and wait until it is Ready", func(cmd *cobra.Command, c *cluster.Cluster, node string) error {
		return c.StartNode(cmd.Context(), node)
	})
	verb("disconnect", "Take it off the network; its containers run on", func(_ *cobra.Command, c *cluster.Cluster, node string) error {
		return c.Partition(node, true)
	})
	verb("connect", "Put it back on the network", func(_ *cobra.Command, c *cluster.Cluster, node string) error {
		return c.Partition(node, false)
	})
	verb("cordon", "Let no new pods onto it", func(cmd *cobra.Command, c *cluster.Cluster, node string) error {
		return c.Cordon(cmd.Context(), node, true)
	})
	verb("uncordon", "Let pods onto it again", func(cmd *cobra.Command, c *cluster.Cluster, node string) error {
		return c.Cordon(cmd.Context(), node, false)
	})
	return cmd
}

func (f *folders) completeNodes(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	c, err := f.open()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	nodes, err := c.Nodes(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// componentCommands are apiserver, etcd, scheduler and controller-manager, each with stop, start and restart.
func componentCommands(f *folders) []*cobra.Command {
	var all []*cobra.Command
	for short, component := range map[string]string{
		"apiserver": "kube-apiserver", "etcd": "etcd", "scheduler": "kube-scheduler", "controller-manager": "kube-controller-manager",
	} {
		all = append(all, componentCommand(f, short, component))
	}
	return all
}

func componentCommand(f *folders, short, component string) *cobra.Command {
	cmd := &cobra.Command{Use: short, Short: fmt.Sprintf("Stop, start or restart %s", component)}
	var atOnce bool
	cmd.PersistentFlags().BoolVar(&atOnce, "kill", false, "end it with SIGKILL rather than SIGTERM")
	verb := func(use string, run func(*cobra.Command, *cluster.Cluster) error) {
		cmd.AddCommand(&cobra.Command{
			Use: use, Short: use + " " + component, Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, err := f.open()
				if err != nil {
					return err
				}
				return run(cmd, c)
			},
		})
	}
	verb("stop", func(cmd *cobra.Command, c *cluster.Cluster) error {
		return c.StopComponent(cmd.Context(), component, atOnce)
	})
	verb("start", func(cmd *cobra.Command, c *cluster.Cluster) error {
		return c.StartComponent(cmd.Context(), component, false, atOnce)
	})
	verb("restart", func(cmd *cobra.Command, c *cluster.Cluster) error {
		return c.StartComponent(cmd.Context(), component, true, atOnce)
	})
	return cmd
}
