// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Record is what is remembered about a started component.
type Record struct {
	Identity
	Component string    `json:"component"`
	Spec      string    `json:"spec"` // digest of the command: another digest means a restart is due
	Started   time.Time `json:"started"`
}

// Records is a folder with one file per component.
type Records string

func (r Records) file(component string) string {
	return filepath.Join(string(r), component+".json")
}

// Load returns the record of a component; the zero Record (which isn't alive) when there is none.
func (r Records) Load(component string) Record {
	raw, err := os.ReadFile(r.file(component))
	if err != nil {
		return Record{}
	}
	var rec Record
	if json.Unmarshal(raw, &rec) != nil {
		return Record{} // half written by a killed run: the mark in the environment finds the process
	}
	return rec
}

// All returns every readable record.
func (r Records) All() ([]Record, error) {
	entries, err := os.ReadDir(string(r))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing process records: %w", err)
	}
	var all []Record
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok {
			if rec := r.Load(name); rec.PID != 0 {
				all = append(all, rec)
			}
		}
	}
	return all, nil
}

func (r Records) save(rec Record) error {
	if err := os.MkdirAll(string(r), 0o755); err != nil {
		return fmt.Errorf("making the folder of process records: %w", err)
	}
	raw, err := json.MarshalIndent(rec, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the record of %s: %w", rec.Component, err)
	}
	if err := os.WriteFile(r.file(rec.Component), raw, 0o644); err != nil {
		return fmt.Errorf("recording %s: %w", rec.Component, err)
	}
	return nil
}

// Forget removes the record of a component.
func (r Records) Forget(component string) error {
	if err := os.Remove(r.file(component)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting %s: %w", component, err)
	}
	return nil
}

// digest tells two commands apart, and two contents of the files that the command reads.
func digest(argv []string, inputs ...[]byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q", argv)
	for _, in := range inputs {
		fmt.Fprintf(h, "\n%d\n", len(in))
		h.Write(in)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
