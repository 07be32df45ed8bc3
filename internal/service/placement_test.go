// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// nodesFor are the nodes of a pool, tainted against all who don't ask for them.
func nodesFor(pool string) ecsv1.CapacityProviderKubernetes {
	return ecsv1.CapacityProviderKubernetes{
		NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"pool": pool}},
		Tolerations:  []corev1.Toleration{{Key: pool, Operator: corev1.TolerationOpExists}},
	}
}

func providersForTest() []ecsv1.CapacityProvider {
	var out []ecsv1.CapacityProvider
	for _, name := range []string{"on-demand", "spot"} {
		nodes := nodesFor(name)
		out = append(out, ecsv1.CapacityProvider{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: ecsv1.CapacityProviderSpec{Kubernetes: &nodes}})
	}
	return out
}

// clusterForTest has two capacity providers with objects, one without, and FARGATE_SPOT mapped.
func clusterForTest() *ecsv1.ClusterSpec {
	return &ecsv1.ClusterSpec{
		CapacityProviders: []string{"on-demand", "spot", "lost", "FARGATE", "FARGATE_SPOT"},
		Kubernetes: &ecsv1.ClusterKubernetes{FargateCapacityProviders: []ecsv1.FargateCapacityProvider{{
			Name: ecsv1.FargateCapacityProviderNameFargateSpot, CapacityProviderKubernetes: nodesFor("fargate-spot"),
		}}},
	}
}

func specFrom(t *testing.T, text string) *ecsv1.ServiceSpec {
	t.Helper()
	spec := &ecsv1.ServiceSpec{}
	if err := yaml.UnmarshalStrict([]byte(text), spec); err != nil {
		t.Fatal(err)
	}
	return spec
}

// taskDefinitionWith has these placement constraints.
func taskDefinitionWith(expressions ...string) *ecsv1.TaskDefinitionFields {
	td := &ecsv1.TaskDefinitionFields{}
	for _, e := range expressions {
		td.PlacementConstraints = append(td.PlacementConstraints,
			ecsv1.TaskDefinitionPlacementConstraint{Type: ecsv1.TaskDefinitionPlacementConstraintTypeMemberOf, Expression: e})
	}
	return td
}

func TestTheWeakestMechanismThatIsExactCarriesThePlacement(t *testing.T) {
	const scheduler, engine, daemon = ecsv1.PlacementMechanismScheduler, ecsv1.PlacementMechanismEngine, ecsv1.PlacementMechanismDaemonSet
	for name, tc := range map[string]struct {
		spec string
		td   []string
		want ecsv1.PlacementMechanism
		why  string
	}{
		"nothing asked":                    {`{}`, nil, scheduler, "no placementStrategy"},
		"exactly, please":                  {`{kubernetes: {exactPlacement: true}}`, nil, engine, "kubernetes.exactPlacement"},
		"not exactly":                      {`{kubernetes: {exactPlacement: false}}`, nil, scheduler, "no placementStrategy"},
		"a constraint that a label says":   {`{placementConstraints: [{type: memberOf, expression: "attribute:ecs.availability-zone == a"}]}`, nil, scheduler, "say all of the placementConstraints"},
		"distinctInstance":                 {`{placementConstraints: [{type: distinctInstance}]}`, nil, scheduler, "say all of the placementConstraints"},
		"a custom attribute":               {`{placementConstraints: [{type: memberOf, expression: "attribute:stack == prod"}]}`, nil, engine, "placementConstraints[0].expression: node affinity can't say attribute:stack == prod"},
		"a pattern":                        {`{placementConstraints: [{type: distinctInstance}, {type: memberOf, expression: "attribute:ecs.instance-type =~ t3.*"}]}`, nil, engine, "placementConstraints[1].expression"},
		"one of the task definition":       {`{}`, []string{"task:group == service:db"}, engine, "placementConstraints[0].expression of the task definition"},
		"one that a label says, there":     {`{}`, []string{"attribute:ecs.os-type == linux"}, scheduler, "say all of the placementConstraints"},
		"spread, though as by default":     {`{placementStrategy: [{type: spread, field: "attribute:ecs.availability-zone"}]}`, nil, engine, "placementStrategy[0]: spread"},
		"binpack":                          {`{placementStrategy: [{type: binpack, field: memory}]}`, nil, engine, "placementStrategy[0]: binpack"},
		"random":                           {`{placementStrategy: [{type: random}]}`, nil, engine, "placementStrategy[0]: random"},
		"an empty strategy":                {`{placementStrategy: []}`, nil, scheduler, "no placementStrategy"},
		"one capacity provider":            {`{capacityProviderStrategy: [{capacityProvider: spot, weight: 1}]}`, nil, scheduler, "capacityProviderStrategy: all go to capacity provider spot"},
		"two of which one never gets any":  {`{capacityProviderStrategy: [{capacityProvider: spot, weight: 1}, {capacityProvider: on-demand}]}`, nil, scheduler, "all go to capacity provider spot"},
		"two capacity providers":           {`{capacityProviderStrategy: [{capacityProvider: spot, weight: 1}, {capacityProvider: on-demand, base: 2}]}`, nil, engine, "capacityProviderStrategy: the tasks are shared out among 2 capacity providers"},
		"the launch type FARGATE":          {`{launchType: FARGATE}`, nil, scheduler, "launchType: all go to capacity provider FARGATE"},
		"the launch type EC2":              {`{launchType: EC2}`, nil, scheduler, "no placementStrategy"},
		"DAEMON, whatever its constraints": {`{schedulingStrategy: DAEMON, placementConstraints: [{type: memberOf, expression: "attribute:stack == prod"}]}`, nil, daemon, "schedulingStrategy: DAEMON"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Carry(AskOf(specFrom(t, tc.spec)), taskDefinitionWith(tc.td...), clusterForTest(), providersForTest())
			if got.Mechanism != tc.want || !strings.Contains(got.Reason, tc.why) {
				t.Errorf("%s: %q, want %s: %q", got.Mechanism, got.Reason, tc.want, tc.why)
			}
		})
	}
}

func TestATaskByItselfHasNoDefaultStrategyAndNoLabelOfItsGroup(t *testing.T) {
	got := Carry(AskOfTask(&ecsv1.TaskSpec{}), taskDefinitionWith(), nil, nil)
	if got.Strategies != nil || got.Mechanism != ecsv1.PlacementMechanismScheduler {
		t.Errorf("strategies %v by the %s", got.Strategies, got.Mechanism)
	}
	distinct := ecsv1.TaskSpec{PlacementConstraints: []ecsv1.PlacementConstraint{{Type: ecsv1.PlacementConstraintTypeDistinctInstance}}}
	if got := Carry(AskOfTask(&distinct), taskDefinitionWith(), nil, nil); got.Mechanism != ecsv1.PlacementMechanismEngine || !got.Distinct {
		t.Errorf("distinctInstance by the %s, distinct %v", got.Mechanism, got.Distinct)
	}
}

// shared is capacity providers with their nodes, as people write them.
func shared(c Carriage) string {
	var all []string
	for i, s := range c.Shares {
		var nodes []string
		for _, r := range c.Providers[i].Nodes {
			nodes = append(nodes, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Key, r.Operator, strings.Join(r.Values, ","))))
		}
		all = append(all, fmt.Sprintf("%s %d/%d on [%s], %d tolerations", s.Provider, s.Base, s.Weight, strings.Join(nodes, " & "), len(c.Providers[i].Tolerations)))
	}
	return strings.Join(all, "; ")
}

func TestTheCapacityProviderStrategyInEffect(t *testing.T) {
	const nowhere = "kubernetes.io/os Exists & kubernetes.io/os DoesNotExist"
	byDefault := func(c *ecsv1.ClusterSpec) {
		weight := int32(1)
		c.DefaultCapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: "on-demand", Weight: &weight}}
	}
	for name, tc := range map[string]struct {
		spec    string
		cluster func(*ecsv1.ClusterSpec)
		want    string
	}{
		"none is any instance":                    {`{}`, nil, ""},
		"the cluster's default":                   {`{}`, byDefault, "on-demand 0/1 on [pool In on-demand], 1 tolerations"},
		"a launch type keeps the default away":    {`{launchType: EC2}`, byDefault, ""},
		"its own comes before the default":        {`{capacityProviderStrategy: [{capacityProvider: spot, base: 3, weight: 2}]}`, byDefault, "spot 3/2 on [pool In spot], 1 tolerations"},
		"a daemon has none by default":            {`{schedulingStrategy: DAEMON}`, byDefault, ""},
		"FARGATE that nobody maps is everywhere":  {`{launchType: FARGATE}`, nil, "FARGATE 0/0 on [], 0 tolerations"},
		"FARGATE_SPOT as the cluster maps it":     {`{capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT}]}`, nil, "FARGATE_SPOT 0/0 on [pool In fargate-spot], 1 tolerations"},
		"one without an object is nowhere":        {`{capacityProviderStrategy: [{capacityProvider: lost}]}`, nil, "lost 0/0 on [" + nowhere + "], 0 tolerations"},
		"two that share":                          {`{capacityProviderStrategy: [{capacityProvider: spot, weight: 3}, {capacityProvider: on-demand, base: 1}]}`, nil, "spot 0/3 on [pool In spot], 1 tolerations; on-demand 1/0 on [pool In on-demand], 1 tolerations"},
		"an item that never gets a task is out":   {`{capacityProviderStrategy: [{capacityProvider: spot, weight: 3}, {capacityProvider: on-demand}]}`, nil, "spot 0/3 on [pool In spot], 1 tolerations"},
		"a single item gets all without a weight": {`{capacityProviderStrategy: [{capacityProvider: spot}]}`, nil, "spot 0/0 on [pool In spot], 1 tolerations"},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := clusterForTest()
			if tc.cluster != nil {
				tc.cluster(cluster)
			}
			if diff := cmp.Diff(tc.want, shared(Carry(AskOf(specFrom(t, tc.spec)), taskDefinitionWith(), cluster, providersForTest()))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStrategiesAreReadInAnyCase(t *testing.T) {
	spec := specFrom(t, `{placementStrategy: [{type: spread, field: "attribute:Rack"}, {type: spread, field: HOST}, {type: spread, field: instanceid}, {type: binpack, field: Memory}, {type: random}]}`)
	want := []placement.Strategy{
		{Type: placement.Spread, Field: "attribute:Rack"}, {Type: placement.Spread, Field: placement.InstanceID}, {Type: placement.Spread, Field: placement.InstanceID},
		{Type: placement.Binpack, Field: "memory"}, {Type: placement.Random},
	}
	if diff := cmp.Diff(want, Carry(AskOf(spec), taskDefinitionWith(), nil, nil).Strategies); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(placement.DefaultOfServices, Carry(AskOf(specFrom(t, `{}`)), taskDefinitionWith(), nil, nil).Strategies); diff != "" {
		t.Error(diff)
	}
}

func TestTheLabelOfADaemonsNodesSaysAllButTheirTaints(t *testing.T) {
	spec := specFrom(t, `{schedulingStrategy: DAEMON, placementConstraints: [{type: memberOf, expression: "attribute:ecs.os-type == linux"}, {type: distinctInstance}]}`)
	want := &podspec.Placement{Tolerations: []corev1.Toleration{{Key: "on-demand", Operator: corev1.TolerationOpExists}, {Key: "spot", Operator: corev1.TolerationOpExists}}}
	if diff := cmp.Diff(want, Carry(AskOf(spec), taskDefinitionWith(), clusterForTest(), providersForTest()).Pod()); diff != "" {
		t.Error(diff)
	}
}

// TestEachTaskGoesThroughOneMechanism: whatever is asked for, a pod is either the scheduler's or gated for the engine, and what node affinity
// says exactly is on it in both cases.
func TestEachTaskGoesThroughOneMechanism(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ask := PlacementAsk{Exact: rapid.Bool().Draw(t, "exact"), Alone: rapid.Bool().Draw(t, "alone")}
		expressions := rapid.SliceOfN(rapid.SampledFrom([]string{"attribute:ecs.os-type == linux", "attribute:ecs.availability-zone in [a, b]", "attribute:stack == prod", "task:group == x"}), 0, 3).Draw(t, "constraints")
		for _, e := range expressions {
			ask.Constraints = append(ask.Constraints, ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: e})
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"spot", "on-demand", "lost", "FARGATE_SPOT"}), 0, 2, rapid.ID).Draw(t, "providers") {
			ask.Strategy = append(ask.Strategy, ecsv1.CapacityProviderStrategyItem{CapacityProvider: name, Weight: new(int32(1))})
		}
		if rapid.Bool().Draw(t, "strategy") {
			ask.Preferences = []ecsv1.PlacementStrategy{{Type: ecsv1.PlacementStrategyTypeRandom}}
		}
		c := Carry(ask, taskDefinitionWith(), clusterForTest(), providersForTest())
		pod := c.Pod()
		needed := len(c.Affinity.Rest) > 0 || len(ask.Preferences) > 0 || len(c.Shares) > 1 || ask.Exact
		if pod.Gate != needed || pod.Gate == pod.Spread || (c.Mechanism == ecsv1.PlacementMechanismEngine) != pod.Gate {
			t.Fatalf("gate %v, spread %v, by the %s: %s", pod.Gate, pod.Spread, c.Mechanism, c.Reason)
		}
		if c.Reason == "" || len(c.Reason) > maxReason+len("...") {
			t.Fatalf("the reason is %q", c.Reason)
		}
		if (pod.Provider != "") != (len(c.Shares) == 1) {
			t.Fatalf("%d shares and provider %q", len(c.Shares), pod.Provider)
		}
		for _, term := range pod.Terms {
			for _, r := range append(c.Affinity.Terms, corev1.NodeSelectorTerm{})[0].MatchExpressions {
				if !slices.ContainsFunc(term.MatchExpressions, func(other corev1.NodeSelectorRequirement) bool { return cmp.Equal(r, other) }) {
					t.Fatalf("the affinity %v lacks %v", term, r)
				}
			}
		}
	})
}
