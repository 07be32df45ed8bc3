// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// stopped is done when SIGTERM or SIGINT arrives.
func stopped() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	return ctx
}

func seconds(text string) (time.Duration, error) {
	n, err := strconv.ParseFloat(text, 64)
	return time.Duration(n * float64(time.Second)), err
}

func sleep(args []string) error {
	var over <-chan time.Time
	if len(args) > 0 && args[0] != "-" {
		long, err := seconds(args[0])
		if err != nil {
			return err
		}
		over = time.After(long)
	}
	select {
	case <-stopped().Done():
	case <-over:
	}
	return nil
}

func exit(args []string, _ io.Writer) error {
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if len(args) > 1 {
		if err := sleep(args[1:]); err != nil {
			return err
		}
	}
	os.Exit(code)
	return nil
}

func clock(args []string, _ io.Writer) error {
	stamp := func(what string) error {
		file, err := os.OpenFile(args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(file, "%s %s %d\n", args[0], what, time.Now().UnixNano())
		return errors.Join(err, file.Close())
	}
	if err := stamp("start"); err != nil {
		return err
	}
	wait := args[2:]
	var linger time.Duration
	if len(wait) > 1 {
		var err error
		if linger, err = seconds(wait[1]); err != nil {
			return err
		}
	}
	err := sleep(wait[:min(1, len(wait))])
	time.Sleep(linger)
	return errors.Join(err, stamp("stop"))
}

func stubborn(_ []string, out io.Writer) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	for s := range signals {
		fmt.Fprintln(out, "took no notice of", s)
	}
	return nil
}

func await(args []string, _ io.Writer) error {
	stop := stopped().Done()
	for {
		if _, err := os.Stat(args[0]); err == nil {
			return nil
		}
		select {
		case <-stop:
			return fmt.Errorf("%s isn't there", args[0])
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func log(args []string, out io.Writer) error {
	count := 1
	if len(args) > 1 {
		var err error
		if count, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	for n := range count {
		fmt.Fprintln(out, args[0], n+1)
	}
	return sleep(nil)
}
