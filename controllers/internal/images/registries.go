// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package images reads registries: which digest a tag means, and what an image's config says. Reading is done beside the reconcilers
// (Reader), which ask and are told when there is an answer. Nothing is remembered beyond the service revision that it was read for.
package images

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Options say how registries are read. Its zero values are the defaults.
type Options struct {
	// Insecure are registries that are spoken to over plain HTTP: host or host:port.
	Insecure []string
	// Mirrors are registries that others are read from: by host, as image names have it, or index.docker.io for Docker Hub.
	Mirrors map[string]string
	// UserAgent by which registries know us.
	UserAgent string
	// Timeout of one read of one image: 5 s.
	Timeout time.Duration
	// Parallel reads at most: 8.
	Parallel int
	// HostPause is how long a registry that couldn't be reached isn't asked again: 10 s.
	HostPause time.Duration
	// Now is the clock.
	Now func() time.Time
}

// Validate says what is wrong with the options, by the names of the manager's flags.
func (o Options) Validate() error {
	for _, host := range o.Insecure {
		if _, err := name.NewRegistry(host); err != nil || host == "" {
			return fmt.Errorf("--insecure-registry: %q is no registry: want host or host:port", host)
		}
	}
	for from, to := range o.Mirrors {
		for _, host := range []string{from, to} {
			if _, err := name.NewRegistry(host); err != nil || host == "" {
				return fmt.Errorf("--registry-mirror: %q is no registry: want host=host, such as docker.io=mirror.example.com", host)
			}
		}
	}
	return nil
}

// pauses between the attempts at one image, three of them, before it counts as unreadable.
var pauses = []time.Duration{250 * time.Millisecond, time.Second}

// maxCommandLine is how long the entry point and the command of an image may be together. A service revision keeps them.
const maxCommandLine = 64 << 10

// question is what is read of one image at once.
type question struct {
	image    string
	platform service.ImagePlatform
	config   bool
}

// registries reads images, one at a time.
type registries struct {
	options   Options
	transport http.RoundTripper
	down      *hosts
}

func newRegistries(o Options) *registries {
	base := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: o.Timeout, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          50,
		IdleConnTimeout:       30 * time.Second,
		TLSHandshakeTimeout:   o.Timeout,
		ResponseHeaderTimeout: o.Timeout,
	}
	return &registries{options: o, transport: newGuard(base, o.Insecure), down: &hosts{pause: o.HostPause, now: o.Now, since: map[string]outage{}}}
}

// read tries an image a few times, as long as another attempt may help and there is someone to answer.
func (r *registries) read(ctx context.Context, q question) service.ImageAnswer {
	ref, err := r.reference(q.image)
	if err != nil {
		return service.ImageAnswer{Problem: "it is no image reference: " + err.Error(), Final: true, Attempts: 1}
	}
	host := ref.Context().RegistryStr()
	for attempt, made := 0, 0; ; attempt++ {
		answer, failed := r.attempt(ctx, host, ref, q)
		if failed != nil && failed.kind.result != skipped {
			made++
		}
		answer.Attempts = made
		if failed == nil || !failed.kind.again || attempt == len(pauses) {
			if failed != nil && failed.kind.down && ctx.Err() == nil {
				r.down.note(host, failed)
			}
			return answer
		}
		select {
		case <-ctx.Done():
			return answer
		case <-time.After(pauses[attempt]):
		}
	}
}

// attempt reads an image once, unless its registry is known to be out of reach. What was read before something failed is kept.
func (r *registries) attempt(ctx context.Context, host string, ref name.Reference, q question) (service.ImageAnswer, *failure) {
	if failed := r.down.why(host); failed != nil {
		observe(skipped, 0)
		return service.ImageAnswer{Problem: failed.text}, &failure{kind{result: skipped}, failed.text}
	}
	began := r.options.Now()
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	answer, err := r.once(ctx, ref, q)
	if err == nil {
		observe(success, r.options.Now().Sub(began))
		return answer, nil
	}
	failed := explain(host, err, r.options.Timeout)
	observe(failed.kind.result, r.options.Now().Sub(began))
	answer.Problem, answer.Final = failed.text, failed.kind.final
	return answer, failed
}

// reference names the image where it is read: at a mirror, or over plain HTTP, where the options say so.
func (r *registries) reference(image string) (name.Reference, error) {
	ref, err := name.ParseReference(image)
	if err != nil {
		return nil, err
	}
	host := ref.Context().RegistryStr()
	if mirror := r.options.Mirrors[host]; mirror != "" {
		host = mirror
	}
	var options []name.Option
	if slices.Contains(r.options.Insecure, host) {
		options = append(options, name.Insecure)
	}
	registry, err := name.NewRegistry(host, options...)
	if err != nil {
		return nil, err
	}
	repository := registry.Repo(ref.Context().RepositoryStr())
	if digest, ok := ref.(name.Digest); ok {
		return repository.Digest(digest.DigestStr()), nil
	}
	return repository.Tag(ref.Identifier()), nil
}

// once asks for the digest by HEAD, which registries don't count as a pull, or for the image as a whole where its config matters too.
func (r *registries) once(ctx context.Context, ref name.Reference, q question) (service.ImageAnswer, error) {
	options := []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithTransport(r.transport),
		remote.WithUserAgent(r.options.UserAgent),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), // we try again ourselves
	}
	if !q.config {
		head, err := remote.Head(ref, options...)
		if err == nil {
			return service.ImageAnswer{Digest: head.Digest.String()}, nil
		}
		if ctx.Err() != nil || !worthGetting(err) {
			return service.ImageAnswer{}, err
		}
	}
	got, err := remote.Get(ref, options...)
	if err != nil {
		return service.ImageAnswer{}, err
	}
	answer := service.ImageAnswer{Digest: got.Digest.String()}
	if q.config {
		answer.Config, err = config(got, q.platform)
	}
	return answer, err
}

// config reads the config of the image for the platform, or of the next best where an index has none for it.
func config(got *remote.Descriptor, platform service.ImagePlatform) (*ecsv1.ContainerImageConfig, error) {
	image, err := imageFor(got, platform)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading its config: %w", err)
	}
	c := &ecsv1.ContainerImageConfig{
		EntryPoint: file.Config.Entrypoint, Command: file.Config.Cmd, User: file.Config.User, StopSignal: file.Config.StopSignal,
	}
	size := 0
	for _, word := range append(c.EntryPoint, c.Command...) {
		size += len(word) + 1
	}
	if size > maxCommandLine {
		return nil, unusable(fmt.Sprintf("its entry point and command have %d bytes, more than %d", size, maxCommandLine))
	}
	return c, nil
}

func imageFor(got *remote.Descriptor, platform service.ImagePlatform) (v1.Image, error) {
	if !got.MediaType.IsIndex() {
		return got.Image()
	}
	index, err := got.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	chosen := choose(manifest.Manifests, platform)
	if chosen == nil {
		return nil, unusable(fmt.Sprintf("it has no image for %s/%s", platform.OS, platform.Architecture))
	}
	return index.Image(chosen.Digest)
}

// choose takes the image for exactly the platform; for Linux without one, the first for Linux. Images of one name start alike.
func choose(images []v1.Descriptor, want service.ImagePlatform) *v1.Descriptor {
	var next *v1.Descriptor
	for i := range images {
		p := images[i].Platform
		if p == nil || p.OS != want.OS || !images[i].MediaType.IsImage() {
			continue
		}
		if p.Architecture == want.Architecture {
			return &images[i]
		}
		if next == nil && want.OS == "linux" {
			next = &images[i]
		}
	}
	return next
}

// unusable is an image that was read and doesn't serve.
type unusable string

func (u unusable) Error() string { return string(u) }

var errBodyTooLarge = errors.New("the registry's answer is over 8 MiB")
