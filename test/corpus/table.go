// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
)

var (
	outcomes = []outcome{accepted, refused, failed}
	verdicts = []convert.Verdict{convert.Exact, convert.Approximated, convert.NoEffect, convert.Refused}
)

func countOutcomes(stories []story) map[outcome]int {
	count := map[outcome]int{}
	for _, s := range stories {
		count[s.outcome]++
	}
	return count
}

// printTable prints a line for each file with its reasons below, then the counts.
func printTable(w io.Writer, stories []story) {
	var rows []convert.Row
	for _, s := range stories {
		rows = append(rows, s.rows...)
		fmt.Fprintf(w, "%-8s  %s\n", s.outcome, s.file)
		for _, r := range s.reasons {
			fmt.Fprintf(w, "          %s  %s\n", cmp.Or(r.at, "-"), r.text)
		}
	}
	count := countOutcomes(stories)
	fmt.Fprintf(w, "\n%d files: ", len(stories))
	for i, o := range outcomes {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprintf(w, "%d %s", count[o], o)
	}
	fmt.Fprintf(w, "\n\n%d fields by verdict\n", len(rows))
	byVerdict := convert.Counts(rows)
	for _, v := range verdicts {
		fmt.Fprintf(w, "%6d  %5.1f %%  %s\n", byVerdict[v], percent(byVerdict[v], len(rows)), v)
	}
	for _, v := range []convert.Verdict{convert.Approximated, convert.NoEffect, convert.Refused} {
		printFields(w, v, rows)
	}
}

func percent(n, of int) float64 {
	const all = 100
	return all * float64(n) / float64(max(of, 1))
}

var index = regexp.MustCompile(`\[[0-9]+\]`)

// most is how many fields, and reasons of each, are told.
const most = 12

// printFields prints the fields of a verdict, the most frequent first, with why.
func printFields(w io.Writer, v convert.Verdict, rows []convert.Row) {
	fields, reasons := map[string]int{}, map[string]map[string]int{}
	for _, row := range rows {
		if row.Verdict != v {
			continue
		}
		path := index.ReplaceAllString(row.Path, "[]")
		fields[path]++
		if reasons[path] == nil {
			reasons[path] = map[string]int{}
		}
		reasons[path][row.Why]++
	}
	if len(fields) == 0 {
		return
	}
	fmt.Fprintf(w, "\nfields that are %s, most often first\n", v)
	for i, path := range byCount(fields) {
		if i == most {
			fmt.Fprintf(w, "        and %d more\n", len(fields)-most)
			break
		}
		fmt.Fprintf(w, "%6d  %s\n", fields[path], path)
		for i, why := range byCount(reasons[path]) {
			if i == most {
				fmt.Fprintf(w, "                and %d more\n", len(reasons[path])-most)
				break
			}
			fmt.Fprintf(w, "%14d  %s\n", reasons[path][why], why)
		}
	}
}

// byCount gives the keys, the most frequent first.
func byCount(count map[string]int) []string {
	keys := slices.Sorted(maps.Keys(count))
	slices.SortStableFunc(keys, func(a, b string) int { return count[b] - count[a] })
	return keys
}
