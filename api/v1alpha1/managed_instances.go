// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// CapacityOptionType is how machines are paid for.
// +kubebuilder:validation:Enum=ON_DEMAND;SPOT;RESERVED
type CapacityOptionType string

// The values of CapacityOptionType.
const (
	CapacityOptionTypeOnDemand CapacityOptionType = "ON_DEMAND"
	CapacityOptionTypeSpot     CapacityOptionType = "SPOT"
	CapacityOptionTypeReserved CapacityOptionType = "RESERVED"
)

// CapacityReservationPreference is how reserved machines are used.
// +kubebuilder:validation:Enum=RESERVATIONS_ONLY;RESERVATIONS_FIRST;RESERVATIONS_EXCLUDED
type CapacityReservationPreference string

// The values of CapacityReservationPreference.
const (
	CapacityReservationPreferenceReservationsOnly     CapacityReservationPreference = "RESERVATIONS_ONLY"
	CapacityReservationPreferenceReservationsFirst    CapacityReservationPreference = "RESERVATIONS_FIRST"
	CapacityReservationPreferenceReservationsExcluded CapacityReservationPreference = "RESERVATIONS_EXCLUDED"
)

// ManagedInstancesMonitoringOptions is how closely machines are watched.
// +kubebuilder:validation:Enum=BASIC;DETAILED
type ManagedInstancesMonitoringOptions string

// The values of ManagedInstancesMonitoringOptions.
const (
	ManagedInstancesMonitoringOptionsBasic    ManagedInstancesMonitoringOptions = "BASIC"
	ManagedInstancesMonitoringOptionsDetailed ManagedInstancesMonitoringOptions = "DETAILED"
)

// ManagedInstancesProvider is about machines that ECS would make by itself. On
// Kubernetes it describes the nodes; making them is the business of a node
// autoscaler.
type ManagedInstancesProvider struct {
	// infrastructureRoleArn is the IAM role that makes machines.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	InfrastructureRoleArn string `json:"infrastructureRoleArn"`

	// instanceLaunchTemplate describes the machines.
	// +required
	InstanceLaunchTemplate InstanceLaunchTemplate `json:"instanceLaunchTemplate"`

	// propagateTags copies the capacity provider's tags to the machines. Unset
	// means NONE.
	// +optional
	PropagateTags PropagateMITags `json:"propagateTags,omitempty"`

	// infrastructureOptimization says when idle machines are removed.
	// +optional
	InfrastructureOptimization *InfrastructureOptimization `json:"infrastructureOptimization,omitempty"`

	// autoRepairConfiguration replaces machines that are impaired.
	// +optional
	AutoRepairConfiguration *AutoRepairConfiguration `json:"autoRepairConfiguration,omitempty"`
}

// InfrastructureOptimization says when idle machines are removed.
type InfrastructureOptimization struct {
	// scaleInAfter is the seconds a machine is idle before it is removed, 0 to
	// 3600; -1 means never. Unset leaves it to the platform.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=3600
	ScaleInAfter *int32 `json:"scaleInAfter,omitempty"`
}

// AutoRepairConfiguration replaces machines that are impaired.
type AutoRepairConfiguration struct {
	// actionsStatus turns it on.
	// +optional
	ActionsStatus Toggle `json:"actionsStatus,omitempty"`
}

// InstanceLaunchTemplate describes machines.
type InstanceLaunchTemplate struct {
	// ec2InstanceProfileArn is the instance profile.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Ec2InstanceProfileArn string `json:"ec2InstanceProfileArn"`

	// networkConfiguration names subnets and security groups.
	// +required
	NetworkConfiguration ManagedInstancesNetworkConfiguration `json:"networkConfiguration"`

	// capacityOptionType is ON_DEMAND, SPOT or RESERVED. Unset means ON_DEMAND.
	// +optional
	CapacityOptionType CapacityOptionType `json:"capacityOptionType,omitempty"`

	// capacityReservations says how reserved machines are used.
	// +optional
	CapacityReservations *CapacityReservationRequest `json:"capacityReservations,omitempty"`

	// instanceRequirements says which instance types will do. Unset means any that
	// fit the tasks.
	// +optional
	InstanceRequirements *InstanceRequirementsRequest `json:"instanceRequirements,omitempty"`

	// storageConfiguration is the data volume.
	// +optional
	StorageConfiguration *ManagedInstancesStorageConfiguration `json:"storageConfiguration,omitempty"`

	// localStorageConfiguration is about disks in the machine.
	// +optional
	LocalStorageConfiguration *ManagedInstancesLocalStorageConfiguration `json:"localStorageConfiguration,omitempty"`

	// monitoring is BASIC or DETAILED. Unset means BASIC.
	// +optional
	Monitoring ManagedInstancesMonitoringOptions `json:"monitoring,omitempty"`

	// fipsEnabled uses validated cryptography only. Unset means what the region
	// prescribes.
	// +optional
	FipsEnabled *bool `json:"fipsEnabled,omitempty"`

	// instanceMetadataTagsPropagation shows tags in the instance metadata. Unset
	// means true.
	// +optional
	InstanceMetadataTagsPropagation *bool `json:"instanceMetadataTagsPropagation,omitempty"`
}

// ManagedInstancesNetworkConfiguration names subnets and security groups.
type ManagedInstancesNetworkConfiguration struct {
	// subnets are the subnets.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	Subnets []string `json:"subnets,omitempty"`

	// securityGroups are the security groups.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:items:MinLength=1
	SecurityGroups []string `json:"securityGroups,omitempty"`
}

// CapacityReservationRequest says how reserved machines are used.
type CapacityReservationRequest struct {
	// reservationGroupArn is the resource group of the reservations.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	ReservationGroupArn string `json:"reservationGroupArn,omitempty"`

	// reservationPreference is RESERVATIONS_ONLY, RESERVATIONS_FIRST or
	// RESERVATIONS_EXCLUDED.
	// +optional
	ReservationPreference CapacityReservationPreference `json:"reservationPreference,omitempty"`
}

// ManagedInstancesStorageConfiguration is the data volume of a machine.
type ManagedInstancesStorageConfiguration struct {
	// storageSizeGiB is its size in GiB.
	// +optional
	// +kubebuilder:validation:Minimum=1
	StorageSizeGiB *int32 `json:"storageSizeGiB,omitempty"`
}

// ManagedInstancesLocalStorageConfiguration is about disks in the machine.
type ManagedInstancesLocalStorageConfiguration struct {
	// useLocalStorage uses them for tasks. Unset means false.
	// +optional
	UseLocalStorage *bool `json:"useLocalStorage,omitempty"`
}
