// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package atomicfile writes files that appear whole or not at all.
package atomicfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Write replaces the file's content, making the folders above it. A file that has the content already isn't touched.
func Write(file string, content []byte, mode os.FileMode) error {
	if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s: %w", file, err)
	}
	temporary := fmt.Sprintf("%s.%d.new", file, os.Getpid())
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	if err := os.Rename(temporary, file); err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}
