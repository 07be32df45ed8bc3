// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package source reads JSON and YAML into a tree whose every name and value knows its line and column, so that whoever reads the tree can
// say where in the file something is wrong.
package source

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Position is a place in a file. Both numbers begin at 1; the column counts characters.
type Position struct{ Line, Column int }

func (p Position) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

// Kind is what a node is.
type Kind int

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
)

// String is the kind's name in messages: expected string, found number.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "list", "object"}[k]
}

// Node is a value with its place.
type Node struct {
	Kind Kind
	// Text of a Bool, Number or String. A number's is as it was written.
	Text string
	// Items of a List.
	Items []*Node
	// Fields of a Map, in the order of the file, no name twice.
	Fields []Field
	At     Position
	// Unresolved says why the value isn't known, "" for one that is. Only templates have such values; Kind is String, and Text is the
	// value with the unknown in ${}.
	Unresolved string
}

// Field is a name and its value.
type Field struct {
	Name  string
	At    Position
	Value *Node
}

// Find gives the value of that name, nil where there is none or n isn't a Map.
func (n *Node) Find(name string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	i := slices.IndexFunc(n.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return n.Fields[i].Value
}

// Names of a Map's fields, in order.
func (n *Node) Names() []string {
	var out []string
	for _, f := range n.Fields {
		out = append(out, f.Name)
	}
	return out
}

// Describe names a value in a message: string "80", number 80, list.
func (n *Node) Describe() string {
	const most = 40
	text := n.Text
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	switch n.Kind {
	case String:
		return fmt.Sprintf("string %q", text)
	case Number, Bool:
		return n.Kind.String() + " " + text
	default:
		return n.Kind.String()
	}
}

// Error is a file that can't be read as what it should be.
type Error struct {
	File    string
	At      Position
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%s: %s", e.File, e.At, e.Message) }

// The bounds of a document. They are far above what AWS takes and keep a hostile file from exhausting the machine.
const (
	maxDepth = 100
	maxNodes = 200_000
)

// FirstUnresolved is why n or the first value below it isn't known, "" if all are.
func (n *Node) FirstUnresolved() string {
	if n.Unresolved != "" {
		return n.Unresolved
	}
	for _, item := range n.Items {
		if why := item.FirstUnresolved(); why != "" {
			return why
		}
	}
	for _, f := range n.Fields {
		if why := f.Value.FirstUnresolved(); why != "" {
			return why
		}
	}
	return ""
}

// MarshalJSON writes the value as JSON, fields in the order of the file.
func (n *Node) MarshalJSON() ([]byte, error) {
	switch n.Kind {
	case Null:
		return []byte("null"), nil
	case Bool, Number:
		return []byte(n.Text), nil
	case String:
		return json.Marshal(n.Text)
	case List:
		if n.Items == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(n.Items)
	case Map:
	}
	out := []byte("{")
	for i, f := range n.Fields {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(f.Name)
		if err != nil {
			return nil, err
		}
		value, err := f.Value.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}
