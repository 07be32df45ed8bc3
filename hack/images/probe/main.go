// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command probe is a program for end-to-end tests of task definitions: it shows what a container was given, and ends as it is told.
//
//	serve [PORT]      answers HTTP on PORT (8080) until SIGTERM: / with "ok", /env and /limits as below, /file?path=P with a file
//	sleep [SECONDS]   waits, for ever by default; SIGTERM ends it with 0
//	exit CODE [SECONDS]
//	                  ends with CODE, at once or after so many seconds
//	clock NAME FILE [SECONDS]
//	                  appends "NAME start <nanoseconds>" to FILE, waits as sleep does, and appends "NAME stop <nanoseconds>"
//	stubborn          takes no notice of SIGTERM
//	env               prints the environment, sorted
//	limits            prints /proc/self/limits
//	status            prints /proc/self/status: process number, users, groups, capabilities
//	cat FILE...       prints files
//	write FILE TEXT   writes a file
//	exists FILE       ends with 0 if there is such a file, else with 1: a health check
//	log LINE [COUNT]  prints a line so often, numbered, then waits as sleep does
//	udp [PORT]        prints each datagram that arrives at PORT (2000) as a line, until SIGTERM
//	oom               allocates memory until it is killed
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
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
	"sleep":    {0, func(args []string, _ io.Writer) error { return sleep(args) }},
	"exit":     {1, exit},
	"clock":    {2, clock},
	"stubborn": {0, stubborn},
	"env":      {0, func(_ []string, out io.Writer) error { return environment(out) }},
	"limits":   {0, func(_ []string, out io.Writer) error { return cat([]string{"/proc/self/limits"}, out) }},
	"status":   {0, func(_ []string, out io.Writer) error { return cat([]string{"/proc/self/status"}, out) }},
	"cat":      {1, cat},
	"write":    {2, func(args []string, _ io.Writer) error { return os.WriteFile(args[0], []byte(args[1]), 0o644) }},
	"exists":   {1, func(args []string, _ io.Writer) error { _, err := os.Stat(args[0]); return err }},
	"log":      {1, log},
	"udp":      {0, udp},
	"oom":      {0, oom},
}

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("what to do? see the doc comment")
	}
	verb, known := verbs[args[0]]
	if !known || len(args)-1 < verb.arguments {
		return fmt.Errorf("%s: not known, or with too few arguments", args[0])
	}
	return verb.run(args[1:], out)
}

// stopped is done when SIGTERM or SIGINT arrives.
func stopped() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	return ctx
}

func sleep(args []string) error {
	var over <-chan time.Time
	if len(args) > 0 {
		seconds, err := strconv.ParseFloat(args[0], 64)
		if err != nil {
			return err
		}
		over = time.After(time.Duration(seconds * float64(time.Second)))
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
	return errors.Join(sleep(args[2:]), stamp("stop"))
}

func stubborn(_ []string, out io.Writer) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	for s := range signals {
		fmt.Fprintln(out, "took no notice of", s)
	}
	return nil
}

func environment(out io.Writer) error {
	env := os.Environ()
	slices.Sort(env)
	_, err := fmt.Fprintln(out, strings.Join(env, "\n"))
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

func serve(args []string, _ io.Writer) error {
	port := "8080"
	if len(args) > 0 {
		port = args[0]
	}
	mux := http.NewServeMux()
	answer := func(write func(io.Writer) error) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if err := write(w); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		}
	}
	mux.HandleFunc("GET /{$}", answer(func(w io.Writer) error { _, err := fmt.Fprintln(w, "ok"); return err }))
	mux.HandleFunc("GET /env", answer(environment))
	mux.HandleFunc("GET /limits", answer(func(w io.Writer) error { return cat([]string{"/proc/self/limits"}, w) }))
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		answer(func(w io.Writer) error { return cat([]string{r.FormValue("path")}, w) })(w, r)
	})
	server := &http.Server{Addr: ":" + port, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-stopped().Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func udp(args []string, out io.Writer) error {
	port := "2000"
	if len(args) > 0 {
		port = args[0]
	}
	conn, err := net.ListenPacket("udp", ":"+port)
	if err != nil {
		return err
	}
	go func() {
		<-stopped().Done()
		conn.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", from, strings.ReplaceAll(string(buffer[:n]), "\n", " "))
	}
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
