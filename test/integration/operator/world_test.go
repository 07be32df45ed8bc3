// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// world is a namespace and a cluster of a spec's own, with a hand in it.
type world struct {
	*testkit.Hand
	ns      string
	cluster string
	began   time.Time
	// unpulled are the pods whose image couldn't be pulled.
	unpulled map[string]bool
	// routed: there is an HTTPRoute web, which a Gateway has to take up.
	routed bool
}

// newWorld makes a world. What is in it is shown when the spec fails, and removed in any case.
func newWorld(ctx SpecContext) *world {
	GinkgoHelper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "w-"}}
	Expect(admin.Create(ctx, ns)).To(Succeed())
	w := &world{ns: ns.Name, cluster: ns.Name, began: time.Now(), unpulled: map[string]bool{}}
	w.Hand = &testkit.Hand{Client: admin, Namespace: w.ns, Clock: clock}
	create(ctx, testkit.Cluster(w.cluster))
	DeferCleanup(func(ctx SpecContext) {
		w.clean(ctx)
		remove(ctx, &ecsv1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: w.cluster}})
	})
	DeferCleanup(func(ctx SpecContext) {
		if CurrentSpecReport().Failed() {
			AddReportEntry("objects of namespace "+w.ns, w.dump(ctx), ReportEntryVisibilityFailureOrVerbose)
		}
	})
	return w
}

// clean removes all objects until none comes back: an operator that runs may still be at work on one that goes.
func (w *world) clean(ctx context.Context) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(w.Clean(ctx)).To(Succeed())
		left, err := w.Objects(ctx)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(left).To(BeEmpty())
	}).Should(Succeed())
}

func (w *world) dump(ctx context.Context) string {
	var b strings.Builder
	objects, err := w.Objects(ctx)
	if err != nil {
		return err.Error()
	}
	events := &eventsv1.EventList{}
	if err := admin.List(ctx, events, client.InNamespace(w.ns)); err != nil {
		return err.Error()
	}
	for _, o := range objects {
		o.SetManagedFields(nil)
		if p, ok := o.(*corev1.Pod); ok {
			p.Spec = corev1.PodSpec{NodeName: p.Spec.NodeName}
		}
		text, err := yaml.Marshal(o)
		fmt.Fprintf(&b, "--- %T %s\n%s", o, o.GetName(), text)
		if err != nil {
			b.WriteString(err.Error())
		}
	}
	for _, e := range events.Items {
		fmt.Fprintf(&b, "event %s %s: %s\n", e.Type, e.Reason, e.Note)
	}
	for _, r := range record.Writes(w.began) {
		fmt.Fprintf(&b, "%s %d %s %s/%s\n", r.At.Format("05.000"), r.Status, r.Right(), r.Namespace, r.Name)
	}
	return b.String()
}

func create(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, o := range objects {
		node, isNode := o.(*corev1.Node)
		if !isNode {
			Expect(admin.Create(ctx, o)).To(Succeed())
			continue
		}
		status, taints := node.Status, node.Spec.Taints
		Expect(admin.Create(ctx, node)).To(Succeed())
		tainted := node.DeepCopy() // each new node is, until the node controller, of which there is none here, has seen it ready
		node.Spec.Taints = taints
		Expect(admin.Patch(ctx, node, client.MergeFrom(tainted))).To(Succeed())
		bare := node.DeepCopy()
		node.Status = status
		Expect(admin.Status().Patch(ctx, node, client.MergeFrom(bare))).To(Succeed())
		DeferCleanup(remove, node)
	}
}

// remove deletes a cluster-scoped object, finalizers or not.
func remove(ctx SpecContext, o client.Object) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		err := admin.Get(ctx, client.ObjectKeyFromObject(o), o)
		if apierrors.IsNotFound(err) {
			return
		}
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(client.IgnoreNotFound(admin.Delete(ctx, o))).To(Succeed())
		g.Expect(client.IgnoreNotFound(admin.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))))).To(Succeed())
		g.Expect(apierrors.IsNotFound(admin.Get(ctx, client.ObjectKeyFromObject(o), o))).To(BeTrue())
	}).Should(Succeed())
}

// change edits an object as it is now, as kubectl edit does.
func change[T client.Object](ctx context.Context, o T, edit func(T)) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		g.Expect(admin.Get(ctx, client.ObjectKeyFromObject(o), o)).To(Succeed())
		edit(o)
		g.Expect(admin.Update(ctx, o)).To(Succeed())
	}).Should(Succeed())
}

// read fetches an object of the world by name.
func read[T client.Object](ctx context.Context, g Gomega, w *world, name string, o T) T {
	GinkgoHelper()
	g.Expect(admin.Get(ctx, client.ObjectKey{Namespace: w.ns, Name: name}, o)).To(Succeed())
	return o
}

func (w *world) service(ctx context.Context, g Gomega, name string) *ecsv1.Service {
	GinkgoHelper()
	return read(ctx, g, w, name, &ecsv1.Service{})
}

func (w *world) deployment(ctx context.Context, g Gomega, name string) *appsv1.Deployment {
	GinkgoHelper()
	return read(ctx, g, w, name, &appsv1.Deployment{})
}

func (w *world) missing(ctx context.Context, g Gomega, name string, o client.Object) {
	GinkgoHelper()
	g.Expect(apierrors.IsNotFound(admin.Get(ctx, client.ObjectKey{Namespace: w.ns, Name: name}, o))).To(BeTrue(), "%T %s is there", o, name)
}

// names lists what there is of a kind, by name.
func (w *world) names(ctx context.Context, g Gomega, list client.ObjectList) []string {
	GinkgoHelper()
	g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
	items, err := meta.ExtractList(list)
	g.Expect(err).NotTo(HaveOccurred())
	out := []string{}
	for _, item := range items {
		object, err := meta.Accessor(item)
		g.Expect(err).NotTo(HaveOccurred())
		out = append(out, object.GetName())
	}
	return out
}

// running starts the service with its task definition, both called name, and waits until it is in a steady state.
func (w *world) running(ctx context.Context, name string, count int32, edits ...func(*ecsv1.Service)) *ecsv1.Service {
	GinkgoHelper()
	create(ctx, testkit.TaskDefinition(w.ns, name), testkit.Service(w.ns, name, w.cluster, name, count, edits...))
	return w.steady(ctx, name)
}

// steady settles pods until the service rests in a steady state.
func (w *world) steady(ctx context.Context, name string) *ecsv1.Service {
	GinkgoHelper()
	var svc *ecsv1.Service
	Eventually(func(g Gomega) {
		g.Expect(w.Settle(ctx)).To(Succeed())
		svc = w.service(ctx, g, name)
		g.Expect(svc.Status.ObservedGeneration).To(HaveValue(Equal(svc.Generation)))
		g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		g.Expect(svc.Status.Deployments).To(HaveLen(1))
	}).Should(Succeed())
	w.quiet(ctx)
	return w.service(ctx, Default, name)
}

// quiet waits until the operator has written nothing for a while, so that what a test does next meets it at rest.
func (w *world) quiet(ctx context.Context) {
	GinkgoHelper()
	w.silent(ctx, 200*time.Millisecond)
}

// silent waits until the operator has written nothing for that long. What it says of container instances may be five seconds late.
func (w *world) silent(ctx context.Context, pause time.Duration) {
	GinkgoHelper()
	Eventually(func() []testkit.Request {
		time.Sleep(pause) // there is no sign that nothing will be written, but that nothing has been
		return record.Writes(time.Now().Add(-pause))
	}).WithContext(ctx).WithPolling(time.Millisecond).WithTimeout(40*time.Second + pause).Should(BeEmpty())
}

// condition is what matters of a condition.
func haveCondition(kind, status, reason string, fragments ...string) types.GomegaMatcher {
	matchers := []types.GomegaMatcher{
		HaveField("Type", kind), HaveField("Status", metav1.ConditionStatus(status)), HaveField("Reason", reason),
	}
	for _, f := range fragments {
		matchers = append(matchers, HaveField("Message", ContainSubstring(f)))
	}
	return ContainElement(SatisfyAll(matchers...))
}

func haveNoCondition(kind string) types.GomegaMatcher {
	return Not(ContainElement(HaveField("Type", kind)))
}

// counts are the pods that each revision has, by state: what a person sees.
func (w *world) counts(ctx context.Context, g Gomega) map[string]string {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	g.Expect(err).NotTo(HaveOccurred())
	ready, rest, going := map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range pods {
		ordinal := p.Labels[ecsv1.LabelServiceRevision]
		switch {
		case p.DeletionTimestamp != nil:
			going[ordinal]++
		case isReady(&p):
			ready[ordinal]++
		default:
			rest[ordinal]++
		}
	}
	out := map[string]string{}
	for _, m := range []map[string]int{ready, rest, going} {
		for ordinal := range m {
			out[ordinal] = fmt.Sprintf("%d ready, %d starting, %d stopping", ready[ordinal], rest[ordinal], going[ordinal])
		}
	}
	return out
}

// events are the notes of the events on a service, oldest first, with their types.
func (w *world) events(ctx context.Context, g Gomega) []string {
	GinkgoHelper()
	list := &eventsv1.EventList{}
	g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
	var out []string
	for _, e := range list.Items {
		out = append(out, e.Type+" "+e.Reason+": "+e.Note)
	}
	return out
}

// wanted are the replicas of each Deployment.
func (w *world) wanted(ctx context.Context, g Gomega) map[string]int32 {
	GinkgoHelper()
	list := &appsv1.DeploymentList{}
	g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
	out := map[string]int32{}
	for _, d := range list.Items {
		out[d.Name] = ptr.Deref(d.Spec.Replicas, 1)
	}
	return out
}

// snapshot is every object of the world as it is stored, by kind and name: equal snapshots mean that nothing was written.
func (w *world) snapshot(ctx context.Context, g Gomega, keep func(client.Object) bool) map[string]string {
	GinkgoHelper()
	objects, err := w.Objects(ctx)
	g.Expect(err).NotTo(HaveOccurred())
	out := map[string]string{}
	for _, o := range objects {
		if !keep(o) {
			continue
		}
		text, err := yaml.Marshal(o)
		g.Expect(err).NotTo(HaveOccurred())
		out[fmt.Sprintf("%T %s", o, o.GetName())] = string(text)
	}
	return out
}

func everything(client.Object) bool { return true }

func isReady(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// applyAs applies an object by server-side apply as kubectl or a GitOps tool does, without taking fields from anyone.
func applyAs(ctx context.Context, owner string, o client.Object) {
	GinkgoHelper()
	u := &unstructured.Unstructured{}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	Expect(err).NotTo(HaveOccurred())
	u.Object = fields
	unstructured.RemoveNestedField(u.Object, "status")
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	gvk, err := admin.GroupVersionKindFor(o)
	Expect(err).NotTo(HaveOccurred())
	u.SetGroupVersionKind(gvk)
	Expect(admin.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner(owner))).To(Succeed())
}
