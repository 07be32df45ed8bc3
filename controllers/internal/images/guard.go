// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"fmt"
	"io"
	"net/http"
	"slices"
)

// maxBody is the longest answer that is read. Configs are the longest, and have some kilobytes.
const maxBody = 8 << 20

// guard stands between us and registries, which users name: an answer can't fill the operator's memory, and nothing, credentials least of
// all, goes over plain HTTP to a registry for which that wasn't allowed. The library would try it with addresses that look private.
type guard struct {
	inner    http.RoundTripper
	insecure []string
}

func newGuard(inner http.RoundTripper, insecure []string) guard {
	return guard{inner: inner, insecure: insecure}
}

// RoundTrip makes a request.
func (g guard) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme != "https" && !slices.Contains(g.insecure, request.URL.Host) {
		return nil, errPlainHTTP(request.URL.Host)
	}
	response, err := g.inner.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = &limited{ReadCloser: response.Body, left: maxBody}
	return response, nil
}

type errPlainHTTP string

func (e errPlainHTTP) Error() string {
	return fmt.Sprintf("%s would have to be spoken to over plain HTTP, which the operator's flag --insecure-registry doesn't allow", string(e))
}

type limited struct {
	io.ReadCloser
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errBodyTooLarge
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	return n, err
}
