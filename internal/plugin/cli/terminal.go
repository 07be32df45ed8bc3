// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"
)

// Terminal is what is known of the terminal that the output goes to.
type Terminal struct {
	// Width and Height in characters; 0 where the output is no terminal.
	Width, Height int
	// Unicode: it shows UTF-8.
	Unicode bool
	// Colours is how many it shows: 0, 8 or 256.
	Colours int
}

// Terminal asks what the output goes to. Where it is no terminal the zero Terminal is the answer: plain ASCII of any size.
func (s Streams) Terminal() Terminal {
	file, ok := s.Out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return Terminal{}
	}
	t := Terminal{Unicode: showsUnicode(os.Getenv), Width: 80, Height: 24}
	if w, h, err := term.GetSize(int(file.Fd())); err == nil && w > 0 && h > 0 {
		t.Width, t.Height = w, h
	}
	if s.Colour() {
		t.Colours = colours(os.Getenv)
	}
	return t
}

// showsUnicode asks the locale, by which programs have agreed what bytes mean to the terminal. Windows has none; its new terminal is known by
// a variable of its own.
func showsUnicode(env func(string) string) bool {
	if runtime.GOOS == "windows" {
		return env("WT_SESSION") != ""
	}
	locale := strings.ToLower(cmp.Or(env("LC_ALL"), env("LC_CTYPE"), env("LANG")))
	return env("TERM") != "linux" && (strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8"))
}

func colours(env func(string) string) int {
	if env("COLORTERM") != "" || strings.Contains(env("TERM"), "256color") || env("WT_SESSION") != "" {
		return 256
	}
	return 8
}

// Time is the time that ages are counted to.
func (s Streams) Time() time.Time {
	if s.Now == nil {
		return time.Time{}
	}
	return s.Now()
}
