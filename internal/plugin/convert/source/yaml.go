// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlReader turns the nodes of the YAML library into ours.
type yamlReader struct {
	file  string
	nodes int
	open  map[*yaml.Node]bool // anchors that are being read
}

// readYAML reads the documents of a YAML text. Those with nothing in them are left out.
func readYAML(file string, data []byte) (docs []*Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			docs, err = nil, &Error{File: file, At: Position{1, 1}, Message: fmt.Sprintf("this YAML can't be read: %v", p)}
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		switch err := decoder.Decode(&doc); {
		case errors.Is(err, io.EOF):
			return docs, nil
		case err != nil:
			return nil, syntaxError(file, data, err)
		}
		if len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].ShortTag() == "!!null" {
			continue
		}
		r := &yamlReader{file: file, open: map[*yaml.Node]bool{}}
		n, err := r.node(doc.Content[0], 0)
		if err != nil {
			return nil, err
		}
		docs = append(docs, n)
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?`)

// lineBreak ends a line of YAML.
var lineBreak = regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")

// syntaxError finds the line in the library's message. The library keeps the column to itself: where the line begins is as near as one gets.
func syntaxError(file string, data []byte, err error) error {
	at := Position{1, 1}
	message := err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		message = message[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			at.Line = n
		}
	}
	if lines := lineBreak.Split(string(data), -1); at.Line <= len(lines) {
		line := lines[at.Line-1]
		at.Column += len([]rune(line)) - len([]rune(strings.TrimLeft(line, " \t")))
		if strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
			message += "; YAML is indented with spaces, never with tabs"
		}
	}
	return &Error{File: file, At: at, Message: "expected YAML: " + message}
}

func (r *yamlReader) fail(n *yaml.Node, format string, args ...any) error {
	return &Error{File: r.file, At: Position{n.Line, n.Column}, Message: fmt.Sprintf(format, args...)}
}

func (r *yamlReader) node(n *yaml.Node, depth int) (*Node, error) {
	if r.nodes++; depth > maxDepth || r.nodes > maxNodes {
		return nil, r.fail(n, "the document has more than %d levels or %d values; aliases count each time", maxDepth, maxNodes)
	}
	out := &Node{At: Position{n.Line, n.Column}}
	var err error
	switch n.Kind {
	case yaml.AliasNode:
		if r.open[n.Alias] {
			return nil, r.fail(n, "the alias *%s is inside of what it stands for", n.Value)
		}
		r.open[n.Alias] = true
		defer delete(r.open, n.Alias)
		return r.node(n.Alias, depth+1)
	case yaml.MappingNode:
		err = r.mapping(n, out, depth)
	case yaml.SequenceNode:
		out.Kind = List
		for _, item := range n.Content {
			below, err := r.node(item, depth+1)
			if err != nil {
				return nil, err
			}
			out.Items = append(out.Items, below)
		}
	default:
		scalar(n, out)
	}
	if err != nil {
		return nil, err
	}
	return shortTag(n, out), nil
}

// scalar gives a plain value its kind as JSON has it. A number that JSON can't write (0x1F, .inf) and a date are strings.
func scalar(n *yaml.Node, out *Node) {
	out.Kind, out.Text = String, n.Value
	switch n.ShortTag() {
	case "!!null":
		out.Kind, out.Text = Null, ""
	case "!!bool":
		out.Kind, out.Text = Bool, strings.ToLower(n.Value)
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			out.Kind = Number
		}
	}
}

const mergeKey = "<<"

func (r *yamlReader) mapping(n *yaml.Node, out *Node, depth int) error {
	out.Kind = Map
	names := map[string]Position{}
	var merged []*Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return r.fail(key, "expected a field's name, found a list or an object")
		}
		below, err := r.node(value, depth+1)
		if err != nil {
			return err
		}
		if key.Value == mergeKey && key.ShortTag() == "!!merge" {
			merged = append(merged, below)
			continue
		}
		f := Field{Name: key.Value, At: Position{key.Line, key.Column}, Value: below}
		if first, twice := names[f.Name]; twice {
			return r.fail(key, "the field %q is there twice; the first is at %s. Take one out", f.Name, first)
		}
		names[f.Name] = f.At
		out.Fields = append(out.Fields, f)
	}
	return r.merge(n, out, merged, names)
}

// merge adds the fields of << that the object hasn't got itself.
func (r *yamlReader) merge(n *yaml.Node, out *Node, merged []*Node, names map[string]Position) error {
	for len(merged) > 0 {
		m := merged[0]
		merged = merged[1:]
		switch m.Kind {
		case List:
			merged = append(m.Items, merged...)
		case Map:
			for _, f := range m.Fields {
				if _, own := names[f.Name]; !own {
					names[f.Name] = f.At
					out.Fields = append(out.Fields, f)
				}
			}
		default:
			return r.fail(n, "expected an object to merge with <<, found %s", m.Describe())
		}
	}
	return nil
}

// shortTag writes CloudFormation's short form as its long one: !Sub x is {"Fn::Sub": x}. !GetAtt takes the dotted form as text.
func shortTag(n *yaml.Node, out *Node) *Node {
	name, short := strings.CutPrefix(n.Tag, "!")
	if !short || name == "" || strings.HasPrefix(name, "!") {
		return out
	}
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	return &Node{Kind: Map, At: out.At, Fields: []Field{{Name: name, At: out.At, Value: out}}}
}
