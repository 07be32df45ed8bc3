// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podspec translates a task definition into a pod template.
//
// A task is a pod and a container definition is a container. What becomes of each field is said by one row of the ledger, with one of
// six verdicts; docs/fields.md is the ledger, printed. The function that translates a field has the field's name: mapHealthCheck,
// mapEnvironment. What can't be said exactly is a [Warning] on the result, never silence.
//
// The order of the work is that of [Translate]: effective values; the mappers of one container, each of which writes fields
// that no other writes; then the mappers of the task, which see all containers.
package podspec

import (
	"fmt"
	"maps"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// fortySeconds is how long a task without health check and load balancer has to be up before it counts as healthy
// (API_DeploymentConfiguration minimumHealthyPercent).
const fortySeconds = 40

// translation is the work in progress: what came in, what goes out.
type translation struct {
	in       Input
	task     taskdef.Task
	names    map[string]string // container name of ECS -> of the pod
	warnings []Warning
	// order says who starts before whom.
	order order
	// launched are the containers that need the launcher, by index; wrapped are those that it starts.
	launched map[int]*launch
	wrapped  []Launched
	// helpers are containers that are none of the task's.
	helpers []corev1.Container
	// files go into the launcher's volume.
	files []launchspec.File
	// secrets are the Kubernetes Secrets that the task's secrets are in.
	secrets secretTable
	// volumes are the names of volumes in the pod, by their ECS names.
	volumes map[string]string
	needs   Needs
}

func (t *translation) warn(path string, verdict Verdict, format string, args ...any) {
	t.warnings = append(t.warnings, Warning{Path: path, Verdict: verdict, Message: fmt.Sprintf(format, args...)})
}

// containerMapper translates some fields of the i-th container. Mappers write disjoint fields, so their order says nothing.
type containerMapper struct {
	name string
	run  func(t *translation, i int, in taskdef.Container, out *corev1.Container)
}

var containerMappers = []containerMapper{
	{"image", mapImage},
	{"entryPoint and command", mapCommand},
	{"environment and secrets", mapEnvironment},
	{"environmentFiles", mapEnvironmentFiles},
	{"portMappings", mapPortMappings},
	{"cpu, memory and memoryReservation", mapResources},
	{"healthCheck", mapHealthCheck},
	{"essential", mapEssential},
	{"dependsOn", mapDependsOn},
	{"restartPolicy", mapRestartPolicy},
	{"stopTimeout", mapStop},
	{"ulimits", mapUlimits},
	{"linuxParameters.initProcessEnabled", mapInitProcess},
	{"user and what it may do", mapSecurity},
	{"interactive and pseudoTerminal", mapTerminal},
	{"mountPoints and volumesFrom", mapMounts},
}

// podMapper translates fields of the task, or of all its containers together, after the containers have been made.
type podMapper struct {
	name string
	run  func(t *translation, out *corev1.PodTemplateSpec)
}

var podMappers = []podMapper{
	{"what every pod has", mapPod},
	{"taskRoleArn", mapTaskRole},
	{"executionRoleArn and repositoryCredentials", mapPullSecrets},
	{"volumes", mapVolumes},
	{"networkMode", mapNetworkMode},
	{"links and extraHosts", mapHosts},
	{"variables of links", mapLinkVariables},
	{"dnsServers and dnsSearchDomains", mapDNS},
	{"hostname", mapHostname},
	{"cpu and memory of the task", mapTaskResources},
	{"checks of target groups", mapTargetGroups},
	{"devices and resourceRequirements", mapResourceRequirements},
	{"ephemeralStorage", mapEphemeralStorage},
	{"sharedMemorySize and tmpfs", mapMemoryFiles},
	{"systemControls", mapSystemControls},
	{"pidMode and ipcMode", mapNamespaces},
	{"stopTimeout", mapTermination},
	{"cluster, placement and placementConstraints", mapPlacement},
	{"runtimePlatform", mapRuntimePlatform},
	{"annotations", mapAnnotations},
	{"dockerLabels", mapDockerLabels},
	{"logConfiguration", mapLogConfiguration},
	{"firelensConfiguration", mapFirelens},
	{"the launcher", mapLauncher},
	{"dependsOn by init containers", mapInitContainers},
	{"the log router comes first", mapRouterFirst},
	{"what the namespace's pod security level asks for", mapPodSecurity}, // last: it looks at every container there is
}

// Translate makes the pod template of a task. It fails with [taskdef.Problems] for a task definition that Validate has problems
// with, for a load balancer that names a container or port which the task definition hasn't got, and for a volume that is configured at
// launch and isn't.
func Translate(in Input) (Result, error) {
	if problems := taskdef.Validate(&in.TaskDefinition); len(problems) > 0 {
		return Result{}, problems
	}
	task, err := taskdef.Effective(&in.TaskDefinition)
	if err != nil {
		return Result{}, err
	}
	t := &translation{in: in, task: task, names: podNames(task.Containers)}
	if err := t.checkLoadBalancers(); err != nil {
		return Result{}, err
	}
	if err := t.checkVolumeConfigurations(); err != nil {
		return Result{}, err
	}
	t.waitForRouter()
	t.order = t.planOrder()
	t.secrets, t.volumes = t.collectSecrets(), t.volumeNames()
	t.needs.Secrets = t.secrets.list()
	template := corev1.PodTemplateSpec{}
	template.Labels = maps.Clone(in.Labels)
	template.Annotations = maps.Clone(in.Annotations)
	for i, c := range task.Containers {
		out := corev1.Container{Name: t.names[c.Name]}
		for _, m := range containerMappers {
			m.run(t, i, c, &out)
		}
		template.Spec.Containers = append(template.Spec.Containers, out)
	}
	for _, m := range podMappers {
		m.run(t, &template)
	}
	sort.SliceStable(t.warnings, func(i, j int) bool { return t.warnings[i].Path < t.warnings[j].Path })
	return Result{Template: template, MinReadySeconds: t.minReadySeconds(), Warnings: t.warnings, Launched: t.wrapped, Needs: t.needs}, nil
}

// minReadySeconds is 40 when nothing but the passing of time can say that a task is well: no load balancer, and no health check on an
// essential container.
func (t *translation) minReadySeconds() int32 {
	if t.in.Service == nil || len(t.in.Service.LoadBalancers) > 0 || t.task.ChecksHealth() {
		return 0
	}
	return fortySeconds
}

// checkLoadBalancers refuses a load balancer that names what the task definition hasn't got. ECS's text (API_CreateService).
func (t *translation) checkLoadBalancers() error {
	for i, lb := range t.loadBalancers() {
		if _, known := t.names[lb.ContainerName]; !known {
			return fmt.Errorf("spec.loadBalancers[%d].containerName: the container %s does not exist in the task definition; it has %s", i, lb.ContainerName, t.containerNames())
		}
		if !t.listens(lb.ContainerName, lb.ContainerPort) {
			return fmt.Errorf("spec.loadBalancers[%d].containerPort: the container %s did not have a container port %d defined; add it to the portMappings of the task definition, or name a port that is there", i, lb.ContainerName, lb.ContainerPort)
		}
	}
	return nil
}

// containerNames lists the task's containers by their ECS names.
func (t *translation) containerNames() string {
	var all []string
	for _, c := range t.task.Containers {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}

func (t *translation) loadBalancers() []LoadBalancer {
	if t.in.Service == nil {
		return nil
	}
	return t.in.Service.LoadBalancers
}

// container is the path of the i-th container's field.
func container(i int, field string) string {
	return fmt.Sprintf("containerDefinitions[%d].%s", i, field)
}
