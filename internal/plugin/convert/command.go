// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

// The values of --output and --report.
var (
	outputs = []string{"yaml", "json", "pods"}
	reports = []string{"table", "json"}
)

// options are the command line of convert.
type options struct {
	cli.Streams
	args            []string
	output, report  string
	outputGiven     bool
	strict, partial bool

	parameters, resources, imports []string

	converter *Converter
	files     []input
}

const example = `  # What registers a task definition with ECS, as objects
  kubectl ecs convert task-definition.json | kubectl apply -f -

  # What runs in ECS now
  aws ecs describe-task-definition --task-definition web --include TAGS | kubectl ecs convert -

  # A CloudFormation template, with what it doesn't say
  kubectl ecs convert stack.yaml --region eu-west-1 --parameter Image=shop:3 --resource TaskRole.Arn=arn:aws:iam::123456789012:role/shop

  # What becomes of each field, and the pod that results
  kubectl ecs convert task-definition.json --report table
  kubectl ecs convert task-definition.json -o pods`

const long = `Converts task definitions, services, clusters and repositories of ECS into objects of ecs-operator.

It reads requests (RegisterTaskDefinition, CreateService, CreateCluster, CreateRepository), what the AWS CLI
answers to these and to describe-*, and CloudFormation templates; JSON or YAML; files, folders, patterns, and
the standard input as -. It needs neither AWS nor a cluster.

An object with a field that is refused isn't printed; the reason goes to the standard error.

Exit codes: 0 everything was converted; 1 a file can't be read or is malformed; 2 the command line makes no
sense; 3 --strict, and a field isn't exact; 4 something was refused.`

// Command is kubectl ecs convert.
func Command(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams, converter: New()}
	c := &cobra.Command{
		Use:     "convert FILE|FOLDER|PATTERN|-...",
		Short:   "Convert what ECS has into objects of ecs-operator",
		Long:    long,
		Example: example,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.complete(c, args); err != nil {
				return err
			}
			if err := o.validate(); err != nil {
				return err
			}
			return o.run()
		},
	}
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "yaml", "What to print: yaml or json for the objects, pods for the pods that result.")
	f.StringVar(&o.report, "report", "", "Print what became of each field instead: table, or json with one field a line.")
	f.BoolVar(&o.strict, "strict", false, "Fail unless every field keeps exactly its meaning.")
	f.BoolVar(&o.partial, "partial", false, "Print objects with refused fields too, without those fields.")
	f.StringVarP(&o.converter.Namespace, "namespace", "n", "", "Namespace of the objects; unset leaves it out.")
	f.StringVar(&o.converter.Family, "family", "", "Family of a list of containers that stands by itself, as Terraform's container_definitions.")
	f.StringVar(&o.converter.LauncherImage, "launcher-image", "ecs-launcher:dev", "Image of the launcher in the pods of -o pods.")
	f.StringArrayVar(&o.parameters, "parameter", nil, "CloudFormation: NAME=VALUE of a parameter. May be repeated.")
	f.StringArrayVar(&o.resources, "resource", nil, "CloudFormation: what a reference to a resource is, ID=VALUE or ID.ATTRIBUTE=VALUE. May be repeated.")
	f.StringArrayVar(&o.imports, "import", nil, "CloudFormation: NAME=VALUE of another stack's export. May be repeated.")
	f.StringVar(&o.converter.Template.Region, "region", "", "CloudFormation: AWS::Region.")
	f.StringVar(&o.converter.Template.AccountID, "account-id", "", "CloudFormation: AWS::AccountId.")
	f.StringVar(&o.converter.Template.StackName, "stack-name", "", "CloudFormation: AWS::StackName.")
	for name, values := range map[string][]string{"output": outputs, "report": reports} {
		if err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// complete takes over what the command line says.
func (o *options) complete(c *cobra.Command, args []string) error {
	o.args, o.outputGiven = args, c.Flags().Changed("output")
	for _, pairs := range []struct {
		flag string
		from []string
		to   *map[string]string
	}{
		{"parameter", o.parameters, &o.converter.Template.Parameters},
		{"resource", o.resources, &o.converter.Template.Resources},
		{"import", o.imports, &o.converter.Template.Imports},
	} {
		*pairs.to = map[string]string{}
		for _, pair := range pairs.from {
			name, value, ok := strings.Cut(pair, "=")
			if !ok || name == "" {
				return cli.UsageError("--%s %s: expected NAME=VALUE", pairs.flag, pair)
			}
			(*pairs.to)[name] = value
		}
	}
	return nil
}

func (o *options) validate() error {
	switch {
	case len(o.args) == 0:
		return cli.UsageError("name a file, a folder or a pattern, or - for the standard input")
	case !slices.Contains(outputs, o.output):
		return cli.UsageError("--output %s: expected one of %s", o.output, strings.Join(outputs, ", "))
	case o.report != "" && !slices.Contains(reports, o.report):
		return cli.UsageError("--report %s: expected one of %s", o.report, strings.Join(reports, ", "))
	case o.report != "" && o.outputGiven:
		return cli.UsageError("--report and --output exclude each other; call the command twice")
	}
	return nil
}

func (o *options) run() error {
	var err error
	if o.files, err = inputs(o.args); err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	objects, failed := o.convert()
	if unused := o.converter.Unused(); len(unused) > 0 {
		return cli.UsageError("--parameter %s: no template has such a parameter", strings.Join(unused, ", "))
	}
	objects = sorted(objects)
	if err := o.print(objects); err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	o.tell(objects)
	switch {
	case failed:
		return &cli.Exit{Code: cli.Failed}
	case slices.ContainsFunc(objects, (*Object).Refused):
		return &cli.Exit{Code: cli.Refused}
	case o.strict && slices.ContainsFunc(objects, inexact):
		return &cli.Exit{Code: cli.NotExact}
	}
	return nil
}

// inexact: a field was given that doesn't keep its meaning.
func inexact(o *Object) bool {
	return slices.ContainsFunc(o.Rows, func(r Row) bool { return r.Verdict != Exact && !r.Nothing })
}

// convert converts every file. One that can't be read doesn't keep the others from being converted.
func (o *options) convert() (objects []*Object, failed bool) {
	for _, file := range o.files {
		name, data, err := file.read(o.In)
		if err == nil {
			var found []*Object
			found, err = o.converter.Convert(name, data)
			objects = append(objects, found...)
		}
		var strange *Stranger
		switch {
		case err == nil:
		case file.found && errors.As(err, &strange):
			o.converter.note("%s: passed over: it is nothing of ECS", name)
		default:
			failed = true
			for line := range strings.SplitSeq(err.Error(), "\n") {
				fmt.Fprintf(o.Err, "error: %s\n", line)
			}
		}
	}
	return objects, failed
}

func (o *options) print(objects []*Object) error {
	var good []*Object
	var typed []any
	var rows []Row
	for _, object := range objects {
		rows = append(rows, object.Rows...)
		if o.partial || !object.Refused() {
			good = append(good, object)
			typed = append(typed, object.Object)
		}
	}
	switch {
	case o.report == "json":
		return reportJSON(o.Out, rows)
	case o.report == "table":
		return reportTable(o.Out, objects, o.Colour())
	case o.output == "pods":
		pods, err := o.converter.Pods(good)
		return errors.Join(err, printYAML(o.Out, pods))
	case o.output == "json":
		if len(typed) == 0 {
			return nil
		}
		return printJSON(o.Out, typed)
	}
	return printYAML(o.Out, typed)
}

// tell says on the standard error what was refused and that something isn't exact. A table has said it all.
func (o *options) tell(objects []*Object) {
	for _, note := range o.converter.Notes {
		fmt.Fprintf(o.Err, "note: %s\n", note)
	}
	if o.report == "table" {
		return
	}
	var rows []Row
	for _, object := range objects {
		rows = append(rows, object.Rows...)
		for _, r := range object.Refusals() {
			between := " "
			if r.Path == "" {
				between = ": "
			}
			fmt.Fprintf(o.Err, "refused: %s:%s: %s%s%s\n", r.File, r.At, r.Resource, between, r)
		}
	}
	if o.report == "" && slices.ContainsFunc(objects, inexact) {
		fmt.Fprintf(o.Err, "note: %s; --report table says more\n", summary(len(objects), rows))
	}
}
