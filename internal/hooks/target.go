// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Target is whom a hook asks: a URL, or a Job made of the suspended CronJob of that name.
type Target struct {
	URL string
	Job string
}

var (
	// lambdaARN is the ARN of a Lambda function, with or without a version or alias.
	lambdaARN = regexp.MustCompile(`^(arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:([A-Za-z0-9_-]{1,140}))(:[A-Za-z0-9$_-]{1,128})?$`)
	jobName   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
)

// wayOut is what a hook can ask.
const wayOut = "name an http:// or https:// URL, job/NAME for a Job made of the suspended CronJob NAME, or the ARN of a Lambda function"

// parseTarget reads a hookTargetArn by itself: whom it asks, or else the Lambda function that something stands for, or else what is wrong.
func parseTarget(ref string) (target Target, function, problem string) {
	if name, ok := strings.CutPrefix(ref, "job/"); ok {
		if len(name) > 52 || !jobName.MatchString(name) { // the longest name that a CronJob can have
			return Target{}, "", fmt.Sprintf("%s is not the name of a CronJob; %s", shown(name), wayOut)
		}
		return Target{Job: name}, "", ""
	}
	if strings.HasPrefix(ref, "http://") || strings.HasPrefix(ref, "https://") {
		target, problem = parseURL(ref)
		return target, "", problem
	}
	if lambdaARN.MatchString(ref) {
		return Target{}, ref, ""
	}
	return Target{}, "", fmt.Sprintf("%s is nothing that can be asked; %s", shown(ref), wayOut)
}

func parseURL(ref string) (Target, string) {
	u, err := url.Parse(ref)
	switch {
	case err != nil || u.Hostname() == "":
		return Target{}, fmt.Sprintf("%s is not a URL; %s", shown(ref), wayOut)
	case u.User != nil:
		return Target{}, "the URL has a password in it, which everyone could read who may read the service; take it out, and use job/NAME where the call needs one"
	case u.Fragment != "":
		return Target{}, "the URL has a fragment, which is never sent; take it out"
	}
	if addr, err := netip.ParseAddr(u.Hostname()); err == nil && (addr.Unmap().IsLinkLocalUnicast() || addr.IsUnspecified() || addr.IsMulticast()) {
		return Target{}, fmt.Sprintf("%s is an address that is never called, since the machine's own credentials may be had there; name a Service of the cluster or a host", addr)
	}
	return Target{URL: ref}, ""
}

// Resolve is whom a hook asks, given what stands for Lambda functions on its cluster, and what is wrong where that is nobody.
func Resolve(ref string, functions []ecsv1.ClusterLambdaFunction) (Target, string) {
	target, function, problem := parseTarget(ref)
	if function == "" {
		return target, problem
	}
	parts := lambdaARN.FindStringSubmatch(ref)
	for _, name := range []string{ref, parts[1], parts[2]} { // with its version, without, the bare name
		for _, f := range functions {
			if f.FunctionName != name {
				continue
			}
			target, chained, problem := parseTarget(f.HookTarget)
			if chained != "" {
				problem = "a Lambda function can't stand for another"
			}
			if problem != "" {
				return Target{}, fmt.Sprintf("what stands for %s on the cluster can't be asked (spec.kubernetes.lambdaFunctions): %s", ref, problem)
			}
			return target, ""
		}
	}
	return Target{}, fmt.Sprintf("nothing stands for the Lambda function %s on the cluster; list it in spec.kubernetes.lambdaFunctions of the Cluster, or name an http:// or https:// URL or job/NAME here", parts[2])
}

// Problem is what is wrong with a hook, by the path of its field in the deployment configuration.
type Problem struct{ Path, Message string }

// Check finds hooks whose targets are wrong whatever else there is.
func Check(hooks []ecsv1.DeploymentLifecycleHook) []Problem {
	return check(hooks, func(ref string) string {
		_, _, problem := parseTarget(ref)
		return problem
	})
}

// CheckOn finds hooks that can't be asked on a cluster.
func CheckOn(hooks []ecsv1.DeploymentLifecycleHook, functions []ecsv1.ClusterLambdaFunction) []Problem {
	return check(hooks, func(ref string) string {
		_, problem := Resolve(ref, functions)
		return problem
	})
}

func check(hooks []ecsv1.DeploymentLifecycleHook, problem func(ref string) string) []Problem {
	var out []Problem
	for i := range hooks {
		if hooks[i].TargetType == ecsv1.DeploymentLifecycleHookTargetTypePause {
			continue
		}
		if d := hooks[i].HookDetails; d != nil && len(d.Raw) > mostDetails {
			out = append(out, Problem{Path: fmt.Sprintf("lifecycleHooks[%d].hookDetails", i), Message: fmt.Sprintf("they are more than %d KiB; take some out", mostDetails>>10)})
		}
		if text := problem(hooks[i].HookTargetArn); text != "" {
			out = append(out, Problem{Path: fmt.Sprintf("lifecycleHooks[%d].hookTargetArn", i), Message: text})
		}
	}
	return out
}
