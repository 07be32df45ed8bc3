// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestRoutes(t *testing.T) {
	who := identity{Version: "2", Task: "web-1", Zone: "zone-a"}
	cases := map[string]struct {
		path, accept string
		failAfter    time.Duration
		wantStatus   int
		wantBody     string
	}{
		"a line for people":            {path: "/", wantStatus: 200, wantBody: "version=2 task=web-1 zone=zone-a\n"},
		"JSON for programs":            {path: "/", accept: "application/json", wantStatus: 200, wantBody: `{"version":"2","task":"web-1","zone":"zone-a"}` + "\n"},
		"healthy":                      {path: "/healthz", wantStatus: 200, wantBody: "ok\n"},
		"failing on demand":            {path: "/healthz", failAfter: time.Second, wantStatus: 503, wantBody: "failing"},
		"slow answers are answers":     {path: "/slow?ms=1", wantStatus: 200, wantBody: "version=2"},
		"a wrong delay is refused":     {path: "/slow?ms=x", wantStatus: 400, wantBody: "ms:"},
		"a wrong exit code is refused": {path: "/exit?code=256", wantStatus: 400, wantBody: "code:"},
		"anything else isn't there":    {path: "/nope", wantStatus: 404},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, tc.path, nil)
			request.Header.Set("Accept", tc.accept)
			got := httptest.NewRecorder()
			routes(who, time.Now().Add(-time.Minute), tc.failAfter).ServeHTTP(got, request)
			if got.Code != tc.wantStatus || !strings.HasPrefix(got.Body.String(), tc.wantBody) {
				t.Errorf("got %d %q, want %d %q", got.Code, got.Body.String(), tc.wantStatus, tc.wantBody)
			}
		})
	}
}
