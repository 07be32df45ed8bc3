// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/ecs-operator/ecs-operator/controllers"
)

// Registry is an image registry on this machine, over plain HTTP. It keeps its images while it is down.
type Registry struct {
	// Host is where it listens: host:port.
	Host string

	images   http.Handler
	server   *http.Server
	requests atomic.Int64
}

// StartRegistry starts an empty registry on a port of its own.
func StartRegistry() (*Registry, error) {
	r := &Registry{Host: net.JoinHostPort(localhost, "0"), images: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	return r, r.Start()
}

// Start starts the registry, or starts it again where it was.
func (r *Registry) Start() error {
	listener, err := net.Listen("tcp", r.Host)
	if err != nil {
		return fmt.Errorf("starting the registry: %w", err)
	}
	r.Host = listener.Addr().String()
	server := &http.Server{Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: time.Minute}
	r.server = server
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return nil
}

// Stop makes connections be refused.
func (r *Registry) Stop() error { return r.server.Close() }

// Requests counts what the registry was asked.
func (r *Registry) Requests() int64 { return r.requests.Load() }

func (r *Registry) serve(w http.ResponseWriter, request *http.Request) {
	r.requests.Add(1)
	r.images.ServeHTTP(w, request)
}

// ImageOf makes an image without files, with that config.
func ImageOf(config v1.Config) (v1.Image, error) {
	return mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: "amd64", Config: config, RootFS: v1.RootFS{Type: "layers"}})
}

// Push gives an image to the registry by the name that stands behind its host, such as team/web:v1, and tells its digest.
func (r *Registry) Push(repository string, image v1.Image) (string, error) {
	ref, err := name.NewTag(r.Host + "/" + repository)
	if err != nil {
		return "", err
	}
	if err := remote.Write(ref, image); err != nil {
		return "", err
	}
	digest, err := image.Digest()
	return digest.String(), err
}

// settings make an operator read Docker Hub's images, and those that name the registry, here.
func (r *Registry) settings() *controllers.Images {
	return &controllers.Images{
		Insecure: []string{r.Host}, Mirrors: map[string]string{name.DefaultRegistry: r.Host}, HostPause: 100 * time.Millisecond,
	}
}
