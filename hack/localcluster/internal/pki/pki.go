// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pki issues the keys and certificates of a cluster and keeps them in a folder.
// What is there and still fits is kept, so that a repeated `up` changes nothing.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const validity = 10 * 365 * 24 * time.Hour

// Store is a folder of <name>.crt and <name>.key.
type Store string

// Cert is the path of a certificate.
func (s Store) Cert(name string) string { return filepath.Join(string(s), name+".crt") }

// Key is the path of a private key.
func (s Store) Key(name string) string { return filepath.Join(string(s), name+".key") }

// Authority signs certificates.
type Authority struct {
	store Store
	cert  *x509.Certificate
	key   crypto.Signer
}

// Authority loads the named authority, or makes it.
func (s Store) Authority(name string) (*Authority, error) {
	if cert, key, err := s.load(name); err == nil {
		return &Authority{store: s, cert: cert, key: key}, nil
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	cert, key, err := s.issue(name, template, nil)
	if err != nil {
		return nil, err
	}
	return &Authority{store: s, cert: cert, key: key}, nil
}

// Request says who a certificate is for.
type Request struct {
	Name   string // of the files
	User   string // the common name: the user, for a client
	Groups []string
	DNS    []string
	IPs    []netip.Addr
}

// Ensure issues a certificate for serving and for being a client, unless a fitting one is there.
func (a *Authority) Ensure(r Request) error {
	if cert, _, err := a.store.load(r.Name); err == nil && a.fits(cert, r) {
		return nil
	}
	var ips []net.IP
	for _, ip := range r.IPs {
		ips = append(ips, ip.AsSlice())
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: r.User, Organization: r.Groups},
		DNSNames:    r.DNS,
		IPAddresses: ips,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	_, _, err := a.store.issue(r.Name, template, a)
	return err
}

func (a *Authority) fits(cert *x509.Certificate, r Request) bool {
	if cert.CheckSignatureFrom(a.cert) != nil || time.Until(cert.NotAfter) < 30*24*time.Hour {
		return false
	}
	for _, ip := range r.IPs {
		if !slices.ContainsFunc(cert.IPAddresses, func(have net.IP) bool { return have.Equal(ip.AsSlice()) }) {
			return false
		}
	}
	return cert.Subject.CommonName == r.User &&
		slices.Equal(cert.Subject.Organization, r.Groups) && slices.Equal(cert.DNSNames, r.DNS)
}

// issue writes key and certificate; a nil parent means self-signed.
func (s Store) issue(name string, template *x509.Certificate, parent *Authority) (*x509.Certificate, crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making the key of %s: %w", name, err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, fmt.Errorf("making a serial number for %s: %w", name, err)
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = template.NotBefore.Add(validity)
	signer, signerKey := template, crypto.Signer(key)
	if parent != nil {
		signer, signerKey = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer, key.Public(), signerKey)
	if err != nil {
		return nil, nil, fmt.Errorf("signing the certificate of %s: %w", name, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("reading back the certificate of %s: %w", name, err)
	}
	return cert, key, s.save(name, der, key)
}

func (s Store) save(name string, der []byte, key *ecdsa.PrivateKey) error {
	if err := os.MkdirAll(string(s), 0o700); err != nil {
		return fmt.Errorf("making the key folder: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding the key of %s: %w", name, err)
	}
	// The certificate is written last: a run killed between the two leaves a key without one, and that is issued again.
	if err := os.Remove(s.Cert(name)); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("replacing the certificate of %s: %w", name, err)
	}
	if err := writePEM(s.Key(name), "PRIVATE KEY", raw); err != nil {
		return err
	}
	return writePEM(s.Cert(name), "CERTIFICATE", der)
}

func (s Store) load(name string) (*x509.Certificate, crypto.Signer, error) {
	der, err := readPEM(s.Cert(name))
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the certificate of %s: %w", name, err)
	}
	raw, err := readPEM(s.Key(name))
	if err != nil {
		return nil, nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the key of %s: %w", name, err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(cert.PublicKey) {
		return nil, nil, fmt.Errorf("the key of %s isn't the one in its certificate", name)
	}
	return cert, signer, nil
}

func writePEM(file, kind string, raw []byte) error {
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

func readPEM(file string) ([]byte, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("reading %s: no PEM block", file)
	}
	return block.Bytes, nil
}
