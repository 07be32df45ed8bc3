// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"encoding/base64"
	"fmt"
	"os"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/atomicfile"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: %[1]s
clusters:
- name: %[1]s
  cluster:
    server: %[2]s
    certificate-authority-data: %[3]s
contexts:
- name: %[1]s
  context:
    cluster: %[1]s
    user: %[1]s
users:
- name: %[1]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
`

// Kubeconfig renders a kubeconfig that needs no other file.
func Kubeconfig(cluster, server string, ca, cert, key []byte) []byte {
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, kubeconfig, cluster, server, b64(ca), b64(cert), b64(key))
}

// WriteKubeconfig writes a kubeconfig for the holder of the named certificate.
func (s Store) WriteKubeconfig(file, cluster, server, ca, name string) error {
	var content [3][]byte
	for i, from := range []string{s.Cert(ca), s.Cert(name), s.Key(name)} {
		raw, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("collecting a kubeconfig for %s: %w", name, err)
		}
		content[i] = raw
	}
	return atomicfile.Write(file, Kubeconfig(cluster, server, content[0], content[1], content[2]), 0o600)
}
