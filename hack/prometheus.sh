#!/usr/bin/env bash
# Prints the path of a Prometheus for tests: one that is installed, or else the program of Debian's package, with promtool beside it, which is fetched and unpacked into
# bin/ once. Installing that package would start it as a service of this machine, and takes root. Fails, and says so, where neither can be had.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v prometheus; then
	exit 0
fi
program=$PWD/bin/prometheus
if [ ! -x "$program" ] || [ ! -x bin/promtool ]; then
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		echo "prometheus: isn't installed, and can't be fetched on a machine without apt-get; install it" >&2
		exit 1
	fi
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	fetch() { (cd "$folder" && apt-get download -q -o APT::Sandbox::User=root prometheus >"$folder/log" 2>&1); }
	echo "fetching the Debian package prometheus into bin/" >&2
	if ! fetch && ! { [ "$(id -u)" = 0 ] && apt-get update -q >"$folder/log" 2>&1 && fetch; }; then
		tail -3 "$folder/log" >&2
		echo "prometheus: its Debian package can't be fetched; install it" >&2
		exit 1
	fi
	dpkg-deb -x "$folder"/prometheus_*.deb "$folder"
	mkdir -p bin
	mv "$folder/usr/bin/promtool" bin/promtool
	mv "$folder/usr/bin/prometheus" "$program.new" && mv "$program.new" "$program"
fi
echo "$program"
