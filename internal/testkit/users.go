// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

// UserRoles makes the ClusterRoles that the operator comes with for people (config/rbac/user-roles.yaml).
func (e *Environment) UserRoles(ctx context.Context) error {
	root, err := Root()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "config", "rbac", "user-roles.yaml"))
	if err != nil {
		return err
	}
	for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
		role := &rbacv1.ClusterRole{}
		if err := yaml.UnmarshalStrict(doc, role); err != nil {
			return fmt.Errorf("reading the roles of people: %w", err)
		}
		if err := e.Admin.Create(ctx, role); err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return nil
}

// User makes a user who has the ClusterRoles everywhere, and others in one namespace; and gives a kubeconfig.
func (e *Environment) User(ctx context.Context, name string, everywhere []string, namespace string, there []string) ([]byte, error) {
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}}
	role := func(of string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: of}
	}
	for _, of := range everywhere {
		b := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name + "-" + of}, RoleRef: role(of), Subjects: subjects}
		if err := e.Admin.Create(ctx, b); err != nil {
			return nil, err
		}
	}
	for _, of := range there {
		b := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name + "-" + of}, RoleRef: role(of), Subjects: subjects}
		if err := e.Admin.Create(ctx, b); err != nil {
			return nil, err
		}
	}
	user, err := e.env.AddUser(envtest.User{Name: name}, nil)
	if err != nil {
		return nil, fmt.Errorf("adding user %s: %w", name, err)
	}
	return user.KubeConfig()
}
