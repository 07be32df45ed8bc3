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
	compiled, err := regexp.Compile(`\A(?:` + arg.text + `)\z`)
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

// javaGroups are groups that only Java has, by their beginnings. The first that fits counts.
var javaGroups = []struct{ begins, why string }{
	{"(?=", "look-ahead can't be matched in linear time, so it isn't taken; write two conditions joined by && or ||"},
	{"(?!", "look-ahead can't be matched in linear time, so it isn't taken; write a second condition with !~"},
	{"(?<=", "look-behind can't be matched in linear time, so it isn't taken; write two conditions joined by && or ||"},
	{"(?<!", "look-behind can't be matched in linear time, so it isn't taken; write a second condition with !~"},
	{"(?>", "atomic groups aren't taken; use (?: )"},
}

// javaEscapes are escapes that Go reads otherwise than Java, or not at all.
var javaEscapes = map[byte]string{
	'k': "back-references can't be matched in linear time, so they aren't taken",
	'p': `character classes by property aren't taken; values are ASCII, so write [a-zA-Z] or the like`,
	'P': `character classes by property aren't taken; values are ASCII, so write [^a-zA-Z] or the like`,
	'v': `\v isn't taken; write the characters out`,
	'x': `characters by number aren't taken; values are ASCII, so write the character itself`,
	'0': `characters by number aren't taken; values are ASCII, so write the character itself`,
	'C': `\C isn't taken`,
}

// javaOnly finds what would mean something else to Go than it does to Java, and says why it isn't taken.
func javaOnly(s string) (at int, why string) {
	class, repeats := false, false // repeats: the last thing was a repetition
	for i := 0; i < len(s); i++ {
		c := s[i]
		was := repeats
		repeats = false
		switch {
		case c >= 0x80:
			return i, "values of attributes are ASCII, and so are patterns"
		case c == '\\' && i+1 < len(s):
			i++
			if s[i] >= '1' && s[i] <= '9' {
				return i - 1, javaEscapes['k']
			}
			if why := javaEscapes[s[i]]; why != "" {
				return i - 1, why
			}
			if s[i] == 'Q' { // up to \E nothing has a meaning
				if length := strings.Index(s[i:], `\E`); length >= 0 {
					i += length + 1
					continue
				}
				return 0, ""
			}
		case class && c == '&' && strings.HasPrefix(s[i:], "&&"):
			return i, "intersections of character classes aren't taken; write the class out"
		case class && c == '[':
			return i, `a class within a class isn't taken; write \[ for the bracket itself`
		case class:
			class = c != ']'
		case c == '[':
			class = true
			if strings.HasPrefix(s[i+1:], "^") {
				i++
			}
			if strings.HasPrefix(s[i+1:], "]") {
				i++ // the bracket itself, in both
			}
		case c == '(':
			for _, g := range javaGroups {
				if strings.HasPrefix(s[i:], g.begins) {
					return i, g.why
				}
			}
			if flags := groupFlags.FindString(s[i:]); strings.Contains(flags, "U") {
				return i, "the flag U isn't taken: to Java it means Unicode"
			}
		case c == '+' && was:
			return i, "possessive repetition isn't taken; leave the second + out"
		case c == '{' && !counted.MatchString(s[i:]):
			return i, `{ begins a count, as in {2,3}; write \{ for the character itself`
		case c == '*' || c == '+' || c == '?':
			repeats = !was
		case c == '}':
			repeats = true
		}
	}
	return 0, ""
}

var groupFlags = regexp.MustCompile(`^\(\?[a-zA-Z-]{1,8}[:)]`)

var counted = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)

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
func literals(r *syntax.Regexp) ([]string, bool) {
	if r.Flags&syntax.FoldCase != 0 {
		return nil, false
	}
	switch r.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		return []string{string(r.Rune)}, true
	case syntax.OpCharClass:
		var out []string
		for i := 0; i+1 < len(r.Rune); i += 2 {
			for c := r.Rune[i]; c <= r.Rune[i+1]; c++ {
				if out = append(out, string(c)); len(out) > maxLiterals {
					return nil, false
				}
			}
		}
		return out, true
	case syntax.OpCapture:
		return literals(r.Sub[0])
	case syntax.OpQuest:
		some, ok := literals(r.Sub[0])
		return append(some, ""), ok && len(some) < maxLiterals
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range r.Sub {
			behind, ok := literals(sub)
			if !ok || len(out)*len(behind) > maxLiterals {
				return nil, false
			}
			var longer []string
			for _, a := range out {
				for _, b := range behind {
					longer = append(longer, a+b)
				}
			}
			out = longer
		}
		return out, true
	case syntax.OpAlternate:
		var out []string
		for _, sub := range r.Sub {
			more, ok := literals(sub)
			if out = append(out, more...); !ok || len(out) > maxLiterals {
				return nil, false
			}
		}
		return out, true
	default:
		return nil, false
	}
}
