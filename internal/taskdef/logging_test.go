// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestValidateLogging(t *testing.T) {
	app := func(logging string) string {
		return `{containerDefinitions: [{name: app, image: x, memory: 9, logConfiguration: ` + logging + `}]}`
	}
	routed := func(router, logging string) string {
		return `{containerDefinitions: [{name: app, image: x, memory: 9` + logging + `}, {name: router, image: x, memory: 9` + router + `}]}`
	}
	const fluentbit, fluentd = ", firelensConfiguration: {type: fluentbit}", ", firelensConfiguration: {type: fluentd}"
	for name, tc := range map[string]struct{ text, want string }{
		"awslogs with all there is": {app("{logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r, awslogs-stream-prefix: p, awslogs-create-group: 'true', mode: blocking, max-buffer-size: 25m}}"), ""},
		"awslogs without a region": {app("{logDriver: awslogs, options: {awslogs-group: g}}"),
			"containerDefinitions[0].logConfiguration.options: Log driver awslogs requires options: awslogs-region."},
		"awslogs with an option of another driver": {app("{logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r, log_key: log, awslogs-endpoint: e}}"),
			"containerDefinitions[0].logConfiguration.options: Log driver awslogs disallows options: awslogs-endpoint, log_key."},
		"awslogs with two ways to find events": {app("{logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r, awslogs-datetime-format: '%Y', awslogs-multiline-pattern: x}}"),
			"containerDefinitions[0].logConfiguration.options: awslogs takes either awslogs-datetime-format or awslogs-multiline-pattern"},
		"splunk with its token from a secret": {app("{logDriver: splunk, options: {splunk-url: u}, secretOptions: [{name: splunk-token, valueFrom: token}]}"), ""},
		"splunk without a token": {app("{logDriver: splunk, options: {splunk-url: u}}"),
			"containerDefinitions[0].logConfiguration.options: Log driver splunk requires options: splunk-token."},
		"an option from both sides": {app("{logDriver: splunk, options: {splunk-url: u, splunk-token: t}, secretOptions: [{name: splunk-token, valueFrom: token}]}"),
			"containerDefinitions[0].logConfiguration.secretOptions[0].name: splunk-token is in options too"},
		"a mode that is none":                          {app("{logDriver: json-file, options: {mode: fast}}"), `containerDefinitions[0].logConfiguration.options: mode is blocking or non-blocking, not "fast"`},
		"a size that is none":                          {app("{logDriver: json-file, options: {max-buffer-size: much}}"), `containerDefinitions[0].logConfiguration.options: max-buffer-size "much" is not a size`},
		"a router with one who sends":                  {routed(fluentbit, ", logConfiguration: {logDriver: awsfirelens, options: {Name: stdout}}"), ""},
		"one whose output is in the router's own file": {routed(fluentbit, ", logConfiguration: {logDriver: awsfirelens}"), ""},
		"one who sends without a router": {routed("", ", logConfiguration: {logDriver: awsfirelens}"),
			"containerDefinitions[0].logConfiguration.logDriver: When awsfirelens log driver is specified in log configuration, a firelens configuration object must be configured in one of the containers."},
		"a router without one who sends": {routed(fluentbit, ""),
			"containerDefinitions[1].firelensConfiguration: When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver."},
		"a router that sends to itself": {routed(fluentbit+", logConfiguration: {logDriver: awsfirelens}", ""),
			"containerDefinitions[1].logConfiguration.logDriver: a log router can't send its own output to itself"},
		"options for no output": {routed(fluentd, ", logConfiguration: {logDriver: awsfirelens, options: {Name: stdout}}"),
			"containerDefinitions[0].logConfiguration.options: missing output key @type which is required for firelens configuration of type fluentd."},
		"too many lines": {routed(fluentbit, ", logConfiguration: {logDriver: awsfirelens, options: {log-driver-buffer-limit: '536870912'}}"),
			`containerDefinitions[0].logConfiguration.options: log-driver-buffer-limit "536870912" is not a number of lines`},
		"an unknown option of a router": {routed(", firelensConfiguration: {type: fluentbit, options: {x: y}}", ", logConfiguration: {logDriver: awsfirelens}"),
			"containerDefinitions[1].firelensConfiguration.options: x is no option of a log router"},
		"a file of an unknown kind": {routed(", firelensConfiguration: {type: fluentbit, options: {config-file-type: nfs, config-file-value: x}}", ", logConfiguration: {logDriver: awsfirelens}"),
			"containerDefinitions[1].firelensConfiguration.options: invalid value nfs is specified for option config-file-type"},
		"a file that isn't named": {routed(", firelensConfiguration: {type: fluentbit, options: {config-file-type: s3}}", ", logConfiguration: {logDriver: awsfirelens}"),
			"containerDefinitions[1].firelensConfiguration.options: option config-file-type is specified but config-file-value is not specified"},
		"a file of no kind": {routed(", firelensConfiguration: {type: fluentbit, options: {config-file-value: /x}}", ", logConfiguration: {logDriver: awsfirelens}"),
			"containerDefinitions[1].firelensConfiguration.options: option config-file-value is specified but config-file-type is not specified"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Validate(read(t, tc.text))
			switch {
			case tc.want == "" && len(got) > 0:
				t.Errorf("got %s, want none", got)
			case tc.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].String(), tc.want)):
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestEffectiveLogging(t *testing.T) {
	for name, tc := range map[string]struct {
		options map[string]string
		want    Logging
	}{
		"nothing given is non-blocking with 10 MiB": {nil, Logging{Options: map[string]string{}, BufferBytes: 10 << 20}},
		"mode and size are no options of the driver": {
			map[string]string{LogMode: Blocking, LogBufferSize: "25M", "tag": "x"}, Logging{Options: map[string]string{"tag": "x"}, Blocking: true, BufferBytes: 25 << 20}},
		"a line is taken for 1 KiB":             {map[string]string{LogBufferLimit: "2048"}, Logging{Options: map[string]string{}, BufferBytes: 2 << 20}},
		"lines count to 64 MiB at most":         {map[string]string{LogBufferLimit: "1048576"}, Logging{Options: map[string]string{}, BufferBytes: 64 << 20}},
		"a size in bytes goes before the lines": {map[string]string{LogBufferLimit: "1", LogBufferSize: "4k"}, Logging{Options: map[string]string{}, BufferBytes: 4 << 10}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, EffectiveLogging(&ecsv1.LogConfiguration{Options: tc.options})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseBufferSize(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "2b": 2, "3k": 3 << 10, "4 MB": 4 << 20, "1g": 1 << 30, "": 0, "0": 0, "-1": 0, "1t": 0, "m": 0, "9999999999": 0} {
		got, ok := ParseBufferSize(text)
		if ok != (want > 0) || ok && got != want {
			t.Errorf("%q: got %d, %t; want %d", text, got, ok, want)
		}
	}
}
