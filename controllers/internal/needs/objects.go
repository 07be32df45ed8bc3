// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// roleAnnotation is what EKS reads from a ServiceAccount to give its pods the credentials of a role (EKS user guide, "IAM roles for
// service accounts").
const roleAnnotation = "eks.amazonaws.com/role-arn"

// externalSecrets is the kind of the External Secrets Operator.
var externalSecrets = schema.GroupVersionKind{Group: "external-secrets.io", Version: "v1", Kind: "ExternalSecret"}

// refreshInterval is how old a value may be when a task starts between deployments.
const refreshInterval = time.Minute

// networkPolicy denies all traffic from and to the tasks. It is nobody else's.
func networkPolicy(t Tasks) *networkingv1.NetworkPolicy {
	owner := t.Owner
	owner.Controller = new(true)
	return &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: t.Namespace, Name: names.NoNetwork(t.Name), Labels: t.Labels, OwnerReferences: []metav1.OwnerReference{owner},
		},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: t.Pods},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		},
	}
}

func serviceAccount(t Tasks, name, role, roleARN string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: t.Namespace, Name: name, OwnerReferences: []metav1.OwnerReference{t.Owner},
		Labels:      map[string]string{ecsv1.LabelTaskRole: names.LabelValue(role)},
		Annotations: map[string]string{roleAnnotation: roleARN},
	}}
}

func externalSecretNamed(namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(externalSecrets)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}

// externalSecret has the Secret of the same name made from a store.
func externalSecret(t Tasks, s podspec.Secret) *unstructured.Unstructured {
	u := externalSecretNamed(t.Namespace, s.Name)
	u.SetOwnerReferences([]metav1.OwnerReference{t.Owner})
	u.SetAnnotations(map[string]string{t.refresh(): t.Run})
	kind := s.StoreRef.Kind
	if kind == "" {
		kind = ecsv1.SecretStoreKindClusterSecretStore
	}
	target := map[string]any{"name": s.Name, "creationPolicy": "Owner", "deletionPolicy": "Retain"}
	keys := s.Keys
	if len(s.Registries) > 0 {
		keys = []podspec.SecretKey{{Key: "username", Property: "username"}, {Key: "password", Property: "password"}}
		target["template"] = map[string]any{
			"type": string(corev1.SecretTypeDockerConfigJson), "engineVersion": "v2",
			"data": map[string]any{corev1.DockerConfigJsonKey: dockerConfig(s.Registries)},
		}
	}
	data := make([]any, 0, len(keys))
	for _, k := range keys {
		data = append(data, map[string]any{"secretKey": k.Key, "remoteRef": remoteRef(s, k)})
	}
	u.Object["spec"] = map[string]any{
		"refreshPolicy":   "Periodic",
		"refreshInterval": refreshInterval.String(),
		"secretStoreRef":  map[string]any{"kind": string(kind), "name": s.StoreRef.Name},
		"target":          target,
		"data":            data,
	}
	return u
}

func remoteRef(s podspec.Secret, k podspec.SecretKey) map[string]any {
	ref := map[string]any{"key": s.RemoteKey}
	if k.Property != "" {
		ref["property"] = k.Property
	}
	switch {
	case s.VersionID != "" && s.Store == arn.SecretsManager:
		ref["version"] = "uuid/" + s.VersionID // how External Secrets tells an ID from a stage
	case s.VersionStage != "":
		ref["version"] = s.VersionStage
	}
	return ref
}

// dockerConfig is the template of a Docker configuration with one login for some registries.
func dockerConfig(registries []string) string {
	const login = `{"username":{{ .username | toJson }},"password":{{ .password | toJson }},"auth":{{ printf "%s:%s" .username .password | b64enc | toJson }}}`
	var auths []string
	for _, r := range registries {
		auths = append(auths, fmt.Sprintf("%q:%s", r, login))
	}
	return `{"auths":{` + strings.Join(auths, ",") + `}}`
}

// fetched is why an ExternalSecret hasn't got the value as it was at some time or later, "" if it has.
func fetched(live *unstructured.Unstructured, since time.Time) string {
	if live == nil {
		return "it was just made"
	}
	ready, _, err := unstructured.NestedSlice(live.Object, "status", "conditions")
	if err != nil {
		return "its status can't be read: " + err.Error()
	}
	for _, c := range ready {
		condition, ok := c.(map[string]any)
		if !ok || condition["type"] != "Ready" {
			continue
		}
		if condition["status"] != string(metav1.ConditionTrue) {
			return fmt.Sprint(condition["message"])
		}
		text, _, _ := unstructured.NestedString(live.Object, "status", "refreshTime")
		if at, err := time.Parse(time.RFC3339, text); err != nil || at.Before(since) {
			return "it has a value from before and is fetching a new one"
		}
		return ""
	}
	return "it has not been fetched yet"
}
