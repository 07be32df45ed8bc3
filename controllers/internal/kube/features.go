// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// probe tries one feature: it sets fields in a pod template and looks whether they are still there in what the apiserver makes of it.
type probe struct {
	name string
	set  func(*corev1.PodSpec)
	kept func(*corev1.PodSpec) bool
	note func(*podspec.Features)
}

var probes = []probe{
	{
		name: "restart policies of containers",
		set:  func(p *corev1.PodSpec) { p.Containers[0].RestartPolicy = ptr.To(corev1.ContainerRestartPolicyNever) },
		kept: func(p *corev1.PodSpec) bool { return p.Containers[0].RestartPolicy != nil },
		note: func(f *podspec.Features) { f.ContainerRestartRules = true },
	},
	{
		name: "resources of pods",
		set: func(p *corev1.PodSpec) {
			p.Resources = &corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")}}
		},
		kept: func(p *corev1.PodSpec) bool { return p.Resources != nil && len(p.Resources.Limits) > 0 },
		note: func(f *podspec.Features) { f.PodLevelResources = true },
	},
	{
		name: "preStop sleep",
		set: func(p *corev1.PodSpec) {
			p.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 1}}}
		},
		kept: func(p *corev1.PodSpec) bool {
			l := p.Containers[0].Lifecycle
			return l != nil && l.PreStop != nil && l.PreStop.Sleep != nil
		},
		note: func(f *podspec.Features) { f.PreStopSleep = true },
	},
}

// Features finds out what the cluster's pods can do, by dry runs of a Deployment: a feature gate is open when the apiserver neither
// refuses the field nor drops it. Versions alone don't tell, since gates can be closed.
func Features(ctx context.Context, c client.Client, namespace string) (podspec.Features, error) {
	var found podspec.Features
	for _, p := range probes {
		d := sampleDeployment(namespace)
		p.set(&d.Spec.Template.Spec)
		err := c.Create(ctx, d, client.DryRunAll)
		switch {
		case err == nil && p.kept(&d.Spec.Template.Spec):
			p.note(&found)
		case apierrors.IsInvalid(err):
		case refused(err):
			log.FromContext(ctx).Info("Couldn't find out whether pods can do a thing, so it isn't used", "thing", p.name, "why", err.Error())
		case err != nil:
			return found, fmt.Errorf("finding out what pods can do, by a dry run in namespace %s: %w", namespace, err)
		}
	}
	return found, nil
}

// refused: the request got there and was turned down, by an admission policy for example. Asking again would change nothing.
func refused(err error) bool {
	return apierrors.IsBadRequest(err) || apierrors.IsForbidden(err)
}

func sampleDeployment(namespace string) *appsv1.Deployment {
	labels := map[string]string{"app": "ecs-operator-dry-run"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "ecs-operator-dry-run-"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "none"}}},
			},
		},
	}
}
