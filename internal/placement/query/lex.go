// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind of a token.
type kind int

const (
	end kind = iota
	word
	text // a quoted argument
	symbol
)

// token is a piece of an expression.
type token struct {
	kind   kind
	text   string // without quotes
	offset int
}

func (t token) is(symbols ...string) bool {
	return t.kind == symbol && slices.Contains(symbols, t.text)
}

// describe names the token in messages.
func (t token) describe() string {
	if t.kind == end {
		return "the end"
	}
	return t.text
}

// symbols, longer ones before those that they begin with.
var symbols = []string{"||", "&&", "==", "!=", "=~", "!~", ">=", "<=", ">", "<", "!", "(", ")", "[", "]", ","}

// endsWord: what can't be part of a word.
func endsWord(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(`'"()[],=!<>&|~`, r) || r == utf8.RuneError
}

// lexer reads tokens one after the other. What a token is depends on where it stands, so the parser asks for a token or for a pattern.
type lexer struct {
	input string
	at    int
}

func (l *lexer) fail(offset int, message string) *Error {
	return &Error{Input: l.input, Offset: offset, Message: message}
}

func (l *lexer) space() {
	l.at += len(l.input[l.at:]) - len(strings.TrimLeftFunc(l.input[l.at:], unicode.IsSpace))
}

// token reads the next one.
func (l *lexer) token() (token, *Error) {
	l.space()
	from, rest := l.at, l.input[l.at:]
	if rest == "" {
		return token{kind: end, offset: from}, nil
	}
	if rest[0] == '\'' || rest[0] == '"' {
		return l.quotedText()
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s) {
			l.at += len(s)
			return token{symbol, s, from}, nil
		}
	}
	length := strings.IndexFunc(rest, endsWord)
	if length < 0 {
		length = len(rest)
	}
	if length == 0 {
		r, _ := utf8.DecodeRuneInString(rest)
		return token{}, l.fail(from, "unexpected "+string(r)+mistake(r))
	}
	l.at += length
	return token{word, rest[:length], from}, nil
}

// mistake says what was probably meant.
func mistake(r rune) string {
	switch r {
	case '=':
		return "; equality is =="
	case '&':
		return "; and is &&"
	case '|':
		return "; or is ||"
	case '~':
		return "; a match is =~"
	}
	return "; put arguments with such characters in quotes"
}

func (l *lexer) quotedText() (token, *Error) {
	from := l.at
	length := strings.IndexByte(l.input[from+1:], l.input[from])
	if length < 0 {
		return token{}, l.fail(from, "this quote is never closed")
	}
	l.at = from + length + 2
	return token{text, l.input[from+1 : from+1+length], from}, nil
}

// pattern reads the argument of a match: quoted, or up to a space, a bracket that it didn't open, or an operator outside of brackets.
func (l *lexer) pattern() (token, *Error) {
	l.space()
	from := l.at
	if rest := l.input[from:]; rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		return l.quotedText()
	}
	depth, class := 0, false
	for i := from; i < len(l.input); i++ {
		c := l.input[i]
		switch {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth == 0 && l.endsPattern(i):
			l.at = i
			return patternToken(l.input[from:i], from), nil
		}
	}
	l.at = len(l.input)
	return patternToken(l.input[from:], from), nil
}

func patternToken(s string, from int) token {
	if s == "" {
		return token{kind: end, offset: from}
	}
	return token{text, s, from}
}

// endsPattern: what stands here isn't part of a pattern, outside of brackets.
func (l *lexer) endsPattern(i int) bool {
	rest := l.input[i:]
	return strings.ContainsRune(" \t\r\n)", rune(rest[0])) || strings.HasPrefix(rest, "&&") || strings.HasPrefix(rest, "||")
}
