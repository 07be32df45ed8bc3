// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"fmt"
	"reflect"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// contains reports whether live has every field of want with the same value. Fields that only live has, such as those the
// apiserver defaulted, don't count. Lists are compared item by item and have to be of one length.
func contains(live, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		has, ok := live.(map[string]any)
		if !ok {
			return len(want) == 0
		}
		for key, value := range want {
			if !contains(has[key], value) {
				return false
			}
		}
		return true
	case []any:
		has, ok := live.([]any)
		if !ok || len(has) != len(want) {
			return false
		}
		for i := range want {
			if !contains(has[i], want[i]) {
				return false
			}
		}
		return true
	default:
		return fmt.Sprint(live) == fmt.Sprint(want)
	}
}

// withoutIdentity leaves out the fields that a typed object read from a cache doesn't carry.
func withoutIdentity(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for key, value := range object {
		if key != "apiVersion" && key != "kind" {
			out[key] = value
		}
	}
	return out
}

// dropNulls removes fields that are null, such as the creation timestamp of an object that isn't made yet.
func dropNulls(object map[string]any) {
	for key, value := range object {
		switch value := value.(type) {
		case nil:
			delete(object, key)
		case map[string]any:
			dropNulls(value)
		case []any:
			for _, item := range value {
				if fields, ok := item.(map[string]any); ok {
					dropNulls(fields)
				}
			}
		}
	}
}

// isNil reports whether an interface holds no object: nil itself or a nil pointer.
func isNil(obj client.Object) bool {
	return obj == nil || reflect.ValueOf(obj).IsNil()
}
