// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// planTargetGroups gives the core Services that the service should have, and those of its own that it shouldn't.
func planTargetGroups(seen observed, td *ecsv1.TaskDefinitionFields) (want, stale []*corev1.Service, problem, waiting *conditions.Reason) {
	wanted := map[string]bool{}
	for _, group := range seen.wantedGroups() {
		s := buildTargetGroup(seen.service, group, service.Protocol(td, group.ContainerName, group.ContainerPort))
		live := find(seen.targetGroups, s.Name)
		if seen.shiftsTraffic(group.Name) {
			shareSelector(s, live)
		}
		wanted[s.Name] = true
		want = append(want, s)
		switch {
		case live == nil || metav1.IsControlledBy(live, seen.service):
		case live.DeletionTimestamp != nil || leftOver(live, seen.service):
			return nil, nil, nil, refuse(ecsv1.ReasonProgressing, "waiting for the Service %s of an earlier service to go", s.Name)
		default:
			return nil, nil, refuse(ecsv1.ReasonInvalid, "spec.%s: target group %s needs the core Service %s, "+
				"which exists and isn't this service's; delete it, or name the target group otherwise", fieldOf(seen.service, group.Name), group.Name, s.Name), nil
		}
	}
	for i := range seen.targetGroups {
		s := &seen.targetGroups[i]
		if route := seen.routed[s.Name]; route != "" {
			return nil, nil, refuse(ecsv1.ReasonInvalid, "spec.loadBalancers: the core Service %s can't go, since HTTPRoute %s sends traffic to it. Put its target group back with strategy ROLLING and deploy that; "+
				"then give the traffic to another backend, and take the target group out", s.Name, route), nil
		}
		if !wanted[s.Name] && s.DeletionTimestamp == nil {
			stale = append(stale, s)
		}
	}
	return want, stale, nil, nil
}

// wantedGroups are the target groups that core Services stand for.
func (o observed) wantedGroups() []service.TargetGroup {
	return service.CoreServices(o.service.Spec.LoadBalancers, service.Settings(o.service), o.staged(), func(group string) bool {
		live := find(o.targetGroups, names.TargetGroup(group))
		return live != nil && metav1.IsControlledBy(live, o.service)
	})
}

// staged reports whether deployments of the service move traffic, the one that drives it or the next.
func (o observed) staged() bool {
	current := o.current()
	return traffic.Staged(o.service.Spec.DeploymentConfiguration) || current != nil && traffic.Staged(current.Spec.DeploymentConfiguration)
}

// shiftsTraffic reports whether deployments choose what the core Service of a target group selects. One that has done so once goes on: a rolling
// deployment that follows gives it everyone's tasks again.
func (o observed) shiftsTraffic(group string) bool {
	live := find(o.targetGroups, names.TargetGroup(group))
	return o.staged() || live != nil && live.Labels[ecsv1.LabelShiftsTraffic] != ""
}

// shareSelector leaves the selector to the deployments as soon as one has chosen it. Until then it takes everyone's tasks; with the resource version that was seen
// beside it, so that the first choice isn't undone by who hasn't seen it.
func shareSelector(s, live *corev1.Service) {
	s.Labels[ecsv1.LabelShiftsTraffic] = "true"
	switch {
	case live == nil:
	case live.Spec.Selector[ecsv1.LabelServiceRevision] != "":
		s.Spec.Selector = nil
	default:
		s.ResourceVersion = live.ResourceVersion
	}
}

// fieldOf is where the service names a target group.
func fieldOf(svc *ecsv1.Service, group string) string {
	for _, p := range traffic.Pairs(svc.Spec.LoadBalancers) {
		if p.Groups[1] == group {
			return fmt.Sprintf("loadBalancers[%d].advancedConfiguration.alternateTargetGroupArn", p.Index)
		}
		if p.Groups[0] == group {
			return fmt.Sprintf("loadBalancers[%d].targetGroupArn", p.Index)
		}
	}
	return "loadBalancers"
}

// leftOver reports whether a core Service belongs to an earlier service of the same name, and so will be collected.
func leftOver(s *corev1.Service, svc *ecsv1.Service) bool {
	owner := metav1.GetControllerOf(s)
	return owner != nil && owner.Kind == "Service" && owner.Name == svc.Name && owner.UID != svc.UID
}

func find(services []corev1.Service, name string) *corev1.Service {
	for i := range services {
		if services[i].Name == name {
			return &services[i]
		}
	}
	return nil
}

// buildTargetGroup makes the core Service of a target group. It takes the tasks of all revisions: during a rolling deployment both
// get traffic, as behind a load balancer of ECS.
func buildTargetGroup(svc *ecsv1.Service, group service.TargetGroup, protocol string) *corev1.Service {
	labels := service.Selector(svc.Name)
	labels[ecsv1.LabelTargetGroup] = names.LabelValue(group.Name)
	labels[ecsv1.LabelCluster] = names.LabelValue(service.Cluster(svc))
	port := corev1.ServicePort{
		Name:       "traffic",
		Protocol:   corev1.Protocol(strings.ToUpper(protocol)),
		Port:       group.ListenPort(),
		TargetPort: intstr.FromInt32(group.ContainerPort),
	}
	if group.Type != ecsv1.TargetGroupTypeClusterIP {
		port.NodePort = ptr.Deref(group.NodePort, 0)
	}
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       svc.Namespace,
			Name:            names.TargetGroup(group.Name),
			Labels:          labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(svc, ecsv1.GroupVersion.WithKind("Service"))},
		},
		Spec: corev1.ServiceSpec{
			Type:     corev1.ServiceType(group.Type),
			Selector: service.Selector(svc.Name),
			Ports:    []corev1.ServicePort{port},
		},
	}
}
