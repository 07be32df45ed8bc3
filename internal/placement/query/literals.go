// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import "regexp/syntax"

// withoutAnchors leaves out ^ at the beginning and $ at the end: a pattern matches whole values anyway.
func withoutAnchors(r *syntax.Regexp) *syntax.Regexp {
	if r.Op != syntax.OpConcat {
		return r
	}
	out := *r
	if len(out.Sub) > 0 && out.Sub[0].Op == syntax.OpBeginText {
		out.Sub = out.Sub[1:]
	}
	if last := len(out.Sub) - 1; last >= 0 && out.Sub[last].Op == syntax.OpEndText {
		out.Sub = out.Sub[:last]
	}
	return &out
}

// maxLiterals is how many values a pattern may stand for to be a list.
const maxLiterals = 32

// literals are all texts that r matches as a whole, if these are few.
func literals(r *syntax.Regexp) (all []string, few bool) {
	if r.Flags&syntax.FoldCase != 0 {
		return nil, false
	}
	switch r.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		return []string{string(r.Rune)}, true
	case syntax.OpCharClass:
		return characters(r.Rune)
	case syntax.OpCapture:
		return literals(r.Sub[0])
	case syntax.OpQuest:
		some, few := literals(r.Sub[0])
		return append(some, ""), few && len(some) < maxLiterals
	case syntax.OpConcat:
		return chains(r.Sub)
	case syntax.OpAlternate:
		for _, sub := range r.Sub {
			more, few := literals(sub)
			if all = append(all, more...); !few || len(all) > maxLiterals {
				return nil, false
			}
		}
		return all, true
	default:
		return nil, false
	}
}

// characters of a class, which has them as pairs of a first and a last one.
func characters(ranges []rune) (all []string, few bool) {
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1]; c++ {
			if all = append(all, string(c)); len(all) > maxLiterals {
				return nil, false
			}
		}
	}
	return all, true
}

// chains: each text of the first, behind it each of the second, and so on.
func chains(parts []*syntax.Regexp) (all []string, few bool) {
	all = []string{""}
	for _, part := range parts {
		behind, few := literals(part)
		if !few || len(all)*len(behind) > maxLiterals {
			return nil, false
		}
		var longer []string
		for _, a := range all {
			for _, b := range behind {
				longer = append(longer, a+b)
			}
		}
		all = longer
	}
	return all, true
}
