// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// launchConfiguration is what a service or a task says about a volume that is configured at launch.
type launchConfiguration struct {
	name string
	// ebs is nil where nothing is said.
	ebs *ecsv1.EBSVolumeFields
}

// volumeConfigurations are those of the service, or of the task by itself.
func (t *translation) volumeConfigurations() []launchConfiguration {
	var out []launchConfiguration
	if t.in.Service != nil {
		for i := range t.in.Service.VolumeConfigurations {
			c := launchConfiguration{name: t.in.Service.VolumeConfigurations[i].Name}
			if v := t.in.Service.VolumeConfigurations[i].ManagedEBSVolume; v != nil {
				c.ebs = &v.EBSVolumeFields
			}
			out = append(out, c)
		}
	}
	if t.in.Task != nil {
		for i := range t.in.Task.VolumeConfigurations {
			c := launchConfiguration{name: t.in.Task.VolumeConfigurations[i].Name}
			if v := t.in.Task.VolumeConfigurations[i].ManagedEBSVolume; v != nil {
				c.ebs = &v.EBSVolumeFields
			}
			out = append(out, c)
		}
	}
	return out
}

// checkVolumeConfigurations: each volume that is configured at launch is configured by whoever launches the task, and nothing else is
// (API_CreateService, API_RunTask volumeConfigurations).
func (t *translation) checkVolumeConfigurations() error {
	if t.in.Service == nil && t.in.Task == nil {
		return nil
	}
	atLaunch := map[string]bool{}
	for i, v := range t.in.TaskDefinition.Volumes {
		if v.ConfiguredAtLaunch == nil || !*v.ConfiguredAtLaunch {
			continue
		}
		atLaunch[v.Name] = true
		if _, c := t.volumeConfiguration(v.Name); c == nil {
			return fmt.Errorf("spec.volumeConfigurations: volumes[%d] %s of the task definition has configuredAtLaunch, and nothing configures it; add an entry of that name with managedEBSVolume", i, v.Name)
		}
	}
	for i, c := range t.volumeConfigurations() {
		if !atLaunch[c.name] {
			return fmt.Errorf("spec.volumeConfigurations[%d].name: the task definition has no volume %s with configuredAtLaunch; take the entry out, or correct its name", i, c.name)
		}
		if c.ebs != nil && c.ebs.SizeInGiB == nil {
			return fmt.Errorf("spec.volumeConfigurations[%d].managedEBSVolume.sizeInGiB: Kubernetes can't tell how large snapshot %s is; set at least its size", i, c.ebs.SnapshotId)
		}
	}
	return nil
}

// volumeConfiguration is what is said about a volume at launch, nil for nothing, with its index.
func (t *translation) volumeConfiguration(name string) (int, *ecsv1.EBSVolumeFields) {
	for i, c := range t.volumeConfigurations() {
		if c.name == name && c.ebs != nil {
			return i, c.ebs
		}
	}
	return -1, nil
}

// launchVolume is a volume of its own for each task, gone with it: a service's EBS volumes always go with their tasks, and those of a task
// by itself unless it says otherwise.
func (t *translation) launchVolume(i int, name string) corev1.VolumeSource {
	at, c := t.volumeConfiguration(name)
	if c == nil {
		t.warn(volumeAt(i, "configuredAtLaunch"), Approximated, "nothing configures volume %s here, so it is an empty directory of the node; a service or a task gives it its size in volumeConfigurations", name)
		return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
	}
	spec := corev1.PersistentVolumeClaimSpec{
		AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		StorageClassName: t.storageClass(at, c.VolumeType),
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceStorage: resource.MustParse(fmt.Sprintf("%dGi", *c.SizeInGiB)),
		}},
	}
	if c.SnapshotId != "" {
		group := "snapshot.storage.k8s.io"
		spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VolumeSnapshot", Name: names.Slug(c.SnapshotId)}
	}
	t.reportEBS(at, c)
	return corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{Spec: spec}}}
}

// defaultVolumeType is ECS's (API_ServiceManagedEBSVolumeConfiguration).
const defaultVolumeType = "gp3"

// storageClass stands for a volume type by the Cluster's word; nil is the cluster's default one.
func (t *translation) storageClass(at int, volumeType string) *string {
	wanted := volumeType
	if wanted == "" {
		wanted = defaultVolumeType
	}
	if k := t.in.Cluster.Kubernetes; k != nil {
		for _, c := range k.StorageClasses {
			if c.VolumeType == wanted {
				return &c.StorageClassName
			}
		}
	}
	if volumeType != "" {
		t.warn(ebsAt(at, "volumeType"), Approximated, "the Cluster names no StorageClass for %s in spec.kubernetes.storageClasses, so the volume is of the default one", volumeType)
	}
	return nil
}

// reportEBS tells what becomes of the other settings: a StorageClass has them for all its volumes.
func (t *translation) reportEBS(at int, c *ecsv1.EBSVolumeFields) {
	const class = "said by the StorageClass for all its volumes: %s. Name one that says so in the Cluster's spec.kubernetes.storageClasses"
	for _, s := range []struct {
		field, parameter string
		set              bool
	}{
		{"iops", "parameters.iops", c.Iops != nil},
		{"throughput", "parameters.throughput", c.Throughput != nil},
		{"volumeInitializationRate", "parameters.volumeInitializationRate", c.VolumeInitializationRate != nil},
		{"filesystemType", "parameters[csi.storage.k8s.io/fstype]", c.FilesystemType != ""},
		{"encrypted", "parameters.encrypted", c.Encrypted != nil && *c.Encrypted},
		{"kmsKeyId", "parameters.kmsKeyId", c.KmsKeyId != ""},
		{"tagSpecifications", "parameters.tagSpecification_1", len(c.TagSpecifications) > 0},
	} {
		if s.set {
			t.warn(ebsAt(at, s.field), Approximated, class, s.parameter)
		}
	}
	if c.SnapshotId != "" {
		t.warn(ebsAt(at, "snapshotId"), Approximated, "the volume is made from the VolumeSnapshot %s in the task's namespace, which has to stand for that snapshot", names.Slug(c.SnapshotId))
	}
	t.warn(ebsAt(at, "roleArn"), NoEffect, "the storage driver makes and attaches volumes with its own rights")
}

// ebsAt is the path of a field in volumeConfigurations.
func ebsAt(i int, field string) string {
	return fmt.Sprintf("volumeConfigurations[%d].managedEBSVolume.%s", i, field)
}
