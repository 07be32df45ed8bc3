// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
)

func environment(out io.Writer) error {
	env := os.Environ()
	slices.Sort(env)
	_, err := fmt.Fprintln(out, strings.Join(env, "\n"))
	return err
}

func host(_ []string, out io.Writer) error {
	name, err := os.Hostname()
	if err == nil {
		_, err = fmt.Fprintln(out, name)
	}
	return err
}

func size(args []string, out io.Writer) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(args[0], &fs); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s has %d MiB\n", args[0], fs.Blocks*uint64(fs.Bsize)>>20)
	return err
}

func cat(args []string, out io.Writer) error {
	for _, name := range args {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

func oom(_ []string, _ io.Writer) error {
	var held [][]byte
	for {
		block := make([]byte, 8<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1 // memory counts once it is written to
		}
		held = append(held, block)
		if len(held) > 1<<20 {
			return errors.New("there is no end to this memory")
		}
	}
}
