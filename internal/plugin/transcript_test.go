// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

var update = flag.Bool("update", false, "write testdata/*/transcript.txt and the transcripts in docs anew; look at the diff")

const prompt = "$ kubectl ecs "

// transcribe runs the commands of a transcript, the lines that begin with the prompt, and gives the transcript with what they say. The
// standard error follows the standard output, and an exit code other than 0 ends it. A command may read a file: `convert - < in.json`.
func transcribe(t *testing.T, transcript string) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(transcript) {
		command, ok := strings.CutPrefix(line, prompt)
		if !ok {
			continue
		}
		out.WriteString(line)
		command, file, _ := strings.Cut(command, "<")
		in := &bytes.Buffer{}
		if file = strings.TrimSpace(file); file != "" {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in.Write(text)
		}
		var stdout, stderr bytes.Buffer
		code := Run(cli.Streams{In: in, Out: &stdout, Err: &stderr}, "test", strings.Fields(command))
		out.WriteString(stdout.String() + stderr.String())
		if code != 0 {
			fmt.Fprintf(&out, "exit code %d\n", code)
		}
	}
	return out.String()
}

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*/transcript.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Chdir(filepath.Dir(file))
			compare(t, "transcript.txt", transcribe)
		})
	}
}

// compare checks that a file says what the commands in it say, or makes it so.
func compare(t *testing.T, file string, say func(*testing.T, string) string) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got := say(t, string(before))
	if *update && got != string(before) {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(before), got); diff != "" {
		t.Errorf("%s isn't what the commands in it say; run go test ./internal/plugin -update\n%s", file, diff)
	}
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

func TestTheDocumentsExamplesWork(t *testing.T) {
	t.Chdir("../..")
	compare(t, "docs/spec/convert.md", func(t *testing.T, page string) string {
		return consoleBlock.ReplaceAllStringFunc(page, func(block string) string {
			return "```console\n" + transcribe(t, consoleBlock.FindStringSubmatch(block)[1]) + "```"
		})
	})
}

func TestTheHelpNamesWhatThereIs(t *testing.T) {
	for _, tc := range []struct{ args, want string }{
		{"", "convert"},
		{"--help", "completion"},
		{"convert --help", "Exit codes:"},
		{"completion bash", "__complete"},
		{"completion zsh", "compdef"},
		{"completion fish", "complete"},
		{"__complete convert --report ", "table"},
		{"version", "API ecs.pods.dev/v1alpha1"},
	} {
		t.Run("kubectl ecs "+tc.args, func(t *testing.T) {
			var out, err bytes.Buffer
			args := strings.Split(tc.args, " ")
			if tc.args == "" {
				args = []string{}
			}
			if code := Run(cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err}, "test", args); code != 0 {
				t.Errorf("exit code %d: %s", code, err.String())
			}
			if !strings.Contains(out.String(), tc.want) {
				t.Errorf("it doesn't say %q:\n%s", tc.want, out.String())
			}
		})
	}
}
