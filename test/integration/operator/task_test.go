// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// taskWorld is a world in which the task definition job is registered and someone runs tasks of it.
type taskWorld struct{ *world }

func newTaskWorld(ctx SpecContext, edits ...func(*ecsv1.TaskDefinition)) taskWorld {
	GinkgoHelper()
	w := taskWorld{newWorld(ctx)}
	create(ctx, testkit.TaskDefinition(w.ns, "job", edits...))
	Eventually(func(g Gomega) { read(ctx, g, w.world, "job-1", &ecsv1.TaskDefinitionRevision{}) }).Should(Succeed())
	return w
}

func (w taskWorld) task(ctx context.Context, g Gomega, name string) *ecsv1.Task {
	GinkgoHelper()
	return read(ctx, g, w.world, name, &ecsv1.Task{})
}

// run makes a task of job and waits for its pod.
func (w taskWorld) run(ctx context.Context, name string, edits ...func(*ecsv1.Task)) *corev1.Pod {
	GinkgoHelper()
	create(ctx, testkit.Task(w.ns, name, w.cluster, "job", edits...))
	return w.pod(ctx, name)
}

func (w taskWorld) pod(ctx context.Context, name string) *corev1.Pod {
	GinkgoHelper()
	var pod *corev1.Pod
	Eventually(func(g Gomega) {
		t := w.task(ctx, g, name)
		pod = read(ctx, g, w.world, names.Task(name, string(t.UID)), &corev1.Pod{})
	}).Should(Succeed())
	return pod
}

// reaches waits until a task says that it is there.
func (w taskWorld) reaches(ctx context.Context, name string, state ecsv1.TaskState) *ecsv1.Task {
	GinkgoHelper()
	var t *ecsv1.Task
	Eventually(func(g Gomega) {
		t = w.task(ctx, g, name)
		g.Expect(t.Status.LastStatus).To(Equal(state), "%+v", t.Status)
	}).Should(Succeed())
	return t
}

func (w taskWorld) refused(ctx context.Context, name, reason string, fragments ...string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		t := w.task(ctx, g, name)
		g.Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason, fragments...))
		g.Expect(t.Status.LastStatus).To(BeEmpty(), "a task that was refused is none")
	}).Should(Succeed())
	Expect(w.names(ctx, Default, &corev1.PodList{})).To(BeEmpty())
}

func stop(reason string) func(*ecsv1.Task) {
	return func(t *ecsv1.Task) {
		t.Spec.Kubernetes = &ecsv1.TaskKubernetes{DesiredStatus: ecsv1.TaskDesiredStatusStopped, Reason: reason}
	}
}

var _ = Describe("A task that someone runs", func() {
	var w taskWorld
	BeforeEach(func(ctx SpecContext) { w = newTaskWorld(ctx) })

	It("is one pod, and its status that of DescribeTasks until an hour after its end", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate", func(t *ecsv1.Task) { t.Spec.StartedBy = "release-42" })
		Expect(pod.Spec.RestartPolicy).To(Equal(corev1.RestartPolicyNever))
		Expect(pod.Labels).To(SatisfyAll(HaveKeyWithValue(ecsv1.LabelTask, "migrate"), HaveKeyWithValue(ecsv1.LabelCluster, w.cluster),
			HaveKeyWithValue(ecsv1.LabelRevision, "1"), Not(HaveKey(ecsv1.LabelService))))
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateProvisioning)
		Expect(t.Status.TaskArn).To(HaveSuffix(":task/" + w.cluster + "/" + names.TaskID(string(t.UID))))
		Expect(t.Status.TaskDefinitionArn).To(HaveSuffix(":task-definition/job:1"))
		Expect(t.Status).To(SatisfyAll(HaveField("Group", "family:job"), HaveField("StartedBy", "release-42"),
			HaveField("Cpu", "128"), HaveField("Memory", "64"), HaveField("LaunchType", ecsv1.LaunchTypeEC2)))

		By("waiting for room")
		Expect(w.NoNodeFor(ctx, pod, "0/2 nodes are available: 2 Insufficient cpu.")).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "migrate").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksNotPlaced, "Insufficient cpu"))
		}).Should(Succeed())

		By("running")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		t = w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "RUNNING"))
		Expect(t.Status.StartedAt).NotTo(BeNil())
		Expect(t.Status.CreatedAt).NotTo(BeNil())
		Expect(t.Status.Containers).To(ConsistOf(SatisfyAll(HaveField("Name", "app"), HaveField("LastStatus", "RUNNING"), HaveField("Image", "web:v1"),
			HaveField("ImageDigest", "sha256:0123"), HaveField("RuntimeId", pod.Name))))
		running := *t.Status.Version

		By("ending with success, which the kubelet says of the container before it says it of the pod")
		Expect(w.Exit(ctx, pod, "app", 0)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateDeprovisioning)
		Expect(w.ExitPod(ctx, pod, "app", 0)).To(Succeed())
		t = w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status).To(SatisfyAll(HaveField("DesiredStatus", ecsv1.TaskDesiredStatusStopped),
			HaveField("StopCode", ecsv1.TaskStopCodeEssentialContainerExited), HaveField("StoppedReason", "Essential container in task exited")))
		Expect(t.Status.Containers[0].ExitCode).To(HaveValue(BeEquivalentTo(0)))
		Expect(*t.Status.Version).To(BeNumerically(">", running))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonTaskSucceeded))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionComplete, "True", ecsv1.ReasonTaskSucceeded))

		By("keeping a pod that ended by itself, for its logs, without holding it")
		Eventually(func(g Gomega) { g.Expect(w.podOf(ctx, g, "migrate").Finalizers).To(BeEmpty()) }).Should(Succeed())
		Expect(w.podOf(ctx, Default, "migrate").DeletionTimestamp).To(BeNil())

		By("resting")
		w.quiet(ctx)
		before := w.snapshot(ctx, Default, everything)
		Consistently(func(g Gomega) { g.Expect(w.snapshot(ctx, g, everything)).To(Equal(before)) }).Should(Succeed())

		By("going after an hour")
		clock.Advance(time.Hour)
		change(ctx, t, func(t *ecsv1.Task) { t.Labels = map[string]string{"look": "again"} })
		Eventually(func(g Gomega) {
			w.missing(ctx, g, "migrate", &ecsv1.Task{})
			g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
		}).Should(Succeed())
	})

	It("keeps the revision that was the newest when it was accepted", func(ctx SpecContext) {
		w.run(ctx, "migrate")
		change(ctx, read(ctx, Default, w.world, "job", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		Eventually(func(g Gomega) { read(ctx, g, w.world, "job-2", &ecsv1.TaskDefinitionRevision{}) }).Should(Succeed())
		w.quiet(ctx)
		Expect(w.task(ctx, Default, "migrate").Status.TaskDefinitionArn).To(HaveSuffix("job:1"))
		Expect(w.run(ctx, "later").Spec.Containers[0].Image).To(Equal("web:v2"))
	})

	It("is not run again when its container fails, and says so", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		Expect(w.OutOfMemory(ctx, pod, "app")).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.Containers[0]).To(SatisfyAll(HaveField("ExitCode", HaveValue(BeEquivalentTo(137))),
			HaveField("Reason", "OutOfMemoryError: Container killed due to memory usage")))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", string(ecsv1.TaskStopCodeEssentialContainerExited), "app with code 137", "OutOfMemoryError"))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionFailed, "True", string(ecsv1.TaskStopCodeEssentialContainerExited)))
		w.quiet(ctx)
		Expect(w.names(ctx, Default, &corev1.PodList{})).To(Equal([]string{pod.Name}))
	})

	It("is stopped by desiredStatus, with the reason that is given, and the object stays", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		change(ctx, t, stop("not needed any more"))
		t = w.reaches(ctx, "migrate", ecsv1.TaskStateStopping)
		Expect(t.Status).To(SatisfyAll(HaveField("StopCode", ecsv1.TaskStopCodeUserInitiated), HaveField("StoppedReason", "not needed any more")))
		Expect(w.podOf(ctx, Default, "migrate").Finalizers).To(ConsistOf(ecsv1.FinalizerTask), "what becomes of it is yet to be seen")
		Expect(w.Finish(ctx)).To(Succeed())
		t = w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonTaskStopped, "not needed any more"))
		Expect(t.Status.Containers[0].LastStatus).To(Equal("STOPPED"))
		Eventually(func(g Gomega) { g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty()) }).Should(Succeed())

		By("not running again")
		t.Spec.Kubernetes = nil
		Expect(admin.Update(ctx, t)).To(MatchError(ContainSubstring("a stopped task doesn't run again")))
	})

	It("is stopped by deleting it, and goes when its containers have", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		Expect(admin.Delete(ctx, t)).To(Succeed())
		t = w.reaches(ctx, "migrate", ecsv1.TaskStateStopping)
		Expect(t.Status.StoppedReason).To(Equal("Task stopped by user"))
		Expect(w.Finish(ctx)).To(Succeed())
		Eventually(func(g Gomega) {
			w.missing(ctx, g, "migrate", &ecsv1.Task{})
			g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
		}).Should(Succeed())
	})

	It("is STOPPED when somebody deletes its pod, and no other is made", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		Expect(admin.Delete(ctx, pod)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateStopping)
		Expect(w.Finish(ctx)).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.StoppedReason).To(Equal("Task stopped by user: its pod was deleted"))
		w.quiet(ctx)
		Expect(w.names(ctx, Default, &corev1.PodList{})).To(BeEmpty())
	})

	It("is STOPPED when its pod goes behind the operator's back", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		stopManager()
		Expect(admin.Patch(ctx, pod, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		Expect(admin.Delete(ctx, pod, client.GracePeriodSeconds(0))).To(Succeed())
		startManager(ctx)
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.StoppedReason).To(ContainSubstring("what became of its containers was not seen"))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionFailed, "True", ecsv1.ReasonTaskLost))
		Expect(w.names(ctx, Default, &corev1.PodList{})).To(BeEmpty())
	})

	It("ends when its image can't be pulled, after the kubelet has tried twice", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.FailToPull(ctx, pod)).To(Succeed())
		Eventually(func(g Gomega) {
			t := w.task(ctx, g, "migrate")
			g.Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksFailedToStart, "CannotPullContainerError"))
			g.Expect(t.Status.DesiredStatus).To(Equal(ecsv1.TaskDesiredStatusRunning))
		}).Should(Succeed())
		clock.Advance(20 * time.Second)
		change(ctx, w.task(ctx, Default, "migrate"), func(t *ecsv1.Task) { t.Labels = map[string]string{"look": "again"} })
		Eventually(func(g Gomega) { g.Expect(w.podOf(ctx, g, "migrate").DeletionTimestamp).NotTo(BeNil()) }).Should(Succeed())
		Expect(w.Finish(ctx)).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.StopCode).To(Equal(ecsv1.TaskStopCodeTaskFailedToStart))
		Expect(t.Status.StoppedReason).To(HavePrefix("CannotPullContainerError: "))
		Expect(t.Status.StartedAt).To(BeNil())
	})

	It("is run as its overrides say", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate", func(t *ecsv1.Task) {
			t.Spec.Overrides = &ecsv1.TaskOverride{TaskRoleArn: roleARN, ContainerOverrides: []ecsv1.ContainerOverride{{
				Name: "app", Command: []string{"./migrate", "up"}, Environment: []ecsv1.KeyValuePair{{Name: "STEP", Value: "2"}}, Memory: new(int32(256)),
			}}}
		})
		Expect(pod.Spec.Containers[0].Args).To(Equal([]string{"./migrate", "up"}))
		Expect(pod.Spec.Containers[0].Env).To(ContainElement(corev1.EnvVar{Name: "STEP", Value: "2"}))
		Expect(pod.Spec.Containers[0].Resources.Limits.Memory().String()).To(Equal("256Mi"))
		Expect(pod.Spec.ServiceAccountName).To(Equal("ecs-task-web"))
		account := read(ctx, Default, w.world, "ecs-task-web", &corev1.ServiceAccount{})
		Expect(account.OwnerReferences).To(ConsistOf(HaveField("Kind", "TaskDefinitionRevision")))
		t := w.task(ctx, Default, "migrate")
		Expect(t.Status.Memory).To(Equal("256"))

		By("getting its role back when somebody takes it away")
		Expect(admin.Delete(ctx, account)).To(Succeed())
		Eventually(func(g Gomega) { read(ctx, g, w.world, "ecs-task-web", &corev1.ServiceAccount{}) }).Should(Succeed())
	})

	It("is refused in ECS's words", func(ctx SpecContext) {
		create(ctx, testkit.Task(w.ns, "unknown-container", w.cluster, "job", func(t *ecsv1.Task) {
			t.Spec.Overrides = &ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{{Name: "sidecar", Command: []string{"x"}}}}
		}))
		w.refused(ctx, "unknown-container", ecsv1.ReasonInvalid, "InvalidParameterException: Override for container named sidecar is not a container in the TaskDefinition.")
		create(ctx, testkit.Task(w.ns, "no-instance", w.cluster, "job", func(t *ecsv1.Task) { t.Spec.ContainerInstances = []string{"nowhere"} }))
		w.refused(ctx, "no-instance", ecsv1.ReasonInstanceMissing, "MISSING: spec.containerInstances[0]", "nowhere")
		create(ctx, testkit.Task(w.ns, "no-cluster", "elsewhere", "job"))
		w.refused(ctx, "no-cluster", ecsv1.ReasonClusterNotFound, "ClusterNotFoundException")
	})

	It("is run once its task definition is there, and not of one that was deregistered", func(ctx SpecContext) {
		create(ctx, testkit.Task(w.ns, "early", w.cluster, "late"))
		w.refused(ctx, "early", ecsv1.ReasonTaskDefinitionNotFound, "Unable to describe task definition")
		create(ctx, testkit.TaskDefinition(w.ns, "late"))
		w.pod(ctx, "early")

		change(ctx, read(ctx, Default, w.world, "job-1", &ecsv1.TaskDefinitionRevision{}), func(r *ecsv1.TaskDefinitionRevision) {
			r.Spec.DesiredStatus = ecsv1.TaskDefinitionDesiredStatusInactive
		})
		create(ctx, testkit.Task(w.ns, "inactive", w.cluster, "job:1"))
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "inactive").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonTaskDefinitionInactive, "TaskDefinition is inactive"))
		}).Should(Succeed())
	})

	It("is refused where its namespace's Pod Security level forbids it", func(ctx SpecContext) {
		change(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.ns}}, func(ns *corev1.Namespace) {
			ns.Labels["pod-security.kubernetes.io/enforce"] = "baseline"
		})
		create(ctx, testkit.TaskDefinition(w.ns, "root", func(td *ecsv1.TaskDefinition) { td.Spec.ContainerDefinitions[0].Privileged = new(true) }))
		create(ctx, testkit.Task(w.ns, "root", w.cluster, "root"))
		w.refused(ctx, "root", ecsv1.ReasonPodSecurity, "AccessDeniedException", "privileged")
	})

	It("counts in its cluster, which stays as long as it does", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Eventually(func(g Gomega) { g.Expect(readClusterStatus(ctx, g, w.world).PendingTasksCount).To(BeEquivalentTo(1)) }).Should(Succeed())
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		Eventually(func(g Gomega) {
			s := readClusterStatus(ctx, g, w.world)
			g.Expect([]int32{s.RunningTasksCount, s.PendingTasksCount}).To(Equal([]int32{1, 0}))
		}).Should(Succeed())
	})

	It("waits in a cluster that can't be deleted meanwhile", func(ctx SpecContext) {
		w.run(ctx, "migrate")
		w.reaches(ctx, "migrate", ecsv1.TaskStateProvisioning)
		Expect(admin.Delete(ctx, readCluster(ctx, w.world))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(readClusterStatus(ctx, g, w.world).Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonClusterContainsTasks, "ClusterContainsTasksException"))
		}).Should(Succeed())
		change(ctx, w.task(ctx, Default, "migrate"), stop(""))
		w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Eventually(func(g Gomega) { w.missing(ctx, g, w.cluster, &ecsv1.Cluster{}) }).Should(Succeed())
	})
})

var _ = Describe("A task that someone starts on a container instance", func() {
	It("is left to the scheduler with that one node, unless the instance is draining", func(ctx SpecContext) {
		w := newTaskWorld(ctx)
		create(ctx, testkit.Node(w.ns+"-a", w.cluster), testkit.Node(w.ns+"-b", w.cluster))
		var a, b *ecsv1.ContainerInstance
		Eventually(func(g Gomega) {
			a, b = read(ctx, g, &world{}, w.ns+"-a", &ecsv1.ContainerInstance{}), read(ctx, g, &world{}, w.ns+"-b", &ecsv1.ContainerInstance{})
			g.Expect(a.Status.ContainerInstanceArn).NotTo(BeEmpty())
			g.Expect(b.Status.ContainerInstanceArn).NotTo(BeEmpty())
		}).Should(Succeed())
		pod := w.run(ctx, "here", func(t *ecsv1.Task) { t.Spec.ContainerInstances = []string{a.Status.ContainerInstanceArn} })
		term := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0]
		Expect(term.MatchFields).To(ConsistOf(HaveField("Values", []string{a.Spec.NodeName})))
		Expect(pod.Spec.NodeName).To(BeEmpty())
		Expect(w.Schedule(ctx, pod, a.Spec.NodeName)).To(Succeed())
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		t := w.reaches(ctx, "here", ecsv1.TaskStateRunning)
		Expect(t.Status).To(SatisfyAll(HaveField("ContainerInstanceArn", a.Status.ContainerInstanceArn), HaveField("AvailabilityZone", "us-east-1a"),
			HaveField("Connectivity", ecsv1.ConnectivityConnected)))

		change(ctx, b, func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining })
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, &world{}, b.Name, &ecsv1.ContainerInstance{}).Status.Status).To(Equal(ecsv1.ContainerInstanceStateDraining))
		}).Should(Succeed())
		create(ctx, testkit.Task(w.ns, "there", w.cluster, "job", func(t *ecsv1.Task) { t.Spec.ContainerInstances = []string{b.Name} }))
		Eventually(func(g Gomega) {
			g.Expect(w.task(ctx, g, "there").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInstanceInactive, "INACTIVE: ", "DRAINING"))
		}).Should(Succeed())
	})
})

var _ = Describe("A task with two containers", func() {
	var w taskWorld
	BeforeEach(func(ctx SpecContext) {
		w = newTaskWorld(ctx, func(td *ecsv1.TaskDefinition) {
			td.Spec.NetworkMode = "none"
			td.Spec.ContainerDefinitions[0].PortMappings = nil
			td.Spec.ContainerDefinitions = append(td.Spec.ContainerDefinitions, ecsv1.ContainerDefinition{
				Name: "Side_Car", Image: "side:v1", Memory: new(int32(64)), Essential: new(false),
			})
		})
	})

	It("stops the other when the essential one has ended, and that with 0 is success", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		Expect(w.MakeReady(ctx, pod)).To(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateRunning)
		Expect(w.Exit(ctx, pod, "app", 0)).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(w.podOf(ctx, g, "migrate").DeletionTimestamp).NotTo(BeNil()) }).Should(Succeed())
		w.reaches(ctx, "migrate", ecsv1.TaskStateStopping)
		Expect(w.Finish(ctx)).To(Succeed())
		t := w.reaches(ctx, "migrate", ecsv1.TaskStateStopped)
		Expect(t.Status.EndedBy).To(Equal("app"))
		Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionComplete, "True", ecsv1.ReasonTaskSucceeded, "app with code 0"))
		Expect(t.Status.Containers).To(ContainElement(SatisfyAll(HaveField("Name", "Side_Car"), HaveField("LastStatus", "STOPPED"))))
	})

	It("without network is cut off by a policy of its own", func(ctx SpecContext) {
		pod := w.run(ctx, "migrate")
		policy := read(ctx, Default, w.world, names.NoNetwork(pod.Name), &networkingv1.NetworkPolicy{})
		Expect(policy.Spec.PodSelector.MatchLabels).To(Equal(map[string]string{ecsv1.LabelTask: "migrate"}))
		Expect(pod.Labels).To(HaveKeyWithValue(ecsv1.LabelTask, "migrate"))
		Expect(admin.Delete(ctx, policy)).To(Succeed())
		Eventually(func(g Gomega) { read(ctx, g, w.world, policy.Name, &networkingv1.NetworkPolicy{}) }).Should(Succeed())
		w.quiet(ctx)
	})

	It("without network runs beside a service revision of its name", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "job", 1, testkit.WithoutLoadBalancer))
		Eventually(func(g Gomega) { read(ctx, g, w.world, names.NoNetwork("web-1"), &networkingv1.NetworkPolicy{}) }).Should(Succeed())
		pod := w.run(ctx, "web-1")
		read(ctx, Default, w.world, names.NoNetwork(pod.Name), &networkingv1.NetworkPolicy{})
	})

	It("without network has a name of any length", func(ctx SpecContext) {
		pod := w.run(ctx, strings.Repeat("a", 253))
		read(ctx, Default, w.world, names.NoNetwork(pod.Name), &networkingv1.NetworkPolicy{})
	})
})

// work lets the pods of tasks run, and end well.
func (w taskWorld) work(ctx context.Context) error {
	pods, err := w.Pods(ctx, "")
	if err != nil {
		return err
	}
	for i := range pods {
		switch p := &pods[i]; {
		case p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded:
		case p.Status.Phase == corev1.PodRunning:
			err = w.ExitPod(ctx, p, "app", 0)
		default:
			err = w.MakeReady(ctx, p)
		}
		if client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// podOf reads the pod of a task.
func (w taskWorld) podOf(ctx context.Context, g Gomega, name string) *corev1.Pod {
	GinkgoHelper()
	return read(ctx, g, w.world, names.Task(name, string(w.task(ctx, g, name).UID)), &corev1.Pod{})
}

func readClusterStatus(ctx context.Context, g Gomega, w *world) ecsv1.ClusterStatus {
	GinkgoHelper()
	c := &ecsv1.Cluster{}
	g.Expect(admin.Get(ctx, client.ObjectKey{Name: w.cluster}, c)).To(Succeed())
	return c.Status
}
