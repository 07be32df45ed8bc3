// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
)

// maxDepth of parentheses and negations, far more than anybody writes.
const maxDepth = 200

// parser descends the grammar with one token of look-ahead.
type parser struct {
	lexer
	next  token
	depth int
	// size is what all patterns so far compile to.
	size int
}

// Parse reads an expression. The error is an *[Error].
func Parse(input string) (Expr, error) {
	p := &parser{lexer: lexer{input: input}}
	e, err := p.whole()
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (p *parser) whole() (Expr, *Error) {
	if err := p.step(); err != nil {
		return nil, err
	}
	if p.next.kind == end {
		return nil, p.fail(p.next.offset, "the expression is empty; write one such as attribute:ecs.os-type == linux")
	}
	e, err := p.or()
	if err == nil && p.next.kind != end {
		err = p.fail(p.next.offset, fmt.Sprintf("unexpected %s after a complete expression; join expressions by && or ||", p.next.describe()))
	}
	return e, err
}

// step reads the next token.
func (p *parser) step() (err *Error) {
	p.next, err = p.token()
	return err
}

// isWord: the next token is one of these words, in any case.
func (p *parser) isWord(words ...string) bool {
	for _, w := range words {
		if p.next.kind == word && strings.EqualFold(p.next.text, w) {
			return true
		}
	}
	return false
}

func (p *parser) or() (Expr, *Error) {
	return p.list(p.and, func() bool { return p.next.is("||") || p.isWord("or") }, func(all []Expr) Expr { return Or(all) })
}

func (p *parser) and() (Expr, *Error) {
	return p.list(p.not, func() bool { return p.next.is("&&") || p.isWord("and") }, func(all []Expr) Expr { return And(all) })
}

// list reads one part or more with something between.
func (p *parser) list(part func() (Expr, *Error), between func() bool, made func([]Expr) Expr) (Expr, *Error) {
	var all []Expr
	for {
		e, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !between() {
			break
		}
		if err := p.step(); err != nil {
			return nil, err
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return made(all), nil
}

func (p *parser) not() (Expr, *Error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.next.offset, fmt.Sprintf("more than %d levels of parentheses and negations", maxDepth))
	}
	defer func() { p.depth-- }()
	switch {
	case p.next.is("!") || p.isWord("not"):
		if err := p.step(); err != nil {
			return nil, err
		}
		e, err := p.not()
		return Not{e}, err
	case p.next.is("("):
		return p.parentheses()
	case p.isWord("memberOf"):
		if err := p.step(); err != nil {
			return nil, err
		}
		if !p.next.is("(") {
			return nil, p.fail(p.next.offset, "memberOf needs an expression in parentheses; or take memberOf out")
		}
		return p.parentheses()
	}
	return p.term()
}

func (p *parser) parentheses() (Expr, *Error) {
	open := p.next.offset
	if err := p.step(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.next.kind == end {
		return nil, p.fail(open, "this parenthesis is never closed")
	}
	if !p.next.is(")") {
		return nil, p.fail(p.next.offset, fmt.Sprintf("unexpected %s; want an operator, && or ||, or a closing parenthesis", p.next.describe()))
	}
	return e, p.step()
}
