// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// flows is a load of one kind of connection or datagram: so many a second, each at its time whether or not earlier ones are over.
type flows struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}

	mu       sync.Mutex
	all      int
	failed   []string
	versions map[string]int
}

// flow is one of them. It gives the version that served it.
type flow func(n int) (version string, err error)

func startFlows(ctx context.Context, name string, rate int, one flow) *flows {
	ctx, cancel := context.WithCancel(ctx)
	f := &flows{name: name, cancel: cancel, done: make(chan struct{}), versions: map[string]int{}}
	go func() {
		defer close(f.done)
		var under sync.WaitGroup
		defer under.Wait()
		tick := time.NewTicker(time.Second / time.Duration(rate))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				under.Go(func() { f.count(one(n)) })
			}
		}
	}()
	DeferCleanup(f.stop)
	return f
}

func (f *flows) count(version string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all++
	f.versions[version]++
	if err != nil {
		f.failed = append(f.failed, err.Error())
	}
}

func (f *flows) served() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.versions))
}

func (f *flows) stop() {
	f.cancel()
	<-f.done
}

// failAtMost ends the load, lets what has begun come to its end, and expects that no more than so many came to a bad one.
func (f *flows) failAtMost(n int) {
	GinkgoHelper()
	f.stop()
	AddReportEntry("load", fmt.Sprintf("%d %s, %d failed, by version %v", f.all, f.name, len(f.failed), f.versions))
	Expect(f.all).To(BeNumerically(">", 0))
	Expect(len(f.failed)).To(BeNumerically("<=", n), "of %d %s: %v", f.all, f.name, f.failed)
}

// connection sends a line each 200 ms for a time on one connection. All have to be answered, and by one task.
func connection(address string, long time.Duration) flow {
	return func(n int) (string, error) {
		began := time.Now()
		conn, err := net.DialTimeout("tcp", address, 5*time.Second)
		if err != nil {
			return "", err
		}
		defer conn.Close()
		lines, task, version := bufio.NewReader(conn), "", ""
		for i := 0; ; i++ {
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			fmt.Fprintf(conn, "text=%d-%d\n", n, i)
			answer, err := lines.ReadString('\n')
			who := field(answer, "task")
			switch {
			case err != nil:
				return version, fmt.Errorf("connection %d to %s, after %s: %w", n, task, time.Since(began).Round(time.Millisecond), err)
			case field(answer, "text") != fmt.Sprintf("%d-%d", n, i), task != "" && who != task:
				return version, fmt.Errorf("connection %d to %s: line %d was answered %q", n, task, i, answer)
			}
			task, version = who, field(answer, "version")
			if time.Since(began) >= long {
				return version, nil
			}
			time.Sleep(200 * time.Millisecond) // the pace of a client
		}
	}
}

// datagram is sent once, never again, from a socket of its own.
func datagram(address string) flow {
	return func(n int) (string, error) {
		conn, err := net.Dial("udp", address)
		if err != nil {
			return "", err
		}
		defer conn.Close()
		return sendDatagram(conn, n)
	}
}

// datagramOfOne is sent from a socket that all of them share, which the cluster takes for one flow.
func datagramOfOne(address string) flow {
	GinkgoHelper()
	conn, err := net.Dial("udp", address)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(conn.Close)
	var turn sync.Mutex
	return func(n int) (string, error) {
		turn.Lock()
		defer turn.Unlock()
		return sendDatagram(conn, n)
	}
}

// sendDatagram sends one and waits for its answer.
func sendDatagram(conn net.Conn, n int) (version string, err error) {
	text := strconv.Itoa(n)
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := conn.Write([]byte("text=" + text)); err != nil {
		return "", fmt.Errorf("datagram %d: %w", n, err)
	}
	buffer := make([]byte, 1024)
	size, err := conn.Read(buffer)
	if err != nil {
		return "", fmt.Errorf("datagram %d: %w", n, err)
	}
	answer := string(buffer[:size])
	if field(answer, "text") != text {
		return "", fmt.Errorf("datagram %d was answered %q", n, answer)
	}
	return field(answer, "version"), nil
}
