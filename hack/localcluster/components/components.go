// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package components carries what localcluster builds: the module files that pin Kubernetes, etcd, KWOK,
// metrics-server and CoreDNS, and the source of the pause program. A folder with a go.mod can't be embedded,
// so the files are stored under other names and written out as go.mod and go.sum before a build.
package components

import _ "embed"

// KubernetesVersion is what kubernetes.mod pins; the programs report it as their own.
const KubernetesVersion = "v1.36.3"

var (
	//go:embed kubernetes.mod
	kubernetesMod []byte
	//go:embed kubernetes.sum
	kubernetesSum []byte
	//go:embed coredns.mod
	corednsMod []byte
	//go:embed coredns.sum
	corednsSum []byte
	//go:embed pause/main.go
	pauseSource []byte
)

// Module is one `go build` that yields one or more programs.
type Module struct {
	Name    string
	Files   map[string][]byte // file name to content, laid out before the build
	LDFlags string
	// Programs maps a package path to the file name its binary gets.
	Programs map[string]string
}

// Kubernetes holds everything that shares Kubernetes' libraries, so that they are compiled once.
func Kubernetes() Module {
	const version = "k8s.io/component-base/version."
	return Module{
		Name:  "kubernetes",
		Files: map[string][]byte{"go.mod": kubernetesMod, "go.sum": kubernetesSum},
		LDFlags: "-s -w -X " + version + "gitVersion=" + KubernetesVersion +
			" -X " + version + "gitMajor=1 -X " + version + "gitMinor=36 -X " + version + "gitTreeState=clean",
		Programs: map[string]string{
			"go.etcd.io/etcd/server/v3":                     "etcd",
			"k8s.io/kubernetes/cmd/kube-apiserver":          "kube-apiserver",
			"k8s.io/kubernetes/cmd/kube-controller-manager": "kube-controller-manager",
			"k8s.io/kubernetes/cmd/kube-proxy":              "kube-proxy",
			"k8s.io/kubernetes/cmd/kube-scheduler":          "kube-scheduler",
			"k8s.io/kubernetes/cmd/kubectl":                 "kubectl",
			"k8s.io/kubernetes/cmd/kubelet":                 "kubelet",
			"sigs.k8s.io/kwok/cmd/kwok":                     "kwok",
			"sigs.k8s.io/metrics-server/cmd/metrics-server": "metrics-server",
		},
	}
}

// CoreDNS is a module of its own: it wants newer Kubernetes libraries than Kubernetes itself does.
func CoreDNS() Module {
	return Module{
		Name:     "coredns",
		Files:    map[string][]byte{"go.mod": corednsMod, "go.sum": corednsSum},
		LDFlags:  "-s -w",
		Programs: map[string]string{"github.com/coredns/coredns": "coredns"},
	}
}

// Pause is the program every pod sandbox runs.
func Pause() Module {
	return Module{
		Name: "pause",
		Files: map[string][]byte{
			"go.mod":  []byte("module components.invalid/pause\n\ngo 1.26\n"),
			"main.go": pauseSource,
		},
		LDFlags:  "-s -w",
		Programs: map[string]string{"components.invalid/pause": "pause"},
	}
}

// All lists the modules in the order they are built: the smallest first, so that a broken toolchain shows at once.
func All() []Module { return []Module{Pause(), CoreDNS(), Kubernetes()} }
