// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

func TestRecordsAreFluentsForwardProtocol(t *testing.T) {
	at := time.Unix(0x01020304, 0x05060708)
	got := encode("tag", at, []field{{"log", strings.Repeat("x", 40)}})
	want := "\x93\xa3tag" + "\xd7\x00\x01\x02\x03\x04\x05\x06\x07\x08" + "\x81\xa3log\xd9\x28" + strings.Repeat("x", 40)
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for length, head := range map[int]string{
		0: "\xa0", 31: "\xbf", 32: "\xd9\x20", 255: "\xd9\xff", 256: "\xda\x01\x00", 65535: "\xda\xff\xff", 65536: "\xdb\x00\x01\x00\x00",
	} {
		if got := appendString(nil, strings.Repeat("a", length)); !bytes.HasPrefix(got, []byte(head)) || len(got) != len(head)+length {
			t.Errorf("a string of %d begins with %x, want %x", length, got[:min(5, len(got))], head)
		}
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("a", longestLine)
	for name, tc := range map[string]struct {
		writes []string
		want   []string
	}{
		"whole lines":                     {[]string{"one\ntwo\n"}, []string{"one", "two"}},
		"a line in pieces":                {[]string{"o", "n", "e\nt", "wo\n"}, []string{"one", "two"}},
		"an empty line":                   {[]string{"\n\n"}, []string{"", ""}},
		"a last line without an end":      {[]string{"one\ntwo"}, []string{"one", "two"}},
		"a line of just the longest size": {[]string{long + "\nb\n"}, []string{long, "b"}},
		"long lines in parts":             {[]string{long + "b\n" + long + long + "c\n"}, []string{long + " id-0 1 false", "b id-0 2 true", long + " id-1 1 false", long + " id-1 2 false", "c id-1 3 true"}},
		"a long line without an end":      {[]string{long, "b"}, []string{long + " id-0 1 false", "b id-0 2 true"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			s := &splitter{id: "id", emit: func(line []byte, p *part) {
				text := string(line)
				if p != nil {
					text += fmt.Sprintf(" %s %d %v", p.id, p.ordinal, p.last)
				}
				got = append(got, text)
			}}
			for _, w := range tc.writes {
				s.write([]byte(w))
			}
			s.end()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// newForwarder sends to a socket, with records that are the bare lines.
func newForwarder(t *testing.T, log launchspec.Log, says io.Writer) *forwarder {
	t.Helper()
	l := &Launcher{Now: time.Now, Stderr: says}
	f := l.forwarder(launchspec.Spec{Container: "web", Log: &log})
	f.record = func(_ string, _ time.Time, line []byte, _ *part) []byte { return append(line, '\n') }
	return f
}

func TestAFullBufferDropsTheNewestAndSaysSoOnce(t *testing.T) {
	var says bytes.Buffer
	f := newForwarder(t, launchspec.Log{Socket: filepath.Join(t.TempDir(), "none.sock"), BufferBytes: 10}, &says)
	for _, line := range []string{"12345", "67890", "a", "b", "c"} {
		f.add("stdout", []byte(line), nil)
	}
	if got := len(f.queue); got != 2 || string(f.queue[0].record) != "12345\n" {
		t.Errorf("%d records wait, the first %q", got, f.queue[0].record)
	}
	close(f.gone) // there is no sender
	f.close(0)
	if got := says.String(); !strings.Contains(got, "5 log records did not reach the log router") || strings.Count(got, "\n") != 1 {
		t.Errorf("said %q", got)
	}
}

func TestARecordLargerThanTheBufferIsTakenWhenThereIsNothingElse(t *testing.T) {
	f := newForwarder(t, launchspec.Log{Socket: "/none", BufferBytes: 2}, io.Discard)
	f.add("stdout", []byte("longer"), nil)
	if len(f.queue) != 1 {
		t.Error("it was dropped, which docker doesn't")
	}
}

func TestBlockingHoldsTheOutputBackUntilTheRouterTakesIt(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "router.sock")
	var says bytes.Buffer
	f := newForwarder(t, launchspec.Log{Socket: socket, BufferBytes: 1, Blocking: true}, &says)
	go f.run()
	written := make(chan int, 100)
	go func() {
		for n := range 100 {
			f.add("stdout", fmt.Append(nil, "line ", n), nil)
			written <- n
		}
		close(written)
	}()
	<-written // one fits; the router comes up only now
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(conn)
		text <- string(all)
	}()
	for range written {
	}
	f.close(10 * time.Second)
	got := <-text
	if lines := strings.Count(got, "\n"); lines != 100 || says.Len() > 0 {
		t.Errorf("%d lines arrived, said %q", lines, &says)
	}
}

func TestARouterThatWentIsFoundAgain(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "router.sock")
	f := newForwarder(t, launchspec.Log{Socket: socket}, io.Discard)
	go f.run()
	for _, router := range []string{"first", "second"} {
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		arrived := make(chan string, 1)
		go func() {
			if conn, err := listener.Accept(); err == nil {
				defer conn.Close()
				line, _ := bufio.NewReader(conn).ReadString('\n')
				arrived <- line
			}
		}()
		// What is written before the end of the first connection is seen may be lost, as with Docker: so go on writing.
		tick := time.NewTicker(5 * time.Millisecond)
		for got := ""; got == ""; {
			select {
			case got = <-arrived:
			case <-tick.C:
				f.add("stdout", []byte(router), nil)
			}
		}
		tick.Stop()
		listener.Close()
	}
	f.close(0)
}
