// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"regexp"
	"strings"
)

// maxObject is the longest name of most objects (Kubernetes: names, DNS subdomain).
const maxObject = 253

var (
	otherThanName = regexp.MustCompile(`[^a-z0-9.-]+`)
	besideADot    = regexp.MustCompile(`[-.]*(\.[-.]+|[-.]+\.)[-.]*`)
)

// Slug makes an object's name out of parts by a rule that a person can follow: lower case; each run of other characters than
// a-z, 0-9, full stop and hyphen becomes a hyphen, as does a full stop beside a hyphen or another full stop; hyphens and full stops
// at the ends go. Parts are joined by hyphens; empty ones are left out. What is longer than 253 characters is cut and gets a hash.
//
//	Slug("/prod/DB_Password") = "prod-db-password"
//
// Two texts can come to one slug. Who makes objects of such names has to look for that.
func Slug(parts ...string) string {
	var slugs []string
	for _, part := range parts {
		text := otherThanName.ReplaceAllString(strings.ToLower(part), "-")
		text = strings.Trim(besideADot.ReplaceAllString(text, "-"), "-.")
		if text != "" {
			slugs = append(slugs, text)
		}
	}
	out := strings.Join(slugs, "-")
	switch {
	case out == "":
		return "x-" + hash(strings.Join(parts, "/"), hashLength)
	case len(out) > maxObject:
		return strings.TrimRight(out[:maxObject-hashLength-1], "-.") + "-" + hash(strings.Join(parts, "/"), hashLength)
	}
	return out
}

// Hashed is a name made of a slug and a hash over v: another v is another name.
func Hashed(slug string, v any) string {
	if room := maxObject - hashLength - 1; len(slug) > room {
		slug = strings.TrimRight(slug[:room], "-.")
	}
	return slug + "-" + ContentHash(v)[:hashLength]
}

var otherThanKey = regexp.MustCompile(`[^-._a-zA-Z0-9]+`)

// SecretKey is text as a key of a Secret: each run of characters that a key can't have becomes an underscore.
func SecretKey(text string) string {
	out := otherThanKey.ReplaceAllString(text, "_")
	if len(out) > maxObject {
		out = out[:maxObject-hashLength-1] + "_" + hash(text, hashLength)
	}
	if out == "." || strings.HasPrefix(out, "..") {
		return "_" + out[1:]
	}
	return out
}

// TaskRole names the ServiceAccount that stands for an IAM role: ecs-task-<role>. A role whose name isn't a DNS label (capitals, underscores)
// is folded and carries a hash.
func TaskRole(role string) string { return "ecs-task-" + fold(role, maxLabel) }

// NoNetwork names the NetworkPolicy that cuts off the tasks of a service revision, or the task whose pod has that name. A Task's own name won't do: it
// can be that of a revision, or of an earlier Task, and is too long sometimes.
func NoNetwork(of string) string { return of + "-no-network" }
