// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package webhookcert

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// authority signs serving certificates. The apiserver trusts it because its certificate is in the webhook's caBundle.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	// certPEM and keyPEM are the two as the Secret holds them.
	certPEM, keyPEM []byte
}

// newAuthority makes one that is good from now on, for validity.
func newAuthority(now time.Time, validity time.Duration) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	form, err := template(now, validity)
	if err != nil {
		return nil, err
	}
	form.Subject = pkix.Name{CommonName: "ecs-operator-webhook-ca"}
	form.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	form.IsCA = true
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	keyPEM, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	certPEM, err := cert.EncodeCertificates(certificate)
	return &authority{certificate: certificate, key: key, certPEM: certPEM, keyPEM: keyPEM}, err
}

// readAuthority reads one back.
func readAuthority(certPEM, keyPEM []byte) (*authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, errors.New("not a certificate authority")
	}
	return &authority{certificate: pair.Leaf, key: key, certPEM: certPEM, keyPEM: keyPEM}, nil
}

// issue makes a serving certificate for hosts, names or IP addresses. It never outlives the authority.
func (a *authority) issue(hosts []string, now time.Time, validity time.Duration) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	form, err := template(now, min(validity, a.certificate.NotAfter.Sub(now)))
	if err != nil {
		return nil, err
	}
	form.Subject = pkix.Name{CommonName: hosts[0]}
	form.KeyUsage = x509.KeyUsageDigitalSignature
	form.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			form.IPAddresses = append(form.IPAddresses, ip)
			continue
		}
		form.DNSNames = append(form.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, form, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("making a serving certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// signed reports whether this authority made the certificate.
func (a *authority) signed(leaf *x509.Certificate) bool {
	return leaf.CheckSignatureFrom(a.certificate) == nil
}

// template has what all certificates have. They begin a little before now, for an apiserver whose clock is behind.
func template(now time.Time, validity time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		NotBefore:             now.Add(-min(validity/10, 5*time.Minute)),
		NotAfter:              now.Add(validity),
		BasicConstraintsValid: true,
	}, nil
}

// renewal is when a certificate is to be replaced: when a third of its life is left.
func renewal(c *x509.Certificate) time.Time {
	return c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 3)
}

// bundle is what the apiserver is to trust: the authority that signs now, and those before it that are still good, since another
// replica may serve by one of them for a moment yet.
func bundle(now time.Time, signing *authority, before []byte) []byte {
	out := bytes.Clone(signing.certPEM)
	earlier, err := cert.ParseCertsPEM(before)
	if err != nil {
		return out // there was nothing, or nothing that can be read
	}
	for _, c := range earlier {
		if c.Equal(signing.certificate) || !now.Before(c.NotAfter) {
			continue
		}
		if text, err := cert.EncodeCertificates(c); err == nil {
			out = append(out, text...)
		}
	}
	return out
}
