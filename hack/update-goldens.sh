#!/usr/bin/env bash
# Lets the tests write the files they compare with: goldens in testdata and documents in docs. A package takes part by having an
# `-update` flag. What changed is then read like code.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t packages < <(git grep -lE 'flag\.Bool\("update"' -- '*_test.go' ':!hack' | xargs -rn1 dirname | sort -u | sed 's|^|./|' | grep -v '^./test/' || true)
if [ ${#packages[@]} -gt 0 ]; then
	go test -count=1 "${packages[@]}" -update >/dev/null || go test -count=1 "${packages[@]}"
fi
