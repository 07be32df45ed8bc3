// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// A file of testdata/bad begins with the condition that its last object must get, and what the message must say:
//
//	# expect: KIND CONDITION REASON
//	# admission: refuses
//	# says: a part of the message
//
// Where it says that admission refuses, the webhook does, in the same words; the condition is for when nobody asks the webhook.
// CLUSTER stands for the cluster in which the service web runs with 2 tasks. An object that is called web changes what runs; others
// come beside it.
const (
	expectPrefix = "# expect: "
	refusesLine  = "# admission: refuses"
	saysPrefix   = "# says: "
	cluster      = "CLUSTER"
)

var (
	badSamples     = samples(filepath.Join("testdata", "bad"))
	refusedSamples = samples(filepath.Join("..", "schema", "testdata", "bad"))
	listed         = filepath.Join("..", "..", "..", "docs", "bad-input.md")
)

func samples(folder string) []string {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) < 12 {
		panic("too few samples in " + folder)
	}
	return files
}

var _ = Describe("A manifest that is wrong", Ordered, ContinueOnFailure, func() {
	var (
		w              *world
		web            *ecsv1.Service
		definition     *ecsv1.TaskDefinition
		byCondition    []row
		byWebhook      []row
		byAdmission    []row
		undisturbed    map[string]string
		tasks          = func(o client.Object) bool { return isPart(o) && o.GetLabels()[ecsv1.LabelService] == "web" }
		notDisturbed   func(ctx context.Context)
		restore        func(ctx SpecContext, s badSample)
		asItIsInTables func(string) string
	)

	BeforeAll(func(ctx SpecContext) {
		w = newWorld(ctx)
		web = w.running(ctx, "web", 2)
		definition = read(ctx, Default, w, "web", &ecsv1.TaskDefinition{})
		w.running(ctx, "retired", 1)
		Expect(admin.Delete(ctx, read(ctx, Default, w, "retired", &ecsv1.TaskDefinition{}))).To(Succeed())
		w.quiet(ctx)
		undisturbed = w.snapshot(ctx, Default, tasks)
		Expect(undisturbed).To(HaveLen(5), "2 pods, their Deployment, the service's revision and its target group")
		asItIsInTables = strings.NewReplacer(w.cluster, "prod").Replace
		notDisturbed = func(ctx context.Context) {
			GinkgoHelper()
			w.quiet(ctx)
			Expect(cmp.Diff(undisturbed, w.snapshot(ctx, Default, tasks))).To(BeEmpty(), "what ran was disturbed")
		}
		restore = func(ctx SpecContext, s badSample) {
			GinkgoHelper()
			for _, o := range slices.Backward(s.objects) { // what is in the way goes last
				switch {
				case o.GetNamespace() == "":
					remove(ctx, o)
				case o.GetName() == "web" && o.GetKind() == "Service":
					change(ctx, web.DeepCopy(), func(now *ecsv1.Service) { now.Spec = web.Spec })
				case o.GetName() == "web":
					change(ctx, definition.DeepCopy(), func(now *ecsv1.TaskDefinition) { now.Spec = definition.Spec })
				default:
					Expect(admin.Delete(ctx, o)).To(Succeed())
				}
			}
			w.steady(ctx, "web")
		}
	})

	for _, file := range badSamples {
		It("gets a condition that helps, and disturbs nothing: "+slug(file), func(ctx SpecContext) {
			s := readBad(file, w)
			DeferCleanup(func(ctx SpecContext) {
				restore(ctx, s)
				notDisturbed(ctx)
			})
			last := s.objects[len(s.objects)-1]
			var refusal string
			if s.refused {
				refusal = refusedByWebhook(ctx, last, s.says)
				notDisturbed(ctx)
				withoutWebhook(ctx)
			}
			for _, o := range s.objects {
				put(ctx, o)
			}
			var message string
			Eventually(func(g Gomega) {
				g.Expect(admin.Get(ctx, client.ObjectKeyFromObject(last), last)).To(Succeed())
				conditions := conditionsOf(g, last)
				g.Expect(conditions).To(haveCondition(s.condition, "True", s.reason, s.says...))
				for _, c := range conditions {
					if c.Type == s.condition {
						message = c.Message
					}
				}
			}).Should(Succeed())
			if s.refused {
				byWebhook = append(byWebhook, row{slug(file), "", asItIsInTables(refusal)})
			} else {
				byCondition = append(byCondition, row{slug(file), s.reason, asItIsInTables(message)})
			}
			notDisturbed(ctx)
		})
	}

	It("is refused at admission where one object tells, with the same kind of message", func(ctx SpecContext) {
		for _, file := range refusedSamples {
			byAdmission = append(byAdmission, row{slug(file), "", refusal(ctx, file, w)})
		}
		notDisturbed(ctx)
	})

	It("is listed in docs/bad-input.md", func() {
		Expect(len(byCondition)+len(byWebhook)).To(Equal(len(badSamples)), "run all of them to write the list")
		text := table(byCondition, byWebhook, byAdmission)
		if *update {
			Expect(os.WriteFile(listed, []byte(text), 0o644)).To(Succeed())
		}
		committed, err := os.ReadFile(listed)
		Expect(err).NotTo(HaveOccurred())
		Expect(cmp.Diff(string(committed), text)).To(BeEmpty(), "KUBEBUILDER_ASSETS=$(bin/localcluster binaries) go test ./test/integration/operator -update writes it; then read the diff")
	})
})

// isPart tells the objects that a running service consists of and that a change of others mustn't touch.
func isPart(o client.Object) bool {
	switch o.(type) {
	case *corev1.Pod, *appsv1.Deployment, *ecsv1.ServiceRevision, *corev1.Service:
		return true
	}
	return false
}

type badSample struct {
	condition, reason string
	// refused: the webhook doesn't let it in.
	refused bool
	says    []string
	objects []*unstructured.Unstructured
}

func readBad(file string, w *world) badSample {
	GinkgoHelper()
	data, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	text := strings.ReplaceAll(string(data), cluster, w.cluster)
	var s badSample
	var kind string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if want, ok := strings.CutPrefix(line, expectPrefix); ok {
			_, err := fmt.Sscan(want, &kind, &s.condition, &s.reason)
			Expect(err).NotTo(HaveOccurred(), file)
		}
		s.refused = s.refused || line == refusesLine
		if want, ok := strings.CutPrefix(line, saysPrefix); ok {
			s.says = append(s.says, want)
		}
	}
	s.objects = decode(text, w.ns)
	Expect(s.says).NotTo(BeEmpty(), file)
	Expect(s.objects[len(s.objects)-1].GetKind()).To(Equal(kind), file)
	return s
}

func decode(text, namespace string) []*unstructured.Unstructured {
	GinkgoHelper()
	var out []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), 4096)
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			return out
		}
		Expect(err).NotTo(HaveOccurred())
		if !slices.Contains([]string{"Cluster", "ContainerInstance", "CapacityProvider"}, o.GetKind()) {
			o.SetNamespace(namespace)
		}
		out = append(out, o)
	}
}

// put creates the object, or gives the one that is there its spec.
func put(ctx context.Context, o *unstructured.Unstructured) {
	GinkgoHelper()
	Eventually(func() error { return tryPut(ctx, o) }).Should(Succeed())
}

func tryPut(ctx context.Context, o *unstructured.Unstructured) error {
	now := o.DeepCopy()
	err := admin.Create(ctx, now)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := admin.Get(ctx, client.ObjectKeyFromObject(o), now); err != nil {
		return err
	}
	now.Object["spec"] = o.DeepCopy().Object["spec"]
	return admin.Update(ctx, now)
}

// refusedByWebhook expects all that the condition would say of the webhook, and gives its message.
func refusedByWebhook(ctx context.Context, o *unstructured.Unstructured, says []string) string {
	GinkgoHelper()
	var err error
	Eventually(func() error {
		err = tryPut(ctx, o)
		return err
	}).Should(Satisfy(apierrors.IsInvalid))
	for _, part := range says {
		Expect(err).To(MatchError(ContainSubstring(part)))
	}
	_, message, cut := strings.Cut(err.Error(), " denied the request: ")
	Expect(cut).To(BeTrue(), "%v", err)
	return message
}

// withoutWebhook lets the rest of the spec go on as where no webhook is installed.
func withoutWebhook(ctx SpecContext) {
	GinkgoHelper()
	Expect(env.UninstallWebhook(ctx)).To(Succeed())
	DeferCleanup(func(ctx SpecContext) { Expect(env.InstallWebhook(ctx)).To(Succeed()) })
	// The apiserver learns of it by a watch, so it asks on for a moment.
	Eventually(func() error {
		return tryOut(ctx, testkit.TaskDefinition(metav1.NamespaceDefault, "circle", circle))
	}).Should(Succeed())
}

func conditionsOf(g Gomega, o *unstructured.Unstructured) []metav1.Condition {
	GinkgoHelper()
	var known struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &known)).To(Succeed())
	return known.Status.Conditions
}

// refusal is the apiserver's answer to a sample of the schema suite: to its object, or, where it has several, to the last change of it.
func refusal(ctx SpecContext, file string, w *world) string {
	GinkgoHelper()
	data, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	strict := client.WithFieldValidation(admin, metav1.FieldValidationStrict)
	objects := decode(string(data), w.ns)
	if len(objects) == 1 {
		err = strict.Create(ctx, objects[0], client.DryRunAll)
	} else {
		first := objects[0].DeepCopy()
		Expect(strict.Create(ctx, first)).To(Succeed(), file)
		defer remove(ctx, first)
		Eventually(func() bool {
			last := objects[len(objects)-1].DeepCopy()
			Expect(admin.Get(ctx, client.ObjectKeyFromObject(first), first)).To(Succeed())
			last.SetResourceVersion(first.GetResourceVersion())
			err = strict.Update(ctx, last)
			return apierrors.IsConflict(err)
		}).Should(BeFalse())
	}
	Expect(err).To(HaveOccurred(), file)
	_, message, cut := strings.Cut(err.Error(), " is invalid: ")
	if !cut {
		message = err.Error()
	}
	return strings.ReplaceAll(message, "Invalid value: ", "")
}

func slug(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }

// row is a line of docs/bad-input.md.
type row struct{ manifest, reason, message string }

func table(byCondition, byWebhook, byAdmission []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Wrong manifests, and what their authors are told

Written by test/integration/operator (-update), which applies each of these %d manifests and fails when the answer is another one.
What one object can decide is refused when it is applied: by the rules of its kind, and by the webhook where rules can't say it. What
takes others to judge is accepted, kubectl apply prints it as a warning, and a condition of the object says what is wrong and what to
do; %d times below. Where no webhook is installed, or none answers, a condition says what it would have said.

The first two parts were applied over, or next to, a service with two running tasks, and left its pods, its Deployment, its
revision and its target group byte for byte as they were; what the webhook refuses was applied once more without it.

## Answered by a condition

The manifests are in test/integration/operator/testdata/bad.

| Manifest | Reason | Message |
|---|---|---|
`, len(byCondition)+len(byWebhook)+len(byAdmission), len(byCondition))
	for _, r := range byCondition {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.manifest, r.reason, cell(r.message))
	}
	b.WriteString(`
## Refused by the webhook

The manifests are in test/integration/operator/testdata/bad. The message follows "admission webhook NAME denied the request:".

| Manifest | Message |
|---|---|
`)
	for _, r := range byWebhook {
		fmt.Fprintf(&b, "| %s | %s |\n", r.manifest, cell(r.message))
	}
	b.WriteString(`
## Refused by the kind's rules

The manifests are in test/integration/schema/testdata/bad. The message follows "KIND NAME is invalid:".

| Manifest | Message |
|---|---|
`)
	for _, r := range byAdmission {
		fmt.Fprintf(&b, "| %s | %s |\n", r.manifest, cell(r.message))
	}
	return b.String()
}

// cell is text that fits in a table's cell.
func cell(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
