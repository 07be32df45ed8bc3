// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

// identity says what a reference to a resource of one type stands for.
type identity struct {
	// property holds the resource's name.
	property string
	// named: a resource without that property has a name of ours. For others CloudFormation makes one up, which nobody can know.
	named bool
	// forms are what Ref ("") and the attributes give, with ${Name}, ${AWS::Partition}, ${AWS::Region} and ${AWS::AccountId}.
	forms map[string]string
}

const (
	nameItself = "${Name}"
	arnPrefix  = "arn:${AWS::Partition}:"
	ofAccount  = ":${AWS::Region}:${AWS::AccountId}:"
)

// identities by type (CloudFormation template reference, "Return values" of each). A reference to a task definition gives its family, so
// that the service follows the family's newest revision, as it does when CloudFormation updates the stack. A target group is known by its name.
var identities = map[string]identity{
	Cluster:        {"ClusterName", true, map[string]string{"": nameItself, "Arn": arnPrefix + "ecs" + ofAccount + "cluster/${Name}"}},
	TaskDefinition: {"Family", true, map[string]string{"": nameItself, "TaskDefinitionArn": nameItself}},
	Service:        {"ServiceName", true, map[string]string{"": nameItself, "Name": nameItself, "ServiceArn": nameItself}},
	Repository: {"RepositoryName", true, map[string]string{
		"":              nameItself,
		"Arn":           arnPrefix + "ecr" + ofAccount + "repository/${Name}",
		"RepositoryUri": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Name}",
	}},
	"AWS::ElasticLoadBalancingV2::TargetGroup": {"Name", true, map[string]string{"": nameItself, "TargetGroupArn": nameItself, "TargetGroupName": nameItself}},
	"AWS::IAM::Role":                             {"RoleName", false, map[string]string{"": nameItself, "Arn": arnPrefix + "iam::${AWS::AccountId}:role${Path}${Name}"}},
	"AWS::Logs::LogGroup":                        {"LogGroupName", false, map[string]string{"": nameItself, "Arn": arnPrefix + "logs" + ofAccount + "log-group:${Name}:*"}},
	"AWS::S3::Bucket":                            {"BucketName", false, map[string]string{"": nameItself, "Arn": arnPrefix + "s3:::${Name}"}},
	"AWS::SSM::Parameter":                        {"Name", false, map[string]string{"": nameItself}},
	"AWS::SecretsManager::Secret":                {"Name", false, map[string]string{"": arnPrefix + "secretsmanager" + ofAccount + "secret:${Name}", "Id": arnPrefix + "secretsmanager" + ofAccount + "secret:${Name}"}},
	"AWS::ServiceDiscovery::HttpNamespace":       {"Name", false, map[string]string{"Arn": nameItself}},
	"AWS::ServiceDiscovery::PrivateDnsNamespace": {"Name", false, map[string]string{"Arn": nameItself}},
}

// identity works out what a reference to a resource stands for.
func (r *resolver) identity(n *source.Node, id, attribute string, resource *source.Node) (*source.Node, error) {
	written := strings.TrimSuffix(id+"."+attribute, ".")
	missing := unresolved(n, "${"+written+"}", "AWS chooses what "+written+" is; give it with --resource "+written+"=VALUE")
	kind := resource.Find("Type")
	if kind == nil {
		return missing, nil
	}
	rule, ok := identities[kind.Text]
	form, has := rule.forms[attribute]
	if !ok || !has {
		return missing, nil
	}
	properties := resource.Find("Properties")
	name := text(n, Name(id))
	if given := properties.Find(rule.property); given != nil {
		v, err := r.value(given)
		if err != nil {
			return nil, err
		}
		if v != nil {
			name = v
		}
	} else if !rule.named {
		return missing, nil
	}
	variables := &source.Node{Kind: source.Map, At: n.At, Fields: []source.Field{{Name: "Name", Value: name}, {Name: "Path", Value: text(n, "/")}}}
	if path := properties.Find("Path"); path != nil {
		variables.Fields[1].Value = path
	}
	return r.sub(n, &source.Node{Kind: source.List, At: n.At, Items: []*source.Node{text(n, form), variables}})
}
