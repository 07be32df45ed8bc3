// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"pgregory.net/rapid"
)

// labelsForTest: zone and type are labels, arch has words of its own, family is there on linux alone.
func labelsForTest(attribute string) (Label, bool) {
	same := func(v string) ([]string, bool) { return []string{v}, true }
	switch attribute {
	case "zone", "type":
		return Label{Key: attribute, Of: same}, true
	case "arch":
		return Label{Key: "arch", Of: func(v string) ([]string, bool) {
			switch v {
			case "x86_64":
				return []string{"amd64"}, true
			case "amd64":
				return nil, true
			}
			return []string{v}, true
		}}, true
	case "family":
		return Label{Key: "os", Only: []string{"linux"}, Of: func(v string) ([]string, bool) { return []string{"linux"}, v == "LINUX" }}, true
	}
	return Label{}, false
}

// attributesOf reads the attributes from labels, the way that labelsForTest is the inverse of.
func attributesOf(labels map[string]string) map[string]string {
	out := map[string]string{}
	for key, v := range labels {
		switch {
		case key == "zone" || key == "type":
			out[key] = v
		case key == "arch" && v == "amd64":
			out[key] = "x86_64"
		case key == "arch":
			out[key] = v
		case key == "os" && v == "linux":
			out["family"] = "LINUX"
		}
	}
	return out
}

// written is affinity as people write it: terms joined by |, requirements by &.
func written(terms []corev1.NodeSelectorTerm) string {
	var all []string
	for _, term := range terms {
		var parts []string
		for _, r := range term.MatchExpressions {
			parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Key, r.Operator, strings.Join(r.Values, ","))))
		}
		all = append(all, strings.Join(parts, " & "))
	}
	return strings.Join(all, " | ")
}

func TestCompile(t *testing.T) {
	const nowhere = "kubernetes.io/os Exists & kubernetes.io/os DoesNotExist"
	for name, tc := range map[string]struct {
		input, want string
		rest        string
	}{
		"a value":                           {"attribute:zone == a", "zone In a", ""},
		"another value needs one":           {"attribute:zone != a", "zone Exists & zone NotIn a", ""},
		"not a value doesn't":               {"not(attribute:zone == a)", "zone NotIn a", ""},
		"not another value":                 {"not(attribute:zone != a)", "zone In a | zone DoesNotExist", ""},
		"a list":                            {"attribute:zone in [b, a, b]", "zone In a,b", ""},
		"not in a list":                     {"attribute:zone !in [a, b]", "zone Exists & zone NotIn a,b", ""},
		"there":                             {"attribute:zone exists", "zone Exists", ""},
		"not there":                         {"attribute:zone !exists", "zone DoesNotExist", ""},
		"a short pattern is a list":         {`attribute:type =~ (t2|t3)\.(micro|small)`, "type In t2.micro,t2.small,t3.micro,t3.small", ""},
		"with anchors, too":                 {`attribute:zone =~ ^eu-west-1[ab]$`, "zone In eu-west-1a,eu-west-1b", ""},
		"a short pattern, denied":           {`attribute:type !~ t2|t3`, "type Exists & type NotIn t2,t3", ""},
		"an open pattern can't be said":     {"attribute:type =~ t2.*", "", "attribute:type =~ t2.*: node affinity has no patterns, and t2.* isn't a short list"},
		"a word of ECS for one of Linux":    {"attribute:arch == x86_64", "arch In amd64", ""},
		"a value that no node has":          {"attribute:arch == amd64", nowhere, ""},
		"no node has it, so all others":     {"attribute:arch != amd64", "arch Exists", ""},
		"there on some systems only":        {"attribute:family exists", "os In linux", ""},
		"not there, or on others":           {"attribute:family !exists", "os NotIn linux", ""},
		"a value that no label tells":       {"attribute:family == WINDOWS", "", "attribute:family == WINDOWS: no node label tells WINDOWS from others of its kind"},
		"alternatives":                      {"attribute:zone == a || attribute:type == t && attribute:arch == arm64", "zone In a | type In t & arch In arm64", ""},
		"all of":                            {"attribute:zone == a && (attribute:type == t || attribute:arch == arm64)", "zone In a & type In t | zone In a & arch In arm64", ""},
		"the opposite of all":               {"not(attribute:zone == a && attribute:type == t)", "zone NotIn a | type NotIn t", ""},
		"the opposite of one":               {"!(attribute:zone == a || attribute:type == t)", "zone NotIn a & type NotIn t", ""},
		"a custom attribute":                {"attribute:stack == prod", "", "attribute:stack == prod: no node label has the attribute stack"},
		"what can be said is":               {"attribute:zone == a && attribute:stack == prod && !(runningTasksCount > 3 || attribute:type == t)", "zone In a & type NotIn t", "attribute:stack == prod: no node label has the attribute stack; not(runningTasksCount > 3): runningTasksCount changes while tasks run, and no node label has it"},
		"one of them can't be, so neither":  {"attribute:zone == a || attribute:stack == prod", "", "attribute:zone == a || attribute:stack == prod: no node label has the attribute stack"},
		"order isn't said":                  {"attribute:zone > a", "", "attribute:zone > a: node affinity orders whole numbers only"},
		"task groups aren't labels":         {"task:group == x", "", "task:group == x: task:group changes while tasks run, and no node label has it"},
		"a value that labels can't have":    {"attribute:zone == 'a b'", nowhere, ""},
		"too many alternatives":             {strings.TrimSuffix(strings.Repeat("(attribute:zone != a || attribute:type == b) && ", 7), " && "), "", ""},
		"what is always so is no condition": {"!(attribute:arch == amd64 && attribute:arch exists)", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := Parse(tc.input)
			if err != nil {
				t.Fatal(err)
			}
			terms, rest := Compile(e, labelsForTest)
			if name == "too many alternatives" {
				if len(terms) > maxTerms || len(rest) != 1 {
					t.Errorf("got %d terms, rest %v", len(terms), rest)
				}
				return
			}
			var why []string
			for _, r := range rest {
				why = append(why, r.Expr.String()+": "+r.Why)
			}
			if diff := cmp.Diff(tc.want, written(terms)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.rest, strings.Join(why, "; ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// agree: what is compiled chooses the nodes that the expression chooses, as the scheduler's library judges it; with a rest, at least those.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, e Expr, labels map[string]string) {
	t.Helper()
	terms, rest := Compile(e, labelsForTest)
	chosen := true
	if terms != nil {
		selector, err := nodeaffinity.NewNodeSelector(&corev1.NodeSelector{NodeSelectorTerms: terms})
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		chosen = selector.Match(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: labels}})
	}
	member := e.Matches(&Instance{Attributes: attributesOf(labels)})
	if len(rest) == 0 && chosen != member || member && !chosen {
		t.Fatalf("%s on %v: member %v, chosen %v by %s, rest %v", e, labels, member, chosen, written(terms), rest)
	}
}

// drawn is a random expression, most of it over attributes that have labels.
func drawn(t *rapid.T, depth int) string {
	if depth > 0 {
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			return "(" + drawn(t, depth-1) + " && " + drawn(t, depth-1) + ")"
		case 1:
			return "(" + drawn(t, depth-1) + " || " + drawn(t, depth-1) + ")"
		case 2:
			return "!(" + drawn(t, depth-1) + ")"
		}
	}
	v := rapid.SampledFrom([]string{"a", "b", "x86_64", "amd64", "arm64", "LINUX", "WINDOWS", "'a b'"})
	subject := rapid.SampledFrom([]string{"zone", "type", "arch", "family", "zone", "type", "arch", "stack"}).Draw(t, "attribute")
	operator := rapid.SampledFrom([]string{"==", "!=", "in", "!in", "exists", "!exists", "=~", "!~", ">"}).Draw(t, "operator")
	switch operator {
	case "exists", "!exists":
		return "attribute:" + subject + " " + operator
	case "in", "!in":
		return "attribute:" + subject + " " + operator + " [" + v.Draw(t, "one") + ", " + v.Draw(t, "two") + "]"
	case "=~", "!~":
		return "attribute:" + subject + " " + operator + " " + rapid.SampledFrom([]string{"a|b", "[ab]", "(a|x86_64)?", "x.*", "arm64"}).Draw(t, "pattern")
	}
	return "attribute:" + subject + " " + operator + " " + v.Draw(t, "value")
}

func TestCompiledAffinityChoosesTheMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawn(t, 3)
		e, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		labels := map[string]string{}
		for key, values := range map[string][]string{"zone": {"a", "b", "c"}, "type": {"a", "b", "c"}, "arch": {"amd64", "arm64", "s390x"}, "os": {"linux", "windows"}} {
			if v := rapid.SampledFrom(append(values, "")).Draw(t, key); v != "" {
				labels[key] = v
			}
		}
		agree(t, e, labels)
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"attribute:ecs.instance-type =~ g2.* and attribute:zone != us-east-1d", "not(task:group == database)", "ec2InstanceId in ['a','b']",
		"registeredAt < 2018-02-13", "!(agentConnected) || agentVersion >= 1.4", `attribute:zone == "it's"`, "memberOf(attribute:type =~ (a|b)[c-d]?)",
	} {
		f.Add(seed, "a", "b")
	}
	f.Fuzz(func(t *testing.T, input, zone, kind string) {
		e, err := Parse(input)
		if err != nil {
			if lines := strings.Count(err.Error(), "\n"); lines != 2 {
				t.Fatalf("an error of %d lines: %q", lines+1, err)
			}
			return
		}
		again, err := Parse(e.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", input, e, err)
		}
		if again.String() != e.String() {
			t.Fatalf("%q prints as %q, and then as %q", input, e, again)
		}
		labels := map[string]string{}
		if zone != "" {
			labels["zone"] = zone
		}
		if kind != "" {
			labels["type"] = kind
		}
		for key, v := range labels {
			if !isLabelValue(v) {
				delete(labels, key)
			}
		}
		agree(t, e, labels)
	})
}

func isLabelValue(v string) bool {
	return len(v) <= 63 && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
