#!/usr/bin/env bash
# Lets the tests write the files they compare with: goldens in testdata and documents in docs. A package takes part by having an
# `-update` flag. What changed is then read like code.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t packages < <(git ls-files -co --exclude-standard '*_test.go' ':!hack' ':!test' | xargs -r grep -lE 'flag\.Bool\("update"' | xargs -rn1 dirname | sort -u | sed 's|^|./|' || true)
[ ${#packages[@]} -eq 0 ] && exit 0
# A test that fails for another reason is the business of `make test`; what doesn't build is ours.
go vet "${packages[@]}"
go test -count=1 "${packages[@]}" -update >/dev/null || echo "some tests fail beyond their goldens: make test-unit tells which"
