// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cli is what the plugin's commands have in common: streams that are handed in, and errors that know their exit code.
package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// The exit codes of every command. Where several apply, the first of this list does.
const (
	// OK: done, and nothing to complain about.
	OK = 0
	// Usage: the command line makes no sense.
	Usage = 2
	// Failed: something couldn't be read, or is malformed.
	Failed = 1
	// Refused: ECS or the operator turns something down.
	Refused = 4
	// NotExact: --strict was given, and something isn't exact.
	NotExact = 3
	// TimedOut: what was waited for didn't come in time.
	TimedOut = 5
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Now tells the time; only the program itself asks the clock.
	Now func() time.Time
}

// Colour says whether the output is a terminal, and neither NO_COLOR nor TERM says otherwise.
func (s Streams) Colour() bool {
	file, ok := s.Out.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(file.Fd()))
}

// Exit is an error with an exit code. Without an Err everything has been said.
type Exit struct {
	Code int
	Err  error
}

func (e *Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *Exit) Unwrap() error { return e.Err }

// UsageError says that the command line makes no sense.
func UsageError(format string, args ...any) error {
	return &Exit{Code: Usage, Err: fmt.Errorf(format, args...)}
}

// Code is the exit code of what a command returned. An error without one comes from reading the command line.
func Code(err error) int {
	var exit *Exit
	switch {
	case err == nil:
		return OK
	case errors.As(err, &exit):
		return exit.Code
	}
	return Usage
}
