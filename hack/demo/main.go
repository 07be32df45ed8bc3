// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the operator at work on a Kubernetes of its own: `make demo` runs it, `make demo-clean` undoes it.
// Each step says what it does, does it by commands the reader could type, and checks that it held.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	d := &demo{screen: newScreen(os.Stdout), shell: newShell()}
	switch {
	case len(args) == 1 && args[0] == "up":
		return d.play(ctx)
	case len(args) == 1 && args[0] == "clean":
		return d.clean(ctx)
	default:
		return errors.New("usage: demo up|clean")
	}
}

// step is one scene: what the reader is told, what is done, and where to look when it didn't hold.
type step struct {
	title string
	run   func(context.Context) error
	look  string
}

// play runs the steps in order and stops at the first that doesn't hold.
func (d *demo) play(ctx context.Context) error {
	steps := d.steps()
	for i, s := range steps {
		d.screen.title(i+1, len(steps), s.title)
		began := time.Now()
		if err := s.run(ctx); err != nil {
			if ctx.Err() != nil {
				return errors.New("interrupted; `make demo` goes on from here, `make demo-clean` removes everything")
			}
			return fmt.Errorf("step %d (%s) didn't hold: %w\nLook at:   %s\nThe cluster is still there; `make demo-clean` removes it", i+1, s.title, err, s.look)
		}
		d.screen.held(time.Since(began))
	}
	d.farewell()
	return nil
}
