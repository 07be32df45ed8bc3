// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
)

// open calls also this machine, where the tests' endpoints are.
var open = Options{Denied: []netip.Prefix{}}

func deployment(name string) Deployment {
	return Deployment{NamespacedName: types.NamespacedName{Namespace: "shop", Name: name}, UID: types.UID(name)}
}

func callOf(url string) hooks.Call {
	return hooks.Call{HookID: "h", ExecutionID: "e", IdempotencyKey: "e-0", Target: hooks.Target{URL: url}, Body: []byte(`{"executionId":"e"}`)}
}

var asked = []ecsv1.DeploymentLifecycleHookDetail{{HookId: "h", Status: ecsv1.DeploymentLifecycleHookStatusInProgress}}

// endpoint is somebody whom hooks ask. It counts.
type endpoint struct {
	*httptest.Server
	mu    sync.Mutex
	calls []*http.Request
	// body of the latest.
	body string
}

func serve(t *testing.T, handle http.HandlerFunc) *endpoint {
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // only then does a server see that the other side hangs up
		e.mu.Lock()
		e.calls, e.body = append(e.calls, r), string(body)
		e.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.calls)
}

// caller is a Caller that says when there is an answer.
func caller(t *testing.T, o Options) (*Caller, chan types.NamespacedName) {
	c, told := NewCaller(t.Context(), o), make(chan types.NamespacedName, 100)
	c.Tell(func(of types.NamespacedName) { told <- of })
	return c, told
}

func TestAnEndpointIsAskedAsALambdaFunctionIs(t *testing.T) {
	e := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"hookStatus":"SUCCEEDED"}`) })
	c, told := caller(t, open)
	c.Ask(deployment("web-2"), []hooks.Call{callOf(e.URL + "/check?x=1")})
	if of := <-told; of.Name != "web-2" {
		t.Errorf("%s is told", of)
	}
	if e.body != `{"executionId":"e"}` {
		t.Errorf("got %s", e.body)
	}
	r := e.calls[0]
	if r.Method != http.MethodPost || r.RequestURI != "/check?x=1" || r.Header.Get("Content-Type") != "application/json" ||
		r.Header.Get("Idempotency-Key") != "e-0" || r.Header.Get("Ecs-Execution-Id") != "e" {
		t.Errorf("%s %s %v", r.Method, r.RequestURI, r.Header)
	}
	if got := c.Answers("web-2", asked)["h"]; string(got.Body) != `{"hookStatus":"SUCCEEDED"}` || got.Failure != "" {
		t.Errorf("%+v", got)
	}
}

func TestWhatComesOfACall(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"hookStatus":"SUCCEEDED"}`) })
	for name, tc := range map[string]struct {
		handle      http.HandlerFunc
		options     Options
		wantBody    int
		wantFailure string
		unreached   bool
	}{
		"garbage is left to be judged": {handle: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, options: open, wantBody: 6},
		"no more is read than is enough to see that it is too much": {
			handle: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1<<20)) }, options: open, wantBody: hooks.MostAnswer + 1,
		},
		"an error is a failure, and shows nothing of the page": {
			handle: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "secret", http.StatusInternalServerError) }, options: open, wantFailure: "answered HTTP status 500",
		},
		"a proxy without its server is nobody": {
			handle: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, options: open, wantFailure: "HTTP status 502", unreached: true,
		},
		"a redirect isn't followed": {
			handle: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
			}, options: open,
			wantFailure: "answered HTTP status 307; redirects aren't followed: name the URL that answers itself",
		},
		"a connection that is closed without an answer reached nobody": {
			handle: func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }, options: open, wantFailure: "EOF", unreached: true,
		},
		"an answer that is cut off reached nobody": {
			handle: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "100")
				fmt.Fprint(w, `{"hookStatus":`)
			}, options: open, wantFailure: "unexpected EOF", unreached: true,
		},
		"one that hangs has its time": {
			handle:  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			options: Options{Denied: open.Denied, Timeout: 50 * time.Millisecond}, wantFailure: "gave no answer within 50ms",
		},
		"this machine isn't called": {
			handle:      func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"hookStatus":"SUCCEEDED"}`) },
			wantFailure: "isn't called: 127.0.0.1 is an address that hooks may not call (the operator's flag --hook-denied-network)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, tc.handle)
			got := newWeb(tc.options).call(t.Context(), callOf(e.URL))
			if len(got.Body) != tc.wantBody || got.Failure != tc.wantFailure || got.Unreached != tc.unreached {
				t.Errorf("got %d bytes, %q, unreached %t", len(got.Body), got.Failure, got.Unreached)
			}
		})
	}
	if other.count() > 0 {
		t.Error("the redirect was followed")
	}
}

// hangUp closes the connection as a process that dies does.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func TestNobodyAtAll(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a port that is free again
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	got := newWeb(open).call(t.Context(), callOf("http://"+l.Addr().String()))
	if !got.Unreached || !strings.Contains(got.Failure, "connection refused") {
		t.Errorf("%+v", got)
	}
}

func TestAddressesThatArentCalled(t *testing.T) {
	var o Options
	if err := o.Deny("10.96.0.0/12"); err != nil {
		t.Fatal(err)
	}
	if o.Deny("10.96.0.0") == nil {
		t.Error("takes an address for a network")
	}
	for text, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "0.0.0.0": true, "169.254.169.254": true, "::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true,
		"fe80::1%eth0": true, "fd00:ec2::254": true, "224.0.0.1": true, "168.63.129.16": true, "10.96.0.1": true,
		"10.0.0.1": false, "192.168.1.1": false, "93.184.216.34": false, "2606:2800:220:1::1": false, "64:ff9b::0808:0808": false, "fd00::1": false,
	} {
		if got := isDenied(netip.MustParseAddr(text), o.Denied); got != want {
			t.Errorf("%s: denied %t, want %t", text, got, want)
		}
	}
}

func TestACallIsMadeOnce(t *testing.T) {
	release := make(chan struct{})
	e := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		fmt.Fprint(w, `{"hookStatus":"IN_PROGRESS"}`)
	})
	c, told := caller(t, open)
	of, first := deployment("web-2"), callOf(e.URL)
	for range 10 {
		c.Ask(of, []hooks.Call{first})
	}
	if got := c.Answers(of.UID, asked); len(got) > 0 {
		t.Errorf("%+v before there is an answer", got)
	}
	close(release)
	<-told
	for range 10 { // the answer isn't stored yet, or a cache is behind
		if got := c.Answers(of.UID, asked); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		c.Ask(of, []hooks.Call{first})
		c.Ask(of, nil)
	}
	stored := slices.Clone(asked)
	stored[0].Calls = new(int32(1))
	if got := c.Answers(of.UID, stored); len(got) > 0 {
		t.Errorf("%+v is given twice", got)
	}
	if e.count() != 1 {
		t.Errorf("%d calls", e.count())
	}
	second := callOf(e.URL)
	second.Number, second.IdempotencyKey = 1, "e-1"
	c.Ask(of, []hooks.Call{second})
	<-told
	if got := c.Answers(of.UID, stored)["h"]; got.Call != 1 || e.count() != 2 {
		t.Errorf("%+v after %d calls", got, e.count())
	}
	stored[0].FinishedAt = new(metav1.Now())
	c.Answers(of.UID, stored)
	if len(c.deployments) > 0 {
		t.Errorf("keeps %v", c.deployments)
	}
}

func TestACallThatNobodyWantsAnyMoreEnds(t *testing.T) {
	for name, end := range map[string]func(*Caller, context.CancelFunc){
		"since the deployment goes on without it": func(c *Caller, _ context.CancelFunc) { c.Ask(deployment("web-2"), nil) },
		"since the deployment is gone":            func(c *Caller, _ context.CancelFunc) { c.Forget("web-2") },
		"since the operator ends":                 func(_ *Caller, stop context.CancelFunc) { stop() },
	} {
		t.Run(name, func(t *testing.T) {
			begun, ended := make(chan struct{}), make(chan struct{})
			e := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				close(begun)
				<-r.Context().Done()
				close(ended)
			})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			c := NewCaller(ctx, open)
			c.Tell(func(types.NamespacedName) { t.Error("told of an answer") })
			c.Ask(deployment("web-2"), []hooks.Call{callOf(e.URL)})
			<-begun
			end(c, stop)
			<-ended
		})
	}
}

func TestOneNamespaceKeepsOnlyItselfWaiting(t *testing.T) {
	release := make(chan struct{})
	e := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/quick" {
			<-release
		}
		fmt.Fprint(w, `{"hookStatus":"SUCCEEDED"}`)
	})
	c, told := caller(t, open)
	for i := range mostCallsOfNamespace + 10 {
		c.Ask(deployment(fmt.Sprint("slow-", i)), []hooks.Call{callOf(e.URL + "/slow")})
	}
	other := deployment("quick")
	other.Namespace = "search"
	c.Ask(other, []hooks.Call{callOf(e.URL + "/quick")})
	if of := <-told; of.Namespace != "search" {
		t.Errorf("%s is first", of)
	}
	c.mu.Lock()
	if c.running["shop"] != mostCallsOfNamespace || len(c.turn) != 10 {
		t.Errorf("%d under way, %d wait", c.running["shop"], len(c.turn))
	}
	c.mu.Unlock()
	close(release)
	for range mostCallsOfNamespace + 10 {
		<-told
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total != 0 || len(c.running) > 0 || len(c.turn) > 0 {
		t.Errorf("%d under way (%v), %d wait", c.total, c.running, len(c.turn))
	}
}

func TestACallThatCantBeMadeHasItsAnswer(t *testing.T) {
	c, told := caller(t, open)
	of := deployment("web-2")
	c.Fail(of, hooks.Call{HookID: "h", Target: hooks.Target{Job: "smoke"}}, "there is no CronJob smoke")
	<-told
	c.Ask(of, []hooks.Call{{HookID: "h", Target: hooks.Target{Job: "smoke"}}})
	if got := c.Answers(of.UID, asked)["h"]; got.Failure != "there is no CronJob smoke" || got.Unreached {
		t.Errorf("%+v", got)
	}
}
