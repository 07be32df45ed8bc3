// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

func maybe[T any](g *rapid.Generator[T]) *rapid.Generator[*T] {
	return rapid.Ptr(g, true)
}

// pick gives one of the good values, or of all of them when things may go wrong.
func pick[T any](t *rapid.T, label string, wild bool, good, bad []T) T {
	if wild {
		good = append(append([]T(nil), good...), bad...)
	}
	return rapid.SampledFrom(good).Draw(t, label)
}

var anyName = rapid.OneOf(
	rapid.SampledFrom([]string{"app", "App", "log", "a_b", "a-b", "_", "-", "app-qp06z9rb", strings.Repeat("x", 255)}),
	rapid.StringMatching("[A-Za-z0-9_-]{1,70}"),
)

func anyPort(t *rapid.T, wild bool) ecsv1.PortMapping {
	return ecsv1.PortMapping{
		ContainerPort:      pick(t, "containerPort", wild, []*int32{new(int32(80)), new(int32(81)), new(int32(8080))}, []*int32{nil, new(int32(0))}),
		HostPort:           pick(t, "hostPort", wild, []*int32{nil}, []*int32{new(int32(0)), new(int32(22)), new(int32(9000))}),
		ContainerPortRange: pick(t, "range", wild, []string{""}, []string{"8000-8010", "9-1", "x"}),
		Protocol:           pick(t, "protocol", wild, []string{"", "tcp"}, []string{"udp", "sctp"}),
		Name:               pick(t, "name", wild, []string{""}, []string{"http", "a_b", "--", "9", "much-too-long-a-name"}),
	}
}

func anyContainer(wild bool) *rapid.Generator[ecsv1.ContainerDefinition] {
	return rapid.Custom(func(t *rapid.T) ecsv1.ContainerDefinition {
		c := ecsv1.ContainerDefinition{
			Name:              anyName.Draw(t, "name"),
			Image:             pick(t, "image", wild, []string{"nginx"}, []string{""}),
			Command:           rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "command"),
			Cpu:               maybe(rapid.Int32Range(0, 85)).Draw(t, "cpu"),
			Memory:            new(rapid.Int32Range(33, 64).Draw(t, "memory")),
			MemoryReservation: maybe(rapid.Int32Range(6, 32)).Draw(t, "memoryReservation"),
			StopTimeout:       maybe(rapid.Int32Range(0, 120)).Draw(t, "stopTimeout"),
			Essential:         maybe(rapid.Bool()).Draw(t, "essential"),
			User:              rapid.SampledFrom([]string{"", "1", "1:2", "www", "-1", "99999999999"}).Draw(t, "user"),
		}
		if wild {
			c.Memory, c.Cpu = maybe(rapid.Int32Range(0, 3000)).Draw(t, "wild memory"), maybe(rapid.Int32Range(0, 2000)).Draw(t, "wild cpu")
		}
		for range rapid.IntRange(0, 2).Draw(t, "ports") {
			c.PortMappings = append(c.PortMappings, anyPort(t, wild))
		}
		if rapid.Bool().Draw(t, "checked") {
			command := pick(t, "check", wild, [][]string{{"CMD", "true"}, {"CMD-SHELL", "$(x)"}}, [][]string{nil, {"CMD"}})
			c.HealthCheck = &ecsv1.HealthCheck{Command: command}
		}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"A", "B", "C"}), 0, 3).Draw(t, "environment") {
			c.Environment = append(c.Environment, ecsv1.KeyValuePair{Name: name, Value: "$$"})
		}
		for i, from := range rapid.SliceOfN(anySecret(wild), 0, 3).Draw(t, "secrets") {
			c.Secrets = append(c.Secrets, ecsv1.Secret{Name: fmt.Sprintf("S%d", i), ValueFrom: from})
		}
		for i, volume := range rapid.SliceOfN(rapid.SampledFrom(volumeNames), 0, 3).Draw(t, "mountPoints") {
			c.MountPoints = append(c.MountPoints, ecsv1.MountPoint{SourceVolume: volume, ContainerPath: pick(t, "path", wild, []string{fmt.Sprintf("/v%d", i)}, []string{"/v", "v", ""})})
		}
		return c
	})
}

var volumeNames = []string{"data", "Data", "d_a", "ecs-x", strings.Repeat("x", 200)}

func anySecret(wild bool) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return pick(t, "valueFrom", wild, []string{"/a/b", "arn:aws:secretsmanager:r:a:secret:A_B-AbCdEf", "arn:aws:secretsmanager:r:a:secret:x-AbCdEf:a key:S:"}, []string{rapid.String().Draw(t, "text"), "arn:", "a-b"})
	})
}

func anyVolumes() []ecsv1.Volume {
	var out []ecsv1.Volume
	for _, name := range volumeNames {
		out = append(out, ecsv1.Volume{Name: name})
	}
	return out
}

var anyInput = rapid.Custom(func(t *rapid.T) Input {
	wild := rapid.Bool().Draw(t, "wild")
	in := Input{
		TaskDefinition: ecsv1.TaskDefinitionFields{
			Cpu:                  pick(t, "cpu", wild, []string{"", "256", "257", "4 vCPU"}, []string{"128", "lots"}),
			Memory:               pick(t, "memory", wild, []string{"", "2 GB", "200"}, []string{"100", "lots"}),
			Volumes:              anyVolumes(),
			NetworkMode:          pick(t, "networkMode", wild, []ecsv1.NetworkMode{"", "bridge"}, []ecsv1.NetworkMode{"host", "awsvpc", "none"}),
			ContainerDefinitions: rapid.SliceOfNDistinct(anyContainer(wild), 1, 3, func(c ecsv1.ContainerDefinition) string { return c.Name }).Draw(t, "containers"),
		},
		LauncherImage: rapid.SampledFrom([]string{"", "launcher"}).Draw(t, "launcherImage"),
		PodSecurity:   rapid.SampledFrom([]string{"", "restricted"}).Draw(t, "podSecurity"),
		Features: Features{
			ContainerRestartRules: rapid.Bool().Draw(t, "restartRules"), PodLevelResources: rapid.Bool().Draw(t, "podLevel"),
			PreStopSleep: rapid.Bool().Draw(t, "sleep"),
		},
	}
	if rapid.Bool().Draw(t, "runtime") {
		addRuntime(t, wild, &in.TaskDefinition)
	}
	if rapid.Bool().Draw(t, "service") {
		in.Service = &Service{Selector: map[string]string{"a": "b"}}
		first := in.TaskDefinition.ContainerDefinitions[0]
		if len(first.PortMappings) > 0 && first.PortMappings[0].ContainerPort != nil {
			in.Service.LoadBalancers = []LoadBalancer{{
				TargetGroup: "tg", ContainerName: first.Name, ContainerPort: *first.PortMappings[0].ContainerPort,
				DeregistrationDelaySeconds: rapid.Int64Range(0, 3600).Draw(t, "delay"),
			}}
		}
	}
	return in
})

func TestWhatValidatePassesTranslatesToASoundPod(t *testing.T) {
	passed := 0
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput.Draw(t, "input")
		before := asJSON(t, in)
		got, err := Translate(in)
		if after := asJSON(t, in); after != before {
			t.Fatalf("the input was changed:\n%s", cmp.Diff(before, after))
		}
		if problems := taskdef.Validate(&in.TaskDefinition); len(problems) > 0 {
			if err == nil {
				t.Fatalf("translated in spite of %s", problems)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		passed++
		again, _ := Translate(in)
		if asJSON(t, got) != asJSON(t, again) {
			t.Fatal("a second translation differs from the first")
		}
		checkNames(t, got.Template.Spec)
		checkAmounts(t, got.Template.Spec)
		checkStop(t, got.Template.Spec)
		checkRuntime(t, got.Template)
		Unmapped(&in.TaskDefinition)
	})
	if passed < 10 {
		t.Errorf("only %d inputs were good ones: the generator is too wild", passed)
	}
}

func checkNames(t *rapid.T, spec corev1.PodSpec) {
	volumes := map[string]bool{}
	for _, v := range spec.Volumes {
		if problems := validation.IsDNS1123Label(v.Name); len(problems) > 0 || volumes[v.Name] {
			t.Fatalf("volume name %q: taken %t, %v", v.Name, volumes[v.Name], problems)
		}
		volumes[v.Name] = true
	}
	seen := map[string]bool{}
	for _, c := range spec.Containers {
		if problems := validation.IsDNS1123Label(c.Name); len(problems) > 0 || seen[c.Name] {
			t.Fatalf("container name %q: taken %t, %v", c.Name, seen[c.Name], problems)
		}
		seen[c.Name] = true
		for _, m := range c.VolumeMounts {
			if !volumes[m.Name] {
				t.Fatalf("container %s mounts %s, which isn't there", c.Name, m.Name)
			}
		}
		ports, env := map[string]bool{}, map[string]bool{}
		for _, p := range c.Ports {
			key := fmt.Sprint(p.ContainerPort, p.Protocol)
			if problems := validation.IsValidPortName(p.Name); p.Name != "" && len(problems) > 0 || ports[key] || p.Name != "" && ports[p.Name] {
				t.Fatalf("port %s %q: %v", key, p.Name, problems)
			}
			ports[key], ports[p.Name] = true, true
		}
		for _, v := range c.Env {
			if env[v.Name] {
				t.Fatalf("variable %s is there twice", v.Name)
			}
			env[v.Name] = true
			if v.ValueFrom != nil && v.ValueFrom.SecretKeyRef != nil {
				ref := v.ValueFrom.SecretKeyRef
				if problems := append(validation.IsDNS1123Subdomain(ref.Name), validation.IsConfigMapKey(ref.Key)...); len(problems) > 0 {
					t.Fatalf("secret %+v: %v", ref, problems)
				}
			}
		}
	}
}

// checkAmounts states what the apiserver demands: requests within limits, containers within the pod.
func checkAmounts(t *rapid.T, spec corev1.PodSpec) {
	sums := corev1.ResourceList{}
	for _, c := range spec.Containers {
		for name, q := range c.Resources.Requests {
			sum := sums[name]
			sum.Add(q)
			sums[name] = sum
			if limit, has := c.Resources.Limits[name]; has && q.Cmp(limit) > 0 {
				t.Fatalf("container %s requests %s of %s, its limit is %s", c.Name, q.String(), name, limit.String())
			}
		}
		for name, q := range c.Resources.Limits {
			if spec.Resources == nil {
				continue
			}
			if limit, has := spec.Resources.Limits[name]; has && q.Cmp(limit) > 0 {
				t.Fatalf("container %s may use %s of %s, the pod %s", c.Name, q.String(), name, limit.String())
			}
		}
	}
	if spec.Resources == nil {
		return
	}
	for name, q := range spec.Resources.Requests {
		if sum := sums[name]; sum.Cmp(q) > 0 {
			t.Fatalf("the containers request %s of %s, the pod %s", sum.String(), name, q.String())
		}
	}
}

func checkStop(t *rapid.T, spec corev1.PodSpec) {
	for _, c := range spec.Containers {
		if l := c.Lifecycle; l != nil && l.PreStop.Sleep.Seconds >= *spec.TerminationGracePeriodSeconds {
			t.Fatalf("container %s sleeps %d s of a grace period of %d s", c.Name, l.PreStop.Sleep.Seconds, *spec.TerminationGracePeriodSeconds)
		}
	}
	if *spec.TerminationGracePeriodSeconds < 1 {
		t.Fatal("no grace period: the kubelet would be passed by")
	}
}

func asJSON(t *rapid.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// expand is the kubelet's expansion with no variable known, written down from its documentation (k8s.io/kubernetes,
// third_party/forked/golang/expansion): $$ is $, $(NAME) of an unknown name stays, any other $ stays. Known names would be
// replaced, so any $(NAME) that survives unprotected is reported as VARIABLE.
func expand(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '$' || i+1 == len(text):
			b.WriteByte(text[i])
		case text[i+1] == '$':
			b.WriteByte('$')
			i++
		case text[i+1] == '(' && strings.IndexByte(text[i+2:], ')') >= 0:
			b.WriteString("VARIABLE")
			i += 2 + strings.IndexByte(text[i+2:], ')')
		default:
			b.WriteByte('$')
		}
	}
	return b.String()
}

func TestTextReachesTheContainerAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a$()]{0,12}`)).Draw(t, "text")
		if got := expand(literal(text)); got != text {
			t.Fatalf("%q is written as %q and arrives as %q", text, literal(text), got)
		}
	})
}
