// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// farewell is how long connections may stay after SIGTERM.
const farewell = 20 * time.Second

// echo listens until SIGTERM. Connections that there are then are served until their clients end them.
func echo(args []string, _ io.Writer) error {
	tcp, udp := "9000", "9001"
	if len(args) > 1 {
		tcp, udp = args[0], args[1]
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	who := fmt.Sprintf("version=%s task=%s", os.Getenv("VERSION"), name)
	listener, err := net.Listen("tcp", ":"+tcp)
	if err != nil {
		return err
	}
	datagrams, err := net.ListenPacket("udp", ":"+udp)
	if err != nil {
		return err
	}
	stop := stopped().Done()
	go func() {
		<-stop
		listener.Close()
		datagrams.Close()
	}()
	go answerDatagrams(datagrams, who)
	var guests sync.WaitGroup
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			return err
		}
		guests.Go(func() { answerLines(conn, who) })
	}
	gone := make(chan struct{})
	go func() {
		guests.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(farewell):
	}
	return nil
}

func answerLines(conn net.Conn, who string) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if _, err := fmt.Fprintln(conn, who, lines.Text()); err != nil {
			return
		}
	}
}

func answerDatagrams(conn net.PacketConn, who string) {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		_, _ = conn.WriteTo([]byte(who+" "+strings.TrimSpace(string(buffer[:n]))), from) // who isn't there any more gets no answer
	}
}
