// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// subjects that aren't attributes, with their operators and the form of their values. Attributes take all operators and any value.
var subjects = map[Subject]struct {
	operators []Operator
	check     func(value string) string // what is wrong, "" for nothing
}{
	AgentConnected:    {choices, checkBool},
	AgentVersion:      {orders, checkVersion},
	Ec2InstanceID:     {choices, anything},
	RegisteredAt:      {orders, checkDate},
	RunningTasksCount: {orders, checkCount},
	TaskGroup:         {choices, anything},
}

var (
	choices = []Operator{Equals, NotEquals, In, NotIn, Matches, NotMatches}
	orders  = []Operator{Equals, NotEquals, Greater, GreaterEqual, Less, LessEqual}
)

// attributeName: letters, digits and - _ / \ . (API_Attribute name).
var attributeName = regexp.MustCompile(`^[A-Za-z0-9_./\\-]{1,128}$`)

// words are the operators that are words, in small letters.
var words = map[string]Operator{
	"equals": Equals, "not_equals": NotEquals, "greater_than": Greater, "greater_than_equal": GreaterEqual, "less_than": Less, "less_than_equal": LessEqual,
	"exists": Exists, "not_exists": NotExists, "in": In, "not_in": NotIn, "matches": Matches, "not_matches": NotMatches,
}

func (p *parser) term() (Expr, *Error) {
	t, at, err := p.subject()
	if err != nil {
		return nil, err
	}
	operatorAt := p.next.offset
	given, err := p.operator(&t)
	if err != nil {
		return nil, err
	}
	if !given {
		return t, p.alone(&t, at)
	}
	if known, ok := subjects[t.Subject]; ok && !slices.Contains(known.operators, t.Operator) {
		return nil, p.fail(operatorAt, fmt.Sprintf("%s doesn't take %s; it takes %s", t.Subject, t.Operator, listed(known.operators)))
	}
	return p.arguments(t)
}

func (p *parser) subject() (Term, int, *Error) {
	t, at := Term{Subject: Subject(p.next.text)}, p.next.offset
	if p.next.kind != word {
		return t, at, p.fail(at, fmt.Sprintf("unexpected %s; want a subject, such as attribute:ecs.instance-type or task:group", p.next.describe()))
	}
	name, isAttribute := t.Subject.Attribute()
	if _, known := subjects[t.Subject]; !known && !isAttribute {
		return t, at, p.fail(at, fmt.Sprintf("%s is no subject; want agentConnected, agentVersion, ec2InstanceId, registeredAt, runningTasksCount, task:group, or attribute: with a name behind it", p.next.text))
	}
	if isAttribute && !attributeName.MatchString(name) {
		return t, at, p.fail(at+len(attributePrefix), "the name of an attribute has letters, digits and - _ . / \\, at most 128")
	}
	return t, at, p.step()
}

// operator reads one, if one is there, and stops before its argument.
func (p *parser) operator(t *Term) (bool, *Error) {
	switch {
	case p.next.is("==", "!=", "=~", "!~", ">=", "<=", ">", "<"):
		t.Operator = Operator(p.next.text)
		return true, nil
	case p.next.is("!"):
		at := p.next.offset
		if err := p.step(); err != nil {
			return false, err
		}
		switch {
		case p.isWord("in"):
			t.Operator = NotIn
		case p.isWord("exists"):
			t.Operator = NotExists
		default:
			return false, p.fail(at, "unexpected !; behind a subject it goes on as !=, !~, !in or !exists")
		}
		return true, nil
	case p.next.kind == word && !p.isWord("and", "or"):
		op, known := words[strings.ToLower(p.next.text)]
		if !known {
			return false, p.fail(p.next.offset, fmt.Sprintf("%s is no operator; want ==, !=, >, >=, <, <=, exists, !exists, in, !in, =~ or !~", p.next.text))
		}
		t.Operator = op
		return true, nil
	}
	return false, nil
}

// alone: a subject without operator. An attribute is asked for, agentConnected is true.
func (p *parser) alone(t *Term, at int) *Error {
	_, isAttribute := t.Subject.Attribute()
	switch {
	case p.next.kind == text:
		return p.fail(p.next.offset, fmt.Sprintf("want an operator between %s and its value, such as ==", t.Subject))
	case isAttribute:
		t.Operator = Exists
	case t.Subject == AgentConnected:
		t.Operator, t.Values = Equals, []string{"true"}
	default:
		return p.fail(at+len(t.Subject), fmt.Sprintf("%s needs an operator and a value", t.Subject))
	}
	return nil
}

// arguments reads what the operator wants; the operator is the next token still.
func (p *parser) arguments(t Term) (Expr, *Error) {
	switch t.Operator {
	case Exists, NotExists:
		return t, p.step()
	case In, NotIn:
		return p.set(t)
	case Matches, NotMatches:
		return p.match(t)
	case Equals, NotEquals, Greater, GreaterEqual, Less, LessEqual:
	}
	if err := p.step(); err != nil {
		return nil, err
	}
	v, err := p.value(t.Subject, fmt.Sprintf("want a value behind %s", t.Operator))
	if err != nil {
		return nil, err
	}
	t.Values = []string{v}
	t.read(v)
	return t, nil
}

// read keeps the argument in the form in which it is compared; that it has this form was checked.
func (t *Term) read(v string) {
	switch t.Subject {
	case RunningTasksCount:
		t.count, _ = strconv.Atoi(v)
	case AgentVersion:
		t.version, _ = version(nil, v)
	case RegisteredAt:
		t.date, _ = date(v)
	case AgentConnected, Ec2InstanceID, TaskGroup:
	}
}

// value reads one argument.
func (p *parser) value(s Subject, want string) (string, *Error) {
	if p.next.kind != word && p.next.kind != text {
		return "", p.fail(p.next.offset, fmt.Sprintf("%s, not %s", want, p.next.describe()))
	}
	if known, ok := subjects[s]; ok {
		if wrong := known.check(p.next.text); wrong != "" {
			return "", p.fail(p.next.offset, wrong)
		}
	}
	v := p.next.text
	return v, p.step()
}

func (p *parser) set(t Term) (Expr, *Error) {
	if err := p.step(); err != nil {
		return nil, err
	}
	if !p.next.is("[") {
		return nil, p.fail(p.next.offset, fmt.Sprintf("%s needs a list, such as [a, b]", t.Operator))
	}
	for {
		if err := p.step(); err != nil {
			return nil, err
		}
		v, err := p.value(t.Subject, "want a value in the list")
		if err != nil {
			return nil, err
		}
		t.Values = append(t.Values, v)
		if p.next.is("]") {
			return t, p.step()
		}
		if !p.next.is(",") {
			return nil, p.fail(p.next.offset, fmt.Sprintf("unexpected %s in a list; want a comma or ]", p.next.describe()))
		}
	}
}

func (p *parser) match(t Term) (Expr, *Error) {
	arg, err := p.lexer.pattern()
	if err != nil {
		return nil, err
	}
	if arg.kind == end {
		return nil, p.fail(arg.offset, fmt.Sprintf("want a pattern behind %s", t.Operator))
	}
	t.Values = []string{arg.text}
	var size int
	t.pattern, size, err = p.compilePattern(arg)
	if err != nil {
		return nil, err
	}
	if p.size += size; p.size > maxProgram {
		return nil, p.fail(arg.offset, "the patterns of this expression are too large together; shorten them, or lower the counts in {}")
	}
	return t, p.step()
}

func listed(all []Operator) string {
	var out []string
	for _, o := range all {
		out = append(out, string(o))
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}
