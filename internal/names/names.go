// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package names is the one place where the names of children, the values of labels and the hashes behind them are made.
//
// Kubernetes names are lower-case and short; ECS names have capitals and underscores and go up to 255 characters. A name that
// fits is kept as it is. One that doesn't is folded to what fits and carries a hash of the original, so that two different
// ECS names never meet in one Kubernetes name.
package names

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// maxChild leaves room for what Kubernetes appends below a Deployment: the ReplicaSet's and the pod's suffixes.
const maxChild = 52

// maxLabel is the longest value that a label takes (Kubernetes: labels and selectors).
const maxLabel = 63

const hashLength = 8

var alphabet = base32.NewEncoding("0123456789abcdefghijkmnpqrstvwxz").WithPadding(base32.NoPadding)

func hash(text string, length int) string {
	sum := sha256.Sum256([]byte(text))
	return alphabet.EncodeToString(sum[:])[:length]
}

// ContentHash is a short hash over the JSON form of v. Equal content gives an equal hash; field order is fixed by the types.
// It panics if v can't be written as JSON, which no API type does.
func ContentHash(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("hashing %T: %v", v, err))
	}
	return hash(string(text), 16)
}

// fold makes a DNS label of at most limit characters out of text, with a hash of text when anything was lost.
func fold(text string, limit int) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r - 'A' + 'a')
		default:
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-")
	if out == text && len(out) <= limit {
		return out
	}
	if room := limit - hashLength - 1; len(out) > room {
		out = strings.TrimRight(out[:room], "-")
	}
	if out == "" {
		out = "x"
	}
	return out + "-" + hash(text, hashLength)
}

func numbered(base string, n int64) string {
	suffix := "-" + strconv.FormatInt(n, 10)
	return fold(base, maxChild-len(suffix)) + suffix
}

// ServiceRevision names the n-th revision of a service, its ServiceDeployment and its Deployment: web-3.
func ServiceRevision(service string, n int64) string { return numbered(service, n) }

// TaskDefinitionRevision names the n-th revision of a family.
func TaskDefinitionRevision(family string, n int64) string { return numbered(family, n) }

// FamilyCounter names the ControllerRevision that keeps the last number given to a family.
func FamilyCounter(family string) string { return "ecs-family-" + fold(family, maxChild) }

// TargetGroup names the core Service that stands for a target group. Core Services are DNS labels of at most 63 characters.
func TargetGroup(name string) string {
	out := fold(name, maxLabel)
	if out[0] >= '0' && out[0] <= '9' {
		return fold("tg-"+name, maxLabel)
	}
	return out
}

// LabelValue is text if a label takes it, and a folded form of it otherwise.
func LabelValue(text string) string {
	if len(text) <= maxLabel && isLabelValue(text) {
		return text
	}
	return fold(text, maxLabel)
}

func isLabelValue(text string) bool {
	for i, r := range text {
		alphanumeric := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		inner := i > 0 && i < len(text)-1
		if !alphanumeric && (!inner || r != '-' && r != '_' && r != '.') {
			return false
		}
	}
	return text != ""
}

// digits19 is a number of exactly 19 digits, as ECS numbers its deployments and service revisions.
func digits19(text string) string {
	sum := sha256.Sum256([]byte(text))
	const lowest, span = 1_000_000_000_000_000_000, 9_000_000_000_000_000_000
	return strconv.FormatUint(lowest+binary.BigEndian.Uint64(sum[:8])%span, 10)
}

// DeploymentID is the identifier of a deployment as DescribeServices shows it: ecs-svc/ and 19 digits. It depends on nothing
// but the service's UID and the revision's number, so it is the same after a restart.
func DeploymentID(serviceUID string, n int64) string {
	return "ecs-svc/" + digits19(serviceUID+"/deployment/"+strconv.FormatInt(n, 10))
}

// ServiceRevisionID is the last part of a service revision's ARN: 19 digits.
func ServiceRevisionID(serviceUID string, n int64) string {
	return digits19(serviceUID + "/revision/" + strconv.FormatInt(n, 10))
}

// ServiceDeploymentID is the last part of a service deployment's ARN: 21 letters and digits.
func ServiceDeploymentID(serviceUID string, n int64) string {
	return hash(serviceUID+"/service-deployment/"+strconv.FormatInt(n, 10), 21)
}

// Task names the pod of a task that someone runs by itself: the Task's name and a hash of its UID. A Task that has the name of an earlier
// one has a pod of its own, and so can't take the other's for it.
func Task(task, uid string) string { return fold(task, maxChild) + "-" + hash(uid, hashLength) }

// TaskID is the 32 hexadecimal digits by which ECS names a task: from the pod's UID for a service's, from the Task's for one by itself.
func TaskID(uid string) string { return hex32(uid) }

// ContainerID is the UUID by which ECS names a container of a task.
func ContainerID(taskID, container string) string {
	sum := sha256.Sum256([]byte(taskID + "/" + container))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// ContainerInstanceID is the 32 hexadecimal digits by which ECS names a container instance, from the Node's UID.
func ContainerInstanceID(nodeUID string) string { return hex32(nodeUID) }

// hex32 is a UID without its dashes, which is 32 hexadecimal digits, or a hash of that length where it isn't a UID.
func hex32(uid string) string {
	plain := strings.ReplaceAll(uid, "-", "")
	if len(plain) == 32 {
		return plain
	}
	sum := sha256.Sum256([]byte(uid))
	return hex.EncodeToString(sum[:16])
}

// daemonLabelLength tells apart the DAEMON services of a whole Kubernetes cluster.
const daemonLabelLength = 16

// DaemonLabel is the node label by which a DAEMON service chooses its instances. Its value is empty.
func DaemonLabel(namespace, service string) string {
	return ecsv1.LabelDaemonPrefix + hash(namespace+"/"+service, daemonLabelLength)
}
