// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podvalidation

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conversion "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/capabilities"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"
)

// draws is how many task definitions are drawn where -rapid.checks doesn't say: a few seconds.
const draws = "2000"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", draws); err != nil {
			panic(err) // rapid defines it
		}
	}
	os.Exit(m.Run())
}

// drawInput puts a task definition where it is to run.
func drawInput(t *rapid.T, from []podspec.Input, td *ecsv1.TaskDefinitionFields) podspec.Input {
	in := from[rapid.IntRange(0, len(from)-1).Draw(t, "where")]
	in.TaskDefinition = *td
	in.LauncherImage = rapid.SampledFrom([]string{"", "launcher"}).Draw(t, "launcherImage")
	in.PodSecurity = rapid.SampledFrom([]string{"", "baseline", "restricted"}).Draw(t, "podSecurity")
	in.LaunchType = rapid.SampledFrom([]ecsv1.LaunchType{"", ecsv1.LaunchTypeFargate}).Draw(t, "launchType")
	in.Features = podspec.Features{
		ContainerRestartRules: rapid.Bool().Draw(t, "restartRules"), PodLevelResources: rapid.Bool().Draw(t, "podLevel"), PreStopSleep: rapid.Bool().Draw(t, "sleep"),
	}
	in.Images = nil
	if rapid.Bool().Draw(t, "configs") {
		in.Images = map[string]podspec.Image{}
		for _, c := range td.ContainerDefinitions {
			in.Images[c.Name] = podspec.Image{Config: &ecsv1.ContainerImageConfig{Command: []string{"run"}}}
		}
	}
	in.Service, in.Task = nil, nil
	switch rapid.SampledFrom([]string{"nobody's", "a service's", "a task by itself"}).Draw(t, "whose") {
	case "a service's":
		in.Service = drawService(t, td)
	case "a task by itself":
		in.Task = &podspec.Task{ID: "0123456789abcdef0123456789abcdef", Node: rapid.SampledFrom([]string{"", "node-1"}).Draw(t, "node")}
		for _, name := range atLaunch(td) {
			in.Task.VolumeConfigurations = append(in.Task.VolumeConfigurations, ecsv1.TaskVolumeConfiguration{
				Name: name, ManagedEBSVolume: &ecsv1.TaskManagedEBSVolumeConfiguration{EBSVolumeFields: ecsv1.EBSVolumeFields{SizeInGiB: new(int32(1))}},
			})
		}
	}
	return in
}

// drawService balances to a port of the first container that has one.
func drawService(t *rapid.T, td *ecsv1.TaskDefinitionFields) *podspec.Service {
	out := &podspec.Service{Selector: map[string]string{"ecs.pods.dev/service": "web"}}
	for _, name := range atLaunch(td) {
		out.VolumeConfigurations = append(out.VolumeConfigurations, ecsv1.ServiceVolumeConfiguration{
			Name: name, ManagedEBSVolume: &ecsv1.ServiceManagedEBSVolumeConfiguration{EBSVolumeFields: ecsv1.EBSVolumeFields{SizeInGiB: new(int32(1))}},
		})
	}
	for _, c := range td.ContainerDefinitions {
		for _, p := range c.PortMappings {
			if p.ContainerPort != nil && len(out.LoadBalancers) == 0 && rapid.Bool().Draw(t, "balanced") {
				out.LoadBalancers = []podspec.LoadBalancer{{
					TargetGroup: "tg", ContainerName: c.Name, ContainerPort: *p.ContainerPort, DeregistrationDelaySeconds: rapid.Int64Range(0, 3600).Draw(t, "delay"),
				}}
			}
		}
	}
	return out
}

// atLaunch are the volumes that a service, or whoever runs the task, has to configure.
func atLaunch(td *ecsv1.TaskDefinitionFields) []string {
	var out []string
	for _, v := range td.Volumes {
		if v.ConfiguredAtLaunch != nil && *v.ConfiguredAtLaunch {
			out = append(out, v.Name)
		}
	}
	return out
}

// problems are what Kubernetes says of the pod, after it has filled in its defaults.
func problems(template *corev1.PodTemplateSpec) field.ErrorList {
	template = template.DeepCopy()
	wrapped := &corev1.PodTemplate{Template: *template}
	corev1conversion.SetObjectDefaults_PodTemplate(wrapped)
	pod := &corev1.Pod{ObjectMeta: wrapped.Template.ObjectMeta, Spec: wrapped.Template.Spec}
	pod.Name, pod.Namespace = "task", metav1.NamespaceDefault
	corev1conversion.SetObjectDefaults_Pod(pod)
	internal := &core.Pod{}
	if err := corev1conversion.Convert_v1_Pod_To_core_Pod(pod, internal, nil); err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	return validation.ValidatePodCreate(internal, podutil.GetValidationOptionsFromPodSpecAndMeta(&internal.Spec, nil, &internal.ObjectMeta, nil))
}

// property: what is let in has a pod, and Kubernetes takes it. What isn't is told to refused.
func property(a *admission, from []podspec.Input, refused func(error)) func(*rapid.T) {
	return func(t *rapid.T) {
		tree := drawTree(t, from, a.spec)
		td, err := a.admit(tree)
		if err != nil {
			refused(err)
			return
		}
		in := drawInput(t, from, td)
		result, err := podspec.Translate(in)
		if err != nil {
			t.Fatalf("it is let in and not translated: %s\n%s", err, text(td))
		}
		if found := problems(&result.Template); len(found) > 0 {
			t.Fatalf("it is let in, and Kubernetes doesn't take its pod: %s\n%s", found.ToAggregate(), text(in))
		}
	}
}

func text(v any) string {
	out, err := yaml.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(out)
}

func start(tb testing.TB) (*admission, []podspec.Input) {
	tb.Helper()
	capabilities.Initialize(capabilities.Capabilities{AllowPrivileged: true}) // as clusters do
	a, err := newAdmission()
	if err != nil {
		tb.Fatal(err)
	}
	from, err := inputs()
	if err != nil {
		tb.Fatal(err)
	}
	return a, from
}

func TestWhatIsLetInHasAPodThatKubernetesTakes(t *testing.T) {
	a, from := start(t)
	drawn, refused := 0, map[string]int{}
	check := property(a, from, func(err error) { refused[short(err)]++ })
	rapid.Check(t, func(t *rapid.T) {
		drawn++
		check(t)
	})
	turned := 0
	for why, n := range refused {
		turned += n
		if n > drawn/50 {
			t.Logf("%d of %d were refused: %s", n, drawn, why)
		}
	}
	t.Logf("%d drawn, %d let in", drawn, drawn-turned)
	if !t.Failed() && (drawn-turned)*10 < drawn {
		t.Error("fewer than one in ten was let in: the draws are too wild to find anything")
	}
}

// short is an error without what it is about.
func short(err error) string {
	const most = 120
	message := err.Error()
	if i := strings.Index(message, "; "); i > 0 {
		message = message[:i]
	}
	return message[:min(len(message), most)]
}

// TestGoldens: every golden's input is let in as it stands, and its pod is taken.
func TestGoldens(t *testing.T) {
	_, from := start(t)
	for _, in := range from {
		result, err := podspec.Translate(in)
		if err != nil {
			t.Error(err)
			continue
		}
		if found := problems(&result.Template); len(found) > 0 {
			t.Errorf("%s\n%s", found.ToAggregate(), text(in))
		}
	}
}

func FuzzTranslate(f *testing.F) {
	a, from := start(f)
	f.Fuzz(rapid.MakeFuzz(property(a, from, func(error) {})))
}
