// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// Outcomes of placing a task.
const (
	outcomePlaced   = "placed"
	outcomeReplaced = "replaced" // it didn't get where it was sent
)

var (
	placements = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecs_operator_placements_total",
		Help: "Tasks that the operator chose an instance for, by the first strategy, and those that it replaced since they didn't get there.",
	}, []string{"strategy", "outcome"})
	waitingTasks = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ecs_operator_waiting_tasks",
		Help: "Tasks that no instance has a place for, by cluster.",
	}, []string{"cluster"})
	took = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "ecs_operator_placement_duration_seconds",
		Help:    "Time from a task's creation, which is known to the second, to its placement.",
		Buckets: []float64{1, 2, 3, 5, 10, 30, 60, 300, 1800},
	})
)

func init() { metrics.Registry.MustRegister(placements, waitingTasks, took) }

func placed(p placing, now time.Time) {
	placements.WithLabelValues(p.strategy, outcomePlaced).Inc()
	took.Observe(max(0, now.Sub(p.pod.CreationTimestamp.Time).Seconds()))
}

// report counts what a look at a cluster came to. A cluster where nothing waits has no row.
func report(cluster string, p plan) {
	for range p.replace {
		placements.WithLabelValues("", outcomeReplaced).Inc()
	}
	if len(p.wait) == 0 {
		waitingTasks.DeleteLabelValues(cluster)
		return
	}
	waitingTasks.WithLabelValues(cluster).Set(float64(len(p.wait)))
}
