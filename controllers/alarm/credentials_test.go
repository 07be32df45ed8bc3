// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
)

// quietly starts a server that speaks TLS, and gives its authority.
func quietly(t *testing.T, handler http.HandlerFunc) (url string, bundle []byte) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

func TestATokenIsShownToItsPrometheusAlone(t *testing.T) {
	ref := ecsv1.SecretKeyReference{Name: PrometheusSecret, Key: "token"}
	settings := alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}
	var shown []string
	answer := func(out http.ResponseWriter, in *http.Request) {
		shown = append(shown, in.Header.Get("Authorization"))
		_, _ = out.Write([]byte(matrix()))
	}
	elsewhere, _ := quietly(t, answer)
	own, bundle := quietly(t, func(out http.ResponseWriter, in *http.Request) {
		if in.URL.Path == "/away/api/v1/query_range" {
			http.Redirect(out, in, elsewhere+"/api/v1/query_range", http.StatusTemporaryRedirect)
			return
		}
		answer(out, in)
	})
	for path, want := range map[string]string{"": "Bearer secret", "/away": ""} {
		shown = nil
		with := &Credentials{Now: time.Now, tokens: map[ecsv1.SecretKeyReference]token{ref: {"secret", time.Now()}}}
		_, failure := query(t.Context(), Request{URL: own + path, Timeout: 5 * time.Second, Query: "up", Token: &ref, Bundle: bundle}, settings.Window(time.Now()), with)
		if failure != nil || len(shown) != 1 || shown[0] != want {
			t.Errorf("%q: %v was shown, want %q; failure %+v", path, shown, want, failure)
		}
	}
}

func TestWhatIsTrusted(t *testing.T) {
	settings := alarm.Settings{Period: time.Minute, EvaluationPeriods: 1}
	own, bundle := quietly(t, func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte(matrix())) })
	for name, tc := range map[string]struct {
		bundle []byte
		says   string
	}{
		"the authority of the bundle": {bundle, ""},
		"no other":                    {nil, "can't be reached: its certificate is signed by an unknown authority; put that authority's into spec.kubernetes.prometheus.caBundle of the Cluster"},
		"a bundle that is none":       {[]byte("hello"), "can't be asked: spec.kubernetes.prometheus.caBundle of the Cluster: it holds no certificate in PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			_, failure := query(t.Context(), Request{URL: own, Timeout: 5 * time.Second, Query: "up", Bundle: tc.bundle}, settings.Window(time.Now()), &Credentials{Now: time.Now})
			if failure == nil {
				failure = &Failure{}
			}
			if (failure.Message == "") != (tc.says == "") || !strings.Contains(failure.Message, tc.says) {
				t.Errorf("got %q, want %q", failure.Message, tc.says)
			}
		})
	}
}
