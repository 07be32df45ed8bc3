// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// Answer is what came of a call.
type Answer struct {
	// Call is the number of the call that it is to.
	Call int32
	// Body is what was answered.
	Body []byte
	// Failure is why there is no body to read, "" where there is one.
	Failure string
	// Unreached: the call reached nobody who could have answered, so that it may be repeated.
	Unreached bool
}

const (
	// MostAnswer is the longest answer that is read, in bytes.
	MostAnswer = 64 << 10
	// mostDetails is how many bytes of hookDetails are kept of a hook. They stand in the deployment's status.
	mostDetails = 16 << 10
	// mostReason is the longest statusReason, in characters; an answer's own reason takes no more than half of it.
	mostReason = 1024
)

// reply is the JSON that a function answers with. It may give a reason, which ECS doesn't know.
type reply struct {
	HookStatus    ecsv1.DeploymentLifecycleHookStatus `json:"hookStatus"`
	CallBackDelay any                                 `json:"callBackDelay"`
	HookDetails   json.RawMessage                     `json:"hookDetails"`
	Reason        any                                 `json:"reason"`
}

// parse reads an answer, and says what is wrong with one that decides nothing: the deployment rolls back then, as after a function error. It shows
// nothing of what is no answer at all: who may write a service could read by that what he can't reach himself.
func parse(body []byte) (reply, string) {
	const want = "an answer is a JSON object with hookStatus SUCCEEDED, FAILED or IN_PROGRESS"
	var out reply
	switch {
	case len(body) > MostAnswer:
		return reply{}, fmt.Sprintf("answered more than %d KiB; %s", MostAnswer>>10, want)
	case len(bytes.TrimSpace(body)) == 0:
		return reply{}, "answered nothing; " + want
	case bytes.TrimSpace(body)[0] != '{' || json.Unmarshal(body, &out) != nil:
		return reply{}, fmt.Sprintf("answered %d bytes that are no such thing; %s", len(body), want)
	}
	switch out.HookStatus {
	case ecsv1.DeploymentLifecycleHookStatusSucceeded, ecsv1.DeploymentLifecycleHookStatusFailed:
		out.HookDetails = nil // there is no next call
		return out, ""
	case ecsv1.DeploymentLifecycleHookStatusInProgress:
	case "":
		return reply{}, "answered without a hookStatus; " + want
	default:
		return reply{}, "answered hookStatus " + shown(string(out.HookStatus)) + "; " + want
	}
	if d := bytes.TrimSpace(out.HookDetails); len(d) > 0 && d[0] != '{' && string(d) != "null" {
		return reply{}, "answered hookDetails " + shown(string(d)) + "; they are a JSON object"
	}
	return out, ""
}

// delay until the next call: callBackDelay in seconds, or 30 where there is none that can be read. Nobody is asked more than once a second.
func (r reply) delay() time.Duration {
	seconds, ok := r.CallBackDelay.(float64)
	if !ok || seconds < 0 {
		return defaultDelay
	}
	const longest = defaultTimeout * 60 // by then the run is over
	return time.Duration(max(1, min(math.Ceil(seconds), longest))) * time.Second
}

func (r reply) reason() string {
	text, ok := r.Reason.(string)
	if !ok || text == "" {
		return ""
	}
	return ": " + clipTo(text, mostReason/2)
}

// inherited are the details that a hook's run begins with: the service's, with what an earlier run of the same hook came to know.
func inherited(own *runtime.RawExtension, id string, earlier []ecsv1.DeploymentLifecycleHookDetail) *runtime.RawExtension {
	for _, run := range slices.Backward(earlier) {
		if names.SameHook(run.HookId, id) {
			return run.HookDetails
		}
	}
	if own == nil || len(own.Raw) == 0 {
		return nil
	}
	return &runtime.RawExtension{Raw: bytes.Clone(own.Raw)}
}

// merged are details with the fields of others in them, and whether that is more than is kept.
func merged(details *runtime.RawExtension, others json.RawMessage) (*runtime.RawExtension, bool) {
	added, _ := fields(others)
	if len(added) == 0 {
		return details, false
	}
	all := map[string]any{}
	if details != nil {
		if known, ok := fields(details.Raw); ok {
			all = known
		}
	}
	maps.Copy(all, added)
	raw, err := json.Marshal(all)
	if err != nil || len(raw) > mostDetails {
		return details, true
	}
	return &runtime.RawExtension{Raw: raw}, false
}

// fields are those of a JSON object, with numbers as they are written.
func fields(raw []byte) (map[string]any, bool) {
	out := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return out, len(raw) > 0 && d.Decode(&out) == nil && out != nil
}

func shown(text string) string { return clipTo(fmt.Sprintf("%q", text), 100) }

func clip(text string) string { return clipTo(text, mostReason) }

// clipTo makes one line of text, of at most so many characters.
func clipTo(text string, most int) string {
	line := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " "))
	if len(line) > most {
		return string(line[:most-1]) + "…"
	}
	return string(line)
}
