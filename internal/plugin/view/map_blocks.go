// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"slices"
	"strconv"
)

// row draws blocks side by side, each as wide as what it takes of all that there is, and never without a character. Where there are more than
// can be told apart, the tasks of one owner become one block with their number.
func (m Map) row(blocks []Block, all int64, width int, c Canvas) line {
	if len(blocks) > width*2/3 {
		blocks = gathered(blocks)
	}
	out := line{}
	for i, n := range shares(blocks, all, width) {
		out = append(out, m.block(blocks[i], n, c)...)
	}
	return out.fit(width, cell{c.glyph('·', '.'), style{text: quiet}})
}

// gathered joins the blocks of one owner and one state.
func gathered(blocks []Block) []Block {
	var out []Block
	for _, b := range blocks {
		if n := len(out); n > 0 && out[n-1].Owner == b.Owner && out[n-1].State == b.State {
			out[n-1].Amount += b.Amount
			out[n-1].Tasks += b.Tasks
			continue
		}
		out = append(out, b)
	}
	return out
}

// shares are the widths of blocks. Rounding is carried on, so that the whole is as wide as the sum; then the widest give to those without.
func shares(blocks []Block, all int64, width int) []int {
	out := make([]int, len(blocks))
	sum, used := int64(0), 0
	for i, b := range blocks {
		sum += b.Amount
		out[i] = cells(sum, all, width) - used
		used += out[i]
	}
	for i := range out {
		if out[i] > 0 {
			continue
		}
		if used < width {
			out[i]++
			used++
			continue
		}
		if widest := slices.Index(out, slices.Max(out)); out[widest] > 1 {
			out[widest]--
			out[i]++
		}
	}
	return out
}

// fillers are what fills a block behind its letter: where there are colours, a running task is a coloured field.
var fillers = map[State]struct{ unicode, ascii rune }{
	Running:  {'█', '='},
	Pending:  {'░', '-'},
	Stopping: {'▒', '~'},
}

func (m Map) block(b Block, width int, c Canvas) line {
	if width == 0 {
		return nil
	}
	if b.Owner == others {
		return line{}.fit(width, cell{c.glyph('▓', '#'), style{text: quiet, faint: true}})
	}
	letter, s := m.Owners[b.Owner].Letter, style{text: ofService(b.Owner)}
	filler := cell{c.glyph(fillers[b.State].unicode, fillers[b.State].ascii), s}
	switch {
	case b.State == Running && c.Colours > 0:
		s = style{back: ofService(b.Owner), bold: true}
		filler = cell{' ', style{back: s.back}}
	case b.State != Running:
		letter += lower(letter)
		s.faint = b.State == Stopping
		filler.faint = s.faint
	}
	out := line{{letter, s}}
	if number := strconv.Itoa(b.Tasks); b.Tasks > 1 && len(number) < width {
		out = out.say(s, "%s", number)
	}
	return out.fit(width, filler)
}

// lower is the way from a capital to its small letter.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return 'a' - 'A'
	}
	return 0
}
