// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"regexp"
	"strings"
)

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
func javaOnly(pattern string) (at int, why string) {
	j := java{s: pattern}
	for j.i < len(j.s) {
		if why := j.next(); why != "" {
			return j.i, why
		}
	}
	return 0, ""
}

// java reads a pattern piece by piece.
type java struct {
	s string
	i int
	// repeated: the last piece was a repetition, and wasn't one of a repetition.
	repeated bool
}

// next goes over one piece: a character, an escape, a class.
func (j *java) next() (why string) {
	repeated := j.repeated
	j.repeated = false
	switch rest := j.s[j.i:]; rest[0] {
	case '\\':
		return j.escape()
	case '[':
		return j.class()
	case '(':
		why = group(rest)
	case '{':
		if !counted.MatchString(rest) {
			return `{ begins a count, as in {2,3}; write \{ for the character itself`
		}
	case '+':
		if repeated {
			return "possessive repetition isn't taken; leave the second + out"
		}
		j.repeated = true
	case '*', '?':
		j.repeated = !repeated
	case '}':
		j.repeated = true
	}
	return j.step(why)
}

// step goes over one character, unless something is wrong with it.
func (j *java) step(why string) string {
	if why != "" {
		return why
	}
	if j.s[j.i] >= 0x80 {
		return "values of attributes are ASCII, and so are patterns"
	}
	j.i++
	return ""
}

// escape goes over a backslash and what it says.
func (j *java) escape() (why string) {
	j.i++
	if j.i == len(j.s) {
		return "" // Go says that
	}
	c := j.s[j.i]
	if c >= '1' && c <= '9' {
		c = 'k'
	}
	switch {
	case c == 'Q': // up to \E nothing has a meaning
		literal, _, _ := strings.Cut(j.s[j.i:], `\E`)
		j.i = min(j.i+len(literal)+len(`\E`), len(j.s))
		return ""
	case javaEscapes[c] != "":
		j.i-- // the fault begins at the backslash
		return javaEscapes[c]
	}
	return j.step("")
}

// class goes over a character class. A bracket that closes it at once is one of its characters.
func (j *java) class() (why string) {
	j.i++
	j.i += len(j.s[j.i:]) - len(strings.TrimPrefix(j.s[j.i:], "^"))
	j.i += len(j.s[j.i:]) - len(strings.TrimPrefix(j.s[j.i:], "]"))
	for j.i < len(j.s) {
		rest := j.s[j.i:]
		switch {
		case rest[0] == ']':
			return j.step("")
		case rest[0] == '[':
			return `a class within a class isn't taken; write \[ for the bracket itself`
		case strings.HasPrefix(rest, "&&"):
			return "intersections of character classes aren't taken; write the class out"
		case rest[0] == '\\':
			why = j.escape()
		default:
			why = j.step("")
		}
		if why != "" {
			return why
		}
	}
	return ""
}

// group says what is wrong with the beginning of a group.
func group(rest string) (why string) {
	for _, g := range javaGroups {
		if strings.HasPrefix(rest, g.begins) {
			return g.why
		}
	}
	if strings.Contains(groupFlags.FindString(rest), "U") {
		return "the flag U isn't taken: to Java it means Unicode"
	}
	return ""
}

var (
	groupFlags = regexp.MustCompile(`^\(\?[a-zA-Z-]{1,8}[:)]`)
	counted    = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)
)
