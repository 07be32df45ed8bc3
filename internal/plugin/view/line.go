// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package view makes what kubectl ecs shows: tables and pictures as text, from objects that somebody else has read. It knows no client and no
// terminal; a [Canvas] says what there is room for and what may be used.
package view

import (
	"fmt"
	"strings"
	"unicode"
)

// Canvas is what a picture is made for.
type Canvas struct {
	// Width and Height in characters; a Height of 0 is as high as it takes.
	Width, Height int
	// Fixed: there is no scrolling to what doesn't fit.
	Fixed bool
	// Unicode characters may be used beside ASCII.
	Unicode bool
	// Colours is how many there are: 0, 8 or 256.
	Colours int
}

// colour is a place in the palette; none is the terminal's own.
type colour int

// The colours of states. Those of services follow them.
const (
	none colour = iota
	good
	warn
	bad
	quiet
	firstService
)

// palette says each colour for terminals with 8 and with 256. The colours of services can be told apart by people who see fewer.
var palette = []struct{ basic, full int }{
	none:  {},
	good:  {2, 35},
	warn:  {3, 214},
	bad:   {1, 203},
	quiet: {7, 245},
}

var serviceColours = []struct{ basic, full int }{
	{6, 75}, {3, 220}, {2, 78}, {5, 176}, {4, 69}, {1, 209}, {6, 116}, {3, 186}, {2, 150}, {5, 218}, {4, 111}, {1, 173},
}

// ofService is the colour of the n-th service.
func ofService(n int) colour { return firstService + colour(n%len(serviceColours)) }

// style is how a character looks.
type style struct {
	text, back  colour
	bold, faint bool
}

type cell struct {
	char rune
	style
}

// line is a line of the picture.
type line []cell

// say is a line of one style.
func say(s style, format string, args ...any) line {
	return line{}.say(s, format, args...)
}

// say adds text. What isn't to be printed, such as the escape codes that a condition's message may hold, is shown as a question mark.
func (l line) say(s style, format string, args ...any) line {
	for _, r := range fmt.Sprintf(format, args...) {
		if !unicode.IsPrint(r) {
			r = '?'
		}
		l = append(l, cell{r, s})
	}
	return l
}

// fit cuts or fills up to a width.
func (l line) fit(width int, fill cell) line {
	if len(l) > width {
		return l[:max(width, 0):max(width, 0)]
	}
	for len(l) < width {
		l = append(l, fill)
	}
	return l
}

// cut shortens what doesn't fit, and says so by its last character.
func (l line) cut(width int, c Canvas) line {
	if len(l) <= width || width < 1 {
		return l.fit(min(width, len(l)), cell{})
	}
	out := append(line{}, l[:width]...)
	out[width-1].char = c.glyph('…', '~')
	return out
}

var blank = cell{char: ' '}

// glyph chooses between two characters.
func (c Canvas) glyph(unicode, ascii rune) rune {
	if c.Unicode {
		return unicode
	}
	return ascii
}

// write writes lines with the escape codes that the canvas allows. Blanks at the ends are left out.
func (c Canvas) write(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		end := len(l)
		for end > 0 && l[end-1].char == ' ' && l[end-1].back == none {
			end--
		}
		now := style{}
		for _, at := range l[:end] {
			if at.style != now && c.Colours > 0 {
				b.WriteString(c.code(at.style))
				now = at.style
			}
			char := at.char
			if !c.Unicode && char > unicode.MaxASCII {
				char = '?'
			}
			b.WriteRune(char)
		}
		if now != (style{}) {
			b.WriteString("\x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// code is the escape code that leads from any style to this one.
func (c Canvas) code(s style) string {
	parts := []string{"0"}
	if s.bold {
		parts = append(parts, "1")
	}
	if s.faint {
		parts = append(parts, "2")
	}
	text, back := s.text, s.back
	if back != none {
		parts = append(parts, "30") // black is what can be read on all of them
		text = none
	}
	for _, p := range []struct {
		colour
		basic, full string
	}{{text, "3", "38;5;"}, {back, "4", "48;5;"}} {
		switch entry := lookUp(p.colour); {
		case p.colour == none:
		case c.Colours >= 256:
			parts = append(parts, fmt.Sprintf("%s%d", p.full, entry.full))
		default:
			parts = append(parts, fmt.Sprintf("%s%d", p.basic, entry.basic))
		}
	}
	return "\x1b[" + strings.Join(parts, ";") + "m"
}

func lookUp(c colour) struct{ basic, full int } {
	if c >= firstService {
		return serviceColours[c-firstService]
	}
	return palette[c]
}
