// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// volumeRows are a task's volumes and where containers mount them.
var volumeRows = slices.Concat(
	notYet("volumes[]", "volumes[]", "", "name"),
	notYet("volumes[]", "volumes[].hostPath or emptyDir", "", "host.sourcePath"),
	notYet("volumes[]", "volumes[].ephemeral", "", "configuredAtLaunch"),
	notYet("volumes[].dockerVolumeConfiguration", "volumes[].emptyDir or a claim", "", "scope", "autoprovision", "driver", "driverOpts", "labels"),
	notYet("volumes[].efsVolumeConfiguration", "volumes[].csi", "", "fileSystemId", "rootDirectory", "transitEncryption", "transitEncryptionPort",
		"authorizationConfig.accessPointId", "authorizationConfig.iam"),
	notYet("volumes[].fsxWindowsFileServerVolumeConfiguration", "volumes[].csi", "", "fileSystemId", "rootDirectory",
		"authorizationConfig.credentialsParameter", "authorizationConfig.domain"),
	notYet("volumes[].s3filesVolumeConfiguration", "volumes[].csi", "", "fileSystemArn", "accessPointArn", "rootDirectory", "transitEncryptionPort"),
	notYet(containerPath+"mountPoints[]", "containers[].volumeMounts[]", "", "sourceVolume", "containerPath", "readOnly"),
	notYet(containerPath+"volumesFrom[]", "containers[].volumeMounts[]", "", "sourceContainer", "readOnly"),
)
