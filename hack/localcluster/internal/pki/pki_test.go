// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"bytes"
	"crypto/x509"
	"net/netip"
	"os"
	"testing"
)

func request() Request {
	return Request{
		Name: "node", User: "system:node:n1", Groups: []string{"system:nodes"},
		DNS: []string{"n1"}, IPs: []netip.Addr{netip.MustParseAddr("10.210.0.11")},
	}
}

func TestCertificatesAreKeptWhileTheyFit(t *testing.T) {
	store := Store(t.TempDir())
	ensure := func(r Request) []byte {
		t.Helper()
		ca, err := store.Authority("ca")
		if err != nil {
			t.Fatal(err)
		}
		if err := ca.Ensure(r); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(store.Cert(r.Name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	first := ensure(request())
	if !bytes.Equal(first, ensure(request())) {
		t.Error("a fitting certificate was issued again")
	}
	moved := request()
	moved.IPs = []netip.Addr{netip.MustParseAddr("10.211.0.11")}
	second := ensure(moved)
	if bytes.Equal(first, second) {
		t.Error("a certificate for another address was kept")
	}
	if err := os.Remove(store.Key("node")); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(second, ensure(moved)) {
		t.Error("a certificate without its key was kept")
	}
}

func TestCertificateSaysWhoAndWhere(t *testing.T) {
	store := Store(t.TempDir())
	ca, err := store.Authority("ca")
	if err != nil {
		t.Fatal(err)
	}
	if err := ca.Ensure(request()); err != nil {
		t.Fatal(err)
	}
	cert, _, err := store.load("node")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	if _, err := cert.Verify(x509.VerifyOptions{Roots: pool, DNSName: "10.210.0.11"}); err != nil {
		t.Error(err)
	}
	if cert.Subject.CommonName != "system:node:n1" || cert.Subject.Organization[0] != "system:nodes" {
		t.Errorf("subject = %s", cert.Subject)
	}
}

func TestAnotherAuthorityMeansAnotherCertificate(t *testing.T) {
	store := Store(t.TempDir())
	old, err := store.Authority("ca")
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Ensure(request()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(store.Cert("ca")); err != nil {
		t.Fatal(err)
	}
	renewed, err := store.Authority("ca")
	if err != nil {
		t.Fatal(err)
	}
	if err := renewed.Ensure(request()); err != nil {
		t.Fatal(err)
	}
	cert, _, err := store.load("node")
	if err != nil {
		t.Fatal(err)
	}
	if err := cert.CheckSignatureFrom(renewed.cert); err != nil {
		t.Error(err)
	}
}

func TestKubeconfig(t *testing.T) {
	want := `apiVersion: v1
kind: Config
current-context: local
clusters:
- name: local
  cluster:
    server: https://10.210.0.1:6443
    certificate-authority-data: Q0E=
contexts:
- name: local
  context:
    cluster: local
    user: local
users:
- name: local
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
`
	if got := string(Kubeconfig("local", "https://10.210.0.1:6443", []byte("CA"), []byte("CERT"), []byte("KEY"))); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
