// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package load sends HTTP requests at a constant rate and counts what comes back.
//
// The load is open-loop: request n leaves at its own time whether or not earlier ones have been answered, and its latency counts from
// that time. A server that stalls for a second at 50 requests a second therefore shows fifty slow requests, not one.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// Options say what to send.
type Options struct {
	// URL is fetched by GET.
	URL string
	// Header goes with each request.
	Header http.Header
	// Rate is the number of requests sent in a second.
	Rate int
	// Timeout ends a request, as a failure. Unset means 5 seconds.
	Timeout time.Duration
	// KeepAlive lets requests share connections. Left out, each request opens its own, so each is balanced anew.
	KeepAlive bool
	// Class puts an answer in a class that is counted, such as the version that spoke. Unset means no classes.
	Class func(body []byte) string
}

// Run is a load under way.
type Run struct {
	opts   Options
	client *http.Client
	cancel context.CancelFunc
	done   chan struct{}
	began  time.Time

	mu     sync.Mutex
	report Report
}

// Start begins to send. The load ends with Stop, or with ctx.
func Start(ctx context.Context, opts Options) (*Run, error) {
	if opts.Rate <= 0 {
		return nil, fmt.Errorf("load: a rate of %d requests a second can't be sent", opts.Rate)
	}
	if opts.Timeout == 0 {
		opts.Timeout = 5 * time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &Run{
		opts:   opts,
		cancel: cancel,
		done:   make(chan struct{}),
		began:  time.Now(),
		report: Report{Failures: map[string]int{}, Classes: map[string]int{}},
		client: &http.Client{
			Timeout: opts.Timeout,
			Transport: &http.Transport{
				DisableKeepAlives:   !opts.KeepAlive,
				MaxIdleConnsPerHost: opts.Rate,
			},
		},
	}
	go r.send(ctx)
	return r, nil
}

// Stop ends the load, waits for the answers to what was sent, and reports.
func (r *Run) Stop() Report {
	r.cancel()
	<-r.done
	return r.Snapshot()
}

// Snapshot reports on the answers so far.
func (r *Run) Snapshot() Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.report.copy(time.Since(r.began))
}

func (r *Run) send(ctx context.Context) {
	defer close(r.done)
	defer r.client.CloseIdleConnections()
	var inFlight sync.WaitGroup
	defer inFlight.Wait()

	pause := time.Second / time.Duration(r.opts.Rate)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for n := 0; ; n++ {
		due := r.began.Add(time.Duration(n) * pause)
		timer.Reset(time.Until(due))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		// What has left is answered or times out; stopping the load doesn't turn it into a failure.
		inFlight.Go(func() { r.one(context.WithoutCancel(ctx), due) })
	}
}

// one sends a request that was due at a time, and counts its answer.
func (r *Run) one(ctx context.Context, due time.Time) {
	body, err := r.get(ctx)
	latency := time.Since(due)

	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Requests++
	if err != nil {
		r.report.fail(Failure{At: due.Sub(r.began), Kind: kindOf(err), Err: err.Error()})
		return
	}
	r.report.latencies = append(r.report.latencies, latency)
	if r.opts.Class != nil {
		r.report.Classes[r.opts.Class(body)]++
	}
}

func (r *Run) get(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.opts.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header = r.opts.Header.Clone()
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp.StatusCode)
	}
	return body, nil
}

type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// kindOf names a failure in the few words a table has room for.
func kindOf(err error) string {
	var status statusError
	var timeout net.Error
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "no route to host"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	default:
		return "other"
	}
}
