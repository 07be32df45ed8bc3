// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func TestCalm(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	terminating := apierrors.NewForbidden(pods, "web", errors.New("namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for name, tc := range map[string]struct {
		err       error
		wantErr   bool
		wantAfter time.Duration
	}{
		"no error":                            {nil, false, time.Minute},
		"a conflict is tried again soon":      {fmt.Errorf("patching: %w", apierrors.NewConflict(pods, "web", errors.New("changed"))), false, afterConflict},
		"a namespace that goes ends the work": {errors.Join(fmt.Errorf("making: %w", terminating), nil), false, 0},
		"another refusal is an error":         {apierrors.NewForbidden(pods, "web", errors.New("no")), true, time.Minute},
		"anything else is an error":           {errors.New("broken"), true, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			calm := Calm(reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
				return reconcile.Result{RequeueAfter: time.Minute}, tc.err
			}))
			result, err := calm.Reconcile(t.Context(), reconcile.Request{})
			if (err != nil) != tc.wantErr || result.RequeueAfter != tc.wantAfter {
				t.Errorf("got %s and error %v, want %s and error %t", result.RequeueAfter, err, tc.wantAfter, tc.wantErr)
			}
		})
	}
}
