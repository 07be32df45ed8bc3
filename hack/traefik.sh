#!/usr/bin/env bash
# Prints the path of Traefik, a Gateway for the end-to-end tests. It is built from its module when the cache lacks it, which takes 10 minutes of two cores
# and 3 GiB; the cache is the local cluster's, and a build stays in it until its module file changes.
set -euo pipefail
cd "$(dirname "$0")/traefik"

cache=${LOCALCLUSTER_CACHE:-$HOME/.cache/ecs-operator/localcluster}
version=$(sed -n 's,^require github.com/traefik/traefik/v3 v\(\S*\)$,\1,p' traefik.mod)
dir=$cache/traefik-$(cat traefik.mod traefik.sum <(go env GOVERSION GOOS GOARCH) | sha256sum | cut -c1-12)
if [ ! -x "$dir/traefik" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/.traefik.lock"
	flock 9
fi
if [ ! -x "$dir/traefik" ]; then
	echo "building Traefik $version (once; kept in $cache)" >&2
	scratch=$(mktemp -d "$cache/.traefik-XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	cp traefik.mod "$scratch/go.mod"
	cp traefik.sum "$scratch/go.sum"
	mkdir "$scratch/bin"
	(cd "$scratch" && CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly go build -trimpath \
		-ldflags "-s -w -X github.com/traefik/traefik/v3/pkg/version.Version=$version" -o bin/traefik github.com/traefik/traefik/v3/cmd/traefik) >&2
	rm -rf "$dir"
	mv "$scratch/bin" "$dir" # it appears at once, and complete
fi
echo "$dir/traefik"
