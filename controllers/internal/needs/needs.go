// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package needs makes the objects that a task needs beside its pod: the ServiceAccount of its role, the ExternalSecrets of its secrets, and
// the NetworkPolicy of a task without network.
//
// ServiceAccounts and ExternalSecrets are shared by all tasks of a namespace that need them. Each service writes them under a field owner
// of its own, with one owner reference: to its newest revision that needs the object. For tasks that someone runs by themselves it is
// their task definition revision, which stays when they go: tasks that come by the hour would each leave a trace in the object. So they
// are there as long as anyone needs them, garbage collection takes them, and the operator never deletes one. It has the right to: where the
// apiserver enforces OwnerReferencesPermissionEnforcement, only who may delete an object may change its owner references.
package needs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// annotation keeps what the pods of a Deployment or DaemonSet need, beside the template that needs it: another operator might
// translate the task definition otherwise, and the template stays.
const annotation = "ecs.pods.dev/needs"

// patience is how long an informer for ExternalSecrets may take to fill.
const patience = 10 * time.Second

// Provider makes what tasks need.
type Provider struct {
	Client client.Client
	// Cache reads ExternalSecrets, whose CRD may not be there.
	Cache client.Reader
	// Scope completes roles that are given by name.
	Scope arn.Scope
}

// Tasks are who needs something.
type Tasks struct {
	Namespace string
	// Owner is the service revision; of tasks by themselves the task definition revision.
	Owner metav1.OwnerReference
	// Writer is the UID of the service, which stays from revision to revision, or of the task definition revision.
	Writer types.UID
	// Run names what asks for the value that secrets have now: the service revision, or the task.
	Run string
	// Since is when that was made. Its secrets are fetched after that.
	Since time.Time
	// Labels are for objects that belong to these tasks alone; Pods finds the tasks.
	Labels, Pods map[string]string
	// Name is what such objects are named by: nobody else's are.
	Name string
}

// fieldOwner writes for one service, or one task definition revision.
func (t Tasks) fieldOwner() client.FieldOwner {
	return client.FieldOwner("ecs-needs-" + string(t.Writer))
}

// Outcome says what keeps tasks from being started: both nil for nothing.
type Outcome struct {
	// Problem needs a person.
	Problem *conditions.Reason
	// Waiting ends by itself. What ends it is no event that the operator sees, so it has to be looked at again.
	Waiting *conditions.Reason
}

// Record writes what the pods of a Deployment or DaemonSet need down in its annotations.
func Record(o client.Object, n podspec.Needs) {
	n.ImageConfigs = nil
	if reflect.ValueOf(n).IsZero() {
		return
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(fmt.Sprintf("needs: %v", err)) // nothing in Needs can fail
	}
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[annotation] = string(text)
	o.SetAnnotations(annotations)
}

// Recorded reads what Record wrote. Of an annotation that someone broke nothing is left.
func Recorded(o client.Object) podspec.Needs {
	var n podspec.Needs
	if err := json.Unmarshal([]byte(o.GetAnnotations()[annotation]), &n); err != nil {
		return podspec.Needs{}
	}
	return n
}

// Provide makes everything in n that isn't there. First what keeps tasks from harm, then what they can't start without.
func (p Provider) Provide(ctx context.Context, t Tasks, n podspec.Needs) (Outcome, error) {
	if n.NoNetwork {
		if err := p.networkPolicy(ctx, t); err != nil {
			return Outcome{}, fmt.Errorf("making the network policy of %s: %w", t.Owner.Name, err)
		}
	}
	if n.ServiceAccount != nil {
		problem, err := p.serviceAccount(ctx, t, *n.ServiceAccount)
		if err != nil {
			return Outcome{}, fmt.Errorf("making service account %s: %w", n.ServiceAccount.Name, err)
		}
		if problem != nil {
			return Outcome{Problem: problem}, nil
		}
	}
	var out Outcome
	for _, s := range n.Secrets {
		if s.StoreRef == nil {
			continue
		}
		one, err := p.externalSecret(ctx, t, s)
		if meta.IsNoMatchError(err) {
			return Outcome{Problem: &conditions.Reason{Reason: ecsv1.ReasonExternalSecretsMissing, Message: fmt.Sprintf(
				"the Cluster's spec.kubernetes.secretStores names %s, and there is no kind ExternalSecret of %s here: install the External Secrets Operator in a version that serves it, "+
					"or take secretStores out and make the Secrets by hand", s.StoreRef.Name, externalSecrets.GroupVersion())}}, nil
		}
		if err != nil {
			return Outcome{}, fmt.Errorf("making external secret %s: %w", s.Name, err)
		}
		if out.Waiting == nil {
			out.Waiting = one
		}
	}
	return out, nil
}

func (p Provider) networkPolicy(ctx context.Context, t Tasks) error {
	want := networkPolicy(t)
	live := &networkingv1.NetworkPolicy{}
	err := p.Client.Get(ctx, client.ObjectKeyFromObject(want), live)
	if client.IgnoreNotFound(err) != nil {
		return err
	}
	if err != nil {
		live = nil
	}
	_, err = kube.Writer{Client: p.Client, Owner: t.fieldOwner()}.Apply(ctx, want, live)
	return err
}

// serviceAccount leaves one alone that somebody else made: whoever does so says what the role is here.
func (p Provider) serviceAccount(ctx context.Context, t Tasks, n podspec.ServiceAccount) (*conditions.Reason, error) {
	role, err := arn.ParseRole(n.RoleArn)
	if err != nil {
		return nil, err
	}
	want := serviceAccount(t, n.Name, role.Name, p.Scope.Role(role))
	live := &corev1.ServiceAccount{}
	err = p.Client.Get(ctx, client.ObjectKeyFromObject(want), live)
	switch {
	case client.IgnoreNotFound(err) != nil:
		return nil, err
	case err != nil:
		live = nil
	case live.Labels[ecsv1.LabelTaskRole] == "":
		return nil, nil
	case live.Annotations[roleAnnotation] != want.Annotations[roleAnnotation]:
		return &conditions.Reason{Reason: ecsv1.ReasonRoleConflict, Message: fmt.Sprintf("taskRoleArn: the ServiceAccount %s stands for %s already and can't stand for %s too; "+
			"give one of these roles another ServiceAccount in the Cluster's spec.kubernetes.roles", n.Name, live.Annotations[roleAnnotation], want.Annotations[roleAnnotation])}, nil
	}
	_, err = kube.Writer{Client: p.Client, Owner: t.fieldOwner()}.ApplyShared(ctx, want, live)
	return nil, err
}

// externalSecret makes the ExternalSecret and says what it waits for. A fetch from before the revision was made doesn't count: ECS
// reads a secret when a task starts, and a new deployment is how people bring in a new value.
func (p Provider) externalSecret(ctx context.Context, t Tasks, s podspec.Secret) (*conditions.Reason, error) {
	want := externalSecret(t, s)
	live := externalSecretNamed(t.Namespace, s.Name)
	within, done := context.WithTimeout(ctx, patience)
	defer done()
	err := p.Cache.Get(within, client.ObjectKeyFromObject(live), live)
	if client.IgnoreNotFound(err) != nil {
		return nil, err
	}
	if err != nil {
		live = nil
	}
	if _, err := (kube.Writer{Client: p.Client, Owner: t.fieldOwner()}).ApplyShared(ctx, want, live); err != nil {
		return nil, err
	}
	if why := fetched(live, t.Since); why != "" {
		return &conditions.Reason{Reason: ecsv1.ReasonSecretsNotReady, Message: fmt.Sprintf("waiting for ExternalSecret %s to fetch %s: %s", s.Name, s.RemoteKey, why)}, nil
	}
	return nil, nil
}

// refresh is the annotation by which somebody asks for a fresh value: External Secrets fetches anew when annotations change.
func (t Tasks) refresh() string {
	return "ecs.pods.dev/needed-by-" + names.ContentHash(string(t.Writer))
}
