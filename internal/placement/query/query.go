// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package query is ECS's cluster query language: the expressions of memberOf constraints and of the filter of container instances
// (DG/cluster-query-language).
//
//	expr     = or ; or = and { ( "||" | "or" ) and } ; and = not { ( "&&" | "and" ) not }
//	not      = ( "!" | "not" ) not | "(" expr ")" | "memberOf" "(" expr ")" | term
//	term     = subject [ operator [ argument ] ]
//	subject  = "agentConnected" | "agentVersion" | "ec2InstanceId" | "registeredAt" | "runningTasksCount" | "task:group" | "attribute:" NAME
//	argument = word | quoted | "[" argument { "," argument } "]"
//
// Spaces are free. A word ends at a space, a quote, a bracket, a comma or an operator; the argument of =~ and !~ is read as a pattern, in
// which brackets and bars may stand as long as they are closed: attribute:ecs.instance-type =~ (t2|t3).*&&attribute:stack==prod. A pattern
// has to match the whole value, and is Java's; what only Java knows is refused with its place.
//
// [Parse] checks an expression and gives its tree, which prints back in one form. [Expr.Matches] asks one instance. [Compile] makes node
// affinity of an expression, or of the parts of it that node affinity says exactly.
package query

import (
	"slices"
	"strings"
	"time"
)

// Expr is an expression.
type Expr interface {
	// String writes the expression so that it parses to itself.
	String() string
	// Matches reports whether the instance is a member.
	Matches(*Instance) bool
	// binds says how tightly it holds together: or, and, not, term.
	binds() int
}

// And is true where all are. There are at least two.
type And []Expr

// Or is true where one is. There are at least two.
type Or []Expr

// Not is true where its expression isn't. Where an attribute is missing, not(attribute:x == y) is true and attribute:x != y isn't.
type Not struct{ Expr Expr }

// Term asks one thing of one subject.
type Term struct {
	Subject  Subject
	Operator Operator
	// Values are the arguments: none for exists, any number for in, else one.
	Values []string
	// pattern is the compiled argument of =~ and !~; count, version and date are the arguments of subjects that have such.
	pattern *pattern
	count   int
	version []uint64
	date    time.Time
}

// Subject is what a term is about: one of the words, or attribute: and a name.
type Subject string

// The subjects that aren't attributes.
const (
	AgentConnected    Subject = "agentConnected"
	AgentVersion      Subject = "agentVersion"
	Ec2InstanceID     Subject = "ec2InstanceId"
	RegisteredAt      Subject = "registeredAt"
	RunningTasksCount Subject = "runningTasksCount"
	TaskGroup         Subject = "task:group"
)

// AsksAboutTasks reports whether the answer may change when tasks come and go.
func AsksAboutTasks(e Expr) bool {
	switch e := e.(type) {
	case And:
		return slices.ContainsFunc(e, AsksAboutTasks)
	case Or:
		return slices.ContainsFunc(e, AsksAboutTasks)
	case Not:
		return AsksAboutTasks(e.Expr)
	case Term:
		return e.Subject == RunningTasksCount || e.Subject == TaskGroup
	}
	return true
}

// attributePrefix begins the subjects that are attributes.
const attributePrefix = "attribute:"

// Attribute is the name behind attribute:, if that is what the subject is.
func (s Subject) Attribute() (name string, ok bool) {
	return strings.CutPrefix(string(s), attributePrefix)
}

// Operator in the form that is printed.
type Operator string

// The operators.
const (
	Equals       Operator = "=="
	NotEquals    Operator = "!="
	Greater      Operator = ">"
	GreaterEqual Operator = ">="
	Less         Operator = "<"
	LessEqual    Operator = "<="
	Exists       Operator = "exists"
	NotExists    Operator = "!exists"
	In           Operator = "in"
	NotIn        Operator = "!in"
	Matches      Operator = "=~"
	NotMatches   Operator = "!~"
)

// The ways to hold together.
const (
	bindsOr = iota
	bindsAnd
	bindsNot
	bindsTerm
)

func (Or) binds() int   { return bindsOr }
func (And) binds() int  { return bindsAnd }
func (Not) binds() int  { return bindsNot }
func (Term) binds() int { return bindsTerm }

func (o Or) String() string  { return join(o, " || ", bindsAnd) }
func (a And) String() string { return join(a, " && ", bindsNot) }

func (n Not) String() string { return "not(" + n.Expr.String() + ")" }

func (t Term) String() string {
	switch t.Operator {
	case Exists, NotExists:
		return string(t.Subject) + " " + string(t.Operator)
	case In, NotIn:
		var all []string
		for _, v := range t.Values {
			all = append(all, quoted(v))
		}
		return string(t.Subject) + " " + string(t.Operator) + " [" + strings.Join(all, ", ") + "]"
	case Equals, NotEquals, Greater, GreaterEqual, Less, LessEqual, Matches, NotMatches:
	}
	return string(t.Subject) + " " + string(t.Operator) + " " + quoted(t.Values[0])
}

// join writes parts, those in parentheses that hold together more loosely than they stand.
func join(parts []Expr, between string, tight int) string {
	var out []string
	for _, p := range parts {
		if p.binds() < tight {
			out = append(out, "("+p.String()+")")
			continue
		}
		out = append(out, p.String())
	}
	return strings.Join(out, between)
}

// quoted writes an argument as a word where it is one, else in the quotes that aren't in it. No argument has both: it was read from one of
// the two kinds, or as a word, which has none.
func quoted(v string) string {
	if v != "" && strings.IndexFunc(v, endsWord) < 0 {
		return v
	}
	if strings.Contains(v, "'") {
		return `"` + v + `"`
	}
	return "'" + v + "'"
}
