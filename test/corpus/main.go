// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command corpus runs every file of a folder through what a team's files go through: kubectl ecs convert, admission by a real apiserver
// with our CRDs and our webhook, translation, and the apiserver once more for the pods. Nothing is stored and nothing runs. It prints how
// each file ended, what became of its fields, and which fields aren't exact.
//
// It fails when a file ended otherwise than accepted or refused for a stated reason.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: make corpus DIR=FOLDER")
		os.Exit(2)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	log.SetLogger(logr.Discard())
	ok, err := run(ctx, os.Args[1], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
	}
	if err != nil || !ok {
		os.Exit(1) //nolint:gocritic // there is nothing that the signal's end would clean up
	}
}

// run prints the table of a folder. It isn't ok when a file failed.
func run(ctx context.Context, folder string, out, progress io.Writer) (ok bool, err error) {
	files, err := find(folder)
	if err != nil {
		return false, err
	}
	fmt.Fprintln(progress, "corpus: starting an apiserver with the operator's webhook")
	j, err := newJudge(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = firstOf(err, j.stop()) }()
	var stories []story
	for last, i := time.Now(), 0; i < len(files); i++ {
		stories = append(stories, j.judge(ctx, files[i]))
		if now := time.Now(); now.Sub(last) > progressEvery || i == len(files)-1 {
			fmt.Fprintf(progress, "corpus: %d of %d files\n", i+1, len(files))
			last = now
		}
	}
	printTable(out, stories)
	return countOutcomes(stories)[failed] == 0, nil
}

const progressEvery = 2 * time.Second

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
