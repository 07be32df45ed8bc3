// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// function is a lifecycle hook on this machine, by its URL. It is at work until it is let go.
func function() (url string, letGo func()) {
	GinkgoHelper()
	needs("an address of this machine that its pods reach")
	host, _, err := net.SplitHostPort(machine.Registry)
	Expect(err).NotTo(HaveOccurred())
	listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	Expect(err).NotTo(HaveOccurred())
	var done atomic.Bool
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := `{"hookStatus":"IN_PROGRESS","callBackDelay":1}`
		if done.Load() {
			answer = `{"hookStatus":"SUCCEEDED"}`
		}
		_, _ = io.WriteString(w, answer)
	})}
	go func() { _ = server.Serve(listener) }()
	DeferCleanup(server.Close)
	return "http://" + listener.Addr().String(), func() { done.Store(true) }
}
