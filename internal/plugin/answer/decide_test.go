// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package answer

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

const stopIt, continueIt = ecsv1.AnnotationStopDeployment, ecsv1.AnnotationContinueDeployment

func hook(id string, status ecsv1.DeploymentLifecycleHookStatus) ecsv1.DeploymentLifecycleHookDetail {
	return ecsv1.DeploymentLifecycleHookDetail{HookId: id, Status: status}
}

func deployment(name string, state ecsv1.ServiceDeploymentState, annotations map[string]string, hooks ...ecsv1.DeploymentLifecycleHookDetail) *ecsv1.ServiceDeployment {
	service, ordinal, _ := strings.Cut(name, "-")
	return &ecsv1.ServiceDeployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations, Labels: map[string]string{ecsv1.LabelServiceRevision: ordinal}},
		Spec:       ecsv1.ServiceDeploymentSpec{Service: service},
		Status: ecsv1.ServiceDeploymentStatus{Status: state, LifecycleStage: ecsv1.ServiceDeploymentLifecycleStageScaleUp, StatusReason: "2 of 4 tasks are healthy",
			LifecycleHookDetails: hooks},
	}
}

func TestDecide(t *testing.T) {
	const going, waits = ecsv1.ServiceDeploymentStateInProgress, ecsv1.DeploymentLifecycleHookStatusAwaitingAction
	a, b, done := hook("a", waits), hook("b", waits), hook("c", ecsv1.DeploymentLifecycleHookStatusSucceeded)
	for name, tc := range map[string]struct {
		sd    *ecsv1.ServiceDeployment
		verb  Verb
		hooks []string
		want  Decision
		no    string
	}{
		"the one hook that waits goes on":        {deployment("web-2", going, nil, a, done), Continue, nil, Decision{continueIt, "a", "hook a answered, CONTINUE"}, ""},
		"of several one has to be named":         {deployment("web-2", going, nil, a, b), Continue, nil, Decision{}, "several hooks of deployment web-2 wait for an answer: a, b; name those that you mean by --hook"},
		"several may be named":                   {deployment("web-2", going, nil, a, b), Continue, []string{"b", "a", "b"}, Decision{continueIt, "b,a", "hook b, a answered, CONTINUE"}, ""},
		"an answer joins those before":           {deployment("web-2", going, map[string]string{continueIt: "x=CONTINUE"}, a), Continue, nil, Decision{continueIt, "x=CONTINUE,a", "hook a answered, CONTINUE"}, ""},
		"a hook is answered by rollback":         {deployment("web-2", going, nil, a), Rollback, []string{"a"}, Decision{continueIt, "a=ROLLBACK", "hook a answered, ROLLBACK"}, ""},
		"a deployment rolls back":                {deployment("web-2", going, nil, a), Rollback, nil, Decision{stopIt, "ROLLBACK", "asked to stop, with ROLLBACK"}, ""},
		"a deployment stops":                     {deployment("web-2", "", nil), Stop, nil, Decision{stopIt, "ABORT", "asked to stop, with ABORT"}, ""},
		"nothing waits":                          {deployment("web-2", going, nil, done), Continue, nil, Decision{}, "no hook of deployment web-2 waits for an answer; it is at SCALE_UP: 2 of 4 tasks are healthy"},
		"what has been answered waits no more":   {deployment("web-2", going, map[string]string{continueIt: "a"}, a), Continue, nil, Decision{}, "no hook of deployment web-2 waits for an answer; it is at SCALE_UP: 2 of 4 tasks are healthy"},
		"a second answer is refused":             {deployment("web-2", going, map[string]string{continueIt: "b, a=ROLLBACK"}, a), Continue, []string{"a"}, Decision{}, "hook a of deployment web-2 has been answered already, ROLLBACK"},
		"one that is decided isn't asked":        {deployment("web-2", going, nil, a, done), Continue, []string{"c"}, Decision{}, "hook c of deployment web-2 doesn't wait for an answer: it is SUCCEEDED"},
		"an unknown hook":                        {deployment("web-2", going, nil, a), Continue, []string{"z"}, Decision{}, "deployment web-2 has no hook z; these wait for an answer: a"},
		"one that has ended":                     {deployment("web-2", ecsv1.ServiceDeploymentStateSuccessful, nil, a), Stop, nil, Decision{}, "deployment web-2 has ended, SUCCESSFUL: there is nothing to stop"},
		"one that goes back":                     {deployment("web-2", ecsv1.ServiceDeploymentStateRollbackInProgress, nil, a), Continue, nil, Decision{}, "deployment web-2 is ROLLBACK_IN_PROGRESS: there is nothing to continue any more"},
		"one that was asked to stop stops once":  {deployment("web-2", going, map[string]string{stopIt: "ABORT"}), Rollback, nil, Decision{}, "deployment web-2 has been asked to stop already, with ABORT"},
		"one that was asked to stop goes not on": {deployment("web-2", going, map[string]string{stopIt: "ABORT"}, a), Continue, nil, Decision{}, "deployment web-2 has been asked to stop already, with ABORT"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decide(tc.sd, tc.verb, tc.hooks)
			if tc.no != "" && (err == nil || err.Error() != tc.no || cli.Code(err) != cli.Refused) {
				t.Errorf("refused with code %d: %v, want %s", cli.Code(err), err, tc.no)
			}
			if tc.no == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("decision (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is decided once is refused the second time.
func TestNobodyAnswersTwice(t *testing.T) {
	for _, verb := range []Verb{Continue, Rollback, Stop} {
		for _, hooks := range [][]string{nil, {"a"}} {
			if verb == Stop && hooks != nil {
				continue
			}
			sd := deployment("web-2", ecsv1.ServiceDeploymentStateInProgress, map[string]string{}, hook("a", ecsv1.DeploymentLifecycleHookStatusAwaitingAction))
			d, err := Decide(sd, verb, hooks)
			if err != nil {
				t.Fatal(err)
			}
			sd.Annotations[d.Annotation] = d.Value
			if d, err := Decide(sd, verb, hooks); err == nil {
				t.Errorf("%s %v: %+v a second time", verb, hooks, d)
			}
		}
	}
}

func TestWhichDeploymentIsMeant(t *testing.T) {
	named := func(name string) ecsv1.Service { return ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}} }
	renamed := named("shop")
	renamed.Spec.ServiceName = "front"
	list := []ecsv1.Service{named("web"), named("api"), renamed, named("new")}
	all := []ecsv1.ServiceDeployment{*deployment("web-2", "", nil), *deployment("web-10", "", nil), *deployment("api-1", "", nil), *deployment("shop-1", "", nil)}
	all[1].Status.ServiceDeploymentArn = "arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web/abc123"
	for name, tc := range map[string]struct {
		of   string
		also []ecsv1.Service
		want string
		no   string
	}{
		"a service means its newest":     {of: "web", want: "web-10"},
		"a service by its ECS name":      {of: "front", want: "shop-1"},
		"a deployment by its name":       {of: "web-10", want: "web-10"},
		"a deployment by its ARN":        {of: all[1].Status.ServiceDeploymentArn, want: "web-10"},
		"history isn't answered":         {of: "web-2", no: "deployment web-2 is history: web-10 drives the service"},
		"nothing of that name":           {of: "wep", no: "there is neither a service nor a deployment wep in namespace store"},
		"no deployment yet":              {of: "new", no: "service new has no deployment yet"},
		"both a service and another's":   {of: "api-1", also: []ecsv1.Service{named("api-1")}, no: "api-1 is a service, and a deployment of service api: say service/api-1 or deployment/api-1"},
		"told apart, it's the other's":   {of: "deployment/api-1", also: []ecsv1.Service{named("api-1")}, want: "api-1"},
		"told apart, it's the service's": {of: "service/api-1", also: []ecsv1.Service{named("api-1")}, no: "service api-1 has no deployment yet"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(tc.of, "store", append(list, tc.also...), all)
			switch {
			case tc.no == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tc.no != "" && (err == nil || !strings.Contains(errors.Join(err).Error(), tc.no)):
				t.Errorf("it says %v, want %s", err, tc.no)
			case tc.no == "" && got.Name != tc.want:
				t.Errorf("it is %s, want %s", got.Name, tc.want)
			}
		})
	}
}
