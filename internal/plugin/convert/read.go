// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// input is a file to convert.
type input struct {
	name string
	// found: in a folder, where what isn't of ECS is passed over.
	found bool
}

// stdin is the argument that stands for the standard input.
const stdin = "-"

// Extensions of the files that are looked at in a folder.
var Extensions = []string{".json", ".yaml", ".yml", ".template"}

// inputs finds the files behind the arguments: files, folders with all below them, patterns, and - for the standard input.
func inputs(args []string) ([]input, error) {
	var out []input
	for _, arg := range args {
		if arg == stdin {
			out = append(out, input{name: stdin})
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			matches, globErr := filepath.Glob(arg)
			if globErr != nil || len(matches) == 0 {
				return nil, fmt.Errorf("%s: there is no such file or folder, and nothing matches it", arg)
			}
			below, err := inputs(matches)
			if err != nil {
				return nil, err
			}
			out = append(out, below...)
			continue
		}
		if !info.IsDir() {
			out = append(out, input{name: arg})
			continue
		}
		below, err := walk(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, below...)
	}
	return out, nil
}

// walk lists the files of a folder in order. What is hidden is passed over.
func walk(folder string) ([]input, error) {
	var out []input
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != folder && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case !d.IsDir() && slices.Contains(Extensions, strings.ToLower(filepath.Ext(path))):
			out = append(out, input{name: path, found: true})
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s: the folder has no file named %s", folder, "*"+strings.Join(Extensions, ", *"))
	}
	return out, err
}

// maxInput is far above what AWS takes for a template.
const maxInput = 16 << 20

// read reads an input. The standard input is named <stdin> in messages.
func (i input) read(in io.Reader) (name string, data []byte, err error) {
	if i.name == stdin {
		name = "<stdin>"
	} else {
		name = i.name
		file, err := os.Open(i.name)
		if err != nil {
			return name, nil, err
		}
		defer file.Close()
		in = file
	}
	data, err = io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = fmt.Errorf("%s: more than %d MiB", name, maxInput>>20)
	}
	return name, data, err
}
