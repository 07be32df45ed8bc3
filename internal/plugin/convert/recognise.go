// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// request is one object as the file has it.
type request struct {
	file string
	kind *kind
	node *source.Node
	// logicalID of a resource of a template, "" elsewhere. Templates write names with capitals and take "80" for 80.
	logicalID string
}

// Stranger is a document that is none of what is read. In a folder it is passed over.
type Stranger struct{ Err *source.Error }

func (s *Stranger) Error() string { return s.Err.Error() }

func stranger(file string, n *source.Node, found string) error {
	return &Stranger{&source.Error{File: file, At: n.At, Message: wanted + ", found " + found}}
}

func malformed(file string, n *source.Node, format string, args ...any) error {
	return &source.Error{File: file, At: n.At, Message: fmt.Sprintf(format, args...)}
}

// wanted ends the message about a document that is none of what is read.
const wanted = "expected a request of RegisterTaskDefinition, CreateService, CreateCluster or CreateRepository, what the AWS CLI answers to these or to describe-*, or a CloudFormation template"

// recognise finds the requests in a document.
func (c *Converter) recognise(file string, n *source.Node) ([]request, error) {
	switch {
	case n.Kind == source.List:
		return c.recogniseList(file, n)
	case n.Kind != source.Map:
		return nil, stranger(file, n, n.Describe())
	case cloudformation.Is(n):
		return c.recogniseTemplate(file, n)
	case n.Find("apiVersion") != nil:
		return nil, stranger(file, n, "a Kubernetes object, which needs no conversion")
	}
	for _, k := range kinds {
		one, many := n.Find(k.answer), n.Find(k.answers)
		switch {
		case one != nil && one.Kind == source.Map:
			return []request{c.answered(file, k, one, n)}, nil
		case many != nil && many.Kind == source.List:
			return c.answeredMany(file, k, many)
		}
	}
	for _, name := range []string{"TaskDefinition", "Service", "Repository", "Cluster"} { // a service names a cluster, too
		if k := kindOf(name); n.Find(k.request) != nil {
			return []request{{file: file, kind: k, node: n}}, nil
		}
	}
	return nil, stranger(file, n, shape(n))
}

// shape describes an object that wasn't recognised by its fields.
func shape(n *source.Node) string {
	names := n.Names()
	switch {
	case len(names) == 0:
		return "an empty object"
	case n.Find("ContainerDefinitions") != nil || n.Find("container_definitions") != nil:
		return "fields in another spelling; ECS writes containerDefinitions"
	case n.Find("service") != nil:
		return "a request of UpdateService; ask for the whole service with aws ecs describe-services"
	}
	const most = 6
	if len(names) > most {
		names = append(names[:most:most], "...")
	}
	return "an object with " + strings.Join(names, ", ")
}

func (c *Converter) recogniseList(file string, n *source.Node) ([]request, error) {
	if len(n.Items) > 0 && isContainer(n.Items[0]) {
		if c.Family == "" {
			return nil, malformed(file, n, `%s, found a list of containers (Terraform's container_definitions). Name the task definition with --family NAME, or wrap the list: {"family": "NAME", "containerDefinitions": [...]}`, wanted)
		}
		node := &source.Node{Kind: source.Map, At: n.At, Fields: []source.Field{
			{Name: "family", At: n.At, Value: &source.Node{Kind: source.String, Text: c.Family, At: n.At}},
			{Name: "containerDefinitions", At: n.At, Value: n},
		}}
		return []request{{file: file, kind: kindOf("TaskDefinition"), node: node}}, nil
	}
	var out []request
	for _, item := range n.Items {
		below, err := c.recognise(file, item)
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	return out, nil
}

// isContainer: a container definition and nothing that has containers.
func isContainer(n *source.Node) bool {
	return n.Find("image") != nil && n.Find("name") != nil && n.Find("containerDefinitions") == nil
}

func (c *Converter) answeredMany(file string, k *kind, many *source.Node) ([]request, error) {
	var out []request
	for _, item := range many.Items {
		if item.Kind != source.Map {
			return nil, malformed(file, item, "%s: expected object, found %s", k.answers, item.Describe())
		}
		out = append(out, c.answered(file, k, item, nil))
	}
	return out, nil
}

// answered takes a request out of an answer. beside holds the tags that DescribeTaskDefinition gives beside the task definition.
func (c *Converter) answered(file string, k *kind, n, beside *source.Node) request {
	out := &source.Node{Kind: source.Map, At: n.At}
	for _, f := range n.Fields {
		switch {
		case k.name == "Service" && f.Name == "clusterArn" && n.Find("cluster") == nil && f.Value.Kind == source.String:
			f.Name, f.Value = "cluster", &source.Node{Kind: source.String, Text: arn.ShortName(f.Value.Text), At: f.Value.At}
		case k.name == "Service" && f.Name == "roleArn" && n.Find("role") == nil && !strings.Contains(f.Value.Text, ":role/aws-service-role/"):
			f.Name = "role"
		}
		out.Fields = append(out.Fields, f)
	}
	if k.name == "Service" {
		out.Fields = append(out.Fields, ofPrimary(n)...)
	}
	if beside != nil && n.Find("tags") == nil {
		for _, f := range beside.Fields {
			if f.Name == "tags" {
				out.Fields = append(out.Fields, f)
			}
		}
	}
	return request{file: file, kind: k, node: out}
}

// ofPrimary are the settings that DescribeServices shows on the PRIMARY deployment alone.
func ofPrimary(n *source.Node) []source.Field {
	deployments := n.Find("deployments")
	if deployments == nil {
		return nil
	}
	for _, d := range deployments.Items {
		if status := d.Find("status"); status == nil || status.Text != "PRIMARY" {
			continue
		}
		var out []source.Field
		for _, f := range d.Fields {
			if slices.Contains([]string{"serviceConnectConfiguration", "volumeConfigurations"}, f.Name) && n.Find(f.Name) == nil {
				out = append(out, f)
			}
		}
		return out
	}
	return nil
}

func (c *Converter) recogniseTemplate(file string, n *source.Node) ([]request, error) {
	t, err := cloudformation.Read(file, n, c.Template)
	if err != nil {
		return nil, err
	}
	for _, name := range t.Parameters {
		c.used[name] = true
	}
	for _, others := range slices.Sorted(maps.Keys(t.Others)) {
		c.note("%s: %s: not converted: %s", file, strings.Join(t.Others[others], ", "), others)
	}
	var out []request
	for _, r := range t.Resources {
		i := slices.IndexFunc(kinds, func(k *kind) bool { return k.resource == r.Type })
		out = append(out, request{file: file, kind: kinds[i], node: flattened(kinds[i], r.Properties), logicalID: r.LogicalID})
	}
	return out, nil
}

// flattened brings a repository's policies to where the requests have them: CloudFormation wraps one and takes the other as an object.
func flattened(k *kind, n *source.Node) *source.Node {
	if k.name != "Repository" || n.Kind != source.Map {
		return n
	}
	out := &source.Node{Kind: source.Map, At: n.At}
	for _, f := range n.Fields {
		switch {
		case f.Name == "LifecyclePolicy" && f.Value.Kind == source.Map:
			out.Fields = append(out.Fields, f.Value.Fields...)
			continue
		case f.Name == "RepositoryPolicyText" && f.Value.Kind == source.Map:
			if text, err := f.Value.MarshalJSON(); err == nil {
				f.Value = &source.Node{Kind: source.String, Text: string(text), At: f.Value.At, Unresolved: f.Value.FirstUnresolved()}
			}
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}
