// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command probe is a program for end-to-end tests of task definitions: it shows what a container was given, and ends as it is told.
//
//	serve [PORT]      answers HTTP on PORT (8080) until SIGTERM: / with "ok", /env and /limits as below, /file?path=P with a file
//	get URL           prints the answer to an HTTP request
//	sleep [SECONDS]   waits, for ever by default; SIGTERM ends it with 0
//	exit CODE [SECONDS]
//	                  ends with CODE, at once or after so many seconds
//	clock NAME FILE [SECONDS [LINGER]]
//	                  appends "NAME start <nanoseconds>" to FILE, waits as sleep does (for ever where SECONDS is -) and LINGER
//	                  seconds more, and appends "NAME stop <nanoseconds>"
//	stubborn          takes no notice of SIGTERM
//	env               prints the environment, sorted
//	limits            prints /proc/self/limits
//	status            prints /proc/self/status: process number, users, groups, capabilities
//	host              prints the name of the host
//	size DIRECTORY    prints how many MiB its file system has
//	cat FILE...       prints files
//	write FILE TEXT   writes a file
//	remove FILE       removes a file
//	exists FILE       ends with 0 if there is such a file, else with 1: a health check
//	await FILE        waits until there is such a file
//	log LINE [COUNT]  prints a line so often, numbered, then waits as sleep does
//	echo [TCP UDP]    answers each line of a connection to port TCP (9000) and each datagram to port UDP (9001) with VERSION, its host and the
//	                  text; after SIGTERM it serves the connections that there are to their ends
//	udp [PORT]        prints each datagram that arrives at PORT (2000) as a line, until SIGTERM
//	xray [NAME]       sends segments of that name, five a second, to AWS_XRAY_DAEMON_ADDRESS as X-Ray's SDKs do
//	router FILE       is a log router: reads a Fluent Bit configuration and prints each record as a line of JSON, until SIGTERM
//	oom               allocates memory until it is killed
//
// Several are done one after the other with "then" between them. A verb after "try" may fail: its error is printed.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

// verbs take their arguments, of which there must be at least so many.
var verbs = map[string]struct {
	arguments int
	run       func(args []string, out io.Writer) error
}{
	"serve":    {0, serve},
	"get":      {1, get},
	"sleep":    {0, func(args []string, _ io.Writer) error { return sleep(args) }},
	"exit":     {1, exit},
	"clock":    {2, clock},
	"stubborn": {0, stubborn},
	"env":      {0, func(_ []string, out io.Writer) error { return environment(out) }},
	"limits":   {0, func(_ []string, out io.Writer) error { return cat([]string{"/proc/self/limits"}, out) }},
	"status":   {0, func(_ []string, out io.Writer) error { return cat([]string{"/proc/self/status"}, out) }},
	"host":     {0, host},
	"size":     {1, size},
	"cat":      {1, cat},
	"write":    {2, func(args []string, _ io.Writer) error { return os.WriteFile(args[0], []byte(args[1]+"\n"), 0o644) }},
	"remove":   {1, func(args []string, _ io.Writer) error { return os.Remove(args[0]) }},
	"exists":   {1, func(args []string, _ io.Writer) error { _, err := os.Stat(args[0]); return err }},
	"await":    {1, await},
	"log":      {1, log},
	"echo":     {0, echo},
	"udp":      {0, udp},
	"xray":     {0, xray},
	"router":   {1, router},
	"oom":      {0, oom},
}

// run does what the arguments say, up to each "then" and on.
func run(args []string, out io.Writer) error {
	for {
		end := slices.Index(args, "then")
		if end < 0 {
			return do(args, out)
		}
		if err := do(args[:end], out); err != nil {
			return err
		}
		args = args[end+1:]
	}
}

func do(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("what to do? see the doc comment")
	}
	if args[0] == "try" {
		if err := do(args[1:], out); err != nil {
			fmt.Fprintln(out, err)
		}
		return nil
	}
	verb, known := verbs[args[0]]
	if !known || len(args)-1 < verb.arguments {
		return fmt.Errorf("%s: not known, or with too few arguments", args[0])
	}
	return verb.run(args[1:], out)
}
