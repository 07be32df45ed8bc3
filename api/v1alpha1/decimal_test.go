// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

func TestDecimalRoundTrip(t *testing.T) {
	for written, want := range map[string]struct {
		text   string
		tenths int64
	}{
		"0":                {"0", 0},
		"-0":               {"0", 0},
		"5":                {"5", 50},
		"5.0":              {"5", 50},
		"2.5":              {"2.5", 25},
		"2.50":             {"2.5", 25},
		"0.1":              {"0.1", 1},
		"-0.5":             {"-0.5", -5},
		"100":              {"100", 1000},
		"1e2":              {"100", 1000},
		"1.25e1":           {"12.5", 125},
		"25E-1":            {"2.5", 25},
		"0.25":             {"0.25", 3},
		"-0.25":            {"-0.25", -3},
		"0.24":             {"0.24", 2},
		"99.949":           {"99.949", 999},
		"0.000001":         {"0.000001", 0},
		"123456789.123456": {"123456789.123456", 1234567891},
	} {
		t.Run(written, func(t *testing.T) {
			var got Decimal
			if err := json.Unmarshal([]byte(written), &got); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.text {
				t.Errorf("String() = %s, want %s", got, want.text)
			}
			if got.Tenths() != want.tenths {
				t.Errorf("Tenths() = %d, want %d", got.Tenths(), want.tenths)
			}
			data, err := json.Marshal(got)
			if err != nil || string(data) != want.text {
				t.Errorf("json.Marshal = %s, %v, want %s", data, err, want.text)
			}
			again, err := ParseDecimal(want.text)
			if err != nil || again != got {
				t.Errorf("parsing the text again gives %v, %v", again, err)
			}
		})
	}
}

func TestDecimalRefusesWhatIsNoNumber(t *testing.T) {
	for _, text := range []string{
		"", "-", ".", ".5", "5.", "+5", "5,0", "5%", `"5"`, "1e", "e1", "1e99", "1e-99", "0x10", "NaN", "Infinity", "1.2.3", "--1",
		"0.0000001", "1234567890123456", "1e15", strings.Repeat("9", 100),
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := ParseDecimal(text); err == nil {
				t.Errorf("ParseDecimal gives %v, want an error", got)
			}
		})
	}
}

func TestDecimalFromTenths(t *testing.T) {
	for tenths, want := range map[int64]string{0: "0", 1: "0.1", 10: "1", 25: "2.5", 1000: "100", -5: "-0.5"} {
		d := DecimalFromTenths(tenths)
		if d.String() != want || d.Tenths() != tenths {
			t.Errorf("DecimalFromTenths(%d) = %s with %d tenths, want %s", tenths, d, d.Tenths(), want)
		}
		if parsed, err := ParseDecimal(want); err != nil || parsed != d {
			t.Errorf("%s parses as %#v, want %#v", want, parsed, d)
		}
	}
}

// Clients go through YAML, JSON and the untyped form; none of them may change a number.
func TestDecimalInYAMLAndUnstructured(t *testing.T) {
	for _, text := range []string{"5", "2.5", "0.1", "99.9", "100"} {
		var canary CanaryConfiguration
		if err := yaml.UnmarshalStrict([]byte("canaryPercent: "+text), &canary); err != nil {
			t.Fatal(err)
		}
		out, err := yaml.Marshal(canary)
		if want := "canaryPercent: " + text + "\n"; err != nil || string(out) != want {
			t.Errorf("YAML gives %q, %v, want %q", out, err, want)
		}
		untyped, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&canary)
		if err != nil {
			t.Fatal(err)
		}
		var back CanaryConfiguration
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(untyped, &back); err != nil {
			t.Fatal(err)
		}
		if *back.CanaryPercent != *canary.CanaryPercent {
			t.Errorf("the untyped form turns %s into %s", canary.CanaryPercent, back.CanaryPercent)
		}
	}
}

func TestDecimalNullLeavesItAlone(t *testing.T) {
	d := DecimalFromTenths(25)
	if err := json.Unmarshal([]byte("null"), &d); err != nil || d.Tenths() != 25 {
		t.Errorf("null gives %v, %v", d, err)
	}
}

// Whatever is taken is given back exactly, also by a reader that keeps numbers as float64, as the apiserver does.
func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"5", "2.5", "-0.1", "1e2", "123456789.123456", "0.000001", "999999999999999", "", "1e-7"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		again, err := ParseDecimal(d.String())
		if err != nil || again != d {
			t.Fatalf("%q is %v, which parses as %v, %v", text, d, again, err)
		}
		float, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("%q is taken as %v but is no JSON number: %v", text, d, err)
		}
		data, err := json.Marshal(float)
		if err != nil {
			t.Fatal(err)
		}
		if throughFloat, err := ParseDecimal(string(data)); err != nil || throughFloat != d {
			t.Fatalf("%q is %v and, through a float, %v, %v", text, d, throughFloat, err)
		}
	})
}

func TestDecimalsAreComparedInObjects(t *testing.T) {
	object := func(tenths int64) *Alarm { return &Alarm{Spec: AlarmSpec{Threshold: DecimalFromTenths(tenths)}} }
	if !equality.Semantic.DeepEqual(object(25), object(25)) {
		t.Error("equal ones differ")
	}
	if equality.Semantic.DeepEqual(object(25), object(26)) {
		t.Error("others are equal")
	}
}
