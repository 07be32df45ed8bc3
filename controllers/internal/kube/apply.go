// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kube is the only code that builds patches. It applies children, patches the status of parents, and writes nothing
// that is so already.
package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// Writer writes objects in the name of one controller.
type Writer struct {
	Client client.Client
	// Owner is the field owner of server-side apply, such as ecs-service.
	Owner client.FieldOwner
}

// Apply makes want so by server-side apply: full intent, forced, since we are the only legitimate owner of these fields.
// live is the object as it was last seen, or nil where there is none. An object that holds all of want already is left alone.
func (w Writer) Apply(ctx context.Context, want, live client.Object) (bool, error) {
	intent, err := w.intent(want)
	if err != nil {
		return false, err
	}
	if !isNil(live) {
		now, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
		if err != nil {
			return false, fmt.Errorf("reading %T: %w", live, err)
		}
		if contains(now, withoutIdentity(intent.Object)) {
			return false, nil
		}
	}
	err = w.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(intent), w.Owner, client.ForceOwnership)
	return err == nil, err
}

// ApplyShared is Apply for an object that several share, each under a field owner and with an owner reference of its own. That live has
// references of others, too, is no difference.
func (w Writer) ApplyShared(ctx context.Context, want, live client.Object) (bool, error) {
	if isNil(live) || !refersToAll(live, want.GetOwnerReferences()) {
		return w.Apply(ctx, want, nil)
	}
	compared, ok := live.DeepCopyObject().(client.Object)
	if !ok {
		return false, fmt.Errorf("copying %T: not an object", live)
	}
	compared.SetOwnerReferences(want.GetOwnerReferences())
	return w.Apply(ctx, want, compared)
}

func refersToAll(o client.Object, refs []metav1.OwnerReference) bool {
	for _, ref := range refs {
		if !slices.ContainsFunc(o.GetOwnerReferences(), func(other metav1.OwnerReference) bool { return other.UID == ref.UID }) {
			return false
		}
	}
	return true
}

// intent is an object as an apply configuration: its kind, and nothing that only the server writes.
func (w Writer) intent(want client.Object) (*unstructured.Unstructured, error) {
	gvk, err := apiutil.GVKForObject(want, w.Client.Scheme())
	if err != nil {
		return nil, fmt.Errorf("finding the kind of %T: %w", want, err)
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(want)
	if err != nil {
		return nil, fmt.Errorf("reading %T: %w", want, err)
	}
	delete(fields, "status")
	dropNulls(fields)
	out := &unstructured.Unstructured{Object: fields}
	out.SetGroupVersionKind(gvk)
	return out, nil
}

// Delete deletes exactly the object that was seen, not another of the same name made since. That it is gone is no error.
func (w Writer) Delete(ctx context.Context, obj client.Object) error {
	err := w.Client.Delete(ctx, obj, client.Preconditions{UID: new(obj.GetUID())})
	if apierrors.IsConflict(err) {
		return nil
	}
	return client.IgnoreNotFound(err)
}

// PatchStatus writes the status of after when it differs from that of before, and reports whether it did. The lock on the
// resource version is needed because a merge patch replaces whole lists: two writers of conditions would erase each other's.
func (w Writer) PatchStatus(ctx context.Context, before, after client.Object) (bool, error) {
	if equality.Semantic.DeepEqual(before, after) {
		return false, nil
	}
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := w.Client.Status().Patch(ctx, after, patch, w.Owner); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return true, nil
}

// Annotate sets annotations on exactly the object that was seen, and removes those that are to be nil. That it is gone is no error.
func (w Writer) Annotate(ctx context.Context, obj client.Object, values map[string]*string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": obj.GetUID(), "annotations": values}})
	if err != nil {
		return fmt.Errorf("writing annotations of %T: %w", obj, err)
	}
	err = w.Client.Patch(ctx, obj, client.RawPatch(types.MergePatchType, patch), w.Owner)
	if apierrors.IsConflict(err) || apierrors.IsInvalid(err) {
		return nil // another of the same name
	}
	return client.IgnoreNotFound(err)
}

// AddFinalizer adds the finalizer to obj by a patch of its own, before any child exists.
func (w Writer) AddFinalizer(ctx context.Context, obj client.Object, finalizer string) error {
	return w.patchMeta(ctx, obj, func() bool { return controllerutil.AddFinalizer(obj, finalizer) })
}

// RemoveFinalizer lets the object go.
func (w Writer) RemoveFinalizer(ctx context.Context, obj client.Object, finalizer string) error {
	return client.IgnoreNotFound(w.patchMeta(ctx, obj, func() bool { return controllerutil.RemoveFinalizer(obj, finalizer) }))
}

// Change writes what differs between before, as it was seen, and after. Should before be another by now, that is a conflict.
func (w Writer) Change(ctx context.Context, before, after client.Object) error {
	return w.Client.Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), w.Owner)
}

// Confirm is nil if the object still is what was seen, and a conflict otherwise. It writes nothing.
func (w Writer) Confirm(ctx context.Context, seen client.Object) error {
	same, ok := seen.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("copying %T: not an object", seen)
	}
	return w.Change(ctx, seen, same)
}

func (w Writer) patchMeta(ctx context.Context, obj client.Object, edit func() bool) error {
	before, ok := obj.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("copying %T: not an object", obj)
	}
	if !edit() {
		return nil
	}
	return w.Change(ctx, before, obj)
}
