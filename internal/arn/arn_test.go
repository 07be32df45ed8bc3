// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import "testing"

func TestParseTaskDefinition(t *testing.T) {
	for name, tc := range map[string]struct {
		ref     string
		want    TaskDefinitionRef
		wantErr bool
	}{
		"a family alone follows the newest revision":  {ref: "web", want: TaskDefinitionRef{Family: "web"}},
		"a family with a number is pinned":            {ref: "Web_1:12", want: TaskDefinitionRef{Family: "Web_1", Revision: 12}},
		"an ARN with a revision is pinned":            {ref: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3", want: TaskDefinitionRef{Family: "web", Revision: 3}},
		"an ARN of a family follows":                  {ref: "arn:aws:ecs:us-east-1:123456789012:task-definition/web", want: TaskDefinitionRef{Family: "web"}},
		"another type of ARN is refused":              {ref: "arn:aws:ecs:us-east-1:123456789012:service/default/web", wantErr: true},
		"a revision of zero is refused":               {ref: "web:0", wantErr: true},
		"a revision that is not a number is refused":  {ref: "web:latest", wantErr: true},
		"nothing is refused":                          {ref: "", wantErr: true},
		"a family with a dot is refused":              {ref: "web.v1", wantErr: true},
		"an empty revision behind a colon is refused": {ref: "web:", wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseTaskDefinition(tc.ref)
			if (err != nil) != tc.wantErr || got != tc.want {
				t.Errorf("ParseTaskDefinition(%q) = %+v, %v; want %+v, error %t", tc.ref, got, err, tc.want, tc.wantErr)
			}
			if err == nil {
				if again, err := ParseTaskDefinition(got.String()); err != nil || again != got {
					t.Errorf("reading %q back gives %+v, %v", got.String(), again, err)
				}
			}
		})
	}
}

func TestNames(t *testing.T) {
	s := Scope{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
	for name, tc := range map[string]struct{ got, want string }{
		"cluster":                    {s.Cluster("prod"), "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"},
		"service":                    {s.Service("prod", "web"), "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"},
		"task definition":            {s.TaskDefinition("web", 7), "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"},
		"service deployment":         {s.ServiceDeployment("prod", "web", "abc"), "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/abc"},
		"service revision":           {s.ServiceRevision("prod", "web", "123"), "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/123"},
		"capacity provider":          {s.CapacityProvider("spot"), "arn:aws:ecs:eu-west-1:123456789012:capacity-provider/spot"},
		"container instance":         {s.ContainerInstance("prod", "00ff"), "arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/00ff"},
		"short name of a cluster":    {ShortName(s.Cluster("prod")), "prod"},
		"short name of a service":    {ShortName(s.Service("prod", "web")), "web"},
		"short name of a name":       {ShortName("web"), "web"},
		"target group by name":       {TargetGroup("web-tg"), "web-tg"},
		"target group by ARN":        {TargetGroup("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/73e2d6bc24d8a067"), "web-tg"},
		"target group, a broken ARN": {TargetGroup("arn:broken"), "arn:broken"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.got != tc.want {
				t.Errorf("got %s, want %s", tc.got, tc.want)
			}
		})
	}
}

func FuzzParseTaskDefinition(f *testing.F) {
	for _, seed := range []string{"web", "web:1", "arn:aws:ecs:r:a:task-definition/web:1", "arn:", "::", "web:-1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		got, err := ParseTaskDefinition(ref)
		if err != nil {
			return
		}
		if again, err := ParseTaskDefinition(got.String()); err != nil || again != got {
			t.Errorf("%q reads as %+v, which prints as %q and reads back as %+v, %v", ref, got, got.String(), again, err)
		}
	})
}

func TestForeign(t *testing.T) {
	here := Scope{Partition: "aws", Region: "eu-west-1", Account: "123456789012"}
	for name, tc := range map[string]struct {
		scope   Scope
		ref     string
		foreign bool
	}{
		"a family":                          {here, "web", false},
		"a revision":                        {here, "web:3", false},
		"an ARN of here":                    {here, here.TaskDefinition("web", 3), false},
		"an ARN of another account":         {here, "arn:aws:ecs:eu-west-1:999999999999:task-definition/web:3", true},
		"an ARN of another region":          {here, "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3", true},
		"any ARN where no account is given": {DefaultScope, "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:3", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.scope.Foreign(tc.ref); (got != "") != tc.foreign {
				t.Errorf("Foreign(%q) = %q, want foreign %t", tc.ref, got, tc.foreign)
			}
		})
	}
}
