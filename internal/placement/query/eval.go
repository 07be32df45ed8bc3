// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Instance is what an expression is asked about.
type Instance struct {
	AgentConnected    bool
	AgentVersion      string
	Ec2InstanceID     string
	RegisteredAt      time.Time
	RunningTasksCount int
	// TaskGroups of the tasks that run there, such as service:web and family:batch.
	TaskGroups []string
	// Attributes by name; "" is a value.
	Attributes map[string]string
}

// Matches reports whether all match.
func (a And) Matches(i *Instance) bool {
	return !slices.ContainsFunc(a, func(e Expr) bool { return !e.Matches(i) })
}

// Matches reports whether one matches.
func (o Or) Matches(i *Instance) bool {
	return slices.ContainsFunc(o, func(e Expr) bool { return e.Matches(i) })
}

// Matches reports whether its expression doesn't match.
func (n Not) Matches(i *Instance) bool { return !n.Expr.Matches(i) }

// Matches asks the instance. An attribute that is missing matches !exists and nothing else: stack != prod wants another stack, not none
// (DG/cluster-query-language).
func (t Term) Matches(i *Instance) bool {
	if name, ok := t.Subject.Attribute(); ok {
		v, there := i.Attributes[name]
		switch t.Operator {
		case Exists:
			return there
		case NotExists:
			return !there
		case Equals, NotEquals, Greater, GreaterEqual, Less, LessEqual, In, NotIn, Matches, NotMatches:
		}
		return there && t.holds(v)
	}
	switch t.Subject {
	case AgentConnected:
		return t.holds(strconv.FormatBool(i.AgentConnected))
	case Ec2InstanceID:
		return t.holds(i.Ec2InstanceID)
	case TaskGroup: // one task of such a group is enough
		return slices.ContainsFunc(i.TaskGroups, t.holds)
	case AgentVersion:
		var room [8]uint64
		have, ok := version(room[:0], i.AgentVersion)
		return ok && t.ordered(compareVersions(have, t.version))
	case RegisteredAt:
		return t.ordered(i.RegisteredAt.Compare(t.date))
	case RunningTasksCount:
		return t.ordered(cmp.Compare(i.RunningTasksCount, t.count))
	}
	return false
}

// holds compares a value that is there with the arguments.
func (t Term) holds(v string) bool {
	switch t.Operator {
	case Equals:
		return v == t.Values[0]
	case NotEquals:
		return v != t.Values[0]
	case In:
		return slices.Contains(t.Values, v)
	case NotIn:
		return !slices.Contains(t.Values, v)
	case Matches:
		return t.pattern.matches.MatchString(v)
	case NotMatches:
		return !t.pattern.matches.MatchString(v)
	case Greater, GreaterEqual, Less, LessEqual:
		return t.ordered(compareValues(v, t.Values[0]))
	case Exists, NotExists:
	}
	return false
}

// ordered: comparison is below, at or above 0.
func (t Term) ordered(comparison int) bool {
	switch t.Operator {
	case Equals:
		return comparison == 0
	case NotEquals:
		return comparison != 0
	case Greater:
		return comparison > 0
	case GreaterEqual:
		return comparison >= 0
	case Less:
		return comparison < 0
	case LessEqual:
		return comparison <= 0
	case Exists, NotExists, In, NotIn, Matches, NotMatches:
	}
	return false
}
