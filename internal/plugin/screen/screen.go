// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package screen shows pictures that change in a terminal, and leaves the terminal as it was.
package screen

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// What terminals understand (xterm's control sequences). Those that don't know synchronized output pass it over.
const (
	enter = "\x1b[?1049h\x1b[?25l" // the alternate screen, without cursor
	leave = "\x1b[?25h\x1b[?1049l"
	begin = "\x1b[?2026h\x1b[H" // hold the picture back until it is whole; from the top
	clear = "\x1b[K"            // what was further right
	end   = "\x1b[J\x1b[?2026l" // what was further down
)

// Screen is a terminal in which a picture is shown.
type Screen struct {
	out   io.Writer
	keys  chan byte
	shown string
	reset func() error
}

// Open takes the terminal over. Where in is none, no keys come.
func Open(in io.Reader, out io.Writer) (*Screen, error) {
	s := &Screen{out: out, keys: make(chan byte, 1), reset: func() error { return nil }}
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		before, err := term.MakeRaw(int(file.Fd()))
		if err != nil {
			return nil, err
		}
		s.reset = func() error { return term.Restore(int(file.Fd()), before) }
		go s.read(file)
	}
	if _, err := io.WriteString(out, enter); err != nil {
		return nil, err
	}
	return s, nil
}

// read passes keys on until there are none. It ends with the program: a read of a terminal can't be called off.
func (s *Screen) read(in io.Reader) {
	one := make([]byte, 1)
	for {
		if n, err := in.Read(one); err != nil || n == 0 {
			close(s.keys)
			return
		}
		s.keys <- one[0]
	}
}

// Keys are those that were pressed.
func (s *Screen) Keys() <-chan byte { return s.keys }

// Ends reports whether a key is one that people end programs with: q, Ctrl-C, Ctrl-D.
func Ends(key byte) bool { return strings.IndexByte("qQ\x03\x04", key) >= 0 }

// Show draws over what was shown before, in one write. The same picture isn't drawn again.
func (s *Screen) Show(picture string) error {
	if picture == s.shown {
		return nil
	}
	s.shown = picture
	var b strings.Builder
	b.WriteString(begin)
	for i, l := range strings.Split(strings.TrimSuffix(picture, "\n"), "\n") {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(l + clear)
	}
	b.WriteString(end)
	_, err := io.WriteString(s.out, b.String())
	return err
}

// Forget has the next picture drawn though it be the same: the window has another size.
func (s *Screen) Forget() { s.shown = "" }

// Close gives the terminal back.
func (s *Screen) Close() error {
	_, err := io.WriteString(s.out, leave)
	if restored := s.reset(); restored != nil {
		return restored
	}
	return err
}
