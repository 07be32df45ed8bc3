// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

func TestEffectiveValues(t *testing.T) {
	gone := metav1.NewTime(time.Unix(1, 0))
	for name, tc := range map[string]struct {
		edit    func(*ecsv1.Service)
		name    string
		cluster string
		desired int32
		bounds  deploy.Percentages
		history int
	}{
		"nothing said":                    {func(*ecsv1.Service) {}, "web", "default", 1, deploy.DefaultPercentages, 10},
		"a name of its own":               {func(s *ecsv1.Service) { s.Spec.ServiceName = "Web_1" }, "Web_1", "default", 1, deploy.DefaultPercentages, 10},
		"a cluster by ARN":                {func(s *ecsv1.Service) { s.Spec.Cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/prod" }, "web", "prod", 1, deploy.DefaultPercentages, 10},
		"a count":                         {func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(7)) }, "web", "default", 7, deploy.DefaultPercentages, 10},
		"a count of none":                 {func(s *ecsv1.Service) { s.Spec.DesiredCount = new(int32(0)) }, "web", "default", 0, deploy.DefaultPercentages, 10},
		"a daemon counts instances":       {func(s *ecsv1.Service) { s.Spec.SchedulingStrategy = "DAEMON" }, "web", "default", 0, deploy.DaemonPercentages, 10},
		"one being deleted wants nothing": {func(s *ecsv1.Service) { s.Spec.DesiredCount, s.DeletionTimestamp = new(int32(7)), &gone }, "web", "default", 0, deploy.DefaultPercentages, 10},
		"one bound of two": {func(s *ecsv1.Service) {
			s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{MinimumHealthyPercent: new(int32(50))}
		}, "web", "default", 1, deploy.Percentages{MinimumHealthy: 50, Maximum: 200}, 10},
		"a history limit": {func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{RevisionHistoryLimit: new(int32(2))}
		}, "web", "default", 1, deploy.DefaultPercentages, 2},
		"a kubernetes block without the limit": {func(s *ecsv1.Service) { s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{} }, "web", "default", 1, deploy.DefaultPercentages, 10},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
			tc.edit(s)
			if got := Name(s); got != tc.name {
				t.Errorf("name %q, want %q", got, tc.name)
			}
			if got := Cluster(s); got != tc.cluster {
				t.Errorf("cluster %q, want %q", got, tc.cluster)
			}
			if got := Desired(s); got != tc.desired {
				t.Errorf("desired %d, want %d", got, tc.desired)
			}
			if got := Bounds(s); got != tc.bounds {
				t.Errorf("bounds %+v, want %+v", got, tc.bounds)
			}
			if got := RevisionHistoryLimit(s); got != tc.history {
				t.Errorf("history limit %d, want %d", got, tc.history)
			}
		})
	}
}

// startsDeployment says field by field what the API reference says of UpdateService.
var startsDeployment = map[string]bool{
	"serviceName": false, "desiredCount": false, "schedulingStrategy": false, "deploymentController": false, "deploymentConfiguration": false,
	"healthCheckGracePeriodSeconds": false, "placementConstraints": false, "placementStrategy": false, "availabilityZoneRebalancing": false,
	"propagateTags": false, "enableECSManagedTags": false, "enableExecuteCommand": false, "monitoring": false, "role": false, "tags": false,
	"cluster": true, "taskDefinition": true, "launchType": true, "capacityProviderStrategy": false, "platformVersion": true,
	"networkConfiguration": true, "loadBalancers": true, "serviceRegistries": true, "serviceConnectConfiguration": true,
	"vpcLatticeConfigurations": true, "gatewayConnectors": true, "volumeConfigurations": true,
	"kubernetes": true, // its forceNewDeployment and target groups; the rest of it is a case below
}

func TestWhatStartsADeployment(t *testing.T) {
	td := &ecsv1.TaskDefinitionRevision{ObjectMeta: metav1.ObjectMeta{Name: "web-1"}, Spec: ecsv1.TaskDefinitionRevisionSpec{Family: "web", Revision: 1}}
	hash := func(s *ecsv1.Service, td *ecsv1.TaskDefinitionRevision) string { return RevisionHash(Revision(s, td)) }
	before := hash(&ecsv1.Service{}, td)
	spec := reflect.TypeFor[ecsv1.ServiceSpec]()
	for i := range spec.NumField() {
		name, _, _ := strings.Cut(spec.Field(i).Tag.Get("json"), ",")
		t.Run(name, func(t *testing.T) {
			want, known := startsDeployment[name]
			if !known {
				t.Fatalf("spec.%s: the table doesn't say whether a change of it starts a deployment", name)
			}
			s := &ecsv1.Service{}
			revision := td
			switch name {
			case "taskDefinition": // resolved before it gets here
				revision = td.DeepCopy()
				revision.Spec.Revision = 2
			case "kubernetes":
				s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
			default:
				fill(reflect.ValueOf(&s.Spec).Elem().Field(i))
			}
			if got := hash(s, revision) != before; got != want {
				t.Errorf("a change of spec.%s starts a deployment: %t, want %t", name, got, want)
			}
		})
	}
}

// fill gives a field some value that isn't its zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		fill(v.Field(0))
	default:
		panic("fill: " + v.Kind().String())
	}
}

func TestHowATargetGroupIsReachedStartsNoDeployment(t *testing.T) {
	td := &ecsv1.TaskDefinitionRevision{}
	group := func(g ecsv1.TargetGroup) string {
		s := &ecsv1.Service{}
		s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{TargetGroups: []ecsv1.TargetGroup{g}}
		return RevisionHash(Revision(s, td))
	}
	base := group(ecsv1.TargetGroup{Name: "web"})
	for name, tc := range map[string]struct {
		group ecsv1.TargetGroup
		want  bool
	}{
		"its type":                 {ecsv1.TargetGroup{Name: "web", Type: ecsv1.TargetGroupTypeNodePort}, false},
		"its node port":            {ecsv1.TargetGroup{Name: "web", NodePort: new(int32(30080))}, false},
		"its port":                 {ecsv1.TargetGroup{Name: "web", Port: new(int32(80))}, false},
		"its health check":         {ecsv1.TargetGroup{Name: "web", HealthCheck: &ecsv1.TargetGroupHealthCheck{Path: "/up"}}, true},
		"its deregistration delay": {ecsv1.TargetGroup{Name: "web", DeregistrationDelaySeconds: new(int32(3))}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := group(tc.group) != base; got != tc.want {
				t.Errorf("starts a deployment: %t, want %t", got, tc.want)
			}
		})
	}
}

func TestTargetGroups(t *testing.T) {
	got := TargetGroups([]ecsv1.LoadBalancer{
		{TargetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/73e2d6bc24d8a067", ContainerName: "app", ContainerPort: new(int32(8080))},
		{LoadBalancerName: "classic", ContainerName: "app", ContainerPort: new(int32(8080))},
		{TargetGroupArn: "admin", ContainerName: "app", ContainerPort: new(int32(9090))},
	}, []ecsv1.TargetGroup{{Name: "web", Type: ecsv1.TargetGroupTypeNodePort, Port: new(int32(80))}, {Name: "other"}})
	want := []TargetGroup{
		{TargetGroup: ecsv1.TargetGroup{Name: "web", Type: ecsv1.TargetGroupTypeNodePort, Port: new(int32(80))}, ContainerName: "app", ContainerPort: 8080},
		{TargetGroup: ecsv1.TargetGroup{Name: "admin", Type: ecsv1.TargetGroupTypeClusterIP}, ContainerName: "app", ContainerPort: 9090},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("target groups (-want +got):\n%s", diff)
	}
	if got[0].ListenPort() != 80 || got[1].ListenPort() != 9090 {
		t.Errorf("ports %d and %d, want 80 and the container port 9090", got[0].ListenPort(), got[1].ListenPort())
	}
}

// actedOn are the fields of a Service that have their effect, whole.
var actedOn = []string{
	"serviceName", "cluster", "taskDefinition", "desiredCount", "schedulingStrategy", "deploymentController", "loadBalancers", "tags", "kubernetes", "volumeConfigurations",
	"healthCheckGracePeriodSeconds", "capacityProviderStrategy", "placementConstraints", "placementStrategy", "availabilityZoneRebalancing",
	"deploymentConfiguration.strategy", "deploymentConfiguration.minimumHealthyPercent", "deploymentConfiguration.maximumPercent",
	"deploymentConfiguration.deploymentCircuitBreaker", "deploymentConfiguration.bakeTimeInMinutes", "deploymentConfiguration.earlySuccessCriteria",
	"deploymentConfiguration.alarms",
	"deploymentConfiguration.linearConfiguration", "deploymentConfiguration.canaryConfiguration", "deploymentConfiguration.lifecycleHooks",
}

func TestNoFieldOfAServiceIsLostInSilence(t *testing.T) {
	var told []string
	for _, f := range notActedOn {
		told = append(told, f.path)
	}
	if !slices.IsSorted(told) {
		t.Error("notActedOn isn't in order of its paths")
	}
	check := func(path string) {
		if slices.Contains(told, path) == slices.Contains(actedOn, path) {
			t.Errorf("spec.%s has to be in exactly one of actedOn and notActedOn", path)
		}
	}
	spec := reflect.TypeFor[ecsv1.ServiceSpec]()
	for field := range spec.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "deploymentConfiguration" {
			check(name)
			continue
		}
		config := reflect.TypeFor[ecsv1.DeploymentConfiguration]()
		for field := range config.Fields() {
			sub, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			check(name + "." + sub)
		}
	}
}

func TestUnmapped(t *testing.T) {
	s := &ecsv1.Service{Spec: ecsv1.ServiceSpec{
		LaunchType:    ecsv1.LaunchTypeExternal,
		Monitoring:    &ecsv1.MonitoringConfiguration{},
		PropagateTags: "NONE",
		DeploymentConfiguration: &ecsv1.DeploymentConfiguration{
			LifecycleHooks: []ecsv1.DeploymentLifecycleHook{{}}, Alarms: &ecsv1.DeploymentAlarms{Enable: false},
		},
	}}
	want := []string{"launchType", "monitoring"}
	if diff := cmp.Diff(want, Unmapped(s)); diff != "" {
		t.Errorf("unmapped (-want +got):\n%s", diff)
	}
}

func TestUnsupportedSaysWhatToSet(t *testing.T) {
	for name, tc := range map[string]struct {
		spec ecsv1.ServiceSpec
		want string
	}{
		"a rolling replica service":      {ecsv1.ServiceSpec{SchedulingStrategy: "REPLICA", DeploymentConfiguration: &ecsv1.DeploymentConfiguration{Strategy: "ROLLING"}}, ""},
		"a daemon service":               {ecsv1.ServiceSpec{SchedulingStrategy: "DAEMON"}, ""},
		"an external controller":         {ecsv1.ServiceSpec{DeploymentController: &ecsv1.DeploymentController{Type: "EXTERNAL"}}, "spec.deploymentController.type: EXTERNAL"},
		"the controller by its own name": {ecsv1.ServiceSpec{DeploymentController: &ecsv1.DeploymentController{Type: "ECS"}}, ""},
		"a classic load balancer":        {ecsv1.ServiceSpec{LoadBalancers: []ecsv1.LoadBalancer{{LoadBalancerName: "old"}}}, "spec.loadBalancers[0].loadBalancerName"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Unsupported(&ecsv1.Service{Spec: tc.spec})
			if tc.want == "" && got != "" || !strings.HasPrefix(got, tc.want) || tc.want != "" && !strings.Contains(got, ";") {
				t.Errorf("got %q, want it to begin with %q and to say what to do", got, tc.want)
			}
		})
	}
}
