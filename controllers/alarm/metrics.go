// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// success is the result of a query that no failure stands for.
const success = "Success"

var (
	queries = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ecs_operator_alarm_query_duration_seconds",
		Help:    "How long Prometheus took to answer the queries of alarms, by result: Success, or the reason of the failure.",
		Buckets: []float64{0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60},
	}, []string{"result"})
	transitions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecs_operator_alarm_transitions_total",
		Help: "Changes of alarms' states, by the state that they came to: OK, ALARM, INSUFFICIENT_DATA.",
	}, []string{"state"})
)

func init() { metrics.Registry.MustRegister(queries, transitions) }
