// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestLoadCountsAnswersByClass(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("Version")))
	}))
	defer server.Close()

	got := runUntil(t, Options{URL: server.URL, Header: http.Header{"Version": {"v1"}}, Rate: 200, Class: func(b []byte) string { return string(b) }}, 20)
	if got.Failed() != 0 || got.Classes["v1"] != got.Requests {
		t.Errorf("want every answer in class v1, got %+v", got)
	}
	if got.Latency(0.5) <= 0 || got.Latency(0.5) > got.Latency(0.99) {
		t.Errorf("want 0 < p50 <= p99, got %s and %s", got.Latency(0.5), got.Latency(0.99))
	}
}

func TestLoadNamesFailures(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	busy := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

	tests := map[string]struct {
		handler http.HandlerFunc // nil: nobody listens
		want    string
	}{
		"nobody listens":             {nil, "connection refused"},
		"the server hangs up":        {hangUp, "connection closed"},
		"the server takes too long":  {slow, "timeout"},
		"the server is out of order": {busy, "status 503"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			url := "http://" + closed.Addr().String()
			if tc.handler != nil {
				server := httptest.NewServer(tc.handler)
				defer server.Close()
				url = server.URL
			}
			got := runUntil(t, Options{URL: url, Rate: 100, Timeout: 50 * time.Millisecond}, 3)
			if got.Failures[tc.want] != got.Requests {
				t.Errorf("want all %d to fail by %q, got %v: %v", got.Requests, tc.want, got.Failures, got.Samples)
			}
		})
	}
}

// A closed-loop load would send one request and wait; here they keep coming, and the wait is in every latency.
func TestAStallShowsInEveryRequestThatWasDue(t *testing.T) {
	var arrived atomic.Int32
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if arrived.Add(1) == 10 {
			close(release)
		}
		<-release
	}))
	defer server.Close()

	got := runUntil(t, Options{URL: server.URL, Rate: 100}, 10)
	if got.Failed() != 0 {
		t.Fatalf("want no failure, got %v", got.Samples)
	}
	// Request 1 waited for request 10, which left 90 ms later.
	if got.Latency(1) < 90*time.Millisecond {
		t.Errorf("want the first request to have waited 90ms, the longest wait was %s", got.Latency(1))
	}
}

func TestLatencyIsTheRankedAnswer(t *testing.T) {
	r := Report{}
	for i := 1; i <= 200; i++ {
		r.latencies = append(r.latencies, time.Duration(i))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 100, 0.99: 198, 1: 200} {
		if got := r.Latency(share); got != want {
			t.Errorf("share %v: want %d, got %d", share, want, got)
		}
	}
	if got := (Report{}).Latency(0.5); got != 0 {
		t.Errorf("no answers: want 0, got %s", got)
	}
}

func TestNoRateNoLoad(t *testing.T) {
	if _, err := Start(t.Context(), Options{URL: "http://127.0.0.1"}); err == nil {
		t.Error("want an error for a rate of 0")
	}
}

// runUntil sends until so many requests have come to an end.
func runUntil(t *testing.T, opts Options, requests int) Report {
	t.Helper()
	run, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); run.Snapshot().Requests < requests; {
		if time.Now().After(deadline) {
			t.Fatalf("want %d requests within 20s, got %v", requests, run.Stop())
		}
		time.Sleep(5 * time.Millisecond) // polls a counter of another goroutine
	}
	return run.Stop()
}
