// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	cases := map[string]struct {
		raw         string
		wantState   byte
		wantStart   uint64
		wantExiting bool
		wantErr     bool
	}{
		"a plain name": {
			raw:       "42 (etcd) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2",
			wantState: 'S', wantStart: 987654,
		},
		"a name with blanks and brackets": {
			raw:       "42 (a) (b) Z) Z 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 11 0 5 1 2",
			wantState: 'Z', wantStart: 5,
		},
		"killed, and on its way out": {
			raw:       "42 (localcluster) S 1 42 42 0 -1 4194564 1 2 3 4 5 6 7 8 20 0 11 0 5 1 2",
			wantState: 'S', wantStart: 5, wantExiting: true,
		},
		"cut short": {raw: "42 (etcd) S 1", wantErr: true},
		"no name":   {raw: "42", wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := parseStat([]byte(tc.raw))
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want error: %v", err, tc.wantErr)
			}
			if got.state != tc.wantState || got.start != tc.wantStart || (got.flags&exiting != 0) != tc.wantExiting {
				t.Errorf("got %+v, want %c %d, exiting: %v", got, tc.wantState, tc.wantStart, tc.wantExiting)
			}
		})
	}
}

func TestAZombieWithThreadsStillHoldsItsPorts(t *testing.T) {
	if (stat{state: 'Z', threads: 3}).over() {
		t.Error("taken for gone")
	}
	if !(stat{state: 'Z', threads: 1}).over() {
		t.Error("waited for, though only its parent can remove it")
	}
}

func TestARecycledPIDIsNotOurs(t *testing.T) {
	self, err := Identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !self.Alive() {
		t.Error("this very process isn't alive")
	}
	cases := map[string]Identity{
		"another start time": {PID: self.PID, Start: self.Start - 1, Boot: self.Boot},
		"another boot":       {PID: self.PID, Start: self.Start, Boot: "an earlier one"},
		"no process":         {},
	}
	for name, id := range cases {
		if id.Alive() {
			t.Errorf("%s: taken for alive", name)
		}
	}
}

func TestStartStopAndFindByMark(t *testing.T) {
	state := t.TempDir()
	records := Records(filepath.Join(state, "run"))
	cmd := Command{Component: "sleeper", Argv: []string{"/bin/sleep", "60"}, Log: filepath.Join(state, "sleeper.log")}
	if err := cmd.Start(state, records); err != nil {
		t.Fatal(err)
	}
	rec := records.Load("sleeper")
	if !rec.Alive() || rec.Spec != cmd.Digest() {
		t.Fatalf("started, but the record says otherwise: %+v", rec)
	}
	found, err := Marked(state, "sleeper")
	if err != nil || len(found) != 1 || found[0] != rec.Identity {
		t.Errorf("by its mark found %v, %v, want %v", found, err, rec.Identity)
	}
	if err := Stop(rec.Identity, time.Second); err != nil {
		t.Fatal(err)
	}
	if rec.Alive() {
		t.Error("still alive after Stop")
	}
}

func TestStopLeavesAStrangerAlone(t *testing.T) {
	stranger := exec.Command("/bin/sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	id, err := Identify(stranger.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	recycled := id
	recycled.Start-- // the record of a process that had this pid before
	if err := Stop(recycled, 0); err != nil {
		t.Fatal(err)
	}
	if !id.Alive() {
		t.Error("a process that only has a recorded pid was ended")
	}
}

func TestAHalfWrittenRecordIsNoRecord(t *testing.T) {
	records := Records(t.TempDir())
	if err := os.WriteFile(records.file("etcd"), []byte(`{"pid": 1,`), 0o600); err != nil {
		t.Fatal(err)
	}
	if rec := records.Load("etcd"); rec.Alive() {
		t.Errorf("taken for alive: %+v", rec)
	}
}

func TestMarked(t *testing.T) {
	environ := []byte("HOME=/root\x00LOCALCLUSTER_MARK=/a\x00LOCALCLUSTER_COMPONENT=etcd\x00")
	cases := []struct {
		state, component string
		want             bool
	}{
		{"/a", "etcd", true},
		{"/a", "", true},
		{"/a", "kwok", false},
		{"/aa", "etcd", false},
		{"/", "", false},
	}
	for _, tc := range cases {
		if got := marked(environ, tc.state, tc.component); got != tc.want {
			t.Errorf("marked(%q, %q) = %v", tc.state, tc.component, got)
		}
	}
}
