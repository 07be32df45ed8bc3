// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// screen prints the demo: in colour on a terminal, plain elsewhere.
type screen struct {
	out    io.Writer
	colour bool
	began  time.Time
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	tty := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
	return &screen{out: out, colour: tty, began: time.Now()}
}

const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (s *screen) paint(style, text string) string {
	if !s.colour {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *screen) title(n, of int, title string) {
	fmt.Fprintf(s.out, "\n%s %s\n", s.paint(dim, fmt.Sprintf("[%6.1fs] %d/%d", time.Since(s.began).Seconds(), n, of)), s.paint(bold, title))
}

func (s *screen) held(took time.Duration) {
	fmt.Fprintf(s.out, "  %s %s\n", s.paint(green, "held"), s.paint(dim, fmt.Sprintf("(%.1fs)", took.Seconds())))
}

// say explains, in the reader's language.
func (s *screen) say(format string, args ...any) {
	fmt.Fprintf(s.out, "  "+format+"\n", args...)
}

// command shows what the reader would type.
func (s *screen) command(line string) {
	fmt.Fprintf(s.out, "  %s\n", s.paint(cyan, "$ "+line))
}

// block shows what a command printed.
func (s *screen) block(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		fmt.Fprintf(s.out, "    %s\n", strings.TrimRight(line, "\n"))
	}
}

// indented is a writer for a command that prints as it goes.
func (s *screen) indented() io.Writer { return &indenter{out: s.out, fresh: true} }

type indenter struct {
	out   io.Writer
	fresh bool // at the start of a line
}

func (w *indenter) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		if w.fresh {
			if _, err := io.WriteString(w.out, "    "); err != nil {
				return 0, err
			}
		}
		if _, err := w.out.Write(line); err != nil {
			return 0, err
		}
		w.fresh = bytes.HasSuffix(line, []byte("\n"))
	}
	return len(p), nil
}
