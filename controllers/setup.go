// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package controllers lists what the manager runs: the one place to see all controllers, their caches and their indexes.
package controllers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/selection"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/alarm"
	"github.com/ecs-operator/ecs-operator/controllers/capacityprovider"
	"github.com/ecs-operator/ecs-operator/controllers/cluster"
	"github.com/ecs-operator/ecs-operator/controllers/containerinstance"
	"github.com/ecs-operator/ecs-operator/controllers/internal/hooks"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/controllers/placement"
	"github.com/ecs-operator/ecs-operator/controllers/runtask"
	"github.com/ecs-operator/ecs-operator/controllers/service"
	"github.com/ecs-operator/ecs-operator/controllers/servicedeployment"
	"github.com/ecs-operator/ecs-operator/controllers/task"
	"github.com/ecs-operator/ecs-operator/controllers/taskdefinition"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	ecsservice "github.com/ecs-operator/ecs-operator/internal/service"
)

// Settings are what the manager is told.
type Settings struct {
	// Region and AccountID stand in ARNs. They name nothing real.
	Region    string
	AccountID string
	// LauncherImage is the image that the launcher is copied from into the pods that need it, "" to do without.
	LauncherImage string
	// Namespace is the manager's own, where Secrets for it are; "" where it isn't known.
	Namespace string
	// Images says how registries are read; nil reads none.
	Images *Images
	// Hooks say how the URLs of lifecycle hooks are called.
	Hooks Hooks
	// Webhook says how admission is served; nil serves none.
	Webhook *Webhook
	// Now is the clock.
	Now func() time.Time
}

// Images says how registries are read. Its clock is that of the settings.
type Images = images.Options

// Hooks say how the URLs of lifecycle hooks are called.
type Hooks = hooks.Options

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// Validate says what is wrong with the settings, by the names of the manager's flags.
func (s Settings) Validate() error {
	if s.Region == "" {
		return errors.New("--aws-region: is empty; it stands in ARNs, so give any name, such as us-east-1")
	}
	if !accountID.MatchString(s.AccountID) {
		return fmt.Errorf("--aws-account-id: %q is not an account: want 12 digits", s.AccountID)
	}
	if s.Images != nil {
		if err := s.Images.Validate(); err != nil {
			return err
		}
	}
	if s.Webhook != nil && s.Webhook.Namespace == "" {
		return errors.New("--webhook-namespace: is empty, and the manager isn't in a pod that tells; name one, or set --webhook=false")
	}
	return nil
}

// Scheme knows the types of Kubernetes and ours.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(ecsv1.AddToScheme(scheme))
	utilruntime.Must(gatewayv1.Install(scheme))
	return scheme
}

// Cache keeps of every object what is read of it. Pods are many, and only their requests, ports, labels and status matter.
func Cache() cache.Options {
	return cache.Options{
		DefaultTransform: stripManagedFields,
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Pod{}:                 {Transform: stripPod},
			&networkingv1.NetworkPolicy{}: {Label: ofCluster()},
			&appsv1.ReplicaSet{}:          {Label: ofCluster()},
			&discoveryv1.EndpointSlice{}:  {Label: having(ecsv1.LabelShiftsTraffic)},
			&batchv1.Job{}:                {Label: ofCluster()},
		},
	}
}

// ofCluster chooses what belongs to tasks of some cluster.
func ofCluster() labels.Selector { return having(ecsv1.LabelCluster) }

// stripManagedFields leaves of managed fields who wrote and when, and that only of HTTPRoutes: who else writes weights is to be told.
func stripManagedFields(o any) (any, error) {
	object, ok := o.(client.Object)
	if !ok {
		return o, nil
	}
	if _, isRoute := o.(*gatewayv1.HTTPRoute); !isRoute {
		object.SetManagedFields(nil)
		return o, nil
	}
	all := object.GetManagedFields()
	for i := range all {
		all[i].FieldsV1 = nil
	}
	object.SetManagedFields(all)
	return o, nil
}

func having(label string) labels.Selector {
	exists, err := labels.NewRequirement(label, selection.Exists, nil)
	utilruntime.Must(err)
	return labels.NewSelector().Add(*exists)
}

func stripPod(o any) (any, error) {
	pod, ok := o.(*corev1.Pod)
	if !ok {
		return o, nil
	}
	pod.ManagedFields = nil
	pod.Spec.Volumes = nil
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			containers[i].Env, containers[i].EnvFrom, containers[i].Command, containers[i].Args, containers[i].VolumeMounts = nil, nil, nil, nil, nil
		}
	}
	return pod, nil
}

// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// setupper is a controller that can be given to a manager.
type setupper interface {
	SetupWithManager(mgr ctrl.Manager) error
}

// Setup finds out what the cluster can do and adds all controllers to the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, s Settings) error {
	direct, err := client.New(mgr.GetConfig(), client.Options{Scheme: mgr.GetScheme()})
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	features, err := kube.Features(ctx, direct, corev1.NamespaceDefault)
	if err != nil {
		return err
	}
	mgr.GetLogger().Info("Found what pods can do", "features", features)
	if err := index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	scope := arn.Scope{Partition: arn.DefaultScope.Partition, Region: s.Region, Account: s.AccountID}
	platform := ecsservice.Platform{Features: features, LauncherImage: s.LauncherImage, ARNs: scope}
	c := mgr.GetClient()
	services := &service.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-service"), Now: s.Now, Scope: scope, Platform: platform}
	tasks := &runtask.Reconciler{Client: c, Live: mgr.GetAPIReader(), Cache: mgr.GetCache(), Events: mgr.GetEventRecorder("ecs-runtask"), Now: s.Now, Scope: scope, Platform: platform}
	clusters := &cluster.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-cluster"), Now: s.Now, Scope: scope}
	providers := &capacityprovider.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-capacityprovider"), Now: s.Now, Scope: scope}
	if s.Images != nil {
		options := *s.Images
		options.Now = s.Now
		services.Images = images.NewReader(ctx, options)
		tasks.Images = images.NewReader(ctx, options)
	}
	for name, controller := range map[string]setupper{
		"alarm":                  &alarm.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-alarm"), Now: s.Now, Scope: scope, Asker: alarm.NewAsker(ctx, &alarm.Credentials{Live: mgr.GetAPIReader(), Namespace: s.Namespace, Now: s.Now})},
		"capacityprovider":       providers,
		"cluster":                clusters,
		"containerinstance":      &containerinstance.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-containerinstance"), Now: s.Now, Scope: scope},
		"taskdefinition":         &taskdefinition.Reconciler{Client: c, Live: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("ecs-taskdefinition"), Now: s.Now, Scope: scope},
		"taskdefinitionrevision": &taskdefinition.RevisionReconciler{Client: c, Live: mgr.GetAPIReader(), Now: s.Now, Scope: scope},
		"service":                services,
		"servicedeployment":      &servicedeployment.Reconciler{Client: c, Cache: mgr.GetCache(), Live: mgr.GetAPIReader(), Hooks: hooks.NewCaller(ctx, s.Hooks), Events: mgr.GetEventRecorder("ecs-servicedeployment"), Now: s.Now, Scope: scope, Platform: platform},
		"runtask":                tasks,
		"placement":              &placement.Reconciler{Client: c, Now: s.Now},
		"task":                   &task.Reconciler{Client: c, Events: mgr.GetEventRecorder("ecs-task"), Now: s.Now},
	} {
		if err := controller.SetupWithManager(mgr); err != nil {
			return fmt.Errorf("setting up controller %s: %w", name, err)
		}
	}
	if s.Webhook == nil {
		return nil
	}
	return s.Webhook.setup(mgr, answers(mgr, services, tasks, clusters, providers))
}

func index(ctx context.Context, indexer client.FieldIndexer) error {
	for _, i := range []struct {
		object client.Object
		field  string
		value  client.IndexerFunc
	}{
		{&corev1.Pod{}, references.NodeIndex, references.IndexNode},
		{&corev1.Pod{}, references.ProviderIndex, references.IndexProvider},
		{&corev1.Pod{}, references.ServiceIndex, references.IndexService},
		{&appsv1.Deployment{}, references.ServiceIndex, references.IndexService},
		{&appsv1.DaemonSet{}, references.ServiceIndex, references.IndexService},
		{&appsv1.ReplicaSet{}, references.ServiceIndex, references.IndexService},
		{&ecsv1.ServiceRevision{}, references.ServiceIndex, references.IndexService},
		{&ecsv1.ServiceDeployment{}, references.ServiceIndex, references.IndexService},
		{&corev1.Service{}, references.OwnerIndex, references.IndexOwner},
		{&ecsv1.Service{}, references.ClusterIndex, references.IndexCluster},
		{&ecsv1.Service{}, references.DaemonIndex, references.IndexDaemon},
		{&ecsv1.Service{}, references.FamilyIndex, references.IndexFamily},
		{&ecsv1.Task{}, references.ClusterIndex, references.IndexCluster},
		{&ecsv1.Task{}, references.FamilyIndex, references.IndexFamily},
		{&ecsv1.Alarm{}, references.ClusterIndex, references.IndexCluster},
		{&ecsv1.Alarm{}, references.AlarmIndex, references.IndexAlarm},
		{&ecsv1.Service{}, references.AlarmIndex, references.IndexAlarm},
		{&ecsv1.ContainerInstance{}, servicedeployment.InstanceStateIndex, servicedeployment.IndexInstanceState},
	} {
		if err := indexer.IndexField(ctx, i.object, i.field, i.value); err != nil {
			return fmt.Errorf("indexing %s: %w", i.field, err)
		}
	}
	return nil
}
