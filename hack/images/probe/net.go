// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

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

func get(args []string, out io.Writer) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(args[0])
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err = io.Copy(out, answer.Body); err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return err
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

// xray writes what the daemon takes: a header and a segment in one datagram (X-Ray Developer Guide, "Sending segment documents").
func xray(args []string, _ io.Writer) error {
	name := "probe"
	if len(args) > 0 {
		name = args[0]
	}
	conn, err := net.Dial("udp", cmp.Or(os.Getenv("AWS_XRAY_DAEMON_ADDRESS"), "127.0.0.1:2000"))
	if err != nil {
		return err
	}
	defer conn.Close()
	stop, tick := stopped().Done(), time.NewTicker(time.Second/5)
	for n := 1; ; n++ {
		now := time.Now()
		segment := fmt.Sprintf(`{"name":%q,"id":"%016x","trace_id":"1-%08x-%024x","start_time":%d,"end_time":%d}`, name, n, now.Unix(), n, now.Unix(), now.Unix())
		_, _ = io.WriteString(conn, `{"format":"json","version":1}`+"\n"+segment) // where nobody listens yet, the SDKs lose segments too
		select {
		case <-stop:
			return nil
		case <-tick.C:
		}
	}
}
