// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package answer is kubectl ecs deployment continue, rollback and stop: ContinueServiceDeployment and StopServiceDeployment, as annotations.
package answer

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/services"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

type options struct {
	cli.Streams
	connect.Flags
	connect.DryRun
	verb  Verb
	of    string
	hooks []string
}

var about = map[Verb]struct{ short, long string }{
	Continue: {"Let a deployment go on that waits for an answer", `Answers a PAUSE hook with CONTINUE, as ContinueServiceDeployment does. Where several wait, --hook says which.`},
	Rollback: {"Have a deployment go back", `Has a deployment go back to the last completed one, as StopServiceDeployment with stopType ROLLBACK does. With --hook a PAUSE
hook is answered with ROLLBACK, which comes to the same.`},
	Stop: {"Stop a deployment where it is", `Stops a deployment where it is, as StopServiceDeployment with stopType ABORT does: both revisions keep the tasks that they have, until
the service changes.`},
}

const rest = `

SERVICE means its newest deployment; a deployment can be named itself, by name or ARN. What is written is an annotation of the
ServiceDeployment, which needs the right to patch servicedeployments: the ClusterRole ecs-operator-deployer.

Exit codes: 0 written; 1 there is no such deployment, or Kubernetes doesn't answer; 2 the command line makes no sense; 4 there
is nothing to answer, or somebody has answered already.`

// Command is kubectl ecs deployment.
func Command(streams cli.Streams) *cobra.Command {
	c := &cobra.Command{
		Use: "deployment", Short: "Continue, roll back or stop a deployment",
		Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, verb := range []Verb{Continue, Rollback, Stop} {
		c.AddCommand(Short(streams, verb))
	}
	return c
}

// Short is kubectl ecs continue, rollback or stop.
func Short(streams cli.Streams, verb Verb) *cobra.Command {
	o := &options{Streams: streams, verb: verb}
	c := &cobra.Command{
		Use: string(verb) + " SERVICE|DEPLOYMENT", Short: about[verb].short, Long: about[verb].long + rest,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return cli.UsageError("name one service or deployment")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.of = args[0]
			if err := o.Validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	if verb != Stop {
		c.Flags().StringSliceVar(&o.hooks, "hook", nil, "ID of the hook to answer, which kubectl ecs status shows. May be repeated.")
		if err := c.RegisterFlagCompletionFunc("hook", o.Hooks()); err != nil {
			panic(err) // the flag is defined above
		}
	}
	o.DryRun.Add(c)
	o.Flags.Add(c.Flags())
	c.ValidArgsFunction = o.Services()
	return c
}

// patience is how often an answer is decided anew because the deployment has changed meanwhile, which it does all the time.
const patience = 5

func (o *options) run(ctx context.Context) error {
	k, err := o.Open()
	if err != nil {
		return err
	}
	for range patience {
		if err = o.answer(ctx, k); !apierrors.IsConflict(err) {
			break
		}
	}
	return k.Explain(err)
}

func (o *options) answer(ctx context.Context, k *connect.Kubernetes) error {
	sd, err := o.deployment(ctx, k)
	if err != nil {
		return err
	}
	d, err := Decide(sd, o.verb, o.hooks)
	if err != nil {
		return err
	}
	if o.Writes() {
		before := sd.DeepCopy()
		if sd.Annotations == nil {
			sd.Annotations = map[string]string{}
		}
		sd.Annotations[d.Annotation] = d.Value
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
		if err := k.Client.Patch(ctx, sd, patch, o.Options()...); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(o.Out, "servicedeployment.%s/%s %s%s\n", ecsv1.GroupVersion.Group, sd.Name, d.Says, o.Note())
	return err
}

// deployment is the one that is meant: the newest of a service, or one that is named and is that.
func (o *options) deployment(ctx context.Context, k *connect.Kubernetes) (*ecsv1.ServiceDeployment, error) {
	all, list := &ecsv1.ServiceDeploymentList{}, &ecsv1.ServiceList{}
	if err := k.Client.List(ctx, list, client.InNamespace(k.Namespace)); err != nil {
		return nil, err
	}
	if err := k.Client.List(ctx, all, client.InNamespace(k.Namespace)); err != nil {
		return nil, err
	}
	return choose(o.of, k.Namespace, list.Items, all.Items)
}

func choose(of, namespace string, list []ecsv1.Service, all []ecsv1.ServiceDeployment) (*ecsv1.ServiceDeployment, error) {
	name, isService := strings.CutPrefix(of, "service/")
	name, isDeployment := strings.CutPrefix(name, "deployment/")
	var s *ecsv1.Service
	if !isDeployment {
		s = services.Among(list, name)
	}
	var named *ecsv1.ServiceDeployment
	for i := range all {
		sd := &all[i]
		if !isService && (sd.Name == name || strings.HasPrefix(name, "arn:") && arn.ShortName(sd.Status.ServiceDeploymentArn) == arn.ShortName(name)) {
			named = sd
		}
	}
	switch {
	case s == nil && named == nil:
		return nil, &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("there is neither a service nor a deployment %s in namespace %s", name, namespace)}
	case s != nil && named != nil && named.Spec.Service != s.Name:
		return nil, cli.UsageError("%s is a service, and a deployment of service %s: say service/%s or deployment/%s", name, named.Spec.Service, name, name)
	}
	if s != nil {
		if newest := view.Newest(ofService(s.Name, all)); newest != nil {
			return newest, nil
		}
		return nil, refuse("service %s has no deployment yet", s.Name)
	}
	newest := view.Newest(ofService(named.Spec.Service, all))
	if service.Ordinal(named) < service.Ordinal(newest) {
		return nil, refuse("deployment %s is history: %s drives the service", named.Name, newest.Name)
	}
	return newest, nil
}

func ofService(name string, all []ecsv1.ServiceDeployment) []ecsv1.ServiceDeployment {
	var out []ecsv1.ServiceDeployment
	for i := range all {
		if all[i].Spec.Service == name {
			out = append(out, all[i])
		}
	}
	return out
}
