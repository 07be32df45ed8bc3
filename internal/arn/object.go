// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import (
	"fmt"
	"strings"
)

// ParseObject reads the ARN of an object in S3, arn:aws:s3:::BUCKET/KEY, and gives BUCKET/KEY.
func ParseObject(ref string) (string, error) {
	parts := strings.SplitN(ref, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && parts[2] == "s3" {
		if bucket, key, ok := strings.Cut(parts[5], "/"); ok && bucket != "" && key != "" {
			return parts[5], nil
		}
	}
	return "", fmt.Errorf("%q is not the ARN of an object in S3: want arn:aws:s3:::BUCKET/KEY", ref)
}
