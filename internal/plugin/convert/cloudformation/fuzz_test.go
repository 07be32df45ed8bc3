// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"errors"
	"testing"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// FuzzRead: whatever the template, resolving it ends, without a panic; an error names a place; a value that isn't known says why.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"Resources: {C: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Sub '${AWS::Region}-${X.Arn}-${!Y}'}}}",
		"Parameters: {P: {Type: String, Default: a}, Q: {Type: 'AWS::SSM::Parameter::Value<String>', Default: b}, L: {Type: CommaDelimitedList, Default: 'a,b'}}\nResources: {S: {Type: AWS::ECS::Service, Condition: C, Properties: {ServiceName: !Join ['-', [!Ref P, !Ref Q, !Select [1, !Ref L]]]}}}\nConditions: {C: !Or [!Not [!Equals [!Ref P, a]], !And [!Condition D, !Condition D]], D: !Equals [1, 1]}",
		"Mappings: {M: {a: {b: c}}}\nResources: {R: {Type: AWS::ECR::Repository, Properties: {RepositoryName: !FindInMap [M, a, b], X: !If [N, 1, !Ref 'AWS::NoValue']}}}",
		"Resources: {T: {Type: AWS::ECS::TaskDefinition, Properties: {Family: !GetAtt T.Arn, Cpu: !Select [0, !Split [',', '1,2']], A: !Base64 x, B: !ImportValue y, C: {Fn::Length: [1]}, D: {Fn::ToJsonString: {a: !Ref Z}}, E: {Fn::Transform: x}}}}",
		"AWSTemplateFormatVersion: 1", "Resources: {}", "Conditions: {A: !Condition B, B: !Condition A}\nResources: {X: {Type: AWS::ECS::Cluster, Condition: A}}",
		"Parameters: {A: {Default: !Ref A}}\nResources: {X: {Type: AWS::ECS::Cluster, Properties: !Ref A}}",
		"Resources: {X: {Type: AWS::ECS::Cluster, Properties: {Fn::ForEach::A: [x, [1], {}]}}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := source.Parse("t.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, doc := range docs {
			if doc.Kind != source.Map || !Is(doc) {
				continue
			}
			template, err := Read("t.yaml", doc, Options{Region: "r", Parameters: map[string]string{"P": "p"}, Resources: map[string]string{"X": "x"}})
			var place *source.Error
			if err != nil && (!errors.As(err, &place) || place.At.Line < 1 || place.At.Column < 1) {
				t.Fatalf("an error without a place: %v", err)
			}
			if err != nil {
				continue
			}
			for _, r := range template.Resources {
				if r.At.Line < 1 || r.Properties == nil {
					t.Fatalf("resource %s has no place or no properties", r.LogicalID)
				}
				if _, err := r.Properties.MarshalJSON(); err != nil {
					t.Fatalf("resource %s can't be written: %v", r.LogicalID, err)
				}
			}
		}
	})
}
