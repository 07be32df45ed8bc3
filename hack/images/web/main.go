// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command web is the sample application of the demo and the end-to-end tests: a small HTTP server that says who answered,
// stops without losing a request, and misbehaves on demand.
//
//	GET /            one line: version, task, zone (JSON with Accept: application/json)
//	GET /healthz     200, or 503 once FAIL_HEALTH_AFTER has passed
//	GET /slow?ms=N   answers after N milliseconds
//	GET /exit?code=N answers, then ends the process with N
//
// Environment: PORT (8080), VERSION, ZONE, START_DELAY and FAIL_HEALTH_AFTER (durations such as 5s).
// `web healthcheck` asks the server's own /healthz and exits 0 or 1: a health check for images without a shell.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLimit is how long requests in flight may take after SIGTERM.
const stopLimit = 20 * time.Second

func main() {
	port := cmp.Or(os.Getenv("PORT"), "8080")
	if len(os.Args) > 1 && os.Args[1] == "healthcheck" {
		os.Exit(healthcheck(port))
	}
	if err := serve(port); err != nil {
		log.Fatal(err)
	}
}

// healthcheck asks the server in the same container.
func healthcheck(port string) int {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get("http://" + net.JoinHostPort("127.0.0.1", port) + "/healthz")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, response.Status)
		return 1
	}
	return 0
}

// serve answers until SIGTERM, then lets requests in flight finish.
func serve(port string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	delay, err := duration("START_DELAY")
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(delay):
	}
	failAfter, err := duration("FAIL_HEALTH_AFTER")
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr:              ":" + port,
		Handler:           routes(newIdentity(), time.Now(), failAfter),
		ReadHeaderTimeout: 10 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Printf("Listening on %s", server.Addr)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Print("Stopping")
	return shutdown(server)
}

// shutdown closes idle connections, tells the others with "Connection: close", and waits for requests in flight.
func shutdown(server *http.Server) error {
	server.SetKeepAlivesEnabled(false)
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}

func duration(name string) (time.Duration, error) {
	value := os.Getenv(name)
	if value == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// identity is what an answer says about who gave it.
type identity struct {
	Version string `json:"version"`
	Task    string `json:"task"`
	Zone    string `json:"zone,omitempty"`
}

func newIdentity() identity {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return identity{Version: cmp.Or(os.Getenv("VERSION"), "unset"), Task: host, Zone: os.Getenv("ZONE")}
}

func (i identity) String() string {
	line := fmt.Sprintf("version=%s task=%s", i.Version, i.Task)
	if i.Zone != "" {
		line += " zone=" + i.Zone
	}
	return line
}

func routes(who identity, began time.Time, failAfter time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", who.answer)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if failAfter > 0 && time.Since(began) > failAfter {
			http.Error(w, "failing, as asked by FAIL_HEALTH_AFTER", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		ms, err := strconv.Atoi(cmp.Or(r.FormValue("ms"), "1000"))
		if err != nil || ms < 0 {
			http.Error(w, "ms: a number of milliseconds", http.StatusBadRequest)
			return
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		who.answer(w, r)
	})
	mux.HandleFunc("GET /exit", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(cmp.Or(r.FormValue("code"), "0"))
		if err != nil || code < 0 || code > 255 {
			http.Error(w, "code: 0 to 255", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "exiting with %d\n", code)
		time.AfterFunc(100*time.Millisecond, func() { os.Exit(code) }) // the answer leaves first
	})
	return mux
}

func (i identity) answer(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(i); err != nil {
			log.Printf("Answering failed: %v", err)
		}
		return
	}
	fmt.Fprintln(w, i)
}
