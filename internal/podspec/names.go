// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"strconv"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// maxContainerName: a container's name in a pod is a DNS label. ECS allows 255 letters of either case, digits, - and _.
const maxContainerName = 63

// hashLength is how much of a hash tells apart names that folding made equal.
const hashLength = 8

// podNames gives each container its name in the pod. A name that is a DNS label stays; any other is folded to one and carries a hash
// of the original, and so does one that is a name of ours, so My_App and my-app stay two: my-app-<hash> and my-app. It doesn't depend on the other containers, so
// that a container keeps its name from revision to revision; only where someone wrote such a hash by hand it does.
func podNames(containers []taskdef.Container) map[string]string {
	out := make(map[string]string, len(containers))
	taken := map[string]bool{}
	for _, c := range containers {
		name := label(c.Name)
		if taskstate.Ours(name) {
			name = "c-" + names.ContentHash(c.Name)[:hashLength]
		}
		for n := 2; taken[name]; n++ {
			name = label(c.Name + "." + strconv.Itoa(n))
		}
		taken[name] = true
		out[c.Name] = name
	}
	return out
}

// label folds text to a DNS label of at most maxContainerName characters.
func label(text string) string {
	folded := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, text)
	folded = strings.Trim(folded, "-")
	if folded == text && folded != "" && len(folded) <= maxContainerName {
		return folded
	}
	if room := maxContainerName - hashLength - 1; len(folded) > room {
		folded = strings.TrimRight(folded[:room], "-")
	}
	if folded == "" {
		folded = "c"
	}
	return folded + "-" + names.ContentHash(text)[:hashLength]
}
