// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"crypto/tls"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/ecs-operator/ecs-operator/controllers/admission"
	"github.com/ecs-operator/ecs-operator/controllers/capacityprovider"
	"github.com/ecs-operator/ecs-operator/controllers/cluster"
	"github.com/ecs-operator/ecs-operator/controllers/runtask"
	"github.com/ecs-operator/ecs-operator/controllers/service"
	"github.com/ecs-operator/ecs-operator/controllers/webhookcert"
)

// Webhook says how admission is served. Its zero values are the defaults that the manager's manifests go with.
type Webhook struct {
	// Address and Port to listen on: all addresses, 9443.
	Address string
	Port    int
	// Namespace of the webhook's Service and of the Secret with its certificate authority.
	Namespace string
	// Hosts by which the apiserver reaches the webhook beside the Service's name.
	Hosts []string
	// Authority and Serving are how long certificates are good: a year and a week.
	Authority, Serving time.Duration
	// Interval is how often is looked whether the apiserver still trusts us: twice a minute.
	Interval time.Duration
	// Now is the clock of the certificates, which has to agree with the apiserver's.
	Now func() time.Time
}

// setup serves admission by this manager, leader or not.
func (w Webhook) setup(mgr ctrl.Manager, answers *admission.Webhooks) error {
	certificates := &webhookcert.Rotator{
		Live: mgr.GetAPIReader(), Client: mgr.GetClient(), Namespace: w.Namespace, Hosts: w.Hosts, Now: w.Now,
		Authority: orElse(w.Authority, 365*24*time.Hour),
		Serving:   orElse(w.Serving, 7*24*time.Hour),
		Interval:  orElse(w.Interval, 30*time.Second),
	}
	if err := certificates.SetupWithManager(mgr); err != nil {
		return fmt.Errorf("setting up the webhook's certificates: %w", err)
	}
	server := webhook.NewServer(webhook.Options{Host: w.Address, Port: orElse(w.Port, webhook.DefaultPort), TLSOpts: []func(*tls.Config){
		func(c *tls.Config) {
			c.MinVersion = tls.VersionTLS13
			c.GetCertificate = certificates.GetCertificate
		},
	}})
	answers.Register(server, mgr.GetScheme())
	if err := mgr.AddReadyzCheck("webhook", server.StartedChecker()); err != nil {
		return err
	}
	return mgr.Add(server)
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// answers of the webhook come from what the controllers would do.
func answers(mgr ctrl.Manager, services *service.Reconciler, tasks *runtask.Reconciler, clusters *cluster.Reconciler, providers *capacityprovider.Reconciler) *admission.Webhooks {
	return &admission.Webhooks{
		Reader: mgr.GetClient(), Platform: services.Platform,
		Foresee: services.Foresee, ForeseeTask: tasks.Foresee, ForeseeCluster: clusters.Foresee, ForeseeDeletion: providers.ForeseeDeletion,
	}
}
