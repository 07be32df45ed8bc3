// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ecs-operator/ecs-operator/controllers"
	"github.com/ecs-operator/ecs-operator/controllers/webhookcert"
)

// OperatorNamespace is where the operator keeps what is its own.
const OperatorNamespace = "ecs-operator-system"

// webhook is where the operator of an environment answers the apiserver.
type webhook struct {
	port          int
	configuration *admissionv1.ValidatingWebhookConfiguration
}

const localhost = "127.0.0.1"

// settings are those of an operator that runs beside the apiserver.
func (w webhook) settings() *controllers.Webhook {
	return &controllers.Webhook{
		Address: localhost, Port: w.port, Namespace: OperatorNamespace, Hosts: []string{localhost}, Now: time.Now,
		Interval: 200 * time.Millisecond,
	}
}

// prepareWebhook makes the namespace, the operator's rights in it, and the webhook configuration as config has it, but for the address:
// there is no network of Services.
func (e *Environment) prepareWebhook(ctx context.Context, root string) error {
	var err error
	if e.webhook.port, err = freePort(); err != nil {
		return err
	}
	if err := e.Admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: OperatorNamespace}}); err != nil {
		return err
	}
	role, binding := &rbacv1.Role{}, &rbacv1.RoleBinding{}
	if err := readAll(filepath.Join(root, "config", "rbac", "webhook.yaml"), role, binding); err != nil {
		return err
	}
	reads, reader := &rbacv1.Role{}, &rbacv1.RoleBinding{}
	if err := readAll(filepath.Join(root, "config", "rbac", "prometheus.yaml"), reads, reader); err != nil {
		return err
	}
	for _, b := range []*rbacv1.RoleBinding{binding, reader} {
		b.Subjects = []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: User}}
	}
	e.webhook.configuration = &admissionv1.ValidatingWebhookConfiguration{}
	if err := readAll(filepath.Join(root, "config", "webhook", "configuration.yaml"), e.webhook.configuration); err != nil {
		return err
	}
	for i := range e.webhook.configuration.Webhooks {
		c := &e.webhook.configuration.Webhooks[i].ClientConfig
		url := "https://" + net.JoinHostPort(localhost, strconv.Itoa(e.webhook.port)) + *c.Service.Path
		c.URL, c.Service = &url, nil
	}
	for _, o := range []client.Object{role, binding, reads, reader} {
		if err := e.Admin.Create(ctx, o); err != nil {
			return err
		}
	}
	return e.InstallWebhook(ctx)
}

// InstallWebhook makes the apiserver ask the operator about what is written. The operator makes itself trusted.
func (e *Environment) InstallWebhook(ctx context.Context) error {
	return e.Admin.Create(ctx, e.webhook.configuration.DeepCopy())
}

// UninstallWebhook makes the apiserver ask nobody any more.
func (e *Environment) UninstallWebhook(ctx context.Context) error {
	return client.IgnoreNotFound(e.Admin.Delete(ctx, e.webhook.configuration.DeepCopy()))
}

// AuthoritySecret is what the operator's certificate authority is kept in.
func (e *Environment) AuthoritySecret() *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: OperatorNamespace, Name: webhookcert.Secret}}
}

// ServedCertificate is what the operator's webhook shows to those who connect.
func (e *Environment) ServedCertificate(ctx context.Context) (*x509.Certificate, error) {
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // it is looked at, not relied on
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(localhost, strconv.Itoa(e.webhook.port)))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	secured, ok := conn.(*tls.Conn)
	if !ok {
		return nil, errors.New("not a TLS connection")
	}
	return secured.ConnectionState().PeerCertificates[0], nil
}

// readAll reads a file's documents into objects, in order.
func readAll(file string, into ...client.Object) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for _, o := range into {
		if err := decoder.Decode(o); err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
	}
	if err := decoder.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: it has more than %d documents", file, len(into))
	}
	return nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(localhost, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("not a TCP address")
	}
	return address.Port, nil
}
