// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// account is what a user means in a container.
type account struct {
	uid, gid int
	// groups are the supplementary ones: those of a user that passwd knows, unless a group was given.
	groups []int
	// home is "" for a user that passwd doesn't know.
	home string
}

// findUser reads a user as Docker does: name|uid[:name|gid], by the container's passwd and group files. Digits are always a number.
// A number that passwd doesn't know has group 0; an empty name is user 0.
func findUser(text, passwd, group string) (account, error) {
	name, groupName, _ := strings.Cut(text, ":")
	if name == "" {
		name = "0"
	}
	uid, numeric, err := userNumber(name)
	if err != nil {
		return account{}, err
	}
	out := account{uid: uid}
	known := ""
	for fields := range entries(passwd, 6) {
		u, okUID := id(fields[2])
		g, okGID := id(fields[3])
		if !okUID || !okGID || numeric && u != uid || !numeric && fields[0] != name {
			continue
		}
		out.uid, out.gid, out.home, known = u, g, fields[5], fields[0]
		break
	}
	if known == "" && !numeric {
		return account{}, fmt.Errorf("unable to find user %s: no matching entries in passwd file", name)
	}
	if groupName == "" {
		out.groups = memberships(known, group)
		return out, nil
	}
	out.gid, err = findGroup(groupName, group)
	return out, err
}

func findGroup(name, group string) (int, error) {
	gid, numeric, err := userNumber(name)
	if err != nil || numeric {
		return gid, err
	}
	for fields := range entries(group, 3) {
		if g, ok := id(fields[2]); ok && fields[0] == name {
			return g, nil
		}
	}
	return 0, fmt.Errorf("unable to find group %s: no matching entries in group file", name)
}

// memberships are the groups whose lists have the user.
func memberships(user, group string) []int {
	var out []int
	for fields := range entries(group, 4) {
		g, ok := id(fields[2])
		if ok && user != "" && slices.Contains(strings.Split(fields[3], ","), user) {
			out = append(out, g)
		}
	}
	return out
}

// entries goes through the lines of a passwd or group file that have at least so many fields.
func entries(text string, atLeast int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(text) {
			fields := strings.Split(strings.TrimSpace(line), ":")
			if len(fields) >= atLeast && !strings.HasPrefix(line, "#") && !yield(fields) {
				return
			}
		}
	}
}

func id(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return int(n), err == nil && n <= math.MaxInt32 //nolint:gosec // 32 bits fit
}

// userNumber reads a user or group that is given by number.
func userNumber(text string) (n int, numeric bool, err error) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false, nil
	}
	n, ok := id(text)
	if !ok {
		return 0, true, fmt.Errorf("uids and gids must be in range 0-%d, not %s", math.MaxInt32, text)
	}
	return n, true, nil
}
