// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

const preScaleUp = ecsv1.DeploymentLifecycleHookStagePreScaleUp

// staged is the first deployment of the service web, which stands at its first stage, PRE_SCALE_UP, as long as hooks keep it there.
type staged struct{ *world }

func newStaged(ctx SpecContext, w *world, hooks ...ecsv1.DeploymentLifecycleHook) *staged {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1, testkit.WithoutLoadBalancer, func(s *ecsv1.Service) {
		s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{
			Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: new(int32(0)), LifecycleHooks: hooks,
		}
	}))
	return &staged{w}
}

func (s *staged) annotate(ctx context.Context, key, value string) {
	GinkgoHelper()
	change(ctx, &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns, Name: "web-1"}}, func(sd *ecsv1.ServiceDeployment) {
		metav1.SetMetaDataAnnotation(&sd.ObjectMeta, key, value)
	})
}

func (s *staged) runs(ctx context.Context, g Gomega) []ecsv1.DeploymentLifecycleHookDetail {
	GinkgoHelper()
	return read(ctx, g, s.world, "web-1", &ecsv1.ServiceDeployment{}).Status.LifecycleHookDetails
}

// becomes waits until the first run has the status, and says so.
func (s *staged) becomes(ctx context.Context, status ecsv1.DeploymentLifecycleHookStatus, fragment string) ecsv1.DeploymentLifecycleHookDetail {
	GinkgoHelper()
	var run ecsv1.DeploymentLifecycleHookDetail
	Eventually(func(g Gomega) {
		runs := s.runs(ctx, g)
		g.Expect(runs).NotTo(BeEmpty())
		run = runs[0]
		g.Expect(run.Status).To(Equal(status))
		g.Expect(run.StatusReason).To(ContainSubstring(fragment))
	}).Should(Succeed())
	return run
}

// endpoint answers as it is told, one after the other, and keeps what it was asked.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	keys   []string
}

func newEndpoint(answers ...http.HandlerFunc) *endpoint {
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		n := len(e.bodies)
		e.bodies, e.keys = append(e.bodies, string(body)), append(e.keys, r.Header.Get("Idempotency-Key"))
		e.mu.Unlock()
		answers[min(n, len(answers)-1)](w, r)
	}))
	DeferCleanup(func() {
		e.CloseClientConnections()
		e.Close()
	})
	return e
}

func (e *endpoint) asked() (bodies, keys []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.bodies...), append([]string{}, e.keys...)
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func hangsUp(w http.ResponseWriter, _ *http.Request) {
	defer GinkgoRecover()
	conn, _, err := http.NewResponseController(w).Hijack()
	Expect(err).NotTo(HaveOccurred())
	Expect(conn.Close()).To(Succeed())
}

func asks(target string) ecsv1.DeploymentLifecycleHook {
	return ecsv1.DeploymentLifecycleHook{HookTargetArn: target, LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{preScaleUp}}
}

func pauses() ecsv1.DeploymentLifecycleHook {
	return ecsv1.DeploymentLifecycleHook{
		TargetType: ecsv1.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{preScaleUp},
	}
}

var _ = Describe("A lifecycle hook", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("asks an endpoint with ECS's event until the answer decides", func(ctx SpecContext) {
		e := newEndpoint(says(`{"hookStatus":"IN_PROGRESS","callBackDelay":1,"hookDetails":{"n":2}}`), says(`{"hookStatus":"SUCCEEDED","reason":"all is well"}`))
		hook := asks(e.URL)
		hook.HookDetails = &runtime.RawExtension{Raw: []byte(`{"suite":"checkout"}`)}
		s := newStaged(ctx, w, hook)
		run := s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusSucceeded, "answered SUCCEEDED: all is well")
		Expect(run.LifecycleStage).To(Equal(preScaleUp))
		bodies, keys := e.asked()
		Expect(bodies).To(HaveLen(2))
		Expect(keys[0]).NotTo(Equal(keys[1]))
		sd := read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{})
		for i, details := range []string{`{"suite":"checkout"}`, `{"n":2,"suite":"checkout"}`} {
			var event map[string]any
			Expect(json.Unmarshal([]byte(bodies[i]), &event)).To(Succeed())
			Expect(event).To(HaveKeyWithValue("resourceArn", sd.Status.ServiceDeploymentArn))
			Expect(event["executionDetails"]).To(HaveKeyWithValue("targetServiceRevisionArn", sd.Status.TargetServiceRevision.Arn))
			Expect(bodies[i]).To(ContainSubstring(`"hookDetails":` + details))
		}
		Eventually(func(g Gomega) { g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("HOOK_SUCCEEDED"))) }).Should(Succeed())
	})

	It("fails by an answer that isn't one, and shows nothing of it", func(ctx SpecContext) {
		s := newStaged(ctx, w, asks(newEndpoint(says("<html>secret</html>")).URL))
		run := s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusFailed, "answered 19 bytes that are no such thing")
		Expect(run.StatusReason).NotTo(ContainSubstring("secret"))
		Eventually(func(g Gomega) { g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("HOOK_FAILED"))) }).Should(Succeed())
	})

	It("is repeated when the connection is closed without an answer", func(ctx SpecContext) {
		e := newEndpoint(hangsUp, says(`{"hookStatus":"SUCCEEDED"}`))
		s := newStaged(ctx, w, asks(e.URL))
		run := s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusInProgress, "call 1 of 6 reached nobody")
		Expect(run.UnansweredCalls).To(HaveValue(BeEquivalentTo(1)))
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusSucceeded, "answered SUCCEEDED") // 5 seconds later
		_, keys := e.asked()
		Expect(keys).To(Equal([]string{keys[0], keys[0]}))
	})

	It("is asked again by an operator that comes after one that ended, with the same keys", func(ctx SpecContext) {
		e := newEndpoint(hangs, says(`{"hookStatus":"SUCCEEDED"}`))
		s := newStaged(ctx, w, asks(e.URL))
		Eventually(func(g Gomega) {
			bodies, _ := e.asked()
			g.Expect(bodies).To(HaveLen(1))
		}).Should(Succeed())
		stopManager()
		startManager(ctx)
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusSucceeded, "")
		bodies, keys := e.asked()
		Expect(bodies).To(Equal([]string{bodies[0], bodies[0]}))
		Expect(keys).To(Equal([]string{keys[0], keys[0]}))
	})

	It("that hangs ends with its time, or with the deployment", func(ctx SpecContext) {
		ended := make(chan struct{}, 20)
		e := newEndpoint(func(w http.ResponseWriter, r *http.Request) {
			hangs(w, r)
			ended <- struct{}{}
		})
		hook := asks(e.URL)
		hook.TimeoutConfiguration = &ecsv1.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: new(int32(5)), Action: ecsv1.DeploymentLifecycleHookActionContinue}
		other := asks(e.URL)
		s := newStaged(ctx, w, hook, other)
		Eventually(func(g Gomega) {
			bodies, _ := e.asked()
			g.Expect(bodies).To(HaveLen(2))
		}).Should(Succeed())
		clock.Advance(5 * time.Minute)
		s.annotate(ctx, ecsv1.AnnotationContinueDeployment, ",") // decides nothing, and is looked at: the queue doesn't run by this clock
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusTimedOut, "nothing was decided within 5 minutes")
		Eventually(ended).Should(Receive())
		Consistently(ended).ShouldNot(Receive())
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{}))).To(Succeed())
		Eventually(ended).Should(Receive())
	})

	It("that pauses waits for a person", func(ctx SpecContext) {
		s := newStaged(ctx, w, pauses(), pauses())
		run := s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusAwaitingAction, "")
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(SatisfyAll(ContainSubstring("HOOK_AWAITING_ACTION"), ContainSubstring(run.HookId))))
			for _, conditions := range [][]metav1.Condition{read(ctx, g, w, "web-1", &ecsv1.ServiceDeployment{}).Status.Conditions, w.service(ctx, g, "web").Status.Conditions} {
				g.Expect(conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonPaused, ecsv1.AnnotationContinueDeployment))
			}
		}).Should(Succeed())
		for _, nobodys := range []string{"ecs-pause-y", run.HookId + "=yes"} {
			s.annotate(ctx, ecsv1.AnnotationContinueDeployment, nobodys)
			Eventually(func(g Gomega) {
				g.Expect(w.events(ctx, g)).To(ContainElement(SatisfyAll(ContainSubstring("DecisionIgnored"), ContainSubstring(strings.TrimPrefix(nobodys, run.HookId+"=")))))
				g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonPaused, "; annotation "+ecsv1.AnnotationContinueDeployment))
			}).Should(Succeed())
		}
		s.annotate(ctx, ecsv1.AnnotationContinueDeployment, "ecs-pause-x,"+run.HookId)
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusSucceeded, "continued by")
		second := s.runs(ctx, Default)[1]
		Expect(second.Status).To(Equal(ecsv1.DeploymentLifecycleHookStatusAwaitingAction))
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(SatisfyAll(ContainSubstring("DecisionIgnored"), ContainSubstring("ecs-pause-x"))))
		}).Should(Succeed())
		s.annotate(ctx, ecsv1.AnnotationContinueDeployment, second.HookId+"=ROLLBACK")
		Eventually(func(g Gomega) {
			runs := s.runs(ctx, g)
			g.Expect(runs[1].Status).To(Equal(ecsv1.DeploymentLifecycleHookStatusFailed))
			g.Expect(runs[0].Status).To(Equal(ecsv1.DeploymentLifecycleHookStatusSucceeded))
		}).Should(Succeed())
	})
})

var _ = Describe("A lifecycle hook that is a Job", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	template := func(suspended bool) *batchv1.CronJob {
		t := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "smoke"}}
		t.Spec.Schedule, t.Spec.Suspend = "0 0 1 1 *", &suspended
		t.Spec.JobTemplate.Spec.Template.Spec = corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "smoke", Image: "smoke:v1"}},
		}
		return t
	}
	job := func(ctx context.Context, g Gomega) *batchv1.Job {
		GinkgoHelper()
		list := &batchv1.JobList{}
		g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(1))
		return &list.Items[0]
	}
	begun := func(ctx context.Context) *batchv1.Job {
		GinkgoHelper()
		var out *batchv1.Job
		Eventually(func(g Gomega) { out = job(ctx, g) }).Should(Succeed())
		return out
	}
	// ends is what the Job's controller and a kubelet do: a pod that left a message, and the Job's end.
	ends := func(ctx context.Context, j *batchv1.Job, code int32, message string) {
		GinkgoHelper()
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: j.Name + "-x", Labels: map[string]string{batchv1.JobNameLabel: j.Name}}, Spec: j.Spec.Template.Spec}
		Expect(admin.Create(ctx, pod)).To(Succeed())
		now := metav1.Now()
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "smoke", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: code, Message: message, StartedAt: now, FinishedAt: now,
		}}}}
		Expect(admin.Status().Update(ctx, pod)).To(Succeed())
		j.Status.StartTime = &now
		if code == 0 {
			j.Status.Succeeded, j.Status.CompletionTime = 1, &now
			j.Status.Conditions = []batchv1.JobCondition{
				{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue}, {Type: batchv1.JobComplete, Status: corev1.ConditionTrue},
			}
		} else {
			j.Status.Failed = 1
			j.Status.Conditions = []batchv1.JobCondition{
				{Type: batchv1.JobFailureTarget, Status: corev1.ConditionTrue},
				{Type: batchv1.JobFailed, Status: corev1.ConditionTrue, Reason: "BackoffLimitExceeded", Message: "Job has reached the specified backoff limit"},
			}
		}
		Expect(admin.Status().Update(ctx, j)).To(Succeed())
	}

	It("is made of a suspended CronJob, and answers by its termination message", func(ctx SpecContext) {
		create(ctx, template(true))
		s := newStaged(ctx, w, asks("job/smoke"))
		j := begun(ctx)
		Expect(metav1.IsControlledBy(j, read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{}))).To(BeTrue())
		event := j.Spec.Template.Spec.Containers[0].Env[0]
		Expect(event.Name).To(Equal("ECS_HOOK_EVENT"))
		Expect(event.Value).To(ContainSubstring(`"lifecycleStage":"PRE_SCALE_UP"`))
		ends(ctx, j, 0, "looked at 7 pages\n"+`{"hookStatus":"SUCCEEDED","reason":"7 pages are fine"}`)
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusSucceeded, "7 pages are fine")
	})

	It("answers by its end alone", func(ctx SpecContext) {
		create(ctx, template(true))
		s := newStaged(ctx, w, asks("job/smoke"))
		ends(ctx, begun(ctx), 1, "page 3 is broken")
		run := s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusFailed, "failed: Job has reached the specified backoff limit")
		Expect(run.StatusReason).To(HaveSuffix("page 3 is broken"))
	})

	It("goes when nobody waits for it any more", func(ctx SpecContext) {
		create(ctx, template(true))
		s := newStaged(ctx, w, asks("job/smoke"), pauses())
		begun(ctx)
		var pause string
		Eventually(func(g Gomega) {
			runs := s.runs(ctx, g)
			g.Expect(runs).To(HaveLen(2))
			pause = runs[1].HookId
		}).Should(Succeed())
		s.annotate(ctx, ecsv1.AnnotationContinueDeployment, pause+"=ROLLBACK")
		Eventually(func(g Gomega) { g.Expect(w.names(ctx, g, &batchv1.JobList{})).To(BeEmpty()) }).Should(Succeed())
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusFailed, "without waiting for it")
	})

	It("says what is wrong with its template", func(ctx SpecContext) {
		s := newStaged(ctx, w, asks("job/smoke"))
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusFailed, "there is no CronJob smoke in namespace "+w.ns+"; make one with spec.suspend: true")
	})

	It("isn't made of a CronJob that runs by itself", func(ctx SpecContext) {
		create(ctx, template(false))
		s := newStaged(ctx, w, asks("job/smoke"))
		s.becomes(ctx, ecsv1.DeploymentLifecycleHookStatusFailed, "CronJob smoke runs by its schedule, too")
		Expect(w.names(ctx, Default, &batchv1.JobList{})).To(BeEmpty())
	})
})

var _ = Describe("A Service whose lifecycle hooks can't be asked", func() {
	It("is refused with the field and the way out", func(ctx SpecContext) {
		w := newWorld(ctx)
		svc := testkit.Service(w.ns, "web", w.cluster, "web", 1, func(s *ecsv1.Service) {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{
				Strategy: ecsv1.DeploymentStrategyBlueGreen, BakeTimeInMinutes: new(int32(0)), LifecycleHooks: []ecsv1.DeploymentLifecycleHook{asks("http://169.254.169.254/")},
			}
		})
		err := admin.Create(ctx, svc)
		Expect(err).To(MatchError(ContainSubstring("spec.deploymentConfiguration.lifecycleHooks[0].hookTargetArn: 169.254.169.254 is an address that is never called")))
		Expect(strings.Count(err.Error(), "hookTargetArn")).To(Equal(1))
	})
})
