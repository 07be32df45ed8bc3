// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
)

// Of the 43 characters of a hook ID the first say which hook of which deployment it is, the rest at which moment it runs.
const hookDigits, momentDigits = 21, 22

// HookID names one run of a lifecycle hook as ECS does, ecs-pause- or ecs-lambda- and 43 characters. It depends on nothing but the
// deployment's UID, the hook's place in the list and the moment that it runs at, so that a run that is asked for twice has one name.
func HookID(prefix, deploymentUID string, hook int, moment string) string {
	of := deploymentUID + "/hook/" + strconv.Itoa(hook)
	return "ecs-" + prefix + "-" + base64Of(of)[:hookDigits] + base64Of(of + "/" + moment)[:momentDigits]
}

func base64Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SameHook reports whether two hook IDs are of runs of one hook of one deployment.
func SameHook(a, b string) bool {
	return len(a) == len(b) && len(a) > momentDigits && a[:len(a)-momentDigits] == b[:len(b)-momentDigits]
}

// HookExecutionID is the UUID by which the one that a hook asks knows the run.
func HookExecutionID(hookID string) string {
	sum := sha256.Sum256([]byte(hookID + "/execution"))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// HookJob names the Job that is the n-th call of a run of a hook. Jobs give their pods names, which leaves the same room as below a Deployment.
func HookJob(template, hookID string, n int32) string {
	suffix := "-" + hash(hookID, hookDigits) + "-" + strconv.Itoa(int(n))
	return fold(template, maxChild-len(suffix)) + suffix
}
