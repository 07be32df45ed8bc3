// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// planTargetGroups gives the core Services that the service should have, and those of its own that it shouldn't.
func planTargetGroups(seen observed) (want, stale []*corev1.Service, problem, waiting *conditions.Reason) {
	wanted := map[string]bool{}
	for i, group := range service.TargetGroups(seen.service.Spec.LoadBalancers, service.Settings(seen.service)) {
		s := buildTargetGroup(seen.service, group)
		wanted[s.Name] = true
		want = append(want, s)
		live := find(seen.targetGroups, s.Name)
		switch {
		case live == nil || metav1.IsControlledBy(live, seen.service):
		case live.DeletionTimestamp != nil || leftOver(live, seen.service):
			return nil, nil, nil, refuse(ecsv1.ReasonProgressing, "waiting for the Service %s of an earlier service to go", s.Name)
		default:
			return nil, nil, refuse(ecsv1.ReasonInvalid, "spec.loadBalancers[%d].targetGroupArn: target group %s needs the core Service %s, "+
				"which exists and isn't this service's; delete it, or name the target group otherwise", i, group.Name, s.Name), nil
		}
	}
	for i := range seen.targetGroups {
		if s := &seen.targetGroups[i]; !wanted[s.Name] && s.DeletionTimestamp == nil {
			stale = append(stale, s)
		}
	}
	return want, stale, nil, nil
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
func buildTargetGroup(svc *ecsv1.Service, group service.TargetGroup) *corev1.Service {
	labels := service.Selector(svc.Name)
	labels[ecsv1.LabelTargetGroup] = names.LabelValue(group.Name)
	labels[ecsv1.LabelCluster] = names.LabelValue(service.Cluster(svc))
	port := corev1.ServicePort{
		Name:       "traffic",
		Protocol:   corev1.ProtocolTCP,
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
