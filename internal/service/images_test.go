// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

var digest = "sha256:" + strings.Repeat("a", 64)

func TestImageQuestions(t *testing.T) {
	enabled, disabled := ecsv1.VersionConsistencyEnabled, ecsv1.VersionConsistencyDisabled
	for name, tc := range map[string]struct {
		container  ecsv1.ContainerDefinition
		service    ecsv1.ServiceSpec
		translated podspec.Result
		digest     Wish
		config     Wish
		notPinned  string
	}{
		"a tag is resolved where it can be":            {container: ecsv1.ContainerDefinition{Image: "web:v1"}, digest: IfPossible},
		"an image without a tag has one":               {container: ecsv1.ContainerDefinition{Image: "web"}, digest: IfPossible},
		"enabled insists":                              {container: ecsv1.ContainerDefinition{Image: "web:v1", VersionConsistency: enabled}, digest: Required},
		"disabled asks nothing":                        {container: ecsv1.ContainerDefinition{Image: "web:v1", VersionConsistency: disabled}},
		"a digest needs no resolving":                  {container: ecsv1.ContainerDefinition{Image: "web@" + digest, VersionConsistency: enabled}},
		"a service without tasks asks nothing, as ECS": {container: ecsv1.ContainerDefinition{Image: "web:v1"}, service: ecsv1.ServiceSpec{DesiredCount: ptr.To[int32](0)}, notPinned: withoutTasks},
		"enabled insists without tasks, too":           {container: ecsv1.ContainerDefinition{Image: "web:v1", VersionConsistency: enabled}, service: ecsv1.ServiceSpec{DesiredCount: ptr.To[int32](0)}, digest: Required},
		"a daemon has no count":                        {container: ecsv1.ContainerDefinition{Image: "web:v1"}, service: ecsv1.ServiceSpec{SchedulingStrategy: ecsv1.SchedulingStrategyDaemon}, digest: IfPossible},
		"a command that only the image knows":          {container: ecsv1.ContainerDefinition{Image: "web:v1", VersionConsistency: disabled}, translated: podspec.Result{Needs: podspec.Needs{ImageConfigs: []string{"app"}}}, config: Required},
		"the command of an image by digest":            {container: ecsv1.ContainerDefinition{Image: "web@" + digest}, translated: podspec.Result{Needs: podspec.Needs{ImageConfigs: []string{"app"}}}, config: Required},
		"what else the launcher likes to know":         {container: ecsv1.ContainerDefinition{Image: "web:v1"}, translated: podspec.Result{Launched: []podspec.Launched{{Container: "app"}}}, digest: IfPossible, config: IfPossible},
		"what the launcher asks of another container":  {container: ecsv1.ContainerDefinition{Image: "web:v1"}, translated: podspec.Result{Launched: []podspec.Launched{{Container: "log"}}}, digest: IfPossible},
	} {
		t.Run(name, func(t *testing.T) {
			tc.container.Name = "app"
			td := &ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{tc.container}}
			want := []ImageQuestion{{
				Container: "app", Image: tc.container.Image, Field: "containerDefinitions[0]", Digest: tc.digest, Config: tc.config, NotPinned: tc.notPinned,
			}}
			got := ImageQuestions(&ecsv1.Service{Spec: tc.service}, td, tc.translated)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if got[0].Asked() != (tc.digest != NotAsked || tc.config != NotAsked) {
				t.Errorf("asked is %t", got[0].Asked())
			}
		})
	}
}

func TestUnanswered(t *testing.T) {
	pin := func(name string, digest, config Wish) ImageQuestion {
		return ImageQuestion{Container: name, Digest: digest, Config: config}
	}
	config := &ecsv1.ContainerImageConfig{}
	for name, tc := range map[string]struct {
		questions []ImageQuestion
		answers   map[string]ImageAnswer
		want      string
	}{
		"nothing asked":                       {[]ImageQuestion{pin("a", NotAsked, NotAsked)}, nil, ""},
		"only wishes":                         {[]ImageQuestion{pin("a", IfPossible, IfPossible)}, map[string]ImageAnswer{"a": {Problem: "no"}}, ""},
		"all there":                           {[]ImageQuestion{pin("a", Required, Required)}, map[string]ImageAnswer{"a": {Digest: digest, Config: config}}, ""},
		"a digest is missing":                 {[]ImageQuestion{pin("a", Required, NotAsked)}, map[string]ImageAnswer{"a": {Problem: "no"}}, "a"},
		"a config is missing":                 {[]ImageQuestion{pin("a", IfPossible, Required)}, map[string]ImageAnswer{"a": {Digest: digest, Problem: "no"}}, "a"},
		"the first":                           {[]ImageQuestion{pin("a", Required, NotAsked), pin("b", Required, NotAsked)}, nil, "a"},
		"before it what only people can mend": {[]ImageQuestion{pin("a", Required, NotAsked), pin("b", Required, NotAsked)}, map[string]ImageAnswer{"b": {Problem: "no", Final: true}}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if q := Unanswered(tc.questions, tc.answers); q != nil {
				got = q.Container
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestContainerImages(t *testing.T) {
	config := &ecsv1.ContainerImageConfig{User: "web"}
	full := ImageAnswer{Digest: digest, Config: config}
	for name, tc := range map[string]struct {
		question ImageQuestion
		answer   ImageAnswer
		want     ecsv1.ContainerImage
		told     string
	}{
		"pinned":                            {ImageQuestion{Digest: IfPossible}, full, ecsv1.ContainerImage{ImageDigest: digest}, ""},
		"with its config":                   {ImageQuestion{Digest: IfPossible, Config: IfPossible}, full, ecsv1.ContainerImage{ImageDigest: digest, Config: config}, ""},
		"a config alone pins nothing":       {ImageQuestion{Config: Required}, full, ecsv1.ContainerImage{Config: config}, ""},
		"not to be had":                     {ImageQuestion{Digest: IfPossible}, ImageAnswer{Problem: "down"}, ecsv1.ContainerImage{NotPinnedReason: "down"}, "app (web:v1): down"},
		"insisted on, and not to be had":    {ImageQuestion{Digest: Required}, ImageAnswer{Problem: "down"}, ecsv1.ContainerImage{NotResolvedReason: "down"}, ""},
		"not asked, which one might expect": {ImageQuestion{NotPinned: "no tasks"}, ImageAnswer{}, ecsv1.ContainerImage{NotPinnedReason: "no tasks"}, "app (web:v1): no tasks"},
		"nobody wanted it":                  {ImageQuestion{}, ImageAnswer{Problem: "down"}, ecsv1.ContainerImage{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tc.question.Container, tc.question.Image = "app", "web:v1"
			tc.want.ContainerName, tc.want.Image = "app", "web:v1"
			got := ContainerImages([]ImageQuestion{tc.question}, map[string]ImageAnswer{"app": tc.answer})
			if diff := cmp.Diff([]ecsv1.ContainerImage{tc.want}, got); diff != "" {
				t.Error(diff)
			}
			if told := NotPinned(&ecsv1.ServiceRevisionSpec{ContainerImages: got}); told != tc.told {
				t.Errorf("told %q, want %q", told, tc.told)
			}
		})
	}
}

func TestImagesThatEndADeployment(t *testing.T) {
	insisted := ImageQuestion{Digest: Required, Config: Required}
	for name, tc := range map[string]struct {
		breaker  bool
		question ImageQuestion
		answer   ImageAnswer
		want     bool
	}{
		"three attempts, and the breaker is on":   {true, insisted, ImageAnswer{Attempts: 3}, true},
		"two attempts":                            {true, insisted, ImageAnswer{Attempts: 2}, false},
		"without a breaker":                       {false, insisted, ImageAnswer{Attempts: 9}, false},
		"a digest that nobody insists on":         {true, ImageQuestion{Digest: IfPossible}, ImageAnswer{Attempts: 9}, false},
		"a digest that is there, without command": {true, insisted, ImageAnswer{Digest: digest, Attempts: 9}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ecsv1.Service{}
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{DeploymentCircuitBreaker: &ecsv1.DeploymentCircuitBreaker{Enable: tc.breaker}}
			if got := Unresolvable(s, tc.question, tc.answer); got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

func TestNotResolved(t *testing.T) {
	got := NotResolved(&ecsv1.ServiceRevisionSpec{ContainerImages: []ecsv1.ContainerImage{
		{ContainerName: "app", Image: "web:v2", NotResolvedReason: "registry answers 404"}, {ContainerName: "log", Image: "log:v1", NotPinnedReason: "down"},
	}})
	const want = "CannotPullContainerError: 3 attempts to resolve tags to digests failed, and versionConsistency is enabled: app (web:v2): registry answers 404"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlatformOf(t *testing.T) {
	for name, tc := range map[string]struct {
		platform *ecsv1.RuntimePlatform
		want     ImagePlatform
	}{
		"nothing said":  {nil, ImagePlatform{"linux", "amd64"}},
		"nothing in it": {&ecsv1.RuntimePlatform{}, ImagePlatform{"linux", "amd64"}},
		"ARM64":         {&ecsv1.RuntimePlatform{CpuArchitecture: ecsv1.CPUArchitectureARM64}, ImagePlatform{"linux", "arm64"}},
		"Windows":       {&ecsv1.RuntimePlatform{OperatingSystemFamily: ecsv1.OSFamilyWindowsServer2025Core}, ImagePlatform{"windows", "amd64"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := PlatformOf(&ecsv1.TaskDefinitionFields{RuntimePlatform: tc.platform}); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
