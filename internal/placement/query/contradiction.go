// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

// Contradiction finds two conditions among expressions that must all hold and that no instance meets together: attribute:stack == prod and
// attribute:stack in [dev, test]. Which expressions they are in is told by their indexes. It looks at conditions on one attribute each, one of which lists its
// values or wants it missing; others may contradict each other unnoticed.
func Contradiction(all []Expr) (one, other Expr, of [2]int, found bool) {
	type part struct {
		Expr
		of   int
		name string
	}
	var parts []part
	for i, e := range all {
		for _, c := range Conjuncts(e) {
			if name, only := onlyAttribute(c); only {
				parts = append(parts, part{c, i, name})
			}
		}
	}
	for _, p := range parts {
		left, listed := candidates(p.Expr)
		if !listed {
			continue
		}
		for _, q := range parts {
			if q.name != p.name {
				continue
			}
			var kept []*Instance
			for _, instance := range left {
				if q.Matches(instance) {
					kept = append(kept, instance)
				}
			}
			if len(kept) == 0 {
				return p.Expr, q.Expr, [2]int{p.of, q.of}, true
			}
			left = kept
		}
	}
	return nil, nil, of, false
}

// candidates are instances with each value of the attribute for which the condition holds, as far as they can be listed.
func candidates(e Expr) (out []*Instance, listed bool) {
	t, ok := e.(Term)
	if !ok {
		return nil, false
	}
	name, _ := t.Subject.Attribute()
	switch t.Operator {
	case Equals, In:
		for _, v := range t.Values {
			out = append(out, &Instance{Attributes: map[string]string{name: v}})
		}
		return out, true
	case NotExists:
		return []*Instance{{}}, true
	case NotEquals, Greater, GreaterEqual, Less, LessEqual, Exists, NotIn, Matches, NotMatches: // of too many values
	}
	return nil, false
}

// onlyAttribute is the one attribute that an expression is about; only is false where it is about anything else.
func onlyAttribute(e Expr) (name string, only bool) {
	all := Attributes(e)
	if len(all) != 1 || all[0] == "" {
		return "", false
	}
	return all[0], true
}

// Attributes are the names of the attributes that an expression asks about, each once; "" among them stands for any other subject.
func Attributes(e Expr) []string {
	seen := map[string]bool{}
	var out []string
	var visit func(Expr)
	visit = func(e Expr) {
		switch e := e.(type) {
		case And:
			for _, part := range e {
				visit(part)
			}
		case Or:
			for _, part := range e {
				visit(part)
			}
		case Not:
			visit(e.Expr)
		case Term:
			name, is := e.Subject.Attribute()
			if !is {
				name = ""
			}
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	visit(e)
	return out
}
