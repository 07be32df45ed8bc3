// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
)

// maxName is what a label takes, so that an object's name can be one.
const maxName = 63

// slug is an ECS name as an object's name can be: My_App is my-app.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		} else if text := b.String(); text != "" && text[len(text)-1] != '-' {
			b.WriteByte('-')
		}
	}
	out := b.String()
	return strings.Trim(out[:min(len(out), maxName)], "-")
}

// giveName names the object: by its ECS name, which stays in the spec where the two differ; by its logical ID where a template leaves the
// name to AWS. Two ECS names that make one slug get a number.
func (c *Converter) giveName(o *Object, d *decoder) []problem {
	var problems []problem
	o.ECSName, _ = o.spec[o.kind.nameField].(string)
	o.name = slug(o.ECSName)
	switch {
	case o.ECSName == "" && d.logicalID != "":
		o.name = slug(cloudformation.Name(d.logicalID))
	case o.ECSName == "":
		problems = append(problems, problem{o.kind.nameField, "it is required: it names the " + o.Kind})
	}
	if o.name == "" {
		o.name = strings.ToLower(o.Kind)
	}
	base := o.name
	for n := 2; ; n++ {
		other, taken := c.names[o.Name()]
		if !taken {
			break
		}
		if other.ECSName == o.ECSName {
			problems = append(problems, problem{o.kind.nameField, fmt.Sprintf("%s is in %s at line %d already, and one object holds it; convert them one at a time", o.Name(), other.File, other.at.Line)})
			break
		}
		o.name = base + "-" + strconv.Itoa(n)
	}
	if c.names[o.Name()] == nil {
		c.names[o.Name()] = o
	}
	if o.ECSName == o.name {
		delete(o.spec, o.kind.nameField)
	}
	return problems
}

// followFamily takes the revision out of a service's reference to its task definition: revisions are counted anew here. It says so.
func followFamily(o *Object) *said {
	ref, _ := o.spec["taskDefinition"].(string)
	if o.Kind != "Service" || ref == "" {
		return nil
	}
	parsed, err := arn.ParseTaskDefinition(ref)
	if err != nil || ref == parsed.Family {
		return nil
	}
	o.spec["taskDefinition"] = parsed.Family
	if !parsed.Pinned() {
		return nil
	}
	return &said{verdict: Approximated, why: fmt.Sprintf("revision %d is of AWS's counting; the service follows the newest revision of %s here", parsed.Revision, parsed.Family)}
}
