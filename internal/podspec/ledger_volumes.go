// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

const (
	dockerPath  = "volumes[].dockerVolumeConfiguration."
	efsPath     = "volumes[].efsVolumeConfiguration."
	fsxPath     = "volumes[].fsxWindowsFileServerVolumeConfiguration."
	s3filesPath = "volumes[].s3filesVolumeConfiguration."
	// claimTo is where volumes land that AWS keeps outside the instance.
	claimTo = "volumes[].persistentVolumeClaim, named by docs/spec/volumes.md"
	// claimSays is why their options do so little.
	claimSays = "how a file system is mounted is said by its PersistentVolume; docs/spec/volumes.md has one that says the same"
)

// volumeRows are a task's volumes and where containers mount them.
var volumeRows = []Row{
	{"volumes[].name", Approximated, "volumes[].name", "a name that isn't a DNS label is folded as a container's is; an empty volume isn't filled with what the image has at the mount's path"},
	{"volumes[].host.sourcePath", Exact, "volumes[].hostPath; emptyDir without a path", "the container runtime makes what is missing as a directory, as Docker does"},
	{"volumes[].configuredAtLaunch", Exact, "volumes[].ephemeral: a claim of its own for each task, gone with it, from the service's volumeConfigurations", ""},
	{dockerPath + "scope", Exact, "volumes[]: emptyDir for task; hostPath /var/lib/ecs/volumes/<name> for shared, which stays on its node as Docker's does", ""},
	{dockerPath + "autoprovision", NoEffect, "", "a directory that is missing is made in any case, as Docker does with driver local"},
	{dockerPath + "driver", Approximated, claimTo, "for another driver than local the claim of a shared volume stands, and a volume of scope task is an empty directory"},
	{dockerPath + "driverOpts", Approximated, "volumes[].nfs, emptyDir in memory or hostPath for type nfs, tmpfs and a bind mount of driver local", "other options are the claim's business"},
	{dockerPath + "labels", NoEffect, "", "a directory of a node has no labels, and nothing in ECS reads them"},
	{efsPath + "fileSystemId", Exact, claimTo, ""},
	{efsPath + "rootDirectory", Exact, "containers[].volumeMounts[].subPath", "a directory that is missing is made; in ECS the task fails to start"},
	{efsPath + "transitEncryption", Approximated, claimTo, claimSays},
	{efsPath + "transitEncryptionPort", Approximated, claimTo, claimSays},
	{efsPath + "authorizationConfig.accessPointId", Exact, claimTo, ""},
	{efsPath + "authorizationConfig.iam", Approximated, claimTo, claimSays},
	{fsxPath + "fileSystemId", Exact, claimTo, ""},
	{fsxPath + "rootDirectory", Exact, "containers[].volumeMounts[].subPath", ""},
	{fsxPath + "authorizationConfig.credentialsParameter", Approximated, claimTo, claimSays},
	{fsxPath + "authorizationConfig.domain", Approximated, claimTo, claimSays},
	{s3filesPath + "fileSystemArn", Exact, claimTo, ""},
	{s3filesPath + "accessPointArn", Exact, claimTo, ""},
	{s3filesPath + "rootDirectory", Exact, "containers[].volumeMounts[].subPath", "a directory that is missing is made"},
	{s3filesPath + "transitEncryptionPort", Approximated, claimTo, claimSays},
	{containerPath + "mountPoints[].sourceVolume", Exact, "containers[].volumeMounts[].name", ""},
	{containerPath + "mountPoints[].containerPath", Exact, "containers[].volumeMounts[].mountPath", ""},
	{containerPath + "mountPoints[].readOnly", Exact, "containers[].volumeMounts[].readOnly", ""},
	{containerPath + "volumesFrom[].sourceContainer", Approximated, "containers[].volumeMounts[]: all mounts of that container, its own and borrowed ones", "directories that only the image declares as VOLUME aren't seen"},
	{containerPath + "volumesFrom[].readOnly", Exact, "containers[].volumeMounts[].readOnly", ""},
}
