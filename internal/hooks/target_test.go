// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const approve = "arn:aws:lambda:us-west-2:123456789012:function:approve"

func TestResolve(t *testing.T) {
	functions := []ecsv1.ClusterLambdaFunction{
		{FunctionName: "approve", HookTarget: "https://by-name.example"},
		{FunctionName: approve, HookTarget: "https://by-arn.example"},
		{FunctionName: approve + ":live", HookTarget: "job/live"},
		{FunctionName: "chain", HookTarget: approve},
	}
	for name, tc := range map[string]struct {
		ref         string
		url, job    string
		wantProblem string
	}{
		"a URL":                                {ref: "https://checks.example/smoke?x=1", url: "https://checks.example/smoke?x=1"},
		"a URL in the cluster":                 {ref: "http://checks.web.svc:8080", url: "http://checks.web.svc:8080"},
		"a Job":                                {ref: "job/smoke", job: "smoke"},
		"a function with its version":          {ref: approve + ":live", job: "live"},
		"a function without":                   {ref: approve + ":7", url: "https://by-arn.example"},
		"a function of another account":        {ref: "arn:aws-cn:lambda:cn-north-1:999999999999:function:approve", url: "https://by-name.example"},
		"a function that nothing stands for":   {ref: "arn:aws:lambda:us-west-2:123456789012:function:other", wantProblem: "nothing stands for the Lambda function other on the cluster; list it in spec.kubernetes.lambdaFunctions"},
		"a function that another stands for":   {ref: "arn:aws:lambda:us-west-2:123456789012:function:chain", wantProblem: "can't stand for another"},
		"a bare name":                          {ref: "approve", wantProblem: `"approve" is nothing that can be asked; name an http:// or https:// URL, job/NAME`},
		"an ARN of something else":             {ref: "arn:aws:sqs:us-west-2:123456789012:queue", wantProblem: "is nothing that can be asked"},
		"nothing":                              {ref: "", wantProblem: "is nothing that can be asked"},
		"a CronJob's name that can't be one":   {ref: "job/A_b", wantProblem: "is not the name of a CronJob"},
		"a CronJob's name that is too long":    {ref: "job/" + strings.Repeat("a", 53), wantProblem: "is not the name of a CronJob"},
		"no host":                              {ref: "https:///x", wantProblem: "is not a URL"},
		"a broken URL":                         {ref: "http://[::1", wantProblem: "is not a URL"},
		"a URL with a password":                {ref: "https://u:p@a.example", wantProblem: "has a password in it"},
		"a URL with a fragment":                {ref: "https://a.example/#x", wantProblem: "fragment"},
		"the metadata service":                 {ref: "http://169.254.169.254/latest/meta-data", wantProblem: "never called"},
		"the metadata service in IPv6 clothes": {ref: "http://[::ffff:169.254.169.254]/", wantProblem: "never called"},
		"a link-local address":                 {ref: "http://[fe80::1]/", wantProblem: "never called"},
		"no address":                           {ref: "http://0.0.0.0/", wantProblem: "never called"},
	} {
		t.Run(name, func(t *testing.T) {
			got, problem := Resolve(tc.ref, functions)
			if got.URL != tc.url || got.Job != tc.job || (problem == "") != (tc.wantProblem == "") || !strings.Contains(problem, tc.wantProblem) {
				t.Errorf("got %+v, %q", got, problem)
			}
		})
	}
}

func TestCheckNamesTheFields(t *testing.T) {
	big := asks("job/a", postScaleUp)
	big.HookDetails = &runtime.RawExtension{Raw: []byte(`{"x":"` + strings.Repeat("x", mostDetails) + `"}`)}
	hooks := []ecsv1.DeploymentLifecycleHook{pauses(postScaleUp), asks("approve", postScaleUp), asks(approve, postScaleUp), big}
	paths := func(all []Problem) (out []string) {
		for _, p := range all {
			out = append(out, p.Path)
		}
		return out
	}
	if diff := cmp.Diff([]string{"lifecycleHooks[1].hookTargetArn", "lifecycleHooks[3].hookDetails"}, paths(Check(hooks))); diff != "" {
		t.Error(diff)
	}
	want := []string{"lifecycleHooks[1].hookTargetArn", "lifecycleHooks[2].hookTargetArn", "lifecycleHooks[3].hookDetails"}
	if diff := cmp.Diff(want, paths(CheckOn(hooks, nil))); diff != "" {
		t.Error(diff)
	}
}

func TestDecisions(t *testing.T) {
	got, problems := Decisions(" a, b=ROLLBACK ,c=CONTINUE,,d=yes, =CONTINUE")
	if diff := cmp.Diff(map[string]ecsv1.DeploymentLifecycleHookAction{"a": goOn, "b": rollback, "c": goOn, "": goOn}, got); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || !strings.Contains(problems[0], `"yes" is no action; write d, d=CONTINUE or d=ROLLBACK`) {
		t.Errorf("%q", problems)
	}
}
