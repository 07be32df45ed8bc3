// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// volumeRows are a task's volumes and where containers mount them.
var volumeRows = slices.Concat(
	rows("volumes[]", NotYetMapped, "volumes[]", "", "name"),
	rows("volumes[]", NotYetMapped, "volumes[].hostPath or emptyDir", "", "host.sourcePath"),
	rows("volumes[]", NotYetMapped, "volumes[].ephemeral", "", "configuredAtLaunch"),
	rows("volumes[].dockerVolumeConfiguration", NotYetMapped, "volumes[].emptyDir or a claim", "", "scope", "autoprovision", "driver", "driverOpts", "labels"),
	rows("volumes[].efsVolumeConfiguration", NotYetMapped, "volumes[].csi", "", "fileSystemId", "rootDirectory", "transitEncryption", "transitEncryptionPort",
		"authorizationConfig.accessPointId", "authorizationConfig.iam"),
	rows("volumes[].fsxWindowsFileServerVolumeConfiguration", NotYetMapped, "volumes[].csi", "", "fileSystemId", "rootDirectory",
		"authorizationConfig.credentialsParameter", "authorizationConfig.domain"),
	rows("volumes[].s3filesVolumeConfiguration", NotYetMapped, "volumes[].csi", "", "fileSystemArn", "accessPointArn", "rootDirectory", "transitEncryptionPort"),
	rows(containerPath+"mountPoints[]", NotYetMapped, "containers[].volumeMounts[]", "", "sourceVolume", "containerPath", "readOnly"),
	rows(containerPath+"volumesFrom[]", NotYetMapped, "containers[].volumeMounts[]", "", "sourceContainer", "readOnly"),
)
