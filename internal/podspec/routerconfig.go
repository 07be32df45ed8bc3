// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// field is a line of a configuration: a name and a value.
type field struct{ name, value string }

// routerConfig is the configuration of a log router, section by section as ECS's agent has them: inputs, what each container keeps or leaves
// out, fields that each record gets, the file of the task definition's own, and an output for each container.
type routerConfig struct {
	kind     ecsv1.FirelensConfigurationType
	overTCP  bool
	metadata []field
	// include is the path of a file, "" for none.
	include string
	outputs []routerOutput
}

// routerOutput is where one container's records go.
type routerOutput struct {
	match            string
	include, exclude string
	plugin           string // "" where the file of the task definition's own has the output
	options          []field
}

// routerOutput makes a container's section of its options. What comes from a Secret is a variable of the router, NAME_INDEX, and a reference to
// it in the configuration.
func (t *translation) routerOutput(i int, kind ecsv1.FirelensConfigurationType, router *corev1.Container) routerOutput {
	in := taskdef.EffectiveLogging(t.definition(i).LogConfiguration).Options
	o := routerOutput{
		match: t.task.Containers[i].Name + "-firelens*", include: in["include-pattern"], exclude: in["exclude-pattern"], plugin: in[taskdef.OutputKey(kind)],
	}
	if kind == ecsv1.FirelensConfigurationTypeFluentd {
		o.match += "*"
	}
	for _, s := range t.task.Containers[i].LogSecrets {
		name := s.Name + "_" + strconv.Itoa(i)
		setVariable(router, corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: t.secretKeyRef(s.Ref)}})
		in[s.Name] = "${" + name + "}"
		if kind == ecsv1.FirelensConfigurationTypeFluentd {
			in[s.Name] = fmt.Sprintf(`"#{ENV['%s']}"`, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if name != "include-pattern" && name != "exclude-pattern" && name != taskdef.OutputKey(kind) {
			o.options = append(o.options, field{name, in[name]})
		}
	}
	return o
}

// String is the configuration as the router reads it.
func (c routerConfig) String() string {
	var b strings.Builder
	if c.kind == ecsv1.FirelensConfigurationTypeFluentd {
		c.fluentd(&b)
	} else {
		c.fluentbit(&b)
	}
	return b.String()
}

func (c routerConfig) fluentbit(b *strings.Builder) {
	section := func(kind string, fields ...field) {
		fmt.Fprintf(b, "[%s]\n", kind)
		for _, f := range fields {
			fmt.Fprintf(b, "    %s %s\n", f.name, f.value)
		}
		b.WriteByte('\n')
	}
	section("INPUT", field{"Name", "forward"}, field{"unix_path", socketDir + "/" + socketName})
	if c.overTCP {
		section("INPUT", field{"Name", "forward"}, field{"Listen", loopback}, field{"Port", routerPort})
		section("INPUT", field{"Name", "tcp"}, field{"Tag", "firelens-healthcheck"}, field{"Listen", loopback}, field{"Port", "8877"})
	}
	for _, o := range c.outputs {
		if o.include != "" {
			section("FILTER", field{"Name", "grep"}, field{"Match", o.match}, field{"Regex", "log " + o.include})
		}
		if o.exclude != "" {
			section("FILTER", field{"Name", "grep"}, field{"Match", o.match}, field{"Exclude", "log " + o.exclude})
		}
	}
	if len(c.metadata) > 0 {
		fields := []field{{"Name", "record_modifier"}, {"Match", "*"}}
		for _, f := range c.metadata {
			fields = append(fields, field{"Record", f.name + " " + f.value})
		}
		section("FILTER", fields...)
	}
	if c.include != "" {
		fmt.Fprintf(b, "@INCLUDE %s\n\n", c.include)
	}
	if c.overTCP {
		section("OUTPUT", field{"Name", "null"}, field{"Match", "firelens-healthcheck"})
	}
	for _, o := range c.outputs {
		if o.plugin != "" {
			section("OUTPUT", slices.Concat([]field{{"Name", o.plugin}, {"Match", o.match}}, o.options)...)
		}
	}
}

func (c routerConfig) fluentd(b *strings.Builder) {
	fmt.Fprintf(b, "<source>\n    @type unix\n    path %s/%s\n</source>\n\n", socketDir, socketName)
	if c.overTCP {
		fmt.Fprintf(b, "<source>\n    @type forward\n    bind %s\n    port %s\n</source>\n\n", loopback, routerPort)
	}
	grep := func(match, section, pattern string) {
		fmt.Fprintf(b, "<filter %s>\n    @type grep\n    <%s>\n        key log\n        pattern %s\n    </%s>\n</filter>\n\n", match, section, pattern, section)
	}
	for _, o := range c.outputs {
		if o.include != "" {
			grep(o.match, "regexp", o.include)
		}
		if o.exclude != "" {
			grep(o.match, "exclude", o.exclude)
		}
	}
	if len(c.metadata) > 0 {
		b.WriteString("<filter **>\n    @type record_transformer\n    <record>\n")
		for _, f := range c.metadata {
			fmt.Fprintf(b, "        %s %s\n", f.name, f.value)
		}
		b.WriteString("    </record>\n</filter>\n\n")
	}
	if c.include != "" {
		fmt.Fprintf(b, "@include %s\n\n", c.include)
	}
	for _, o := range c.outputs {
		if o.plugin == "" {
			continue
		}
		fmt.Fprintf(b, "<match %s>\n    @type %s\n", o.match, o.plugin)
		for _, f := range o.options {
			fmt.Fprintf(b, "    %s %s\n", f.name, f.value)
		}
		b.WriteString("</match>\n\n")
	}
}
