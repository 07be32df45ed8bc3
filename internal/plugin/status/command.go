// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package status is kubectl ecs status and kubectl ecs deployments: how a service stands, and how its deployments went.
package status

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/live"
	"github.com/ecs-operator/ecs-operator/internal/plugin/services"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

type options struct {
	cli.Streams
	connect.Flags
	service, output string
	watch           bool
	outputs         []string
}

const example = `  # How does the service web stand, and what does it wait for?
  kubectl ecs status web

  # The same, live, during a deployment
  kubectl ecs status web --watch`

const long = `Shows a service on one screen: the revision that runs, and why it isn't that of the spec where it isn't; the deployment
with its stages, the tasks of each revision with a bar (healthy, running, pending, lacking), the shares of traffic, the
circuit breaker, alarms and hooks, the last events; and one line that says what it waits for. Where it waits for an answer
the command that gives it is shown.

Exit codes: 0 shown, whatever the state; 1 there is no such service, or Kubernetes doesn't answer; 2 the command line
makes no sense. kubectl ecs wait services-stable is for scripts.`

// Command is kubectl ecs status.
func Command(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams, outputs: []string{"text", "json", "yaml"}}
	c := o.command(o.run)
	c.Use, c.Short, c.Long, c.Example = "status SERVICE", "Show how a service and its deployment stand", long, example
	c.Flags().BoolVarP(&o.watch, "watch", "w", false, "Draw anew whenever something changes, until q or Ctrl-C.")
	return c
}

const historyLong = `Lists the deployments of a service that are kept, newest first: what they brought, how they ended, how long they took and
why they failed or went back. How many are kept says spec.kubernetes.revisionHistoryLimit of the service.

Exit codes: 0 listed; 1 there is no such service, or Kubernetes doesn't answer; 2 the command line makes no sense.`

// History is kubectl ecs deployments.
func History(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams, outputs: []string{"table", "json", "yaml"}}
	c := o.command(o.history)
	c.Use, c.Short, c.Long = "deployments SERVICE", "List the deployments of a service", historyLong
	return c
}

// command is what the two have in common.
func (o *options) command(run func(context.Context) error) *cobra.Command {
	c := &cobra.Command{
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.UsageError("name one service")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.service = args[0]
			switch {
			case !slices.Contains(o.outputs, o.output):
				return cli.UsageError("--output %s: expected one of %s", o.output, strings.Join(o.outputs, ", "))
			case o.watch && o.output != o.outputs[0]:
				return cli.UsageError("--watch: it draws; leave --output out, or ask again and again")
			case o.watch && o.Terminal().Width == 0:
				return cli.UsageError("--watch: the output is no terminal, so there is nothing to draw anew; leave --watch out")
			}
			return run(c.Context())
		},
	}
	c.Flags().StringVarP(&o.output, "output", "o", o.outputs[0], "What to print: "+strings.Join(o.outputs, ", ")+".")
	o.Add(c.Flags())
	c.ValidArgsFunction = o.Services()
	if err := c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(o.outputs, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

func (o *options) canvas() view.Canvas {
	t := o.Terminal()
	return view.Canvas{Width: t.Width, Height: t.Height, Unicode: t.Unicode, Colours: t.Colours}
}

// scene finds the service and reads all about it.
func (o *options) scene(ctx context.Context) (k *connect.Kubernetes, scene view.ServiceScene, note string, err error) {
	if k, err = o.Open(); err != nil {
		return nil, scene, "", err
	}
	s, err := services.Find(ctx, k.Client, k.Namespace, o.service)
	if err == nil {
		scene, note, err = services.Scene(ctx, k.Client, s, o.Time())
	}
	return k, scene, note, k.Explain(err)
}

func (o *options) run(ctx context.Context) error {
	k, scene, note, err := o.scene(ctx)
	if err != nil {
		return err
	}
	state := view.LookAtService(scene)
	switch {
	case o.watch:
		return o.live(k, &scene.Service, note).Show(ctx)
	case o.output != o.outputs[0]:
		return o.print(state)
	}
	picture := state.Draw(o.canvas())
	if note != "" {
		picture += note + "\n"
	}
	return o.write(picture, nil)
}

func (o *options) history(ctx context.Context) error {
	_, scene, _, err := o.scene(ctx)
	if err != nil {
		return err
	}
	all := view.History(scene)
	if o.output != o.outputs[0] {
		return o.print(all)
	}
	return o.write(view.Deployments(all, scene.Now, o.canvas()), nil)
}

// print is for programs.
func (o *options) print(what any) error {
	if o.output == "json" {
		text, err := json.MarshalIndent(what, "", "    ")
		return o.write(string(text)+"\n", err)
	}
	text, err := yaml.Marshal(what)
	return o.write(string(text), err)
}

func (o *options) write(text string, err error) error {
	if err == nil {
		_, err = io.WriteString(o.Out, text)
	}
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	return nil
}

// live is the picture that changes.
func (o *options) live(k *connect.Kubernetes, s *ecsv1.Service, note string) live.Picture {
	events := note == ""
	return live.Picture{
		Streams: o.Streams, Kubernetes: k, Kinds: services.Kinds(s, events), Canvas: o.canvas, Ticks: true,
		Draw: func(ctx context.Context, from client.Reader, trouble string) (string, error) {
			now, c := &ecsv1.Service{}, o.canvas()
			switch err := from.Get(ctx, client.ObjectKeyFromObject(s), now); {
			case apierrors.IsNotFound(err):
				return "service " + s.Name + " is gone; q ends\n", nil
			case err != nil:
				return "", err
			}
			scene, err := services.Cached(ctx, from, now, o.Time(), events)
			return view.LiveService(view.LookAtService(scene), []string{note, trouble}, c), err
		},
	}
}
