// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"github.com/ecs-operator/ecs-operator/controllers"
)

// Request is one request to the apiserver in the words of RBAC, with the answer's status.
type Request struct {
	Verb        string
	Group       string
	Resource    string
	Subresource string
	Namespace   string
	Name        string
	DryRun      bool
	Status      int
	// Denied is what the apiserver said where the role doesn't allow the request. A quota or a policy that forbids an object says 403, too,
	// but that is no matter of the role.
	Denied string
	// Owners are the owner references that the request sets. Admission asks for rights because of them, which no request shows.
	Owners []metav1.OwnerReference
	At     time.Time
}

// Write reports whether the request could have changed something that matters. Events don't count: nothing is decided by them.
func (r Request) Write() bool {
	return !r.DryRun && r.Resource != "events" && slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb)
}

// Right is the request as a rule of a role names it: verb, group and resource/subresource.
func (r Request) Right() Right {
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	return Right{Group: r.Group, Resource: resource, Verb: r.Verb}
}

// Right is one thing that a role allows.
type Right struct{ Group, Resource, Verb string }

func (r Right) String() string { return r.Verb + " " + strings.TrimSuffix(r.Resource+"."+r.Group, ".") }

// Record keeps every request that goes through its transports.
type Record struct {
	mu       sync.Mutex
	requests []Request
}

// Requests are all requests that were answered.
func (r *Record) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Writes are the writes since a time.
func (r *Record) Writes(since time.Time) []Request {
	return slices.DeleteFunc(r.Requests(), func(q Request) bool { return !q.Write() || q.At.Before(since) })
}

// Used are the rights that the requests needed. A server-side apply that made its object needed to be allowed to create it, too. And no request
// shows what admission asks the authorizer about owner references (OwnerReferencesPermissionEnforcement): may the operator set finalizers on the
// owner whose deletion is to wait, and delete an object that was there and gets another owner?
func (r *Record) Used() map[Right]bool {
	used, owners := map[Right]bool{}, map[string][]metav1.OwnerReference{}
	for _, q := range r.Requests() {
		right := q.Right()
		used[right] = true
		for _, owner := range q.Owners {
			if needed, blocks := toBlock(owner); blocks {
				used[needed] = true
			}
		}
		if q.Verb != "patch" {
			continue
		}
		object := path.Join(right.Group, right.Resource, q.Namespace, q.Name)
		switch before, known := owners[object]; {
		case q.Status == http.StatusCreated:
			used[Right{Group: right.Group, Resource: right.Resource, Verb: "create"}] = true
		case q.Status != http.StatusOK || len(q.Owners) == 0:
			continue
		case known && !equality.Semantic.DeepEqual(before, q.Owners):
			used[Right{Group: right.Group, Resource: right.Resource, Verb: "delete"}] = true
		}
		owners[object] = q.Owners
	}
	return used
}

// toBlock is the right to keep an owner from being deleted before what it owns: it is as if one set a finalizer on it.
func toBlock(owner metav1.OwnerReference) (right Right, blocks bool) {
	if owner.BlockOwnerDeletion == nil || !*owner.BlockOwnerDeletion {
		return Right{}, false
	}
	of, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind))
	return Right{Group: of.Group, Resource: of.Resource + "/finalizers", Verb: "update"}, true
}

func (r *Record) add(q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, q)
}

// wrap records what goes through next. A watch is recorded when it begins.
func (r *Record) wrap(next http.RoundTripper) http.RoundTripper {
	return transport(func(req *http.Request) (*http.Response, error) {
		q, ok := parse(req.Method, req.URL)
		q.At, q.Owners = time.Now(), ownersIn(req)
		resp, err := next.RoundTrip(req)
		if ok && err == nil {
			q.Status = resp.StatusCode
			if q.Status == http.StatusForbidden {
				q.Denied, err = denied(resp)
			}
			r.add(q)
		}
		return resp, err
	})
}

// builtin reads what isn't JSON: clients send the kinds that come with Kubernetes in a form of their own, which begins with k8s.
var builtin = serializer.NewCodecFactory(controllers.Scheme()).UniversalDeserializer()

// ownersIn reads the owner references out of a request, and leaves its body for others to read.
func ownersIn(req *http.Request) []metav1.OwnerReference {
	if req.GetBody == nil {
		return nil
	}
	reader, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer reader.Close()
	body, err := io.ReadAll(reader)
	if err != nil {
		return nil
	}
	if bytes.HasPrefix(body, []byte("k8s")) {
		o, _, err := builtin.Decode(body, nil, nil)
		if err != nil {
			return nil // options of a deletion
		}
		m, err := meta.Accessor(o)
		if err != nil {
			return nil
		}
		return m.GetOwnerReferences()
	}
	var o struct {
		Metadata struct {
			OwnerReferences []metav1.OwnerReference `json:"ownerReferences"`
		} `json:"metadata"`
	}
	if json.Unmarshal(body, &o) != nil {
		return nil // a list of operations
	}
	return o.Metadata.OwnerReferences
}

// notAllowed is in every answer of the RBAC authorizer that says no, as in: User "ecs-operator" cannot get resource "secrets".
const notAllowed = " cannot "

// notOwned are in the answers of admission that say no for want of a right.
var notOwned = [][]byte{[]byte("cannot set an ownerRef on a resource"), []byte("cannot set blockOwnerDeletion if an ownerReference")}

// denied reads what a 403 says, if the role is what lacks something, and leaves the answer for others to read.
func denied(resp *http.Response) (string, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	owned := slices.ContainsFunc(notOwned, func(words []byte) bool { return bytes.Contains(body, words) })
	if i := bytes.Index(body, []byte(`User `)); owned || i >= 0 && bytes.Contains(body[i:], []byte(notAllowed)) {
		return string(body), nil
	}
	return "", nil
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) { return t(req) }

// parse reads a request's path: /api/v1/… for the core group, /apis/GROUP/VERSION/… for the others. Discovery is no resource.
func parse(method string, u *url.URL) (Request, bool) {
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	var q Request
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		q.Group, parts = parts[1], parts[3:]
	default:
		return q, false
	}
	if len(parts) > 2 && parts[0] == "namespaces" {
		q.Namespace, parts = parts[1], parts[2:]
	}
	q.Resource = parts[0]
	if len(parts) > 1 {
		q.Name = parts[1]
	}
	if len(parts) > 2 {
		q.Subresource = parts[2]
	}
	query := u.Query()
	q.DryRun = query.Get("dryRun") != ""
	q.Verb = verb(method, q.Name != "", query.Get("watch") == "true")
	return q, true
}

func verb(method string, named, watch bool) string {
	switch {
	case method == http.MethodGet && watch:
		return "watch"
	case method == http.MethodGet && named:
		return "get"
	case method == http.MethodGet:
		return "list"
	case method == http.MethodPost:
		return "create"
	case method == http.MethodPut:
		return "update"
	case method == http.MethodPatch:
		return "patch"
	case method == http.MethodDelete && named:
		return "delete"
	case method == http.MethodDelete:
		return "deletecollection"
	}
	return strings.ToLower(method)
}
