// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import "testing"

func TestContains(t *testing.T) {
	live := map[string]any{
		"replicas": int64(3),
		"labels":   map[string]any{"a": "1", "b": "2"},
		"ports":    []any{map[string]any{"port": int64(80), "protocol": "TCP"}},
	}
	for name, tc := range map[string]struct {
		want any
		ok   bool
	}{
		"a part of it":                      {map[string]any{"labels": map[string]any{"a": "1"}}, true},
		"a list whose items have more":      {map[string]any{"ports": []any{map[string]any{"port": int64(80)}}}, true},
		"another value":                     {map[string]any{"replicas": int64(2)}, false},
		"a key it lacks":                    {map[string]any{"labels": map[string]any{"c": "3"}}, false},
		"a longer list":                     {map[string]any{"ports": []any{map[string]any{"port": int64(80)}, map[string]any{"port": int64(81)}}}, false},
		"a list where a value stands":       {map[string]any{"replicas": []any{}}, false},
		"a map where nothing stands":        {map[string]any{"annotations": map[string]any{"x": "y"}}, false},
		"an empty map where nothing stands": {map[string]any{"strategy": map[string]any{}}, true},
		"nothing":                           {map[string]any{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := contains(live, tc.want); got != tc.ok {
				t.Errorf("contains = %t, want %t", got, tc.ok)
			}
		})
	}
}
