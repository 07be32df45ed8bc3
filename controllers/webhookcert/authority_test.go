// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package webhookcert

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"k8s.io/client-go/util/cert"
)

var begin = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const (
	year = 365 * 24 * time.Hour
	week = 7 * 24 * time.Hour
)

func made(t *testing.T, at time.Time, validity time.Duration) *authority {
	t.Helper()
	a, err := newAuthority(at, validity)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// trusts reports whether a client with that bundle believes the certificate at that time.
func trusts(bundle []byte, leaf *x509.Certificate, host string, at time.Time) bool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err == nil
}

func TestAServingCertificate(t *testing.T) {
	a := made(t, begin, year)
	served, err := a.issue([]string{"hook.ns.svc", "127.0.0.1"}, begin, week)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		bundle []byte
		host   string
		at     time.Time
		want   bool
	}{
		"is believed at its name":                        {a.certPEM, "hook.ns.svc", begin, true},
		"is believed at its address":                     {a.certPEM, "127.0.0.1", begin, true},
		"is believed by a clock that is a little behind": {a.certPEM, "hook.ns.svc", begin.Add(-4 * time.Minute), true},
		"isn't believed at another name":                 {a.certPEM, "hook.other.svc", begin, false},
		"isn't believed after its end":                   {a.certPEM, "hook.ns.svc", begin.Add(week + time.Second), false},
		"isn't believed by those who trust another":      {made(t, begin, year).certPEM, "hook.ns.svc", begin, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := trusts(tc.bundle, served.Leaf, tc.host, tc.at); got != tc.want {
				t.Errorf("believed: %v, want %v", got, tc.want)
			}
		})
	}
}

func TestAServingCertificateEndsWithItsAuthority(t *testing.T) {
	served, err := made(t, begin, 10*time.Hour).issue([]string{"hook"}, begin.Add(9*time.Hour), week)
	if err != nil {
		t.Fatal(err)
	}
	if want := begin.Add(10 * time.Hour); !served.Leaf.NotAfter.Equal(want) {
		t.Errorf("good until %s, want %s", served.Leaf.NotAfter, want)
	}
}

func TestAnAuthorityIsReadBack(t *testing.T) {
	a := made(t, begin, year)
	again, err := readAuthority(a.certPEM, a.keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	served, err := again.issue([]string{"hook"}, begin, week)
	if err != nil || !a.signed(served.Leaf) {
		t.Errorf("what the second signs isn't the first's: %v", err)
	}
	if _, err := readAuthority([]byte("x"), a.keyPEM); err == nil {
		t.Error("read one from what is none")
	}
	if _, err := readAuthority(made(t, begin, year).certPEM, a.keyPEM); err == nil {
		t.Error("read one from the certificate of one and the key of another")
	}
}

func TestRenewalIsWhenAThirdIsLeft(t *testing.T) {
	a := made(t, begin, 30*24*time.Hour)
	left := a.certificate.NotAfter.Sub(renewal(a.certificate))
	if left < 10*24*time.Hour || left > 10*24*time.Hour+5*time.Minute {
		t.Errorf("renewed with %s of 30 days left", left)
	}
}

func TestTheBundle(t *testing.T) {
	old, ended, signing := made(t, begin.Add(-year/2), year), made(t, begin.Add(-year), year/2), made(t, begin, year)
	before := slices.Concat(old.certPEM, ended.certPEM)

	got, err := cert.ParseCertsPEM(bundle(begin, signing, before))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || !got[0].Equal(signing.certificate) || !got[1].Equal(old.certificate) {
		t.Errorf("has %d certificates; want the one that signs, then the one before it, and none that has ended", len(got))
	}
	once := bundle(begin, signing, before)
	if twice := bundle(begin, signing, once); !bytes.Equal(once, twice) {
		t.Error("differs when it is made again")
	}
	if broken := bundle(begin, signing, []byte("not a certificate")); !bytes.Equal(broken, signing.certPEM) {
		t.Error("takes over what it can't read")
	}
}
