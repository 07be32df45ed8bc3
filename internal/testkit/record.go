// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
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

// Used are the rights that the requests needed. A server-side apply that made its object needed to be allowed to create it, too.
func (r *Record) Used() map[Right]bool {
	used := map[Right]bool{}
	for _, q := range r.Requests() {
		used[q.Right()] = true
		if q.Verb == "patch" && q.Status == http.StatusCreated {
			q.Verb = "create"
			used[q.Right()] = true
		}
	}
	return used
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
		q.At = time.Now()
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

// notAllowed is in every answer of the RBAC authorizer that says no, as in: User "ecs-operator" cannot get resource "secrets".
const notAllowed = " cannot "

// denied reads what a 403 says, if the authorizer said it, and leaves the answer for others to read.
func denied(resp *http.Response) (string, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	if i := bytes.Index(body, []byte(`User `)); i >= 0 && bytes.Contains(body[i:], []byte(notAllowed)) {
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
