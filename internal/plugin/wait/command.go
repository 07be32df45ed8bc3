// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package wait is kubectl ecs wait: ECS's waiters.
package wait

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/services"
)

// every is how often is asked. ECS's waiter asks every 15 seconds, 40 times.
const every = 2 * time.Second

type options struct {
	cli.Streams
	connect.Flags
	names   []string
	timeout time.Duration
	told    map[string]string
}

const example = `  # Deploy, and know how it went
  kubectl apply -f web.yaml && kubectl ecs wait services-stable web`

const long = `Waits until services are stable, as ECS's waiter does: one deployment, completed, of the present spec, and as many
tasks running as desired. What they wait for is written to the standard error as it changes.

It ends early where a service can't become so without a change: its deployment failed, goes back or went back.

Exit codes: 0 all are stable; 1 one failed, or there is no such service, or Kubernetes doesn't answer; 2 the command line
makes no sense; 5 not in time.`

// Command is kubectl ecs wait.
func Command(streams cli.Streams) *cobra.Command {
	c := &cobra.Command{
		Use: "wait", Short: "Wait until services are stable", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(stable(streams))
	return c
}

func stable(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams, told: map[string]string{}}
	c := &cobra.Command{
		Use: "services-stable SERVICE...", Short: "Wait until services are stable", Long: long, Example: example,
		RunE: func(c *cobra.Command, args []string) error {
			o.names = args
			switch {
			case len(args) == 0:
				return cli.UsageError("name the services to wait for")
			case o.timeout <= 0:
				return cli.UsageError("--timeout %s: expected more than nothing, such as 10m", o.timeout)
			}
			return o.run(c.Context())
		},
	}
	c.Flags().DurationVar(&o.timeout, "timeout", 10*time.Minute, "How long to wait.")
	o.Add(c.Flags())
	c.ValidArgsFunction = o.Services()
	if err := c.RegisterFlagCompletionFunc("timeout", cobra.NoFileCompletions); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

func (o *options) run(ctx context.Context) error {
	k, err := o.Open()
	if err != nil {
		return err
	}
	waiting := map[string]*ecsv1.Service{}
	for _, name := range o.names {
		s, err := services.Find(ctx, k.Client, k.Namespace, name)
		if err != nil {
			return k.Explain(err)
		}
		waiting[s.Name] = s
	}
	end := time.NewTimer(o.timeout)
	defer end.Stop()
	ask := time.NewTicker(every)
	defer ask.Stop()
	for {
		if err := o.look(ctx, k, waiting); err != nil {
			return k.Explain(err)
		}
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-end.C:
			return o.late(waiting)
		case <-ctx.Done():
			return &cli.Exit{Code: cli.Failed, Err: ctx.Err()}
		case <-ask.C:
		}
	}
}

// look takes those away that are stable.
func (o *options) look(ctx context.Context, k *connect.Kubernetes, waiting map[string]*ecsv1.Service) error {
	for name, s := range waiting {
		if err := k.Client.Get(ctx, client.ObjectKeyFromObject(s), s); client.IgnoreNotFound(err) != nil {
			return err
		} else if err != nil {
			return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("service %s is gone", name)}
		}
		switch verdict, why := Judge(s); verdict {
		case Stable:
			delete(waiting, name)
			if _, err := fmt.Fprintf(o.Out, "service %s is stable: %d tasks\n", name, s.Status.RunningCount); err != nil {
				return &cli.Exit{Code: cli.Failed, Err: err}
			}
		case Failed:
			return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("service %s: %s", name, why)}
		case Waiting:
			if why != o.told[name] {
				o.told[name] = why
				fmt.Fprintf(o.Err, "service %s: %d of %d running; %s\n", name, s.Status.RunningCount, s.Status.DesiredCount, why)
			}
		}
	}
	return nil
}

// late tells what each of the services still waits for.
func (o *options) late(waiting map[string]*ecsv1.Service) error {
	var all []error
	for _, name := range o.names {
		if s, ok := waiting[name]; ok {
			_, why := Judge(s)
			all = append(all, fmt.Errorf("service %s isn't stable after %s: %s", name, o.timeout, why))
		}
	}
	if len(all) == 0 {
		all = append(all, fmt.Errorf("not stable after %s", o.timeout))
	}
	return &cli.Exit{Code: cli.TimedOut, Err: errors.Join(all...)}
}
