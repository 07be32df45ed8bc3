// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// Secret is a variable, or a log driver's option, that is filled from a store.
type Secret struct {
	Name string
	Ref  arn.SecretRef
}

// WholeSecret is the key of a Kubernetes Secret that has the whole of a secret, in place of one value of a JSON object.
const WholeSecret = "value"

// SecretName is the Kubernetes Secret that stands for a secret: the slug of its name, of a version stage other than AWSCURRENT and of a
// version ID. The secret prod/DB with stage AWSPREVIOUS: prod-db-awsprevious.
func SecretName(r arn.SecretRef) string { return names.Slug(r.Name, r.VersionStage, r.VersionID) }

// SecretKey is the key in that Kubernetes Secret.
func SecretKey(r arn.SecretRef) string {
	if r.JSONKey == "" {
		return WholeSecret
	}
	return names.SecretKey(r.JSONKey)
}

// EnvironmentFileName is the ConfigMap or Secret that stands for an environment file: the slug of BUCKET/KEY.
func EnvironmentFileName(object string) string { return names.Slug(object) }

// secretFile ends the names of files that are Secrets.
const secretFile = ".secret.env"

// IsSecretFile reports whether an environment file is a Secret: its name ends in .secret.env. Any other is a ConfigMap. It hangs on the
// name alone, so that neither can be missing without the task saying so.
func IsSecretFile(object string) bool { return strings.HasSuffix(object, secretFile) }

func secrets(in []ecsv1.Secret) []Secret {
	var out []Secret
	for _, s := range in {
		if ref, err := arn.ParseSecret(s.ValueFrom); err == nil {
			out = append(out, Secret{Name: s.Name, Ref: ref})
		}
	}
	return out
}

func environmentFiles(in []ecsv1.EnvironmentFile) []string {
	var out []string
	for _, f := range in {
		if object, err := arn.ParseObject(f.Value); err == nil {
			out = append(out, object)
		}
	}
	return out
}

func credentials(in *ecsv1.RepositoryCredentials) *arn.SecretRef {
	if in == nil {
		return nil
	}
	ref, err := arn.ParseCredentials(in.CredentialsParameter)
	if err != nil {
		return nil
	}
	return &ref
}

func role(ref string) *arn.RoleRef {
	r, err := arn.ParseRole(ref)
	if err != nil {
		return nil
	}
	return &r
}

// checkRoles: what stands there is a role.
func checkRoles(c *checker) {
	for path, ref := range map[string]string{"taskRoleArn": c.td.TaskRoleArn, "executionRoleArn": c.td.ExecutionRoleArn} {
		if _, err := arn.ParseRole(ref); ref != "" && err != nil {
			c.add(path, "%s", err)
		}
	}
}

// checkSecrets: references can be read, no variable has two sources, and no two secrets come to one Kubernetes Secret or key.
func checkSecrets(c *checker) {
	seen := secretsSeen{c: c, secrets: map[string]reference{}, keys: map[string]reference{}}
	for i, d := range c.td.ContainerDefinitions {
		taken := map[string]bool{}
		for _, v := range d.Environment {
			taken[v.Name] = true
		}
		for j, s := range d.Secrets {
			path := at(i, fmt.Sprintf("secrets[%d]", j))
			if !isVariable(s.Name) {
				c.add(path+".name", notVariable, s.Name)
			}
			if taken[s.Name] {
				c.add(path+".name", "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '%s'. Keep one of them", s.Name)
			}
			taken[s.Name] = true
			seen.add(path+".valueFrom", s.ValueFrom, arn.ParseSecret)
		}
		if l := d.LogConfiguration; l != nil {
			for j, s := range l.SecretOptions {
				seen.add(at(i, fmt.Sprintf("logConfiguration.secretOptions[%d].valueFrom", j)), s.ValueFrom, arn.ParseSecret)
			}
		}
		if r := d.RepositoryCredentials; r != nil {
			seen.add(at(i, "repositoryCredentials.credentialsParameter"), r.CredentialsParameter, arn.ParseCredentials)
		}
	}
}

// reference is a secret as it was written, and where first.
type reference struct {
	path, text string
	ref        arn.SecretRef
}

// secretsSeen finds references that can't be told apart by the names of Kubernetes.
type secretsSeen struct {
	c       *checker
	secrets map[string]reference // by SecretName
	keys    map[string]reference // by SecretName and SecretKey
}

func (s *secretsSeen) add(path, text string, parse func(string) (arn.SecretRef, error)) {
	ref, err := parse(text)
	if err != nil {
		s.c.add(path, "%s", err)
		return
	}
	now, name := reference{path, text, ref}, SecretName(ref)
	first, taken := s.secrets[name]
	if !taken {
		s.secrets[name], first = now, now
	}
	if !sameSecret(first.ref, ref) {
		s.c.add(path, "%s and %s of %s are two secrets and would both be the Kubernetes Secret %s; give one of them another name", text, first.text, first.path, name)
		return
	}
	key := name + "/" + SecretKey(ref)
	if first, taken = s.keys[key]; taken && first.ref.JSONKey != ref.JSONKey {
		s.c.add(path, "the JSON key of %s and that of %s in %s would both be the key %s of the Kubernetes Secret %s; give one of them another name",
			text, first.text, first.path, SecretKey(ref), name)
	} else if !taken {
		s.keys[key] = now
	}
}

// sameSecret: one version of one secret. A name and an ARN with that name are one, since a name is looked up in the task's own region.
func sameSecret(a, b arn.SecretRef) bool {
	if a.Store != b.Store || a.Name != b.Name || a.VersionStage != b.VersionStage || a.VersionID != b.VersionID {
		return false
	}
	return a.Key == b.Key || !strings.HasPrefix(a.Key, "arn:") || !strings.HasPrefix(b.Key, "arn:")
}

// mostEnvironmentFiles of one container (API_ContainerDefinition environmentFiles).
const mostEnvironmentFiles = 10

func checkEnvironmentFiles(c *checker) {
	type file struct{ path, object string }
	seen := map[string]file{}
	for i, d := range c.td.ContainerDefinitions {
		if len(d.EnvironmentFiles) > mostEnvironmentFiles {
			c.add(at(i, "environmentFiles"), "a container has at most %d environment files; put some together", mostEnvironmentFiles)
		}
		for j, f := range d.EnvironmentFiles {
			path := at(i, fmt.Sprintf("environmentFiles[%d].value", j))
			object, err := arn.ParseObject(f.Value)
			if err != nil {
				c.add(path, "%s", err)
				continue
			}
			name := EnvironmentFileName(object)
			first, taken := seen[name]
			if !taken {
				seen[name] = file{path, object}
			} else if first.object != object {
				c.add(path, "%s and %s of %s would both be the ConfigMap or Secret %s; give one of them another name", object, first.object, first.path, name)
			}
		}
	}
}
