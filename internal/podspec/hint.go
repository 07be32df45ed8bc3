// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"regexp"
	"strings"
)

// What the kubelet says of a Secret, a key or a ConfigMap that it doesn't find.
var (
	noSecret    = regexp.MustCompile(`secret "([^"]+)" not found`)
	noKey       = regexp.MustCompile(`couldn't find key (\S+) in Secret [^/\s]+/(\S+)`)
	noConfigMap = regexp.MustCompile(`configmap "([^"]+)" not found`)
)

// Explain adds to why a task can't be started what makes the thing that is missing: a kubectl command, or who should have made it.
func (n Needs) Explain(why, namespace string) string {
	if m := noConfigMap.FindStringSubmatch(why); m != nil {
		return n.explainFile(why, m[1], namespace)
	}
	name := ""
	if m := noSecret.FindStringSubmatch(why); m != nil {
		name = m[1]
	} else if m := noKey.FindStringSubmatch(why); m != nil {
		name = m[2]
	}
	for _, s := range n.Secrets {
		if s.Name == name && len(s.Registries) == 0 {
			return why + "; " + s.remedy(namespace)
		}
	}
	return n.explainFile(why, name, namespace)
}

func (s Secret) remedy(namespace string) string {
	if s.StoreRef != nil {
		return fmt.Sprintf("the ExternalSecret of that name fetches it from %s: kubectl describe externalsecret %s --namespace %s", s.RemoteKey, s.Name, namespace)
	}
	literals := make([]string, 0, len(s.Keys))
	for _, k := range s.Keys {
		literals = append(literals, "--from-literal="+k.Key+"=…")
	}
	return fmt.Sprintf("it stands for %s; make it: kubectl create secret generic %s --namespace %s %s", s.RemoteKey, s.Name, namespace, strings.Join(literals, " "))
}

func (n Needs) explainFile(why, name, namespace string) string {
	for _, f := range n.EnvironmentFiles {
		if f.Name != name {
			continue
		}
		kind := "configmap"
		if f.Secret {
			kind = "secret generic"
		}
		return fmt.Sprintf("%s; it stands for s3://%s; make it: kubectl create %s %s --namespace %s --from-env-file=FILE", why, f.Object, kind, name, namespace)
	}
	return why
}
