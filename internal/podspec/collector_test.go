// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"
)

// collector is the script that the log collector runs for each record.
const collector = "../../config/logging/route.lua"

func loadCollector(t *testing.T) *lua.LState {
	t.Helper()
	state := lua.NewState()
	t.Cleanup(state.Close)
	if err := state.DoFile(collector); err != nil {
		t.Fatal(err)
	}
	return state
}

// callRoute hands a record to the script as Fluent Bit does, and gives the code and the record that come back.
func callRoute(t *testing.T, state *lua.LState, record map[string]any) (int, map[string]any) {
	t.Helper()
	err := state.CallByParam(lua.P{Fn: state.GetGlobal("route"), NRet: 3, Protect: true}, lua.LString("kube.x"), lua.LNumber(1), toLua(state, record))
	if err != nil {
		t.Fatal(err)
	}
	defer state.Pop(3)
	out, _ := fromLua(state.Get(-1)).(map[string]any)
	return int(lua.LVAsNumber(state.Get(-3))), out
}

func toLua(state *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, one := range v {
			table.RawSetString(key, toLua(state, one))
		}
		return table
	case string:
		return lua.LString(v)
	}
	return lua.LNil
}

func fromLua(v lua.LValue) any {
	table, ok := v.(*lua.LTable)
	if !ok {
		return v.String()
	}
	out := map[string]any{}
	table.ForEach(func(key, one lua.LValue) { out[key.String()] = fromLua(one) })
	return out
}

// recordOf is a record of a container of a pod made from a golden input, as the kubernetes filter leaves it.
func recordOf(t *testing.T, golden, container string) map[string]any {
	t.Helper()
	annotations := map[string]any{}
	for key, value := range translateFile(t, "testdata/"+golden+".in.yaml").Template.Annotations {
		annotations[key] = value
	}
	return map[string]any{"log": "hello", "kubernetes": map[string]any{
		"namespace_name": "shop", "pod_name": "web-1", "pod_id": "3f6b1c8e-0d4a-4f7e-9a55-0123456789ab", "docker_id": "c0ffee",
		"container_name": container, "host": "node-1", "annotations": annotations,
	}}
}

func TestTheCollectorRoutesWhatATaskDefinitionSays(t *testing.T) {
	from := func(container string) map[string]any {
		return map[string]any{"namespace_name": "shop", "pod_name": "web-1", "container_name": container, "host": "node-1"}
	}
	for name, tc := range map[string]struct {
		golden, container string
		want              map[string]any // nil for a record that is dropped
	}{
		"awslogs with a prefix: the stream is prefix, ECS's name of the container, task": {"logConfiguration/awslogs", "my-app-qp06z9rb", map[string]any{
			"log": "hello", "ecs_driver": "awslogs", "ecs_region": "eu-west-1", "ecs_group_policy": "create", "ecs_group": "/ecs/web",
			"ecs_stream": "web/My_App/3f6b1c8e0d4a4f7e9a550123456789ab", "kubernetes": from("my-app-qp06z9rb"),
		}},
		"awslogs without a prefix: the stream is the container's ID": {"logConfiguration/awslogs", "log", map[string]any{
			"log": "hello", "ecs_driver": "awslogs", "ecs_region": "eu-west-1", "ecs_group_policy": "keep", "ecs_group": "/ecs/web",
			"ecs_stream": "c0ffee", "ecs_options": map[string]any{"awslogs-multiline-pattern": "^INFO"}, "kubernetes": from("log"),
		}},
		"another driver with its options, and no secret": {"logConfiguration/splunk-with-a-token-from-a-secret", "app", map[string]any{
			"log": "hello", "ecs_driver": "splunk", "ecs_region": "none", "ecs_group_policy": "keep", "ecs_stream": "",
			"ecs_options": map[string]any{"splunk-index": "main", "splunk-url": "https://splunk.example.com:8088"}, "kubernetes": from("app"),
		}},
		"the container runtime's own log stays":   {"logConfiguration/drivers-of-the-node", "file", nil},
		"the journal stays":                       {"logConfiguration/drivers-of-the-node", "journal", nil},
		"a container without a configuration":     {"logConfiguration/drivers-of-the-node", "default", nil},
		"one that sends to the task's log router": {"firelensConfiguration/fluentbit", "app", nil},
	} {
		t.Run(name, func(t *testing.T) {
			code, got := callRoute(t, loadCollector(t), recordOf(t, tc.golden, tc.container))
			if tc.want == nil {
				if code != -1 {
					t.Errorf("code %d, want the record to be dropped", code)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); code != 2 || diff != "" {
				t.Errorf("code %d, want 2\n%s", code, diff)
			}
		})
	}
}

func TestTheCollectorSurvivesWhatOthersWrite(t *testing.T) {
	state := loadCollector(t)
	for _, text := range []string{
		"", "{", "}", "[]", `"awslogs"`, `{"driver"}`, `{"driver":}`, `{"driver":"awslogs"`, `{"driver":"aws`, `{"driver":1}`, `{"driver":"\u12"}`, `{"driver":null}`,
		strings.Repeat("{", 100), `{"driver":"awslogs",}`,
	} {
		record := recordOf(t, "logConfiguration/awslogs", "log")
		record["kubernetes"].(map[string]any)["annotations"] = map[string]any{loggingPrefix + "log": text}
		if code, _ := callRoute(t, state, record); code != -1 {
			t.Errorf("%q: code %d, want the record to be dropped", text, code)
		}
	}
	for _, record := range []map[string]any{{"log": "no pod"}, {"kubernetes": map[string]any{}}, {"kubernetes": map[string]any{"annotations": map[string]any{}}}} {
		if code, _ := callRoute(t, state, record); code != -1 {
			t.Errorf("%v: code %d, want the record to be dropped", record, code)
		}
	}
}

func TestTheCollectorReadsEscapes(t *testing.T) {
	record := recordOf(t, "logConfiguration/awslogs", "log")
	text := `{ "driver" : "awslogs", "group" : "a\"\\\/\n\u003c\u00e9\u20ac", "createGroup" : false, "maxBufferBytes" : 10485760 }`
	record["kubernetes"].(map[string]any)["annotations"] = map[string]any{loggingPrefix + "log": text}
	if _, got := callRoute(t, loadCollector(t), record); got["ecs_group"] != "a\"\\/\n<é€" || got["ecs_group_policy"] != "keep" {
		t.Errorf("got %q, %q", got["ecs_group"], got["ecs_group_policy"])
	}
}

func TestTheCollectorForgetsOldPods(t *testing.T) {
	state := loadCollector(t)
	for i := range 4100 {
		record := recordOfPod(i)
		if code, _ := callRoute(t, state, record); code != 2 {
			t.Fatalf("record %d: code %d", i, code)
		}
	}
}

func recordOfPod(i int) map[string]any {
	return map[string]any{"kubernetes": map[string]any{
		"pod_id": strings.Repeat("x", i%50) + string(rune('a'+i%26)) + strings.Repeat("y", i/50), "container_name": "app",
		"annotations": map[string]any{loggingPrefix + "app": `{"driver":"awslogs"}`},
	}}
}
