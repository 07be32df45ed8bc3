// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// Results of a read that no failure stands for.
const (
	success = "success"
	skipped = "skipped" // the registry couldn't be reached a moment ago
)

var reads = prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "ecs_operator_image_read_duration_seconds",
	Help:    "How long it took to read an image's digest or config from its registry, by result.",
	Buckets: []float64{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5},
}, []string{"result"})

func init() { metrics.Registry.MustRegister(reads) }

func observe(result string, took time.Duration) {
	reads.WithLabelValues(result).Observe(took.Seconds())
}
