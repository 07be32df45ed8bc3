// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package prometheus

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// exporter has the numbers that a test sets. One that counts grows by its value each time it is scraped.
type exporter struct {
	mu     sync.Mutex
	gauges map[string]float64
	counts map[string]float64
}

func (e *exporter) set(name string, value float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gauges[name] = value
}

func (e *exporter) remove(name string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.gauges, name)
}

func (e *exporter) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(e.gauges)) {
		value := e.gauges[name]
		if strings.Contains(name, "_total") {
			e.counts[name] += value
			value = e.counts[name]
		}
		fmt.Fprintf(out, "%s %v\n", name, value)
	}
}

const namespace = "alarms"

// about makes an alarm that is evaluated every 10 seconds and fires above 5.
func about(name, query string, edits ...func(*ecsv1.AlarmSpec)) *ecsv1.Alarm {
	a := &ecsv1.Alarm{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: ecsv1.AlarmSpec{
		ComparisonOperator: ecsv1.AlarmComparisonOperatorGreaterThanThreshold, Threshold: ecsv1.DecimalFromTenths(50),
		Period: 10, EvaluationPeriods: 1, Kubernetes: ecsv1.AlarmKubernetes{Cluster: "alarms", Query: query},
	}}
	for _, edit := range edits {
		edit(&a.Spec)
	}
	return a
}

func missing(treatment ecsv1.AlarmMissingData) func(*ecsv1.AlarmSpec) {
	return func(s *ecsv1.AlarmSpec) { s.TreatMissingData = treatment }
}

var _ = Describe("Alarms on a real Prometheus", func() {
	const (
		ok      = ecsv1.AlarmStateValueOK
		firing  = ecsv1.AlarmStateValueAlarm
		unknown = ecsv1.AlarmStateValueInsufficientData
	)
	It("follow what it scrapes, and stay as they are when it is gone", func(ctx SpecContext) {
		e := &exporter{counts: map[string]float64{}, gauges: map[string]float64{
			`errors{pod="a"}`: 1, `errors{pod="b"}`: 2, "slow": 1, "heartbeat": 9, `requests_total{code="500"}`: 0, `requests_total{code="200"}`: 0,
		}}
		target := httptest.NewServer(e)
		DeferCleanup(target.Close)
		prometheus := start(ctx, strings.TrimPrefix(target.URL, "http://"))

		Expect(env.Admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
		Expect(env.Admin.Create(ctx, testkit.Cluster("alarms", func(c *ecsv1.Cluster) {
			c.Spec.Kubernetes.Prometheus = &ecsv1.ClusterPrometheus{URL: prometheus.url}
		}))).To(Succeed())
		for _, a := range []*ecsv1.Alarm{
			about("sum", "sum(errors)"),
			about("two-of-three", "slow", func(s *ecsv1.AlarmSpec) { s.EvaluationPeriods, s.DatapointsToAlarm = 3, new(int32(2)) }),
			about("heartbeat", "heartbeat", missing(ecsv1.AlarmMissingDataBreaching), func(s *ecsv1.AlarmSpec) {
				s.ComparisonOperator = ecsv1.AlarmComparisonOperatorLessThanThreshold
			}),
			about("ratio", `100 * sum(rate(requests_total{code="500"}[10s])) / sum(rate(requests_total[10s]))`, missing(ecsv1.AlarmMissingDataNotBreaching)),
			about("no-such-metric", "nosuch"),
			about("scalar", "scalar(slow)"),
			about("refused", "sum("),
			about("range", "errors[1m]"),
			about("fails", "errors / on() errors"),
			about("several", "errors"),
		} {
			Expect(env.Admin.Create(ctx, a)).To(Succeed())
		}
		is := func(name string, state ecsv1.AlarmStateValue, ready, says string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				a := &ecsv1.Alarm{}
				g.Expect(env.Admin.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, a)).To(Succeed())
				g.Expect(a.Status.StateValue).To(Equal(state), a.Status.StateReason)
				g.Expect(a.Status.Conditions).To(ContainElement(SatisfyAll(HaveField("Type", ecsv1.ConditionReady), HaveField("Reason", ready))))
				if ready == ecsv1.ReasonReady {
					g.Expect(a.Status.StateReason).To(ContainSubstring(says))
				} else {
					g.Expect(a.Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring(says))))
				}
			}).Should(Succeed())
		}

		By("being good")
		is("sum", ok, ecsv1.ReasonReady, "1 datapoint [3.0 (")
		is("two-of-three", ok, ecsv1.ReasonReady, "was not greater than the threshold (5.0)")
		is("heartbeat", ok, ecsv1.ReasonReady, "was not less than the threshold (5.0)")
		is("ratio", ok, ecsv1.ReasonReady, "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]")
		is("no-such-metric", unknown, ecsv1.ReasonReady, "Insufficient Data: 1 datapoint was unknown.")
		is("scalar", ok, ecsv1.ReasonReady, "1 datapoint [1.0 (")
		is("refused", unknown, ecsv1.ReasonInvalidQuery, "parse error: unclosed left parenthesis")
		is("range", unknown, ecsv1.ReasonInvalidQuery, "must be Scalar or instant Vector")
		is("fails", unknown, ecsv1.ReasonInvalidQuery, "many-to-many matching not allowed")
		is("several", unknown, ecsv1.ReasonSeveralSeries, `it gives more than one series, such as errors{`)

		By("becoming bad")
		e.set(`errors{pod="a"}`, 8)
		e.set("slow", 7)
		e.set(`requests_total{code="500"}`, 10)
		e.set(`requests_total{code="200"}`, 90)
		e.remove("heartbeat")
		is("sum", firing, ecsv1.ReasonReady, "1 datapoint [10.0 (")
		is("scalar", firing, ecsv1.ReasonReady, "1 datapoint [7.0 (")
		e.set(`errors{pod="a"}`, 1)
		is("ratio", firing, ecsv1.ReasonReady, "1 datapoint [1") // 10 %, or nearly so: rate extrapolates
		is("sum", ok, ecsv1.ReasonReady, "1 datapoint [3.0 (")
		is("two-of-three", firing, ecsv1.ReasonReady, "2 out of the last 3 datapoints [7.0 (")
		is("heartbeat", firing, ecsv1.ReasonReady, "no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]")

		By("losing Prometheus")
		prometheus.kill()
		is("sum", ok, ecsv1.ReasonPrometheusUnavailable, "can't be reached: connection refused")
		is("scalar", firing, ecsv1.ReasonPrometheusUnavailable, "can't be reached: connection refused")

		events := &eventsv1.EventList{}
		Eventually(func(g Gomega) {
			g.Expect(env.Admin.List(ctx, events, client.InNamespace(namespace))).To(Succeed())
			g.Expect(events.Items).To(ContainElement(SatisfyAll(
				HaveField("Reason", ecsv1.ReasonStateUpdate), HaveField("Regarding.Name", "sum"), HaveField("Note", HavePrefix("Alarm updated from OK to ALARM. Threshold Crossed: 1 datapoint [10.0 (")),
			)))
		}).Should(Succeed())
	}, SpecTimeout(3*time.Minute))
})
