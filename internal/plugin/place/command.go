// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package place is kubectl ecs place: where the tasks of a manifest would go now, and why not elsewhere. It reads the cluster and writes
// nothing; the answer comes from the same packages that the operator places tasks by.
package place

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

var outputs = []string{"table", "json"}

type options struct {
	cli.Streams
	connect.Flags
	files  []string
	count  int
	given  bool // --count was
	dryRun bool
	output string
}

const example = `  # Where would the tasks of this service go, and why not elsewhere?
  kubectl ecs place --dry-run -f service.yaml

  # And if there were ten more?
  kubectl ecs place --dry-run -f service.yaml --count 10

  # What is on its way from ECS
  kubectl ecs convert stack.yaml | kubectl ecs place --dry-run -f -`

const long = `Tells where the tasks of Services and Tasks would be placed now, why there, and what the other instances lack.

It reads the manifests, takes task definitions from them or else from the cluster, makes pods as the operator does, and
lets the operator's placement engine choose, over the nodes and pods that the cluster has. Nothing is written. Several
manifests are placed one after the other, each on what the ones before it have left.

A service's tasks are those that it lacks: desiredCount less those that there are. --count asks for that many instead.
Where node affinity and topology spread carry a service's placement, the scheduler chooses in the end, and gives its own
weight to other things, too: what is told is what ECS's rules come to.

Exit codes: 0 every task has a place; 1 a file can't be read, or Kubernetes doesn't answer; 2 the command line makes no
sense; 4 a manifest was refused, or a task has no place.`

// Command is kubectl ecs place.
func Command(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams}
	c := &cobra.Command{
		Use:     "place --dry-run -f FILE|-",
		Short:   "Tell where tasks would be placed, and why not elsewhere",
		Long:    long,
		Example: example,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.given = c.Flags().Changed("count")
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringArrayVarP(&o.files, "filename", "f", nil, "File with manifests, or - for the standard input. May be repeated.")
	f.IntVar(&o.count, "count", 0, "How many tasks to place of each service and task; unset means as many as it lacks.")
	f.BoolVar(&o.dryRun, "dry-run", false, "Only tell. It has to be given.")
	f.StringVarP(&o.output, "output", "o", "table", "What to print: table or json.")
	o.Add(f)
	for name, complete := range map[string]connect.Completion{
		"output": cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp),
		"count":  cobra.NoFileCompletions,
	} {
		if err := c.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// mostTasks is as many as a service can have.
const mostTasks = 5000

func (o *options) validate() error {
	switch {
	case !o.dryRun:
		return cli.UsageError("place only tells where tasks would go; say --dry-run. What places them is kubectl apply: the operator does the rest")
	case len(o.files) == 0:
		return cli.UsageError("-f: name a file, or - for the standard input")
	case o.given && (o.count < 1 || o.count > mostTasks):
		return cli.UsageError("--count %d: expected 1 to %d", o.count, mostTasks)
	case !slices.Contains(outputs, o.output):
		return cli.UsageError("--output %s: expected one of %s", o.output, strings.Join(outputs, ", "))
	}
	return nil
}

func (o *options) run(ctx context.Context) error {
	manifests, err := o.manifests()
	if err != nil {
		return err
	}
	k, err := o.Open()
	if err != nil {
		return err
	}
	s := &scene{reader: k.Client, namespace: k.Namespace, manifests: manifests, now: o.Time()}
	if err := s.read(ctx); err != nil {
		return k.Explain(err)
	}
	var answers []*view.Placement
	refused, unplaced := false, false
	for i := range manifests {
		answer, err := o.answer(ctx, s, i)
		switch {
		case cli.Code(err) == cli.Refused:
			refused = true
			fmt.Fprintf(o.Err, "refused: %s\n", err)
		case err != nil:
			return k.Explain(err)
		case answer != nil:
			answers = append(answers, answer)
			unplaced = unplaced || answer.Unplaced() > 0
		}
	}
	if err := o.print(answers); err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	if refused || unplaced {
		return &cli.Exit{Code: cli.Refused}
	}
	return nil
}

// answer is nil for a manifest that has no tasks.
func (o *options) answer(ctx context.Context, s *scene, i int) (*view.Placement, error) {
	e, err := s.errand(ctx, i)
	if e == nil || err != nil {
		return nil, err
	}
	daemon := e.Mechanism == daemonSet
	switch {
	case o.given && daemon:
		return nil, cli.UsageError("--count: a DAEMON service has one task on each instance; leave --count out")
	case o.given:
		e.Count, e.Because = o.count, "as --count says"
	}
	fleet := s.fleet(e.Cluster)
	if daemon {
		e.runDaemon(fleet)
	} else {
		e.run(fleet)
	}
	return &e.Placement, nil
}

func (o *options) print(answers []*view.Placement) error {
	if o.output == "json" {
		if answers == nil {
			answers = []*view.Placement{}
		}
		text, err := json.MarshalIndent(map[string]any{"placements": answers}, "", "    ")
		if err != nil {
			return err
		}
		_, err = o.Out.Write(append(text, '\n'))
		return err
	}
	t := o.Terminal()
	_, err := io.WriteString(o.Out, view.Placements(answers, view.Canvas{Width: t.Width, Unicode: t.Unicode, Colours: t.Colours}))
	return err
}
