// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import (
	"fmt"
	"regexp"
	"strings"
)

// The two stores that ECS reads secrets from.
const (
	SecretsManager = "secretsManager"
	ParameterStore = "parameterStore"
)

// SecretRef is a reference to a secret: valueFrom of secrets and secretOptions, and credentialsParameter.
type SecretRef struct {
	// Store is SecretsManager or ParameterStore.
	Store string
	// Key is what the store is asked for: the reference without JSON key and version.
	Key string
	// Name is the secret's own name: without the ARN around it, without a parameter's first slash, and without the six random
	// characters that Secrets Manager appends in ARNs.
	Name string
	// JSONKey chooses one value of a secret that is a JSON object; "" is the whole secret.
	JSONKey string
	// VersionStage is a label of a version, "" for AWSCURRENT; of a parameter it is the version or label behind the colon.
	VersionStage string
	// VersionID names one version of a secret in Secrets Manager.
	VersionID string
}

// Version is what a store is asked for: the version's ID, else its stage, "" for the current one.
func (r SecretRef) Version() string {
	if r.VersionID != "" {
		return r.VersionID
	}
	return r.VersionStage
}

// random is what Secrets Manager appends to a secret's name in its ARN.
var random = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// awscurrent is the stage that is meant where none is given.
const awscurrent = "AWSCURRENT"

// secretsManagerForm is the way out of a malformed reference.
const secretsManagerForm = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf, with or without :JSON-KEY:VERSION-STAGE:VERSION-ID behind it, " +
	"in which a part may be empty but no colon missing"

// ParseSecret reads a reference as ECS's agent does: a Secrets Manager ARN, an ARN of an SSM parameter, or a parameter's name
// (DG/specifying-sensitive-data). Region and account aren't looked at.
func ParseSecret(ref string) (SecretRef, error) {
	if !strings.HasPrefix(ref, "arn:") {
		return parameter(ref, ref)
	}
	parts := strings.SplitN(ref, ":", 6)
	if len(parts) < 6 {
		return SecretRef{}, fmt.Errorf("%q is not an ARN: want %s, or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME", ref, secretsManagerForm)
	}
	switch parts[2] {
	case "secretsmanager":
		return secretsManager(ref, strings.Split(parts[5], ":"))
	case "ssm":
		name, ok := strings.CutPrefix(parts[5], "parameter/")
		if !ok {
			return SecretRef{}, fmt.Errorf("%q is not the ARN of a parameter: want arn:aws:ssm:REGION:ACCOUNT:parameter/NAME", ref)
		}
		return parameter(ref, name)
	}
	return SecretRef{}, fmt.Errorf("%q is an ARN of %s, where ECS reads no secrets: want one of Secrets Manager or of an SSM parameter", ref, parts[2])
}

// ParseCredentials reads credentialsParameter: a Secrets Manager ARN, or a secret's name (API_RepositoryCredentials).
func ParseCredentials(ref string) (SecretRef, error) {
	if !strings.HasPrefix(ref, "arn:") {
		if ref == "" || strings.Contains(ref, ":") {
			return SecretRef{}, fmt.Errorf("%q is not the name of a secret: want a name without colons, or %s", ref, secretsManagerForm)
		}
		return SecretRef{Store: SecretsManager, Key: ref, Name: ref}, nil
	}
	r, err := ParseSecret(ref)
	if err == nil && r.Store != SecretsManager {
		return SecretRef{}, fmt.Errorf("%q is a parameter; a registry's credentials are read from Secrets Manager alone", ref)
	}
	return r, err
}

// secretsManager reads what stands behind the account: secret:NAME, or five parts. The agent takes nothing else.
func secretsManager(ref string, resource []string) (SecretRef, error) {
	if len(resource) != 2 && len(resource) != 5 || resource[0] != "secret" || resource[1] == "" {
		return SecretRef{}, fmt.Errorf("an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again. %q: want %s", ref, secretsManagerForm)
	}
	r := SecretRef{Store: SecretsManager, Key: ref, Name: random.ReplaceAllString(resource[1], "")}
	if r.Name == "" {
		r.Name = resource[1]
	}
	if len(resource) == 5 {
		r.Key = strings.Join(append(strings.SplitN(ref, ":", 6)[:5], resource[0], resource[1]), ":")
		r.JSONKey, r.VersionStage, r.VersionID = resource[2], resource[3], resource[4]
		if r.VersionStage == awscurrent {
			r.VersionStage = ""
		}
	}
	return r, nil
}

// parameter reads a parameter's name, which may end in the version or the label of one of its versions.
func parameter(ref, name string) (SecretRef, error) {
	plain, version, versioned := strings.Cut(name, ":")
	if strings.Trim(plain, "/") == "" || versioned && version == "" || strings.Contains(version, ":") {
		return SecretRef{}, fmt.Errorf("%q is not the name of an SSM parameter: want a name such as /prod/db/password, arn:aws:ssm:REGION:ACCOUNT:parameter/NAME, or %s", ref, secretsManagerForm)
	}
	return SecretRef{
		Store: ParameterStore, Key: strings.TrimSuffix(ref, ":"+version), Name: strings.TrimPrefix(plain, "/"), VersionStage: version,
	}, nil
}
