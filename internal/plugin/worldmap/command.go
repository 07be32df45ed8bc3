// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package worldmap is kubectl ecs map: a picture of clusters, zones, instances and tasks.
package worldmap

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/live"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

// The values of --by and --form.
var (
	resources = map[string]ecsv1.ResourceName{"cpu": ecsv1.ResourceNameCPU, "memory": ecsv1.ResourceNameMemory}
	bys       = []string{"cpu", "memory"}
	forms     = []string{string(view.FormAuto), string(view.FormBoxes), string(view.FormLines), string(view.FormHeat)}
)

type options struct {
	cli.Streams
	connect.Flags
	cluster, service, by, form string
	watch, noColour            bool
	width                      int
}

const example = `  # All clusters, as they are now
  kubectl ecs map

  # One cluster, live
  kubectl ecs map --cluster prod --watch

  # Where the tasks of one service are, by the CPU that they take
  kubectl ecs map --service web --by cpu`

const long = `Draws clusters, their zones, container instances and tasks.

Each instance is a box with bars for CPU and memory, and its tasks as blocks: a letter and a colour for each service, as
wide as what the task takes of the instance. Small letters are tasks that are starting (light) or stopping (dark). The
frame is broken where an instance takes no tasks: DRAINING, or its agent is disconnected. Tasks that wait for a place are
below, with the reason.

Where boxes don't fit each instance is a line, and beyond 200 instances, or where a live picture has no room for lines,
a character that says how much is taken.

The standard output decides what is used: colours in a terminal unless NO_COLOR is set, ASCII where the locale isn't
UTF-8 or the output is no terminal.

Exit codes: 0 drawn; 1 a cluster or service isn't there, or Kubernetes doesn't answer; 2 the command line makes no sense.`

// Command is kubectl ecs map.
func Command(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams}
	c := &cobra.Command{
		Use:     "map",
		Short:   "Draw clusters, instances and tasks",
		Long:    long,
		Example: example,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.cluster, o.service = arn.ShortName(o.cluster), arn.ShortName(o.service)
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&o.cluster, "cluster", "", "Name or ARN of the cluster; unset means all.")
	f.StringVar(&o.service, "service", "", "Only tasks of this service; those of others are grey.")
	f.StringVar(&o.by, "by", "memory", "What the width of a task stands for: cpu or memory.")
	f.StringVar(&o.form, "form", string(view.FormAuto), "How instances are drawn: boxes, lines or heat; auto takes what fits.")
	f.BoolVarP(&o.watch, "watch", "w", false, "Draw anew whenever something changes, until q or Ctrl-C.")
	f.BoolVar(&o.noColour, "no-color", false, "Use no colours, as with NO_COLOR.")
	f.IntVar(&o.width, "width", 0, "Width in characters; unset means the terminal's, or 80.")
	o.Add(f)
	for name, complete := range map[string]connect.Completion{
		"cluster": o.Clusters(),
		"service": o.Services(),
		"by":      cobra.FixedCompletions(bys, cobra.ShellCompDirectiveNoFileComp),
		"form":    cobra.FixedCompletions(forms, cobra.ShellCompDirectiveNoFileComp),
		"width":   cobra.NoFileCompletions,
	} {
		if err := c.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// The widths in which a picture is one.
const narrowest, widest = 30, 1000

func (o *options) validate() error {
	switch {
	case resources[o.by] == "":
		return cli.UsageError("--by %s: expected one of %s", o.by, strings.Join(bys, ", "))
	case !slices.Contains(forms, o.form):
		return cli.UsageError("--form %s: expected one of %s", o.form, strings.Join(forms, ", "))
	case o.width != 0 && (o.width < narrowest || o.width > widest):
		return cli.UsageError("--width %d: expected %d to %d", o.width, narrowest, widest)
	case o.watch && o.Terminal().Width == 0:
		return cli.UsageError("--watch: the output is no terminal, so there is nothing to draw anew; leave --watch out")
	}
	return nil
}

func (o *options) wish() view.Wish {
	return view.Wish{Cluster: o.cluster, Service: o.service, By: resources[o.by], Form: view.Form(o.form)}
}

// canvas is what the output is, now: windows change.
func (o *options) canvas() view.Canvas {
	t := o.Terminal()
	c := view.Canvas{Width: t.Width, Height: t.Height, Unicode: t.Unicode, Colours: t.Colours}
	if o.width > 0 {
		c.Width = o.width
	}
	if o.noColour {
		c.Colours = 0
	}
	return c
}

func (o *options) run(ctx context.Context) error {
	k, err := o.Open()
	if err != nil {
		return err
	}
	look := &looking{kubernetes: k, now: o.Time}
	world, err := look.first(ctx)
	if err != nil {
		return k.Explain(err)
	}
	m, why := view.Look(world, o.wish())
	if why != "" {
		return &cli.Exit{Code: cli.Failed, Err: errors.New(why)}
	}
	if o.watch {
		return o.live(look).Show(ctx)
	}
	canvas := o.canvas()
	canvas.Height = max(canvas.Height-1, 0) // the prompt comes back below
	picture := m.Draw(canvas)
	if note := look.note(); note != "" {
		picture += note + "\n"
	}
	_, err = io.WriteString(o.Out, picture)
	if err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	return nil
}

// live is the picture that changes.
func (o *options) live(look *looking) live.Picture {
	return live.Picture{
		Streams: o.Streams, Kubernetes: look.kubernetes, Kinds: look.kinds(), Canvas: o.canvas,
		Draw: func(ctx context.Context, from client.Reader, trouble string) (string, error) {
			world, err := look.read(ctx, from)
			c := o.canvas()
			c.Fixed = true
			return view.Live(world, o.wish(), []string{look.note(), trouble}, c), err
		},
	}
}
