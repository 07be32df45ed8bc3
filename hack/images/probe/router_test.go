// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"reflect"
	"strings"
	"testing"
)

func TestARouterReadsItsConfiguration(t *testing.T) {
	inputs, added := readConfig(`[INPUT]
    Name forward
    unix_path /var/run/fluent.sock

[INPUT]
    Name forward
    Listen 127.0.0.1
    Port 24224

[INPUT]
    Name tcp
    Listen 127.0.0.1
    Port 8877

[FILTER]
    Name record_modifier
    Match *
    Record ecs_cluster prod
    Record ecs_task_definition web:1
`)
	if want := []input{{"unix", "/var/run/fluent.sock"}, {"tcp", "127.0.0.1:24224"}}; !reflect.DeepEqual(inputs, want) {
		t.Errorf("inputs %v, want %v", inputs, want)
	}
	if want := map[string]string{"ecs_cluster": "prod", "ecs_task_definition": "web:1"}; !reflect.DeepEqual(added, want) {
		t.Errorf("added %v, want %v", added, want)
	}
}

func TestEvents(t *testing.T) {
	long := strings.Repeat("x", 40)
	good := "\x93\xa3tag" + "\xd7\x00\x01\x02\x03\x04\x05\x06\x07\x08" + "\x81\xa3log\xd9\x28" + long
	tag, at, record, err := readEvent(bufio.NewReader(strings.NewReader(good)))
	if err != nil || tag != "tag" || at.Unix() != 0x01020304 || at.Nanosecond() != 0x05060708 || record["log"] != long {
		t.Errorf("%q at %v: %q, %v", tag, at, record, err)
	}
	for n := range len(good) {
		if _, _, _, err := readEvent(bufio.NewReader(strings.NewReader(good[:n]))); err == nil {
			t.Errorf("an event cut after %d bytes is none", n)
		}
	}
}
