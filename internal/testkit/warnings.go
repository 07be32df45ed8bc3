// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import "sync"

// Warnings keeps what the apiserver says beside its answers, which kubectl prints.
type Warnings struct {
	mu    sync.Mutex
	texts []string
}

// HandleWarningHeader is called by the client.
func (w *Warnings) HandleWarningHeader(_ int, _, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
}

// Take gives the warnings since it was asked last.
func (w *Warnings) Take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.texts
	w.texts = nil
	return out
}
