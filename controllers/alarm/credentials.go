// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// PrometheusSecret is the Secret of the operator's own namespace that its role lets it read.
const PrometheusSecret = "ecs-operator-prometheus" //nolint:gosec // the name of an object

const (
	tokenField  = "spec.kubernetes.prometheus.bearerTokenSecretKeyRef"
	bundleField = "spec.kubernetes.prometheus.caBundle"
)

// keepsTokens is how long a token is kept before its Secret is read again: alarms are many, and ask often.
const keepsTokens = 30 * time.Second

// Credentials are what a Prometheus is asked with: tokens of Secrets, and connections that trust a Cluster's own authorities.
type Credentials struct {
	// Live reads Secrets, of which nothing is watched.
	Live client.Reader
	// Namespace of the operator, "" where it isn't known.
	Namespace string
	Now       func() time.Time

	mu         sync.Mutex
	tokens     map[ecsv1.SecretKeyReference]token
	transports map[string]http.RoundTripper // by bundle: there are as many as Clusters
}

type token struct {
	text string
	read time.Time
}

// token reads a token, or says by its field what keeps it from being read. Nothing of what a Secret holds is ever told.
func (c *Credentials) token(ctx context.Context, ref *ecsv1.SecretKeyReference) (string, *Failure) {
	if ref == nil {
		return "", nil
	}
	c.mu.Lock()
	kept, known := c.tokens[*ref]
	c.mu.Unlock()
	if known && c.Now().Sub(kept.read).Abs() < keepsTokens {
		return kept.text, nil
	}
	if c.Namespace == "" {
		return "", unavailable("can't be asked: %s of the Cluster: the operator doesn't know its own namespace; set --webhook-namespace", tokenField)
	}
	secret := &corev1.Secret{}
	err := c.Live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: ref.Name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return "", unavailable("can't be asked: %s of the Cluster: there is no Secret %s in namespace %s; make it", tokenField, ref.Name, c.Namespace)
	case apierrors.IsForbidden(err):
		return "", unavailable("can't be asked: %s of the Cluster: the operator may not get Secret %s in namespace %s; take %s, or bind a Role to its ServiceAccount that allows it",
			tokenField, ref.Name, c.Namespace, PrometheusSecret)
	case err != nil:
		return "", unavailable("can't be asked: %s of the Cluster: Secret %s in namespace %s can't be read: %s", tokenField, ref.Name, c.Namespace, apierrors.ReasonForError(err))
	}
	text := strings.TrimSpace(string(secret.Data[ref.Key]))
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", unavailable("can't be asked: %s of the Cluster: key %s of Secret %s in namespace %s is missing, or holds no token", tokenField, ref.Key, ref.Name, c.Namespace)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens == nil {
		c.tokens = map[ecsv1.SecretKeyReference]token{}
	}
	c.tokens[*ref] = token{text, c.Now()}
	return text, nil
}

// transport makes connections that trust the authorities of the bundle, and no others; without one those of the operator's image.
func (c *Credentials) transport(bundle []byte) (http.RoundTripper, *Failure) {
	if len(bundle) == 0 {
		return http.DefaultTransport, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.transports[string(bundle)]; t != nil {
		return t, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(bundle) {
		return nil, unavailable("can't be asked: %s of the Cluster: it holds no certificate in PEM", bundleField)
	}
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		t = &http.Transport{}
	}
	t = t.Clone()
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if c.transports == nil {
		c.transports = map[string]http.RoundTripper{}
	}
	c.transports[string(bundle)] = t
	return t, nil
}
