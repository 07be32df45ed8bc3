// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podsecurity

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/policy"
	"k8s.io/utils/ptr"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

var (
	baseline   = Enforced(map[string]string{"pod-security.kubernetes.io/enforce": "baseline"})
	restricted = Enforced(map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
)

func TestLevels(t *testing.T) {
	for name, tc := range map[string]struct {
		labels map[string]string
		want   string
	}{
		"no label enforces nothing":                       {nil, ""},
		"privileged enforces nothing":                     {map[string]string{"pod-security.kubernetes.io/enforce": "privileged"}, ""},
		"baseline":                                        {map[string]string{"pod-security.kubernetes.io/enforce": "baseline"}, "baseline"},
		"restricted":                                      {map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}, "restricted"},
		"a level to warn of enforces nothing":             {map[string]string{"pod-security.kubernetes.io/warn": "restricted"}, ""},
		"a level that isn't one is the strictest":         {map[string]string{"pod-security.kubernetes.io/enforce": "strict"}, "restricted"},
		"a version that isn't one makes the level latest": {map[string]string{"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "x"}, "baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Enforced(tc.labels).Name(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// tight is what restricted wants of a container.
func tight(edit func(*corev1.Container)) corev1.Container {
	c := corev1.Container{Name: "app", SecurityContext: &corev1.SecurityContext{
		RunAsNonRoot:             new(true),
		AllowPrivilegeEscalation: new(false),
		SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}}
	edit(&c)
	return c
}

func TestCheck(t *testing.T) {
	host := corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/run"}}
	device := corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/dev/fuse"}}
	for name, tc := range map[string]struct {
		level Level
		td    ecsv1.TaskDefinitionFields
		spec  corev1.PodSpec
		names string
		want  []string
	}{
		"what baseline has nothing against": {
			level: baseline,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}}},
			spec:  corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}}},
		},
		"what restricted has nothing against": {
			level: restricted,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}}},
			spec:  corev1.PodSpec{Containers: []corev1.Container{tight(func(*corev1.Container) {})}},
		},
		"the second of two containers is privileged": {
			level: baseline,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}, {Name: "Side_Car", Privileged: new(true)}}},
			spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}, {Name: "side-car-1", SecurityContext: &corev1.SecurityContext{
				Privileged: new(true)}}}},
			names: `{"side-car-1":"Side_Car"}`,
			want:  []string{"containerDefinitions[1].privileged: the level forbids privileged containers; take privileged out"},
		},
		"a privileged container is told once, not for all that it has": {
			level: restricted,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", Privileged: new(true)}}},
			spec:  corev1.PodSpec{Containers: []corev1.Container{{Name: "app", SecurityContext: &corev1.SecurityContext{Privileged: new(true)}}}},
			want:  []string{"containerDefinitions[0].privileged: the level forbids privileged containers; take privileged out"},
		},
		"the host's network, processes and memory": {
			level: baseline,
			spec:  corev1.PodSpec{HostNetwork: true, HostPID: true, HostIPC: true},
			want: []string{
				"ipcMode: the level forbids sharing the host's namespaces; take it out, or use awsvpc for networkMode host",
				"networkMode: the level forbids sharing the host's namespaces; take it out, or use awsvpc for networkMode host",
				"pidMode: the level forbids sharing the host's namespaces; take it out, or use awsvpc for networkMode host",
			},
		},
		"ports of a task on the host's network": {
			level: baseline,
			td: ecsv1.TaskDefinitionFields{NetworkMode: "host", ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", PortMappings: []ecsv1.PortMapping{
				{ContainerPort: ptr.To[int32](80)}}}}},
			spec: corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80}}}}},
			want: []string{"networkMode: the level forbids sharing the host's namespaces; take it out, or use awsvpc for networkMode host"},
		},
		"a directory and a device of the host": {
			level: baseline,
			td: ecsv1.TaskDefinitionFields{
				ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", LinuxParameters: &ecsv1.LinuxParameters{Devices: []ecsv1.Device{{HostPath: "/dev/fuse"}}}}},
				Volumes:              []ecsv1.Volume{{Name: "scratch"}, {Name: "run", Host: &ecsv1.HostVolumeProperties{SourcePath: "/var/run"}}},
			},
			spec: corev1.PodSpec{Volumes: []corev1.Volume{{Name: "scratch"}, {Name: "run", VolumeSource: host}, {Name: "d", VolumeSource: device}}},
			want: []string{
				"containerDefinitions[0].linuxParameters.devices[0].hostPath: the level forbids files and devices of the host; use a volume that isn't the host's",
				"volumes[1].host.sourcePath: the level forbids files and devices of the host; use a volume that isn't the host's",
			},
		},
		"a host port": {
			level: baseline,
			td: ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", PortMappings: []ecsv1.PortMapping{
				{ContainerPort: ptr.To[int32](80)}, {ContainerPort: ptr.To[int32](81), HostPort: ptr.To[int32](8081)}}}}},
			spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 81, HostPort: 8081}}}}},
			want: []string{"containerDefinitions[0].portMappings[1].hostPort: the level forbids ports of the host; take hostPort out; a target group reaches the container port"},
		},
		"a kernel parameter that isn't safe": {
			level: baseline,
			td: ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", SystemControls: []ecsv1.SystemControl{
				{Namespace: "net.ipv4.ip_local_port_range", Value: "1024 65535"}, {Namespace: "net.core.somaxconn", Value: "1024"}}}}},
			spec: corev1.PodSpec{SecurityContext: &corev1.PodSecurityContext{Sysctls: []corev1.Sysctl{
				{Name: "net.ipv4.ip_local_port_range", Value: "1024 65535"}, {Name: "net.core.somaxconn", Value: "1024"}}}},
			want: []string{"containerDefinitions[0].systemControls[1].namespace: the level forbids this kernel parameter; take it out"},
		},
		"a capability that Docker doesn't give": {
			level: baseline,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}}},
			spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", SecurityContext: &corev1.SecurityContext{
				Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"NET_ADMIN"}}}}}},
			want: []string{"containerDefinitions[0].linuxParameters.capabilities.add: the level forbids capabilities beyond Docker's default ones; take them out"},
		},
		"root where it is forbidden": {
			level: restricted,
			td:    ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app", User: "0"}}},
			spec: corev1.PodSpec{Containers: []corev1.Container{tight(func(c *corev1.Container) {
				c.SecurityContext.RunAsNonRoot, c.SecurityContext.RunAsUser = nil, ptr.To[int64](0)
			})}},
			want: []string{`containerDefinitions[0].user: the level forbids root; set user to another number, as in "1000"`},
		},
		"a volume that restricted doesn't know": {
			level: restricted,
			td:    ecsv1.TaskDefinitionFields{Volumes: []ecsv1.Volume{{Name: "shared"}}},
			spec:  corev1.PodSpec{Volumes: []corev1.Volume{{Name: "shared", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Server: "efs", Path: "/"}}}}},
			want:  []string{"volumes[0]: the level forbids volumes of this kind; use one that Kubernetes provisions"},
		},
		"a container that no field stands for": {
			level: baseline,
			spec:  corev1.PodSpec{InitContainers: []corev1.Container{{Name: "helper", SecurityContext: &corev1.SecurityContext{Privileged: new(true)}}}},
			want:  []string{`container helper: Kubernetes says privileged (container "helper" must not set securityContext.privileged=true)`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			template := &corev1.PodTemplateSpec{Spec: tc.spec}
			if tc.names != "" {
				template.Annotations = map[string]string{taskstate.ContainerNamesAnnotation: tc.names}
			}
			var got []string
			for _, v := range Check(tc.level, &tc.td, template) {
				got = append(got, v.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryCheckOfTheLibraryIsTold(t *testing.T) {
	// These are about what no task definition can ask for.
	never := []policy.CheckID{"hostProbesAndHostLifecycle", "procMount", "procMount_restricted", "windowsHostProcess"}
	for _, check := range policy.DefaultChecks() {
		if _, told := rows[check.ID]; told == slices.Contains(never, check.ID) {
			t.Errorf("%s has to be either in rows or in this test's list", check.ID)
		}
	}
}

// What the apiserver would refuse is told, and nothing else is.
func TestWhatIsToldIsWhatKubernetesForbids(t *testing.T) {
	whole, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.SampledFrom([]Level{baseline, restricted, Enforced(nil)}).Draw(t, "level")
		spec := corev1.PodSpec{HostNetwork: rapid.Bool().Draw(t, "network"), HostPID: rapid.Bool().Draw(t, "pid")}
		if rapid.Bool().Draw(t, "volume") {
			spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}}}
		}
		if rapid.Bool().Draw(t, "pod context") {
			spec.SecurityContext = &corev1.PodSecurityContext{RunAsNonRoot: new(rapid.Bool().Draw(t, "non-root")),
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}}
		}
		spec.Containers = []corev1.Container{tight(func(c *corev1.Container) {
			if rapid.Bool().Draw(t, "privileged") {
				c.SecurityContext = &corev1.SecurityContext{Privileged: new(true)}
			}
			if rapid.Bool().Draw(t, "open") {
				c.SecurityContext = nil
			}
		})}
		allowed := policy.AggregateCheckResults(whole.EvaluatePod(level.enforced, &metav1.ObjectMeta{}, &spec)).Allowed
		td := &ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}}}
		if told := Check(level, td, &corev1.PodTemplateSpec{Spec: spec}); allowed != (len(told) == 0) {
			t.Errorf("Kubernetes allows it: %v; told: %v", allowed, told)
		}
	})
}
