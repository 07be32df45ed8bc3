// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

var linux = service.ImagePlatform{OS: "linux", Architecture: "amd64"}

// house is a registry on this machine with what stands before it, a count of what it was asked, and readers of it.
type house struct {
	host    string
	asked   atomic.Int64
	before  func(w http.ResponseWriter, r *http.Request) (answered bool)
	timeout time.Duration
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{timeout: 5 * time.Second}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.before != nil && h.before(w, r) {
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	h.host = strings.TrimPrefix(server.URL, "http://")
	return h
}

func (h *house) options() Options {
	return Options{
		Insecure: []string{h.host}, Mirrors: map[string]string{"index.docker.io": h.host}, UserAgent: "ecs-operator/test",
		Timeout: h.timeout, Parallel: 4, HostPause: time.Minute, Now: time.Now,
	}
}

func image(t *testing.T, config v1.Config) v1.Image {
	t.Helper()
	out, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: "amd64", Config: config, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func index(t *testing.T, byPlatform map[string]v1.Image) v1.ImageIndex {
	t.Helper()
	var out v1.ImageIndex = empty.Index
	for _, platform := range []string{"linux/s390x", "linux/arm64", "linux/amd64", "windows/amd64"} { // amd64 isn't the first
		if image, ok := byPlatform[platform]; ok {
			p, err := v1.ParsePlatform(platform)
			if err != nil {
				t.Fatal(err)
			}
			out = mutate.AppendManifests(out, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: p}})
		}
	}
	return out
}

// push gives the registry an image or an index, and tells its digest.
func (h *house) push(t *testing.T, repository string, what any) string {
	t.Helper()
	ref, err := name.NewTag(h.host + "/" + repository)
	if err != nil {
		t.Fatal(err)
	}
	var digest v1.Hash
	switch what := what.(type) {
	case v1.Image:
		err = remote.Write(ref, what)
		digest, _ = what.Digest()
	case v1.ImageIndex:
		err = remote.WriteIndex(ref, what)
		digest, _ = what.Digest()
	}
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

func TestConfigOfThePlatform(t *testing.T) {
	h := newHouse(t)
	of := func(command string) v1.Image { return image(t, v1.Config{Entrypoint: []string{command}}) }
	h.push(t, "team/all:v1", index(t, map[string]v1.Image{"linux/s390x": of("/s390x"), "linux/arm64": of("/arm64"), "linux/amd64": of("/amd64"), "windows/amd64": of("win.exe")}))
	h.push(t, "team/few:v1", index(t, map[string]v1.Image{"linux/s390x": of("/s390x"), "linux/arm64": of("/arm64")}))
	h.push(t, "team/one:v1", of("/one"))
	for name, tc := range map[string]struct {
		image    string
		platform service.ImagePlatform
		want     string
		problem  string
	}{
		"the platform's own": {"team/all:v1", linux, "/amd64", ""},
		"ARM64":              {"team/all:v1", service.ImagePlatform{OS: "linux", Architecture: "arm64"}, "/arm64", ""},
		"Windows":            {"team/all:v1", service.ImagePlatform{OS: "windows", Architecture: "amd64"}, "win.exe", ""},
		"the first for Linux where there is none":      {"team/few:v1", linux, "/s390x", ""},
		"none for Windows where there is none":         {"team/few:v1", service.ImagePlatform{OS: "windows", Architecture: "amd64"}, "", "no image for windows/amd64"},
		"an image that is for one platform is for all": {"team/one:v1", service.ImagePlatform{OS: "linux", Architecture: "arm64"}, "/one", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := newRegistries(h.options()).read(t.Context(), question{image: h.host + "/" + tc.image, platform: tc.platform, config: true})
			if tc.problem != "" {
				if !strings.Contains(got.Problem, tc.problem) || !got.Final || got.Config != nil || got.Digest == "" {
					t.Fatalf("got %+v, want a digest and the problem %q", got, tc.problem)
				}
				return
			}
			if got.Config == nil || got.Problem != "" || got.Config.EntryPoint[0] != tc.want {
				t.Fatalf("got %+v, want entry point %s", got, tc.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	h := newHouse(t)
	config := v1.Config{Entrypoint: []string{"/entry"}, Cmd: []string{"serve", "-p", "80"}, User: "web:web", StopSignal: "SIGQUIT"}
	full := image(t, config)
	one := h.push(t, "team/web:v1", full)
	hub := h.push(t, "library/nginx:latest", image(t, v1.Config{User: "hub"}))
	many := index(t, map[string]v1.Image{"linux/amd64": full, "linux/arm64": image(t, v1.Config{})})
	all := h.push(t, "team/many:v1", many)
	h.push(t, "team/long:v1", image(t, v1.Config{Cmd: []string{strings.Repeat("x", maxCommandLine)}}))
	read := &ecsv1.ContainerImageConfig{EntryPoint: []string{"/entry"}, Command: []string{"serve", "-p", "80"}, User: "web:web", StopSignal: "SIGQUIT"}
	for name, tc := range map[string]struct {
		image   string
		config  bool
		want    service.ImageAnswer
		problem string
	}{
		"a tag is a digest": {h.host + "/team/web:v1", false, service.ImageAnswer{Digest: one}, ""},
		"the digest of a multi-platform image is the index's": {h.host + "/team/many:v1", false, service.ImageAnswer{Digest: all}, ""},
		"and so it is when the config is read too":            {h.host + "/team/many:v1", true, service.ImageAnswer{Digest: all, Config: read}, ""},
		"the whole config":                             {h.host + "/team/web:v1", true, service.ImageAnswer{Digest: one, Config: read}, ""},
		"a config by digest":                           {h.host + "/team/web@" + one, true, service.ImageAnswer{Digest: one, Config: read}, ""},
		"a digest with a tag":                          {h.host + "/team/web:v0@" + one, true, service.ImageAnswer{Digest: one, Config: read}, ""},
		"Docker Hub's shorthand, through a mirror":     {"nginx", true, service.ImageAnswer{Digest: hub, Config: &ecsv1.ContainerImageConfig{User: "hub"}}, ""},
		"an image that isn't there":                    {h.host + "/team/web:v2", false, service.ImageAnswer{Final: true}, "answers 404 Not Found"},
		"no image reference":                           {"https://web", false, service.ImageAnswer{Final: true}, "no image reference"},
		"a command that is too long for an object":     {h.host + "/team/long:v1", true, service.ImageAnswer{Final: true}, "more than 65536"},
		"a host that doesn't exist":                    {"registry.invalid/web:v1", false, service.ImageAnswer{}, "its name can't be looked up"},
		"a registry at a private address that is down": {"127.0.0.1:1/web:v1", false, service.ImageAnswer{}, "127.0.0.1:1 can't be reached: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			got := newRegistries(h.options()).read(t.Context(), question{image: tc.image, platform: linux, config: tc.config})
			if !strings.Contains(got.Problem, tc.problem) || (tc.problem == "") != (got.Problem == "") {
				t.Fatalf("problem is %q, want %q", got.Problem, tc.problem)
			}
			if (got.Attempts > 0) != (tc.problem != "") {
				t.Errorf("%d attempts failed", got.Attempts)
			}
			got.Problem, got.Attempts = "", 0
			if tc.problem != "" {
				got.Digest = ""
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPrivateAddressIsNoLeaveForPlainHTTP(t *testing.T) {
	h := newHouse(t)
	h.push(t, "web:v1", image(t, v1.Config{}))
	o := h.options()
	o.Insecure = nil
	got := newRegistries(o).read(t.Context(), question{image: h.host + "/web:v1", platform: linux})
	if !strings.Contains(got.Problem, "--insecure-registry") || got.Digest != "" || !got.Final {
		t.Errorf("got %+v, want to be told of the flag", got)
	}
}

func TestUserAgent(t *testing.T) {
	h := newHouse(t)
	h.push(t, "web:v1", image(t, v1.Config{}))
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.UserAgent(), "ecs-operator/test") {
			t.Errorf("asked as %q", r.UserAgent())
		}
		h.asked.Add(1)
		return false
	}
	newRegistries(h.options()).read(t.Context(), question{image: h.host + "/web:v1", platform: linux, config: true})
	if h.asked.Load() == 0 {
		t.Error("nothing was asked")
	}
}

func TestAttempts(t *testing.T) {
	before := pauses
	pauses = []time.Duration{time.Millisecond, time.Millisecond}
	t.Cleanup(func() { pauses = before })
	const ping = "/v2/"
	for name, tc := range map[string]struct {
		status, times int
		wantAsked     int64
		wantFinal     bool
		problem       string
	}{
		"a registry that recovers is asked again":        {http.StatusServiceUnavailable, 2, 3, false, ""},
		"three attempts and no more":                     {http.StatusServiceUnavailable, 99, 3, false, "answers 503 Service Unavailable"},
		"too many requests is tried again":               {http.StatusTooManyRequests, 1, 2, false, ""},
		"not found is an answer, asked for once":         {http.StatusNotFound, 99, 1, true, "it has no such image"},
		"no leave is an answer, asked for once":          {http.StatusForbidden, 99, 1, true, "the operator may not read it"},
		"a registry without HEAD is asked for the image": {http.StatusMethodNotAllowed, 1, 2, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.push(t, "web:v1", image(t, v1.Config{}))
			var asked atomic.Int64
			h.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == ping {
					return false
				}
				if asked.Add(1) > int64(tc.times) {
					return false
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, `{"errors":[{"code":"SECRET here","message":"internal"}]}`)
				return true
			}
			got := newRegistries(h.options()).read(t.Context(), question{image: h.host + "/web:v1", platform: linux})
			if asked.Load() != tc.wantAsked || got.Final != tc.wantFinal || !strings.Contains(got.Problem, tc.problem) || (got.Digest == "") == (tc.problem == "") {
				t.Errorf("asked %d times and got %+v, want %d times, final %t, problem %q", asked.Load(), got, tc.wantAsked, tc.wantFinal, tc.problem)
			}
			if strings.Contains(got.Problem, "SECRET") || strings.Contains(got.Problem, "internal") {
				t.Errorf("what the registry wrote got into %q", got.Problem)
			}
		})
	}
}

func TestARegistryThatHangsCostsOneTimeout(t *testing.T) {
	h := newHouse(t)
	h.timeout = 50 * time.Millisecond
	var asked atomic.Int64
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		asked.Add(1)
		<-r.Context().Done()
		return true
	}
	now := time.Now()
	o := h.options()
	o.Now = func() time.Time { return now }
	r := newRegistries(o)
	for range 3 {
		got := r.read(t.Context(), question{image: h.host + "/web:v1", platform: linux})
		if want := "registry " + h.host + " doesn't answer within 50ms"; got.Problem != want || got.Final {
			t.Fatalf("got %+v, want problem %q", got, want)
		}
	}
	first := asked.Load()
	if first == 0 || first > 2 { // over plain HTTP the library looks for HTTPS at the same time
		t.Fatalf("asked %d times, want one attempt", first)
	}
	now = now.Add(o.HostPause)
	h.before = nil
	if got := r.read(t.Context(), question{image: h.host + "/web:v1", platform: linux}); !got.Final {
		t.Errorf("a minute later the registry wasn't asked: %+v", got)
	}
}

func TestARegistryThatRefusesIsTriedThreeTimes(t *testing.T) {
	before := pauses
	pauses = []time.Duration{time.Millisecond, time.Millisecond}
	t.Cleanup(func() { pauses = before })
	server := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	r := newRegistries(Options{Insecure: []string{host}, Timeout: time.Second, HostPause: time.Minute, Now: time.Now})
	got := r.read(t.Context(), question{image: host + "/web:v1", platform: linux})
	if want := "registry " + host + " can't be reached: connection refused"; got.Problem != want || got.Final {
		t.Errorf("got %+v, want problem %q", got, want)
	}
	if r.down.why(host) == nil {
		t.Error("the registry isn't known to be down")
	}
}

func TestGuard(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, maxBody+1))
	}))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "http://")
	response, err := (&http.Client{Transport: newGuard(http.DefaultTransport, []string{host})}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); !errors.Is(err, errBodyTooLarge) || len(body) > maxBody {
		t.Errorf("read %d bytes with error %v, want an end at %d", len(body), err, maxBody)
	}
	response, err = (&http.Client{Transport: newGuard(http.DefaultTransport, nil)}).Get(server.URL)
	if err == nil {
		response.Body.Close()
		t.Error("plain HTTP was spoken to a registry that nobody allowed it for")
	}
}

func TestOptionsAreValidated(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		flag    string
	}{
		"nothing is fine":          {Options{}, ""},
		"hosts and ports are fine": {Options{Insecure: []string{"10.0.0.1:5000"}, Mirrors: map[string]string{"index.docker.io": "mirror.example.com"}}, ""},
		"a URL is no registry":     {Options{Insecure: []string{"http://10.0.0.1:5000"}}, "--insecure-registry"},
		"nothing is no registry":   {Options{Insecure: []string{""}}, "--insecure-registry"},
		"a path is no mirror":      {Options{Mirrors: map[string]string{"index.docker.io": "mirror.example.com/hub"}}, "--registry-mirror"},
		"nothing has no mirror":    {Options{Mirrors: map[string]string{"": "mirror.example.com"}}, "--registry-mirror"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.options.Validate()
			if (err == nil) != (tc.flag == "") || err != nil && !strings.Contains(err.Error(), tc.flag) {
				t.Errorf("got %v, want an error about %q", err, tc.flag)
			}
		})
	}
}
