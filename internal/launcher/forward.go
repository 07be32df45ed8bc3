// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

const (
	// defaultBuffer is the size of the buffer where max-buffer-size isn't given.
	defaultBuffer = 10 << 20
	// flushBound is how long the end of a container waits for the log router to take what is left.
	flushBound = 3 * time.Second
	// Between two attempts to reach the log router.
	firstRetry, longestRetry = 100 * time.Millisecond, 5 * time.Second
)

// forwarder brings records to a log router. Records wait in a buffer; when it is full, the newest are dropped as Docker's non-blocking
// mode does, or the command's output is held up in blocking mode.
type forwarder struct {
	network, address string
	record           func(source string, at time.Time, line []byte, part *part) []byte
	blocking         bool
	limit            int
	now              func() time.Time
	says             io.Writer

	mu      sync.Mutex
	changed *sync.Cond
	queue   []entry
	size    int
	dropped int
	closed  bool
	// gone is closed when run has come to its end.
	gone chan struct{}
	// quit is closed when no record is sent any more.
	quit chan struct{}
}

// entry is an encoded record and the bytes of its line, which is what Docker counts.
type entry struct {
	record []byte
	size   int
}

// taskID is the task's ID as ECS writes it, without the hyphens of the pod's UID, which is what the variable has. "" where it isn't given.
func taskID() string { return strings.ReplaceAll(os.Getenv(launchspec.TaskIDVariable), "-", "") }

func (l *Launcher) forwarder(spec launchspec.Spec) *forwarder {
	f := &forwarder{
		network: "tcp", address: strings.TrimPrefix(spec.Log.Socket, "unix://"), blocking: spec.Log.Blocking,
		limit: cmp.Or(int(spec.Log.BufferBytes), defaultBuffer), now: l.Now, says: l.Stderr, gone: make(chan struct{}), quit: make(chan struct{}),
	}
	if strings.HasPrefix(f.address, "/") {
		f.network = "unix"
	}
	f.changed = sync.NewCond(&f.mu)
	task := taskID()
	tag := strings.ReplaceAll(spec.Log.Tag, launchspec.TaskIDPlaceholder, task)
	containerID := spec.Container
	if task != "" {
		containerID = task + "-" + spec.Container
	}
	f.record = func(source string, at time.Time, line []byte, part *part) []byte {
		return encode(tag, at, append([]field{
			{"container_id", containerID}, {"container_name", spec.Container}, {"source", source}, {"log", string(line)},
		}, part.fields()...))
	}
	return f
}

// add puts a line into the buffer.
func (f *forwarder) add(source string, line []byte, part *part) {
	e := entry{f.record(source, f.now(), line, part), len(line)}
	f.mu.Lock()
	defer f.mu.Unlock()
	full := func() bool { return len(f.queue) > 0 && f.size+e.size > f.limit }
	for f.blocking && full() && !f.closed {
		f.changed.Wait()
	}
	if full() || f.closed {
		f.dropped++
		return
	}
	f.queue = append(f.queue, e)
	f.size += e.size
	f.changed.Broadcast()
}

// next waits for a record. There is none once the forwarder is closed and all have been taken.
func (f *forwarder) next() (entry, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.queue) == 0 {
		if f.closed {
			return entry{}, false
		}
		f.changed.Wait()
	}
	return f.queue[0], true
}

// sent takes the first record out of the buffer.
func (f *forwarder) sent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.size -= f.queue[0].size
	f.queue = f.queue[1:]
	f.changed.Broadcast()
}

// run sends records until the forwarder is closed.
func (f *forwarder) run() {
	defer close(f.gone)
	var conn net.Conn
	retry := firstRetry
	for {
		e, more := f.next()
		if !more {
			return
		}
		var err error
		if conn == nil {
			conn, err = f.dial()
		}
		if err == nil {
			if _, err = conn.Write(e.record); err == nil {
				f.sent()
				retry = firstRetry
				continue
			}
			conn.Close()
			conn = nil
		}
		select {
		case <-f.quit:
			return
		case <-time.After(retry):
			retry = min(2*retry, longestRetry)
		}
	}
}

// dial connects, and closes the connection when the router does, or when there is no more time.
func (f *forwarder) dial() (net.Conn, error) {
	conn, err := net.DialTimeout(f.network, f.address, longestRetry)
	if err != nil {
		return nil, err
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(io.Discard, conn) // a router says nothing: this returns when it has gone
	}()
	go func() {
		select {
		case <-over:
		case <-f.quit:
		}
		conn.Close()
	}()
	return conn, nil
}

// close sends what is left, for as long as the bound, and says how many records were lost.
func (f *forwarder) close(bound time.Duration) {
	f.mu.Lock()
	f.closed = true
	f.changed.Broadcast()
	f.mu.Unlock()
	select {
	case <-f.gone:
	case <-time.After(bound):
	}
	close(f.quit)
	f.mu.Lock()
	defer f.mu.Unlock()
	if lost := f.dropped + len(f.queue); lost > 0 {
		fmt.Fprintf(f.says, "launcher: %d log records did not reach the log router at %s, which did not take them in time; its buffer holds %d bytes\n", lost, f.address, f.limit)
	}
}

// pipes are what the command's output goes through.
type pipes struct {
	writes  []*os.File
	copying sync.WaitGroup
}

// started closes the ends that the command has now.
func (p *pipes) started() {
	for _, w := range p.writes {
		w.Close()
	}
}

// drained waits until all output was copied, or as long as the bound: what outlives the command may keep its output open.
func (p *pipes) drained(bound time.Duration) {
	done := make(chan struct{})
	go func() {
		p.copying.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(bound):
	}
}

// copy gives the lines of an output to the log router, and all of it to the container's own.
func (f *forwarder) copy(source string, from *os.File, own io.Writer) {
	defer from.Close()
	lines := &splitter{emit: func(line []byte, p *part) { f.add(source, line, p) }, id: fmt.Sprintf("%x-%s", f.now().UnixNano(), source)}
	buffer := make([]byte, 8<<10)
	for {
		n, err := from.Read(buffer)
		_, _ = own.Write(buffer[:n])
		lines.write(buffer[:n])
		if err != nil {
			lines.end()
			if !errors.Is(err, io.EOF) {
				fmt.Fprintf(f.says, "launcher: reading the command's %s: %v\n", source, err)
			}
			return
		}
	}
}
