// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// maxProgram bounds the size of all patterns of an expression together, counted repetitions written out: what a match costs is that times the
// length of a value.
const maxProgram = 2 << 10

// pattern is an argument of =~ and !~. It matches whole values.
type pattern struct {
	matches *regexp.Regexp
	// literals are all values that match, where these are few; finite says so.
	literals []string
	finite   bool
}

// compilePattern takes what Java's patterns and Go's have in common. arg was read from the input, maybe out of quotes.
func (p *parser) compilePattern(arg token) (*pattern, int, *Error) {
	from := arg.offset
	if c := p.input[from]; c == '\'' || c == '"' {
		from++
	}
	if at, why := javaOnly(arg.text); why != "" {
		return nil, 0, p.fail(from+at, why)
	}
	tree, err := syntax.Parse(arg.text, syntax.Perl)
	if err != nil {
		return nil, 0, p.fail(from+fault(arg.text, err), "not a pattern: "+reason(err))
	}
	size := programSize(tree)
	if size > maxProgram {
		return nil, 0, p.fail(from, "this pattern is too large; shorten it, or lower the counts in {}")
	}
	compiled, err := regexp.Compile(`\A(?:` + tree.String() + `)\z`) // not its text: a \Q without \E would go on
	if err != nil {
		return nil, 0, p.fail(from, "not a pattern: "+reason(err))
	}
	out := &pattern{matches: compiled}
	out.literals, out.finite = literals(withoutAnchors(tree.Simplify()))
	slices.Sort(out.literals)
	out.literals = slices.Compact(out.literals)
	return out, size, nil
}

// fault is where the text that an error is about stands.
func fault(pattern string, err error) int {
	if e := (*syntax.Error)(nil); errors.As(err, &e) {
		if at := strings.LastIndex(pattern, e.Expr); at >= 0 && e.Expr != pattern {
			return at
		}
	}
	return 0
}

func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// programSize estimates what a pattern compiles to.
func programSize(r *syntax.Regexp) int {
	size := 1 + len(r.Rune)/2
	for _, sub := range r.Sub {
		size += programSize(sub)
		if size > maxProgram {
			return size
		}
	}
	if r.Op == syntax.OpRepeat {
		size *= max(r.Min, r.Max, 1)
	}
	return size
}
