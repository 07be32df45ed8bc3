// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/alarm"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("A Prometheus that speaks TLS and wants a token", func() {
	It("is asked with the Cluster's, and each thing that is missing is named by its field", func(ctx SpecContext) {
		w := newWorld(ctx)
		var wants atomic.Value
		wants.Store("first")
		server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			out.Header()["Date"] = nil // the clock is moved while answers are on their way
			if in.Header.Get("Authorization") != "Bearer "+wants.Load().(string) {
				out.WriteHeader(http.StatusUnauthorized)
				return
			}
			series(1, "{}")(out, in)
		}))
		DeferCleanup(server.Close)
		asks := func(edit func(*ecsv1.ClusterPrometheus)) {
			GinkgoHelper()
			change(ctx, read(ctx, Default, w, w.cluster, &ecsv1.Cluster{}), func(c *ecsv1.Cluster) {
				if c.Spec.Kubernetes.Prometheus == nil {
					c.Spec.Kubernetes.Prometheus = &ecsv1.ClusterPrometheus{URL: server.URL, TimeoutSeconds: new(int32(2))}
				}
				edit(c.Spec.Kubernetes.Prometheus)
			})
		}
		is := func(reason, says string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				clock.Advance(11 * time.Second)
				w.look(ctx, "errors")
				a := read(ctx, g, w, "errors", &ecsv1.Alarm{})
				g.Expect(a.Status.Conditions).To(ContainElement(SatisfyAll(
					HaveField("Type", ecsv1.ConditionReady), HaveField("Reason", reason), HaveField("Message", ContainSubstring(says)))))
			}).WithPolling(200 * time.Millisecond).Should(Succeed())
		}
		const field = "spec.kubernetes.prometheus.bearerTokenSecretKeyRef of the Cluster"
		asks(func(*ecsv1.ClusterPrometheus) {})
		create(ctx, &ecsv1.Alarm{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "errors"}, Spec: ecsv1.AlarmSpec{
			ComparisonOperator: ecsv1.AlarmComparisonOperatorGreaterThanThreshold, Threshold: ecsv1.DecimalFromTenths(55),
			Period: 10, EvaluationPeriods: 1, Kubernetes: ecsv1.AlarmKubernetes{Cluster: w.cluster, Query: "errors"},
		}})
		is(ecsv1.ReasonPrometheusUnavailable, "put that authority's into spec.kubernetes.prometheus.caBundle of the Cluster")

		asks(func(p *ecsv1.ClusterPrometheus) {
			p.CABundle = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		})
		is(ecsv1.ReasonPrometheusUnavailable, "answers 401 Unauthorized; name a token in "+field)

		By("reading no Secret but its own")
		asks(func(p *ecsv1.ClusterPrometheus) {
			p.BearerTokenSecretKeyRef = &ecsv1.SecretKeyReference{Name: "another", Key: "token"}
		})
		is(ecsv1.ReasonPrometheusUnavailable, field+": the operator may not get Secret another in namespace "+testkit.OperatorNamespace+"; take "+alarm.PrometheusSecret)

		asks(func(p *ecsv1.ClusterPrometheus) { p.BearerTokenSecretKeyRef.Name = alarm.PrometheusSecret })
		is(ecsv1.ReasonPrometheusUnavailable, field+": there is no Secret "+alarm.PrometheusSecret+" in namespace "+testkit.OperatorNamespace)

		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: testkit.OperatorNamespace, Name: alarm.PrometheusSecret}}
		create(ctx, secret)
		DeferCleanup(func(ctx SpecContext) error { return client.IgnoreNotFound(admin.Delete(ctx, secret)) })
		is(ecsv1.ReasonPrometheusUnavailable, field+": key token of Secret "+alarm.PrometheusSecret)
		change(ctx, secret, func(s *corev1.Secret) { s.StringData = map[string]string{"token": "first\n"} })
		is(ecsv1.ReasonReady, "is asked every")
		Expect(read(ctx, Default, w, "errors", &ecsv1.Alarm{}).Status.StateValue).To(Equal(ecsv1.AlarmStateValueOK))

		By("taking up a token that was renewed")
		wants.Store("second")
		is(ecsv1.ReasonPrometheusUnavailable, "answers 401 Unauthorized; renew the token that "+field+" names")
		change(ctx, secret, func(s *corev1.Secret) { s.StringData = map[string]string{"token": "second"} })
		is(ecsv1.ReasonReady, "is asked every")
	})
})
