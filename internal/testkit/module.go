// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// externalSecrets is the release of the External Secrets Operator whose CRD tests install.
const externalSecrets = "github.com/external-secrets/external-secrets@v1.3.2"

// ExternalSecretCRD reads the CRD from the module it is released in. The go command fetches that once, with its checksum; none of its code
// is built.
func ExternalSecretCRD(ctx context.Context) (*unstructured.Unstructured, error) {
	return crd(ctx, externalSecrets, "config", "crds", "bases", "external-secrets.io_externalsecrets.yaml")
}

// HTTPRouteCRD reads the CRD from the module whose types the operator is built with.
func HTTPRouteCRD(ctx context.Context) (*unstructured.Unstructured, error) {
	return crd(ctx, "sigs.k8s.io/gateway-api", "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml")
}

func crd(ctx context.Context, release string, file ...string) (*unstructured.Unstructured, error) {
	var out, problems bytes.Buffer
	download := exec.CommandContext(ctx, "go", "mod", "download", "-json", release)
	download.Stdout, download.Stderr = &out, &problems
	if err := download.Run(); err != nil {
		return nil, fmt.Errorf("fetching %s: %w: %s%s", release, err, out.String(), problems.String())
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out.Bytes(), &module); err != nil {
		return nil, fmt.Errorf("fetching %s: %w", release, err)
	}
	text, err := os.ReadFile(filepath.Join(append([]string{module.Dir}, file...)...))
	if err != nil {
		return nil, err
	}
	crd := &unstructured.Unstructured{}
	return crd, yaml.Unmarshal(text, &crd.Object)
}
