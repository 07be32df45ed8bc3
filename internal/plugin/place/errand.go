// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

const daemonSet = string(ecsv1.PlacementMechanismDaemonSet)

// errand makes tasks to place of a manifest; nil for one that has none.
func (s *scene) errand(ctx context.Context, i int) (*errand, error) {
	m := s.manifests[i]
	switch o := m.Object.(type) {
	case *ecsv1.Service:
		o.Namespace = cmp.Or(o.Namespace, s.namespace)
		return s.ofService(ctx, m, o)
	case *ecsv1.Task:
		o.Namespace = cmp.Or(o.Namespace, s.namespace)
		return s.ofTask(ctx, m, o)
	}
	return nil, nil
}

// platform is what the pods depend on beside the manifests.
func (s *scene) platform(seen reference.Seen, cluster string, carriage service.Carriage) service.Platform {
	return service.Platform{
		Features:      podspec.Features{ContainerRestartRules: true, PodLevelResources: true, PreStopSleep: true},
		LauncherImage: "ecs-launcher", // which one makes no difference to placement
		PodSecurity:   podsecurity.Enforced(seen.Namespace.Labels).Name(),
		Cluster:       service.ClusterOf(cluster, s.clusters.Items),
		Placement:     carriage.Pod(),
	}
}

func (s *scene) start(kind, namespace, name, cluster string, carriage service.Carriage) *errand {
	return &errand{
		Placement: view.Placement{
			Kind: kind, Namespace: namespace, Name: name, Cluster: cluster, Mechanism: string(carriage.Mechanism), Reason: carriage.Reason,
			Strategies: []string{}, Tasks: []view.PlacedTask{}, PassedOver: []view.PassedOver{},
		},
		carriage: carriage, providers: instances.Providers(s.cluster(cluster), cluster, s.providers.Items), placed: map[string]int{},
		states: s.states(),
	}
}

func (s *scene) ofService(ctx context.Context, m *convert.Manifest, o *ecsv1.Service) (*errand, error) {
	cluster := service.Cluster(o)
	seen, err := s.seen(ctx, o.Namespace, cluster, o.Spec.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if problems := service.Validate(o); len(problems) > 0 {
		return nil, refusal(m, "Service", &conditions.Reason{Message: "spec." + problems.Error()})
	}
	if problem := seen.CheckCluster(cluster, "services"); problem != nil {
		return nil, refusal(m, "Service", problem)
	}
	revision, from, problem := s.taskDefinition(seen, o.Spec.TaskDefinition)
	if problem != nil {
		return nil, refusal(m, "Service", problem)
	}
	carriage := service.Carry(service.AskOf(&o.Spec), &revision.Spec.TaskDefinition, service.FindCluster(cluster, s.clusters.Items), s.providers.Items)
	e := s.start("Service", o.Namespace, o.Name, cluster, carriage)
	spec := service.Revision(o, revision)
	spec.Revision = 1
	translated, err := service.Translate(&spec, &revision.Spec, s.platform(seen, cluster, carriage))
	if err != nil {
		return nil, refusal(m, "Service", &conditions.Reason{Message: err.Error()})
	}
	e.TaskDefinition, e.group, e.pod = from, service.Group(o), podOf(o.Namespace, translated)
	there := s.count(e, o)
	e.Count = max(int(service.Desired(o))-there, 0)
	e.Because = fmt.Sprintf("desiredCount %d less %d that there are", service.Desired(o), there)
	if there == 0 {
		e.Because = "its desiredCount"
	}
	if service.IsDaemon(o) {
		e.Because = "one on each instance that is to have one and has none"
	}
	e.note()
	return e, nil
}

func podOf(namespace string, translated podspec.Result) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: *translated.Template.ObjectMeta.DeepCopy(), Spec: translated.Template.Spec}
	pod.Namespace = namespace
	return pod
}

// count is how many tasks the service has that are to run, and how many of them each capacity provider has.
func (s *scene) count(e *errand, o *ecsv1.Service) int {
	n := 0
	for i := range s.pods.Items {
		p := &s.pods.Items[i]
		if p.Namespace != o.Namespace || p.Labels[ecsv1.LabelService] != names.LabelValue(o.Name) || !instances.InCluster(p, e.Cluster) ||
			taskstate.Of(p, 0, s.now).DesiredStatus != ecsv1.TaskDesiredStatusRunning {
			continue
		}
		n++
		for _, share := range e.carriage.Shares {
			if label := p.Labels[ecsv1.LabelCapacityProvider]; label != "" && label == names.LabelValue(share.Provider) {
				e.placed[share.Provider]++
			}
		}
	}
	return n
}

// note says what the answer doesn't hold for.
func (e *errand) note() {
	if e.Mechanism == string(ecsv1.PlacementMechanismScheduler) {
		e.Notes = append(e.Notes, "the scheduler chooses, by the same rules and by what else it weighs; kubernetes.exactPlacement has the operator choose")
	}
	for _, s := range e.carriage.Strategies {
		if strings.EqualFold(string(s.Type), "random") {
			e.Notes = append(e.Notes, "random draws anew each time")
		}
	}
}

func (s *scene) ofTask(ctx context.Context, m *convert.Manifest, o *ecsv1.Task) (*errand, error) {
	cluster := task.Cluster(o)
	seen, err := s.seen(ctx, o.Namespace, cluster, o.Spec.TaskDefinition)
	if err != nil {
		return nil, err
	}
	if problem := seen.CheckCluster(cluster, "tasks"); problem != nil {
		return nil, refusal(m, "Task", problem)
	}
	revision, from, problem := s.taskDefinition(seen, o.Spec.TaskDefinition)
	if problem != nil {
		return nil, refusal(m, "Task", problem)
	}
	fields, err := task.Override(&revision.Spec.TaskDefinition, o.Spec.Overrides)
	if err != nil {
		return nil, refusal(m, "Task", &conditions.Reason{Message: err.Error()})
	}
	instance, problem := task.FindInstance(o, s.instances.Items)
	if problem != nil {
		return nil, refusal(m, "Task", problem)
	}
	carriage := service.Carry(service.AskOfTask(&o.Spec), &fields, service.FindCluster(cluster, s.clusters.Items), s.providers.Items)
	e := s.start("Task", o.Namespace, o.Name, cluster, carriage)
	node := ""
	if instance != nil {
		node, e.only = instance.Spec.NodeName, instance.Name
		e.carriage = service.Carriage{}
		e.Mechanism, e.Reason = "StartTask", "containerInstances: the instance is named, and nothing is chosen"
	}
	on := s.platform(seen, cluster, carriage)
	in := task.PodInput(o, &revision.Spec, fields, node, on)
	in.Placement = on.Placement
	translated, err := podspec.Translate(in)
	if err != nil {
		return nil, refusal(m, "Task", &conditions.Reason{Message: err.Error()})
	}
	e.TaskDefinition, e.group, e.pod = from, cmp.Or(o.Spec.Group, "family:"+revision.Spec.Family), podOf(o.Namespace, translated)
	e.Count, e.Because = 1, "as RunTask starts them"
	if e.only == "" {
		e.note()
	}
	return e, nil
}
