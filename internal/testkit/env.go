// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package testkit is what tests of the whole operator stand on: a real apiserver, the operator in it as a user that has its
// generated role and nothing more, a record of every request it makes, a clock that can be moved, builders of objects, and
// a Hand that does to pods what the rest of Kubernetes would do.
package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/ecs-operator/ecs-operator/controllers"
)

// User is the name by which the apiserver knows the operator.
const User = "ecs-operator"

// Environment is an apiserver with the CRDs and the operator's role. There is no controller manager, scheduler or kubelet.
type Environment struct {
	// Admin may do everything; tests write through it.
	Admin client.Client
	// Warnings are what Admin was told beside answers.
	Warnings *Warnings
	// Role is the generated role, which is all that the operator may do.
	Role *rbacv1.ClusterRole
	// Registry stands for Docker Hub. It has no images but those that tests push.
	Registry *Registry

	env      *envtest.Environment
	operator *rest.Config
	webhook  webhook
}

// Start starts the apiserver.
func Start(ctx context.Context) (*Environment, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, errors.New("KUBEBUILDER_ASSETS is not set, so there is no apiserver to ask; run make test-integration")
	}
	root, err := Root()
	if err != nil {
		return nil, err
	}
	env := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	env.ControlPlane.GetAPIServer().Configure().Append("enable-admission-plugins", "OwnerReferencesPermissionEnforcement") // OpenShift has it on
	config, err := env.Start()
	if err != nil {
		return nil, fmt.Errorf("starting the apiserver: %w", err)
	}
	e := &Environment{env: env, Warnings: &Warnings{}}
	if e.Registry, err = StartRegistry(); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	if err := e.prepare(ctx, config, root); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return e, nil
}

// Stop stops the apiserver.
func (e *Environment) Stop() error { return errors.Join(e.Registry.Stop(), e.env.Stop()) }

func (e *Environment) prepare(ctx context.Context, config *rest.Config, root string) error {
	unlimited(config)
	config.WarningHandler = e.Warnings
	var err error
	if e.Admin, err = client.NewWithWatch(config, client.Options{Scheme: controllers.Scheme()}); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "config", "rbac", "role.yaml"))
	if err != nil {
		return err
	}
	e.Role = &rbacv1.ClusterRole{}
	if err := yaml.UnmarshalStrict(text, e.Role); err != nil {
		return fmt.Errorf("reading the operator's role: %w", err)
	}
	if err := e.Admin.Create(ctx, e.Role.DeepCopy()); err != nil {
		return err
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: e.Role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: e.Role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: User}},
	}
	if err := e.Admin.Create(ctx, binding); err != nil {
		return err
	}
	if err := e.prepareWebhook(ctx, root); err != nil {
		return fmt.Errorf("preparing the webhook: %w", err)
	}
	user, err := e.env.AddUser(envtest.User{Name: User}, nil)
	if err != nil {
		return fmt.Errorf("adding the operator's user: %w", err)
	}
	e.operator = user.Config()
	unlimited(e.operator)
	return nil
}

// unlimited takes the client's brake off; the apiserver has its own.
func unlimited(config *rest.Config) { config.QPS = -1 }

// Root is the folder of the module, found from wherever the test runs.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("finding the module's folder: no PROJECT above the test")
		}
		dir = filepath.Dir(dir)
	}
}
