// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// router is a log router that remembers what arrives.
type router struct {
	mu      sync.Mutex
	records []map[string]string
	trouble error
}

func (p *pod) router(network, address string) *router {
	p.t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { listener.Close() })
	r := &router{}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.read(bufio.NewReader(conn))
		}
	}()
	return r
}

func (r *router) read(in *bufio.Reader) {
	for {
		record, err := decode(in)
		r.mu.Lock()
		if err == nil {
			r.records = append(r.records, record)
		} else if !errors.Is(err, io.EOF) {
			r.trouble = err
		}
		r.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (r *router) all() []map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]map[string]string(nil), r.records...)
}

// decode reads one event: the record with its tag, and its time as a number of seconds.
func decode(in *bufio.Reader) (map[string]string, error) {
	head, err := in.ReadByte()
	if err != nil {
		return nil, err
	}
	if head != 0x93 {
		return nil, fmt.Errorf("%x is no array of three", head)
	}
	tag, err := decodeString(in)
	if err != nil {
		return nil, err
	}
	at := make([]byte, 10)
	if _, err := io.ReadFull(in, at); err != nil || at[0] != 0xd7 || at[1] != 0 {
		return nil, fmt.Errorf("%x is no EventTime: %w", at, err)
	}
	size, err := in.ReadByte()
	if err != nil || size&0xf0 != 0x80 {
		return nil, fmt.Errorf("%x is no small map: %w", size, err)
	}
	record := map[string]string{"tag": tag, "age": time.Since(time.Unix(int64(binary.BigEndian.Uint32(at[2:])), 0)).Truncate(time.Minute).String()}
	for range size & 0x0f {
		key, err := decodeString(in)
		if err != nil {
			return nil, err
		}
		if record[key], err = decodeString(in); err != nil {
			return nil, err
		}
	}
	return record, nil
}

func decodeString(in *bufio.Reader) (string, error) {
	head, err := in.ReadByte()
	if err != nil {
		return "", err
	}
	size, width := int(head&0x1f), 0
	switch {
	case head == 0xd9:
		width = 1
	case head == 0xda:
		width = 2
	case head&0xe0 != 0xa0:
		return "", fmt.Errorf("%x is no string", head)
	}
	if width > 0 {
		number := make([]byte, 8)
		if _, err := io.ReadFull(in, number[8-width:]); err != nil {
			return "", err
		}
		size = int(binary.BigEndian.Uint64(number))
	}
	text := make([]byte, size)
	_, err = io.ReadFull(in, text)
	return string(text), err
}

func TestOutputGoesToTheLogRouterAndToTheContainersOwn(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			p := newPod(t, "web")
			address := p.path("fluent.sock")
			if network == "tcp" {
				free, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				address = free.Addr().String()
				free.Close()
			}
			t.Setenv("ECS_TASK_ID", "01-2-3")
			c := p.shell(launchspec.Spec{Container: "web", Log: &launchspec.Log{Socket: address, Tag: "web-firelens-$(ECS_TASK_ID)"}},
				`echo one; while [ ! -e router ]; do sleep 0.01; done; echo two >&2; head -c 20000 /dev/zero | tr '\0' x; echo; exit 3`)
			c.says("one") // before there is a router
			r := p.router(network, address)
			p.write("router", "")
			c.exits(3)
			base := map[string]string{"tag": "web-firelens-0123", "age": "0s", "container_id": "0123-web", "container_name": "web"}
			with := func(pairs ...string) map[string]string {
				record := maps.Clone(base)
				for i := 0; i < len(pairs); i += 2 {
					record[pairs[i]] = pairs[i+1]
				}
				return record
			}
			p.eventually("all records have arrived", func() bool { return len(r.all()) == 4 })
			got := map[string][]map[string]string{}
			for _, record := range r.all() {
				delete(record, "partial_id")
				got[record["source"]] = append(got[record["source"]], record)
			}
			want := map[string][]map[string]string{
				"stderr": {with("source", "stderr", "log", "two")},
				"stdout": {
					with("source", "stdout", "log", "one"),
					with("source", "stdout", "log", strings.Repeat("x", 16384), "partial_message", "true", "partial_ordinal", "1", "partial_last", "false"),
					with("source", "stdout", "log", strings.Repeat("x", 20000-16384), "partial_message", "true", "partial_ordinal", "2", "partial_last", "true"),
				},
			}
			if diff := cmp.Diff(want, got); diff != "" || r.trouble != nil {
				t.Errorf("%v\n%s", r.trouble, diff)
			}
			if out, err := c.out.String(), c.err.String(); out != "one\n"+strings.Repeat("x", 20000)+"\n" || err != "two\n" {
				t.Errorf("the container's own output is %d bytes, errors %q", len(out), err)
			}
		})
	}
}

func TestALogRouterThatIsNeverThereHoldsUpNothingForLong(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	c := p.shell(launchspec.Spec{Container: "web", Log: &launchspec.Log{Socket: "/none.sock", Tag: "t"}}, `echo one; echo two`)
	c.exits(0)
	if got := c.err.String(); !strings.Contains(got, "2 log records did not reach the log router at /none.sock") {
		t.Errorf("said %q", got)
	}
	if c.out.String() != "one\ntwo\n" {
		t.Errorf("wrote %q", &c.out)
	}
}
