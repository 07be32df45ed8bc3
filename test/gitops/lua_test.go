// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"sigs.k8s.io/yaml"
)

// customizations is the folder that has the layout of Argo CD's resource_customizations.
const customizations = "../../config/argocd/resource_customizations/ecs.pods.dev"

// object is a manifest as Argo CD hands it to scripts.
type object = map[string]any

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func manifest(t *testing.T, file string) object {
	t.Helper()
	out := object{}
	if err := yaml.Unmarshal(read(t, file), &out); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return out
}

// run runs a script as Argo CD runs those of argocd-cm: it has the base and table libraries, no strings, no files, and a second. (Argo CD
// has os.time and os.date, too, which no script of ours needs.)
func run(script string, obj object) (any, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	l.SetContext(ctx)
	l.SetGlobal("obj", toLua(l, obj))
	if err := l.DoString(script); err != nil {
		return nil, err
	}
	table, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("the script returns %s, and has to return a table", l.Get(-1).Type())
	}
	return fromLua(table), nil
}

func toLua(l *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case string:
		return lua.LString(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	case []any:
		out := l.NewTable()
		for _, item := range v {
			out.Append(toLua(l, item))
		}
		return out
	case map[string]any:
		out := l.NewTable()
		for key, item := range v {
			out.RawSetString(key, toLua(l, item))
		}
		return out
	}
	return lua.LNil
}

// fromLua makes what JSON would. Lua doesn't tell an empty list from an empty object: both are an empty list.
func fromLua(value lua.LValue) any {
	switch v := value.(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return float64(v)
	case lua.LBool:
		return bool(v)
	case *lua.LTable:
		list, fields := []any{}, map[string]any{}
		v.ForEach(func(key, item lua.LValue) {
			if _, number := key.(lua.LNumber); number {
				list = append(list, fromLua(item))
				return
			}
			fields[key.String()] = fromLua(item)
		})
		if len(fields) > 0 {
			return fields
		}
		return list
	}
	return nil
}

// restored puts objects back that were empty, and came back as empty lists, as Argo CD does.
func restored(before, after any) any {
	switch now := after.(type) {
	case map[string]any:
		was, _ := before.(map[string]any)
		for key := range now {
			now[key] = restored(was[key], now[key])
		}
	case []any:
		if was, object := before.(map[string]any); object && len(now) == 0 {
			return was
		}
		was, _ := before.([]any)
		for i := range min(len(was), len(now)) {
			now[i] = restored(was[i], now[i])
		}
	}
	return after
}

// kinds are those that have scripts.
func kinds(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(customizations)
	if err != nil || len(entries) == 0 {
		t.Fatal("no scripts", err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestScriptsHaveNoWayOut(t *testing.T) {
	for _, script := range []string{"return io.open('x')", "return os.execute('x')", "return {string.rep('x', 3)}", "while true do end"} {
		if _, err := run(script, object{}); err == nil {
			t.Errorf("%s: it runs", script)
		}
	}
}

func script(t *testing.T, parts ...string) string {
	t.Helper()
	return string(read(t, filepath.Join(append([]string{customizations}, parts...)...)))
}
