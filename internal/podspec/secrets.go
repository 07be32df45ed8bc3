// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// secretTable has the Secrets of a task, by the name of the rule and whether they are for pulls. A secret that is read as a value and as
// credentials is two.
type secretTable map[secretID]*Secret

type secretID struct {
	name string
	pull bool
}

// collectSecrets finds what the task needs of each secret. Only then the Secrets get their names: one that is fetched through a store is
// named after all that it holds, so that two task definitions which need different keys of one secret never write the same object,
// and a Secret that somebody made by hand is never written to.
func (t *translation) collectSecrets() secretTable {
	table := secretTable{}
	for _, c := range t.task.Containers {
		for _, s := range slices.Concat(c.Secrets, c.LogSecrets) {
			key := SecretKey{Key: taskdef.SecretKey(s.Ref), Property: s.Ref.JSONKey}
			if known := table.of(s.Ref, false); !slices.Contains(known.Keys, key) {
				known.Keys = append(known.Keys, key)
			}
		}
		if c.Credentials != nil {
			known := table.of(*c.Credentials, true)
			if r := registry(c.Image); !slices.Contains(known.Registries, r) {
				known.Registries = append(known.Registries, r)
			}
		}
	}
	for _, s := range table {
		slices.SortFunc(s.Keys, func(a, b SecretKey) int { return cmp.Compare(a.Key, b.Key) })
		slices.Sort(s.Registries)
		if s.StoreRef = t.store(s.Store); s.StoreRef != nil {
			s.Name = names.Hashed(s.Name, s)
		}
	}
	return table
}

// of is the Secret of a reference, made at its first use.
func (table secretTable) of(r arn.SecretRef, pull bool) *Secret {
	id := secretID{taskdef.SecretName(r), pull}
	if table[id] == nil {
		table[id] = &Secret{Name: id.name, Store: r.Store, RemoteKey: r.Key, VersionStage: r.VersionStage, VersionID: r.VersionID}
	}
	return table[id]
}

func (table secretTable) list() []Secret {
	var out []Secret
	for _, s := range table {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Secret) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(len(a.Registries), len(b.Registries)))
	})
	return out
}

// store is where the Cluster has secrets of a kind fetched from, nil for nowhere.
func (t *translation) store(kind string) *ecsv1.SecretStoreReference {
	k := t.in.Cluster.Kubernetes
	switch {
	case k == nil || k.SecretStores == nil:
		return nil
	case kind == arn.SecretsManager:
		return k.SecretStores.SecretsManager
	}
	return k.SecretStores.ParameterStore
}

// secretKeyRef is where a secret's value is found. It can't be optional: ECS starts no container without its secrets.
func (t *translation) secretKeyRef(r arn.SecretRef) *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: t.secrets.of(r, false).Name},
		Key:                  taskdef.SecretKey(r),
	}
}

// dockerHub is the name that pulls from Docker Hub know it by.
const dockerHub = "https://index.docker.io/v1/"

// registry is the name of an image's registry in a Docker configuration: what stands before the first slash if it is a host.
func registry(image string) string {
	host, _, more := strings.Cut(image, "/")
	switch {
	case !more || !strings.ContainsAny(host, ".:") && host != "localhost", host == "docker.io", host == "index.docker.io":
		return dockerHub
	}
	return host
}

// mapPullSecrets: the credentials of containers, then what the Cluster says about the execution role. A pod has one list for all its
// containers; each entry counts for the registries that it has a login for.
func mapPullSecrets(t *translation, out *corev1.PodTemplateSpec) {
	var all []string
	for _, c := range t.task.Containers {
		if c.Credentials != nil {
			all = append(all, t.secrets.of(*c.Credentials, true).Name)
		}
	}
	if role := t.clusterRole(t.task.ExecutionRole); role != nil {
		all = append(all, role.ImagePullSecrets...)
	}
	seen := map[string]bool{}
	for _, name := range all {
		if !seen[name] {
			out.Spec.ImagePullSecrets = append(out.Spec.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
		}
		seen[name] = true
	}
}

// mapEnvironmentFiles: environment wins over files in both worlds. Of two files with one variable the first wins in ECS (DG, "Pass
// environment variables from a file") and the last in a pod, so they go in reverse order. A file is never optional.
func mapEnvironmentFiles(t *translation, _ int, in taskdef.Container, out *corev1.Container) {
	seen := map[string]bool{}
	for _, object := range in.EnvironmentFiles {
		name := taskdef.EnvironmentFileName(object)
		if seen[name] {
			continue
		}
		seen[name] = true
		ref, from := corev1.LocalObjectReference{Name: name}, corev1.EnvFromSource{}
		file := EnvironmentFile{Name: name, Object: object, Secret: taskdef.IsSecretFile(object)}
		if file.Secret {
			from.SecretRef = &corev1.SecretEnvSource{LocalObjectReference: ref}
		} else {
			from.ConfigMapRef = &corev1.ConfigMapEnvSource{LocalObjectReference: ref}
		}
		out.EnvFrom = append(out.EnvFrom, from)
		t.needFile(file)
	}
	slices.Reverse(out.EnvFrom)
}

// needFile notes a file once, in order of the names.
func (t *translation) needFile(f EnvironmentFile) {
	byName := map[string]EnvironmentFile{f.Name: f}
	for _, known := range t.needs.EnvironmentFiles {
		byName[known.Name] = known
	}
	t.needs.EnvironmentFiles = nil
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		t.needs.EnvironmentFiles = append(t.needs.EnvironmentFiles, byName[name])
	}
}
