// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers"
)

func TestOwnerReferencesNeedRightsThatNoRequestShows(t *testing.T) {
	type request struct {
		method, path, body string
		status             int
	}
	const account = "/api/v1/namespaces/a/serviceaccounts/web"
	owned := func(uid string) string {
		return `{"metadata":{"ownerReferences":[{"apiVersion":"ecs.pods.dev/v1alpha1","kind":"ServiceRevision","name":"web","uid":"` + uid + `"}]}}`
	}
	blocking := strings.Replace(owned("1"), `"uid"`, `"blockOwnerDeletion":true,"uid"`, 1)
	ofATask := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{
		*metav1.NewControllerRef(&ecsv1.Task{}, ecsv1.GroupVersion.WithKind("Task")),
	}}}
	var pod bytes.Buffer
	scheme := controllers.Scheme()
	encoder := runtime.WithVersionEncoder{Version: corev1.SchemeGroupVersion, Encoder: protobuf.NewSerializer(scheme, scheme), ObjectTyper: scheme}
	if err := encoder.Encode(ofATask, &pod); err != nil {
		t.Fatal(err)
	}
	remove := Right{Resource: "serviceaccounts", Verb: "delete"}
	for name, tc := range map[string]struct {
		requests []request
		needed   Right
		want     bool
	}{
		"an owner whose deletion waits": {[]request{{http.MethodPatch, "/apis/apps/v1/namespaces/a/deployments/web-1", blocking, http.StatusCreated}},
			Right{"ecs.pods.dev", "servicerevisions/finalizers", "update"}, true},
		"of a kind that comes with Kubernetes": {[]request{{http.MethodPost, "/api/v1/namespaces/a/pods", pod.String(), http.StatusCreated}},
			Right{"ecs.pods.dev", "tasks/finalizers", "update"}, true},
		"an owner whose deletion doesn't wait": {[]request{{http.MethodPatch, account, owned("1"), http.StatusCreated}},
			Right{"ecs.pods.dev", "servicerevisions/finalizers", "update"}, false},
		"another owner": {[]request{{http.MethodPatch, account, owned("1"), http.StatusCreated}, {http.MethodPatch, account, owned("2"), http.StatusOK}}, remove, true},
		"the same owner": {[]request{{http.MethodPatch, account, owned("1"), http.StatusCreated}, {http.MethodPatch, account, owned("1"), http.StatusOK}},
			remove, false},
		"another owner of another object": {[]request{{http.MethodPatch, account, owned("1"), http.StatusCreated}, {http.MethodPatch, account, owned("2"), http.StatusCreated}},
			remove, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Record{}
			for _, q := range tc.requests {
				answers := r.wrap(transport(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: q.status, Body: io.NopCloser(strings.NewReader("{}"))}, nil
				}))
				req, err := http.NewRequestWithContext(t.Context(), q.method, "https://apiserver"+q.path, strings.NewReader(q.body))
				if err != nil {
					t.Fatal(err)
				}
				resp, err := answers.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
			}
			if got := r.Used()[tc.needed]; got != tc.want {
				t.Errorf("%s: %t, want %t", tc.needed, got, tc.want)
			}
		})
	}
}
