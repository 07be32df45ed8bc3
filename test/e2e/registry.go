// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// probeArchive is what hack/images.sh makes of the probe.
const probeArchive = "../../bin/ecs-probe.tar"

// startRegistry runs a registry for images until the spec is over.
func startRegistry() {
	GinkgoHelper()
	needs("a registry that nodes speak plain HTTP to")
	listener, err := net.Listen("tcp", machine.Registry)
	Expect(err).NotTo(HaveOccurred())
	server := &http.Server{Handler: registry.New(registry.Logger(log.New(io.Discard, "", 0))), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	DeferCleanup(server.Close)
}

// push makes an image of the probe with a config of its own, and returns its name and its digest.
func push(repository, tag string, config v1.Config) (image, digest string) {
	GinkgoHelper()
	base, err := tarball.ImageFromPath(probeArchive, nil)
	if os.IsNotExist(err) {
		Skip("not run here: needs " + probeArchive + ", which hack/images.sh makes")
	}
	Expect(err).NotTo(HaveOccurred())
	made, err := mutate.Config(base, config)
	Expect(err).NotTo(HaveOccurred())
	at, err := name.NewTag(machine.Registry+"/"+repository+":"+tag, name.Insecure)
	Expect(err).NotTo(HaveOccurred())
	Expect(remote.Write(at, made)).To(Succeed())
	hash, err := made.Digest()
	Expect(err).NotTo(HaveOccurred())
	return at.String(), hash.String()
}
