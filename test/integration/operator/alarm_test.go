// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// oracle answers as a Prometheus does, with whatever a test wants. What a real one answers is tested in test/integration/prometheus.
type oracle struct {
	*httptest.Server
	mu     sync.Mutex
	answer http.HandlerFunc
	asked  map[string]int // by query
}

func newOracle() *oracle {
	o := &oracle{asked: map[string]int{}}
	o.says(1)
	o.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		query := in.FormValue("query")
		o.mu.Lock()
		o.asked[query]++
		answer := o.answer
		o.mu.Unlock()
		out.Header()["Date"] = nil // the clock is moved while answers are on their way, so none is dated
		answer(out, in)
	}))
	DeferCleanup(o.Close)
	return o
}

func (o *oracle) does(answer http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = answer
}

func (o *oracle) times(query string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[query]
}

// says gives one series of that value.
func (o *oracle) says(value float64) { o.does(series(value, "{}")) }

// series gives so many series, all of one value at any time.
func series(value float64, metrics ...string) http.HandlerFunc {
	return func(out http.ResponseWriter, in *http.Request) {
		number := func(field string) int64 {
			n, err := strconv.ParseInt(in.FormValue(field), 10, 64)
			if err != nil {
				panic(err)
			}
			return n
		}
		var points, all []string
		for at := number("start"); at <= number("end"); at += number("step") {
			points = append(points, fmt.Sprintf(`[%d,"%v"]`, at, value))
		}
		for _, metric := range metrics {
			all = append(all, fmt.Sprintf(`{"metric":%s,"values":[%s]}`, metric, strings.Join(points, ",")))
		}
		fmt.Fprintf(out, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, strings.Join(all, ","))
	}
}

func fails(status int, body string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) {
		out.WriteHeader(status)
		_, _ = out.Write([]byte(body))
	}
}

// hang says nothing until whoever asks has gone.
func hang(_ http.ResponseWriter, in *http.Request) { <-in.Context().Done() }

var _ = Describe("An Alarm", func() {
	var (
		w *world
		o *oracle
	)
	BeforeEach(func(ctx SpecContext) {
		w, o = newWorld(ctx), newOracle()
		w.asks(ctx, o.URL)
	})
	alarm := func(ctx SpecContext, name string, edits ...func(*ecsv1.Alarm)) {
		GinkgoHelper()
		a := &ecsv1.Alarm{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: name}, Spec: ecsv1.AlarmSpec{
			ComparisonOperator: ecsv1.AlarmComparisonOperatorGreaterThanThreshold, Threshold: ecsv1.DecimalFromTenths(55),
			Period: 10, EvaluationPeriods: 1, Kubernetes: ecsv1.AlarmKubernetes{Cluster: w.cluster, Query: name},
		}}
		for _, edit := range edits {
			edit(a)
		}
		create(ctx, a)
	}
	status := func(ctx SpecContext, g Gomega, name string) ecsv1.AlarmStatus {
		GinkgoHelper()
		return read(ctx, g, w, name, &ecsv1.Alarm{}).Status
	}
	// evaluate brings the next evaluation about, and waits until Prometheus was asked.
	evaluate := func(ctx SpecContext, name string) {
		GinkgoHelper()
		before := o.times(name)
		clock.Advance(11 * time.Second)
		w.look(ctx, name)
		Eventually(func() int { return o.times(name) }).Should(BeNumerically(">", before))
	}
	becomes := func(ctx SpecContext, name string, state ecsv1.AlarmStateValue, ready string) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			s := status(ctx, g, name)
			g.Expect(s.StateValue).To(Equal(state))
			g.Expect(s.Conditions).To(ContainElement(SatisfyAll(HaveField("Type", ecsv1.ConditionReady), HaveField("Reason", ready))))
		}).Should(Succeed())
	}

	It("fires and ends, tells so in CloudWatch's words, and writes nothing in between", func(ctx SpecContext) {
		alarm(ctx, "errors")
		becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
		s := status(ctx, Default, "errors")
		Expect(s.StateReason).To(HavePrefix("Threshold Crossed: 1 datapoint [1.0 ("))
		Expect(s.StateReason).To(HaveSuffix(" was not greater than the threshold (5.5)."))
		Expect(s.AlarmArn).To(Equal("arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"))
		Expect(s.ObservedGeneration).To(HaveValue(Equal(int64(1))))
		Expect(s.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "is asked every 10 seconds"))

		By("staying good for three evaluations")
		w.quiet(ctx)
		rests := time.Now()
		for range 3 {
			evaluate(ctx, "errors")
		}
		w.quiet(ctx)
		Expect(record.Writes(rests)).To(BeEmpty())

		By("becoming bad")
		o.says(7)
		evaluate(ctx, "errors")
		becomes(ctx, "errors", ecsv1.AlarmStateValueAlarm, ecsv1.ReasonReady)
		s = status(ctx, Default, "errors")
		Expect(s.StateReason).To(MatchRegexp(`^Threshold Crossed: 1 datapoint \[7\.0 \(.*\)\] was greater than the threshold \(5\.5\)\.$`))
		Expect(s.StateReasonData.EvaluatedDatapoints).To(HaveLen(1))
		Expect(s.StateReasonData.EvaluatedDatapoints[0].Value).To(Equal("7"))

		By("being kept over a restart of the operator, without a write")
		w.quiet(ctx)
		rests = time.Now()
		before := o.times("errors")
		stopManager()
		startManager(ctx)
		Eventually(func() int { return o.times("errors") }).Should(BeNumerically(">", before))
		w.quiet(ctx)
		Expect(alarmWrites(rests)).To(BeEmpty())

		By("becoming good again")
		o.says(5.5)
		evaluate(ctx, "errors")
		becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElements(
				HavePrefix("Normal StateUpdate: Alarm updated from INSUFFICIENT_DATA to OK. Threshold Crossed: 1 datapoint [1.0 ("),
				HavePrefix("Warning StateUpdate: Alarm updated from OK to ALARM. Threshold Crossed: 1 datapoint [7.0 ("),
				HavePrefix("Normal StateUpdate: Alarm updated from ALARM to OK. Threshold Crossed: 1 datapoint [5.5 ("),
			))
		}).Should(Succeed())
	})

	It("treats missing data as it is told", func(ctx SpecContext) {
		o.does(series(0))
		for name, treatment := range map[string]ecsv1.AlarmMissingData{
			"breaching": ecsv1.AlarmMissingDataBreaching, "not-breaching": ecsv1.AlarmMissingDataNotBreaching, "ignore": ecsv1.AlarmMissingDataIgnore, "unset": "",
		} {
			alarm(ctx, name, func(a *ecsv1.Alarm) { a.Spec.TreatMissingData = treatment })
		}
		becomes(ctx, "breaching", ecsv1.AlarmStateValueAlarm, ecsv1.ReasonReady)
		becomes(ctx, "not-breaching", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
		becomes(ctx, "ignore", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonReady)
		becomes(ctx, "unset", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonReady)
		Expect(status(ctx, Default, "unset").StateReason).To(Equal("Insufficient Data: 1 datapoint was unknown."))
		Expect(status(ctx, Default, "ignore").StateReason).To(Equal("Unchecked: Initial alarm creation"))
	})

	DescribeTable("that can't be asked about keeps its state for as long as something is known, says why, and never fires for it",
		func(ctx SpecContext, trouble http.HandlerFunc, says string) {
			alarm(ctx, "errors", func(a *ecsv1.Alarm) { a.Spec.TreatMissingData = ecsv1.AlarmMissingDataBreaching })
			becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)

			By("being in trouble")
			o.does(trouble)
			evaluate(ctx, "errors")
			becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonPrometheusUnavailable)
			s := status(ctx, Default, "errors")
			Expect(s.EvaluationState).To(Equal(ecsv1.AlarmEvaluationStateFailure))
			Expect(s.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonPrometheusUnavailable,
				fmt.Sprintf("The Prometheus of Cluster %q, %s, %s. The alarm isn't evaluated; it is tried again", w.cluster, o.URL, says)))
			Expect(s.Conditions).To(haveNoCondition(ecsv1.ConditionStalled))

			By("being in trouble for the whole evaluation range")
			clock.Advance(30 * time.Second)
			evaluate(ctx, "errors")
			becomes(ctx, "errors", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonPrometheusUnavailable)
			Expect(status(ctx, Default, "errors").StateReason).To(Equal("Insufficient Data: Prometheus could not be asked for the whole evaluation range."))
			w.quiet(ctx)
			rests := time.Now()
			evaluate(ctx, "errors")
			time.Sleep(1200 * time.Millisecond) // the time that an answer may take, after which something could be written
			Expect(alarmWrites(rests)).To(BeEmpty())

			By("being out of it")
			o.says(9)
			evaluate(ctx, "errors")
			becomes(ctx, "errors", ecsv1.AlarmStateValueAlarm, ecsv1.ReasonReady)
			s = status(ctx, Default, "errors")
			Expect(s.EvaluationState).To(BeEmpty())
			Expect(s.EvaluationStateTimestamp).To(BeNil())
			Expect(s.Conditions).To(haveNoCondition(ecsv1.ConditionReconciling))
		},
		Entry("since Prometheus hangs", http.HandlerFunc(hang), "didn't answer within 1s"),
		Entry("since it breaks off", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "can't be reached: the connection broke"),
		Entry("since it has an error", fails(http.StatusInternalServerError, "oops"), "answers with an error (server error: 500)"),
		Entry("since it wants a login", fails(http.StatusUnauthorized, "who are you"), "answers 401 Unauthorized; name a token in spec.kubernetes.prometheus.bearerTokenSecretKeyRef of the Cluster"),
		Entry("since its clock is wrong", http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			out.Header().Set("Date", clock.Now().UTC().Add(3*time.Minute).Format(http.TimeFormat))
			series(9, "{}")(out, in)
		}), "has a clock that differs from the operator's by more than 10s; set the clocks right"),
		Entry("since it isn't one", fails(http.StatusOK, "<html>welcome</html>"), "gives answers that aren't Prometheus's; see whether its address is right"),
	)

	DescribeTable("that has to be mended says how, and is unknown until it is",
		func(ctx SpecContext, trouble http.HandlerFunc, reason, says string) {
			o.says(9)
			alarm(ctx, "errors")
			becomes(ctx, "errors", ecsv1.AlarmStateValueAlarm, ecsv1.ReasonReady)
			o.does(trouble)
			evaluate(ctx, "errors")
			becomes(ctx, "errors", ecsv1.AlarmStateValueInsufficientData, reason)
			s := status(ctx, Default, "errors")
			Expect(s.EvaluationState).To(Equal(ecsv1.AlarmEvaluationStateError))
			Expect(s.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason, says))

			By("mending it, which is tried at once")
			o.says(1)
			change(ctx, read(ctx, Default, w, "errors", &ecsv1.Alarm{}), func(a *ecsv1.Alarm) { a.Spec.Kubernetes.Query = "sum(errors)" })
			becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
			Expect(o.times("sum(errors)")).To(Equal(1))
			Expect(status(ctx, Default, "errors").ObservedGeneration).To(HaveValue(Equal(int64(2))))
		},
		Entry("since Prometheus refuses the query", fails(http.StatusBadRequest, `{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:5: parse error"}`),
			ecsv1.ReasonInvalidQuery, `spec.kubernetes.query: Prometheus can't evaluate it: invalid parameter "query": 1:5: parse error. Mend the query`),
		Entry("since there are several series", series(9, `{"pod":"a"}`, `{"pod":"b"}`),
			ecsv1.ReasonSeveralSeries, `spec.kubernetes.query: it gives more than one series, such as {pod="a"} and {pod="b"}, and an alarm compares one number; wrap it in sum() or max()`),
	)

	It("waits for a Cluster that names a Prometheus and allows its namespace", func(ctx SpecContext) {
		change(ctx, read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) { c.Spec.Kubernetes.Prometheus = nil })
		alarm(ctx, "errors")
		alarm(ctx, "elsewhere", func(a *ecsv1.Alarm) { a.Spec.Kubernetes.Cluster = "nosuch" })
		becomes(ctx, "errors", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonPrometheusNotConfigured)
		becomes(ctx, "elsewhere", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonClusterNotFound)
		Expect(status(ctx, Default, "elsewhere").Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonClusterNotFound, `spec.kubernetes.cluster: there is no Cluster "nosuch"`))

		w.asks(ctx, o.URL)
		becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)

		change(ctx, read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) {
			c.Spec.Kubernetes.AllowedNamespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "shop"}}
		})
		becomes(ctx, "errors", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonClusterNotAllowed)
		change(ctx, read(ctx, Default, &world{}, w.ns, &corev1.Namespace{}), func(n *corev1.Namespace) { n.Labels["team"] = "shop" })
		becomes(ctx, "errors", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
	})

	It("has its name to itself, which goes to the next when it is deleted", func(ctx SpecContext) {
		named := func(a *ecsv1.Alarm) { a.Spec.AlarmName = "High errors" }
		alarm(ctx, "a", named)
		becomes(ctx, "a", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)
		alarm(ctx, "b", named)
		becomes(ctx, "b", ecsv1.AlarmStateValueInsufficientData, ecsv1.ReasonInvalid)
		Expect(status(ctx, Default, "b").Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "spec.alarmName: Alarm a is named High errors already; make one with another name"))
		Expect(admin.Delete(ctx, read(ctx, Default, w, "a", &ecsv1.Alarm{}))).To(Succeed())
		becomes(ctx, "b", ecsv1.AlarmStateValueOK, ecsv1.ReasonReady)

		By("asking no more for one that is gone")
		w.quiet(ctx)
		before := o.times("a")
		evaluate(ctx, "b")
		Expect(o.times("a")).To(Equal(before))
	})
})

// asks gives the world's cluster a Prometheus, which has a second to answer.
func (w *world) asks(ctx SpecContext, url string) {
	GinkgoHelper()
	change(ctx, read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) {
		c.Spec.Kubernetes.Prometheus = &ecsv1.ClusterPrometheus{URL: url, TimeoutSeconds: new(int32(1))}
	})
}

// look makes the operator look at an alarm: its clock was set forward, and the time for which it waits is the real one.
func (w *world) look(ctx context.Context, name string) {
	GinkgoHelper()
	change(ctx, read(ctx, Default, w, name, &ecsv1.Alarm{}), func(a *ecsv1.Alarm) {
		a.Annotations = map[string]string{"looked-at": clock.Now().Format(time.RFC3339Nano)}
	})
}

// alarmWrites are writes of alarms since a time.
func alarmWrites(since time.Time) []string {
	var out []string
	for _, q := range record.Writes(since) {
		if q.Resource == "alarms" {
			out = append(out, q.Right().String()+" "+q.Name)
		}
	}
	return out
}
