// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Report is what became of the requests that were answered or failed.
type Report struct {
	Elapsed  time.Duration
	Requests int
	// Failures counts failed requests by kind.
	Failures map[string]int
	// Classes counts good answers by class.
	Classes map[string]int
	// Samples are the first failures.
	Samples []Failure

	latencies []time.Duration // of good answers
}

// Failure is a request that failed.
type Failure struct {
	At   time.Duration // since the load began
	Kind string
	Err  string
}

const maxSamples = 20

func (r *Report) fail(f Failure) {
	r.Failures[f.Kind]++
	if len(r.Samples) < maxSamples {
		r.Samples = append(r.Samples, f)
	}
}

func (r *Report) copy(elapsed time.Duration) Report {
	return Report{
		Elapsed:   elapsed,
		Requests:  r.Requests,
		Failures:  maps.Clone(r.Failures),
		Classes:   maps.Clone(r.Classes),
		Samples:   slices.Clone(r.Samples),
		latencies: slices.Sorted(slices.Values(r.latencies)),
	}
}

// Failed is the number of requests that failed.
func (r Report) Failed() int {
	n := 0
	for _, count := range r.Failures {
		n += count
	}
	return n
}

// Latency is the time within which the given share of the good answers came: Latency(0.99) of 200 answers is the 198th. It is 0
// when there is none.
func (r Report) Latency(share float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	rank := int(math.Ceil(share * float64(len(r.latencies))))
	return r.latencies[min(max(rank, 1), len(r.latencies))-1]
}

// String is the report in a line, failures by kind in a second.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests in %s, %d failed, latency p50 %s, p99 %s, max %s",
		r.Requests, r.Elapsed.Round(time.Second), r.Failed(), short(r.Latency(0.5)), short(r.Latency(0.99)), short(r.Latency(1)))
	for _, kind := range slices.Sorted(maps.Keys(r.Failures)) {
		fmt.Fprintf(&b, "\n%d × %s", r.Failures[kind], kind)
	}
	return b.String()
}

func short(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }
