// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package archtest

import "strings"

const module = "github.com/ecs-operator/ecs-operator"

// ring is one row of the table of rings: which packages stand in it, in the order a reader meets them.
type ring struct {
	name     string
	packages []string // patterns relative to the module; "x/..." is x and everything under it
}

// rings names every package of the module. The first pattern that matches decides.
var rings = []ring{
	{"types", []string{"api/v1alpha1", "config/crd"}},
	{"pure 0", []string{"internal/apierr", "internal/arn", "internal/conditions", "internal/launchspec", "internal/names", "internal/placement/query", "internal/spelling"}},
	{"pure 1", []string{"internal/alarm", "internal/capacity", "internal/lifecyclepolicy", "internal/taskdef"}},
	{"pure 2", []string{"internal/hooks", "internal/placement", "internal/reference", "internal/taskstate"}},
	{"pure 3", []string{"internal/deploy", "internal/instances", "internal/podsecurity", "internal/podspec", "internal/traffic"}},
	{"pure 4", []string{"internal/fields", "internal/service"}},
	{"pure 5", []string{"internal/daemons", "internal/task"}},
	{"launcher", []string{"internal/launcher"}},
	{"servers", []string{"internal/awsapi/...", "internal/plugin/...", "internal/registry/..."}},
	{"effects", []string{"controllers/..."}},
	{"wiring", []string{"cmd/..."}},
	{"tests", []string{"internal/testkit/...", "test/..."}},
	{"tooling", []string{"hack/...", "internal/archtest"}},
}

// rule forbids imports. `direct` looks at the import statements of the packages it is about; otherwise the whole chain of imports counts.
type rule struct {
	sentence string
	from     []string // patterns relative to the module
	notFrom  []string
	deny     []string // patterns; relative ones start with "./"
	allow    []string // exceptions to deny
	direct   bool
}

var (
	pure    = packagesOf("pure ")
	shipped = []string{"api/...", "cmd/...", "controllers/...", "internal/..."}
)

var rules = []rule{
	{
		sentence: "types import nothing of ours",
		from:     []string{"api/..."},
		deny:     []string{"./..."},
	},
	{
		sentence: "types import the API machinery, core/v1 and a scheme builder, no client",
		from:     []string{"api/..."},
		deny:     []string{"k8s.io/client-go/...", "sigs.k8s.io/controller-runtime/..."},
		allow:    []string{"sigs.k8s.io/controller-runtime/pkg/scheme"},
	},
	{
		sentence: "pure packages know no client and no runtime",
		from:     pure,
		deny:     []string{"k8s.io/client-go/...", "sigs.k8s.io/controller-runtime/..."},
		allow:    []string{"sigs.k8s.io/controller-runtime/pkg/scheme"},
	},
	{
		sentence: "pure packages do no input or output, throw no dice and keep no log",
		from:     pure,
		deny:     []string{"net/http/...", "os/...", "math/rand/...", "log/...", "github.com/go-logr/logr/...", "k8s.io/klog/v2/..."},
		direct:   true,
	},
	{
		sentence: "the deployment planner speaks of revisions, counts and weights, never of pods",
		from:     []string{"internal/deploy"},
		deny:     []string{"./internal/podspec", "k8s.io/api/core/v1"},
		direct:   true,
	},
	{
		sentence: "servers know no controller",
		from:     []string{"internal/awsapi/...", "internal/plugin/...", "internal/registry/..."},
		deny:     []string{"./controllers/..."},
	},
	{
		sentence: "the plugin's pictures are made of objects, by nobody who asks for any",
		from:     []string{"internal/plugin/view"},
		deny:     []string{"k8s.io/client-go/...", "sigs.k8s.io/controller-runtime/pkg/client/...", "golang.org/x/term"},
	},
	{
		sentence: "the image registry knows no Kubernetes",
		from:     []string{"internal/registry/..."},
		deny:     []string{"k8s.io/...", "sigs.k8s.io/...", "./api/..."},
	},
	{
		sentence: "controllers know no server",
		from:     []string{"controllers/..."},
		deny:     []string{"./internal/awsapi/...", "./internal/plugin/...", "./internal/registry/..."},
	},
	{
		sentence: "nothing imports the wiring",
		from:     []string{"..."},
		deny:     []string{"./cmd/..."},
	},
	{
		sentence: "test support is imported by tests alone",
		from:     shipped,
		notFrom:  []string{"internal/testkit/..."},
		deny:     []string{"./internal/testkit/...", "./test/...", "./hack/...", "github.com/onsi/...", "testing"},
	},
	{
		sentence: "everything heavy is a nested module",
		from:     []string{"..."},
		deny:     []string{"k8s.io/kubernetes/..."},
	},
}

// matches says whether path, an import path, is under one of the patterns.
func matches(path string, patterns []string) bool {
	for _, p := range patterns {
		if p == "..." {
			return true
		}
		if rest, ok := strings.CutPrefix(p, "./"); ok {
			p = module + "/" + rest
		}
		tree, whole := strings.CutSuffix(p, "/...")
		if path == tree || whole && strings.HasPrefix(path, tree+"/") {
			return true
		}
	}
	return false
}

// local turns the import path of one of our packages into its path in the repository.
func local(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

// ringOf is the index of a package's ring, or -1.
func ringOf(path string) int {
	for i, r := range rings {
		if matches(local(path), r.packages) {
			return i
		}
	}
	return -1
}

// packagesOf collects the patterns of the rings whose names begin so.
func packagesOf(prefix string) []string {
	var all []string
	for _, r := range rings {
		if strings.HasPrefix(r.name, prefix) {
			all = append(all, r.packages...)
		}
	}
	return all
}
