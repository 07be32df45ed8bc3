// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package webhookcert gives the admission webhook certificates that the apiserver trusts, and renews them.
//
// All replicas share a certificate authority, which a Secret keeps. Each signs a serving certificate of its own with it and keeps that
// in memory; nothing is mounted and no file is written. The authority's certificate is put into the webhook configuration. When
// a third of its life is left it is replaced: the apiserver is told to trust the new one beside the old one first, and only then
// is anything served by the new one.
package webhookcert

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
)

// Names of what config/webhook installs, and of the Secret that is made beside it.
const (
	Configuration = "ecs-operator"
	Service       = "ecs-operator-webhook"
	Secret        = "ecs-operator-webhook" //nolint:gosec // the name of an object
)

// trustKey of the Secret holds what the apiserver is to trust. The authority itself is under the keys of any TLS Secret.
const trustKey = "ca.crt"

// Rotator keeps the certificate that GetCertificate hands out.
type Rotator struct {
	// Live reads past any cache: what is read here is read twice a minute.
	Live client.Reader
	// Client writes.
	Client client.Client
	// Namespace of the Secret and of the webhook's Service.
	Namespace string
	// Hosts by which the webhook is reached beside its Service's name.
	Hosts []string
	// Authority and Serving are how long certificates are good.
	Authority, Serving time.Duration
	// Interval is how often is looked whether Secret and configuration are as they should be.
	Interval time.Duration
	Now      func() time.Time

	current atomic.Pointer[tls.Certificate]
}

// The Secret is in the operator's own namespace: config/rbac/webhook.yaml.
// +kubebuilder:rbac:groups=admissionregistration.k8s.io,resources=validatingwebhookconfigurations,resourceNames=ecs-operator,verbs=get;patch

// SetupWithManager makes the rotator run on every replica, leader or not: all of them answer the apiserver.
func (r *Rotator) SetupWithManager(mgr ctrl.Manager) error {
	everyReplica := false
	begin := source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		queue.Add(reconcile.Request{NamespacedName: client.ObjectKey{Namespace: r.Namespace, Name: Secret}})
		return nil
	})
	return ctrl.NewControllerManagedBy(mgr).Named("webhookcert").
		WatchesRawSource(begin).
		WithOptions(controller.Options{
			NeedLeaderElection:      &everyReplica,
			MaxConcurrentReconciles: 1,
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](100*time.Millisecond, 30*time.Second),
		}).
		Complete(kube.Calm(r))
}

// GetCertificate is for the webhook's TLS configuration.
func (r *Rotator) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c := r.current.Load(); c != nil {
		return c, nil
	}
	return nil, errors.New("there is no certificate yet")
}

// Reconcile makes sure of authority, trust and serving certificate, in this order.
func (r *Rotator) Reconcile(ctx context.Context, _ reconcile.Request) (ctrl.Result, error) {
	signing, trust, err := r.authority(ctx)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.trust(ctx, trust); err != nil {
		return ctrl.Result{}, err
	}
	now := r.Now()
	leaf := r.current.Load()
	if leaf == nil || !signing.signed(leaf.Leaf) || !now.Before(renewal(leaf.Leaf)) {
		if leaf, err = signing.issue(append([]string{Service + "." + r.Namespace + ".svc"}, r.Hosts...), now, r.Serving); err != nil {
			return ctrl.Result{}, err
		}
		r.current.Store(leaf)
		log.FromContext(ctx).Info("Serving a new certificate", "until", leaf.Leaf.NotAfter)
	}
	next := min(r.Interval, renewal(leaf.Leaf).Sub(now), renewal(signing.certificate).Sub(now))
	return ctrl.Result{RequeueAfter: max(next, 100*time.Millisecond)}, nil
}

// authority reads the one that signs and what is to be trusted. It makes a new one where there is none, or none that is good long enough.
// Of several replicas that do so at once, the apiserver lets one through; the others come again and read.
func (r *Rotator) authority(ctx context.Context) (*authority, []byte, error) {
	now := r.Now()
	secret := &corev1.Secret{}
	err := r.Live.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: Secret}, secret)
	missing := apierrors.IsNotFound(err)
	if err != nil && !missing {
		return nil, nil, fmt.Errorf("reading the webhook's certificate authority: %w", err)
	}
	signing, err := readAuthority(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
	if err == nil && now.Before(renewal(signing.certificate)) {
		return signing, bundle(now, signing, secret.Data[trustKey]), nil
	}
	if signing, err = newAuthority(now, r.Authority); err != nil {
		return nil, nil, err
	}
	before := secret.DeepCopy()
	secret.Namespace, secret.Name = r.Namespace, Secret
	secret.Type = corev1.SecretTypeTLS
	secret.Data = map[string][]byte{
		corev1.TLSCertKey:       signing.certPEM,
		corev1.TLSPrivateKeyKey: signing.keyPEM,
		trustKey:                bundle(now, signing, before.Data[trustKey]),
	}
	if missing {
		metav1.SetMetaDataAnnotation(&secret.ObjectMeta, "ecs.pods.dev/about", "The authority of the admission webhook's certificates. It is made anew when deleted.")
		err = r.Client.Create(ctx, secret)
	} else {
		err = r.Client.Patch(ctx, secret, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	}
	if apierrors.IsAlreadyExists(err) {
		err = apierrors.NewConflict(corev1.Resource("secrets"), Secret, err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("keeping a new certificate authority: %w", err)
	}
	log.FromContext(ctx).Info("Made a new certificate authority", "until", signing.certificate.NotAfter)
	return signing, secret.Data[trustKey], nil
}

// trust tells the apiserver whom to trust. Where no webhook is installed there is nobody to tell.
func (r *Rotator) trust(ctx context.Context, bundle []byte) error {
	found := &admissionv1.ValidatingWebhookConfiguration{}
	err := r.Live.Get(ctx, client.ObjectKey{Name: Configuration}, found)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the webhook's configuration: %w", err)
	}
	if !slices.ContainsFunc(found.Webhooks, func(w admissionv1.ValidatingWebhook) bool { return !bytes.Equal(w.ClientConfig.CABundle, bundle) }) {
		return nil
	}
	before := found.DeepCopy()
	for i := range found.Webhooks {
		found.Webhooks[i].ClientConfig.CABundle = bundle
	}
	if err := r.Client.Patch(ctx, found, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("telling the apiserver whom to trust: %w", err)
	}
	return nil
}
