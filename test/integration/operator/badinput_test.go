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
)

// A file of testdata/bad begins with the condition that its last object must get, and what the message must say:
//
//	# expect: KIND CONDITION REASON
//	# says: a part of the message
//
// CLUSTER stands for the cluster in which the service web runs with 2 tasks. An object that is called web changes what runs; others
// come beside it.
const (
	expectPrefix = "# expect: "
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
			for _, o := range s.objects {
				put(ctx, o)
			}
			last := s.objects[len(s.objects)-1]
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
			byCondition = append(byCondition, row{slug(file), s.reason, asItIsInTables(message)})
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
		Expect(byCondition).To(HaveLen(len(badSamples)), "run all of them to write the list")
		text := table(byCondition, byAdmission)
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
	says              []string
	objects           []*unstructured.Unstructured
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
	err := admin.Create(ctx, o.DeepCopy())
	if !apierrors.IsAlreadyExists(err) {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	change(ctx, o.DeepCopy(), func(now *unstructured.Unstructured) { now.Object["spec"] = o.Object["spec"] })
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

func table(byCondition, byAdmission []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Wrong manifests, and what their authors are told

Written by test/integration/operator (-update), which applies each of these %d manifests and fails when the answer is another one.
What one object can decide is refused when it is applied. What takes others to judge is accepted, and a condition of the object says
what is wrong and what to do; %d times below. Each of those was applied over, or next to, a service with two running
tasks, and left its pods, its Deployment, its revision and its target group byte for byte as they were.

## Answered by a condition

The manifests are in test/integration/operator/testdata/bad.

| Manifest | Reason | Message |
|---|---|---|
`, len(byCondition)+len(byAdmission), len(byCondition))
	for _, r := range byCondition {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.manifest, r.reason, cell(r.message))
	}
	b.WriteString(`
## Refused at admission

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
