// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package spelling finds the name that was likely meant.
package spelling

import "strings"

// Nearest is the name that was likely meant: the one with the fewest letters changed, at most a third of them. "" if none is near.
func Nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, n := range names {
		if d := Distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// Distance is the number of letters to change, put in or take out to make one text the other (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
