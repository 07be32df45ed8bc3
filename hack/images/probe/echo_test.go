// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"syscall"
	"testing"
	"time"
)

func TestEchoServesItsGuestsToTheirEnds(t *testing.T) {
	t.Setenv("VERSION", "v7")
	tcp, udp := freeAddress(t, "tcp"), freeAddress(t, "udp")
	ended := make(chan error, 1)
	go func() { ended <- run([]string{"echo", portOf(t, tcp), portOf(t, udp)}, io.Discard) }()
	guest := dial(t, "tcp", tcp)
	lines := bufio.NewReader(guest)
	ask := func(text string) {
		t.Helper()
		fmt.Fprintln(guest, text)
		answer, err := lines.ReadString('\n')
		if err != nil || !regexp.MustCompile(`^version=v7 task=\S+ `+text+`\n$`).MatchString(answer) {
			t.Fatalf("asked %q, answered %q, %v", text, answer, err)
		}
	}
	ask("one")
	sender := dial(t, "udp", udp)
	fmt.Fprint(sender, "two")
	buffer := make([]byte, 100)
	n, err := sender.Read(buffer)
	if err != nil || !regexp.MustCompile(`^version=v7 task=\S+ two$`).Match(buffer[:n]) {
		t.Fatalf("datagram answered %q, %v", buffer[:n], err)
	}

	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until nobody listens any more
		conn, err := net.Dial("tcp", tcp)
		if err != nil {
			break
		}
		conn.Close()
	}
	ask("three")
	select {
	case err := <-ended:
		t.Fatalf("ended with a guest: %v", err)
	default:
	}
	guest.Close()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// dial waits until somebody listens.
func dial(t *testing.T, network, address string) net.Conn {
	t.Helper()
	for {
		conn, err := net.Dial(network, address)
		if err == nil {
			_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			t.Cleanup(func() { conn.Close() })
			return conn
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T, network string) string {
	t.Helper()
	if network == "udp" {
		conn, err := net.ListenPacket(network, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.LocalAddr().String()
	}
	listener, err := net.Listen(network, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}
