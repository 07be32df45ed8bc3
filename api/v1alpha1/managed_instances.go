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

// Inclusion says whether a property may, must or must not be there.
// +kubebuilder:validation:Enum=included;required;excluded
type Inclusion string

// The values of Inclusion.
const (
	InclusionIncluded Inclusion = "included"
	InclusionRequired Inclusion = "required"
	InclusionExcluded Inclusion = "excluded"
)

// AcceleratorManufacturer is who made an accelerator.
// +kubebuilder:validation:Enum=amazon-web-services;amd;nvidia;xilinx;habana
type AcceleratorManufacturer string

// The values of AcceleratorManufacturer.
const (
	AcceleratorManufacturerAmazonWebServices AcceleratorManufacturer = "amazon-web-services"
	AcceleratorManufacturerAmd               AcceleratorManufacturer = "amd"
	AcceleratorManufacturerNvidia            AcceleratorManufacturer = "nvidia"
	AcceleratorManufacturerXilinx            AcceleratorManufacturer = "xilinx"
	AcceleratorManufacturerHabana            AcceleratorManufacturer = "habana"
)

// AcceleratorName is a model of accelerator.
// +kubebuilder:validation:Enum=a100;inferentia;k520;k80;m60;radeon-pro-v520;t4;vu9p;v100;a10g;h100;t4g
type AcceleratorName string

// The values of AcceleratorName.
const (
	AcceleratorNamea100          AcceleratorName = "a100"
	AcceleratorNameInferentia    AcceleratorName = "inferentia"
	AcceleratorNamek520          AcceleratorName = "k520"
	AcceleratorNamek80           AcceleratorName = "k80"
	AcceleratorNamem60           AcceleratorName = "m60"
	AcceleratorNameRadeonProV520 AcceleratorName = "radeon-pro-v520"
	AcceleratorNamet4            AcceleratorName = "t4"
	AcceleratorNamevu9p          AcceleratorName = "vu9p"
	AcceleratorNamev100          AcceleratorName = "v100"
	AcceleratorNamea10g          AcceleratorName = "a10g"
	AcceleratorNameh100          AcceleratorName = "h100"
	AcceleratorNamet4g           AcceleratorName = "t4g"
)

// AcceleratorType is a kind of accelerator.
// +kubebuilder:validation:Enum=gpu;fpga;inference
type AcceleratorType string

// The values of AcceleratorType.
const (
	AcceleratorTypeGpu       AcceleratorType = "gpu"
	AcceleratorTypeFpga      AcceleratorType = "fpga"
	AcceleratorTypeInference AcceleratorType = "inference"
)

// CpuManufacturer is who made a processor.
// +kubebuilder:validation:Enum=intel;amd;amazon-web-services
type CpuManufacturer string

// The values of CpuManufacturer.
const (
	CpuManufacturerIntel             CpuManufacturer = "intel"
	CpuManufacturerAmd               CpuManufacturer = "amd"
	CpuManufacturerAmazonWebServices CpuManufacturer = "amazon-web-services"
)

// InstanceGeneration is how new an instance type is.
// +kubebuilder:validation:Enum=current;previous
type InstanceGeneration string

// The values of InstanceGeneration.
const (
	InstanceGenerationCurrent  InstanceGeneration = "current"
	InstanceGenerationPrevious InstanceGeneration = "previous"
)

// LocalStorageType is a kind of disk in the machine.
// +kubebuilder:validation:Enum=hdd;ssd
type LocalStorageType string

// The values of LocalStorageType.
const (
	LocalStorageTypeHdd LocalStorageType = "hdd"
	LocalStorageTypeSsd LocalStorageType = "ssd"
)

// ManagedInstancesProvider is about machines that ECS would make by itself. On Kubernetes it describes the nodes;
// making them is the business of a node autoscaler.
type ManagedInstancesProvider struct {
	// infrastructureRoleArn is the IAM role that makes machines.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	InfrastructureRoleArn string `json:"infrastructureRoleArn"`

	// instanceLaunchTemplate describes the machines.
	// +required
	InstanceLaunchTemplate InstanceLaunchTemplate `json:"instanceLaunchTemplate"`

	// propagateTags copies the capacity provider's tags to the machines. Unset means NONE.
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
	// scaleInAfter is the seconds a machine is idle before it is removed, 0 to 3600; -1 means never. Unset leaves it
	// to the platform.
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

	// instanceRequirements says which instance types will do. Unset means any that fit the tasks.
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

	// fipsEnabled uses validated cryptography only. Unset means what the region prescribes.
	// +optional
	FipsEnabled *bool `json:"fipsEnabled,omitempty"`

	// instanceMetadataTagsPropagation shows tags in the instance metadata. Unset means true.
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

	// reservationPreference is RESERVATIONS_ONLY, RESERVATIONS_FIRST or RESERVATIONS_EXCLUDED.
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

// InstanceRequirementsRequest says which instance types will do: each property that is set narrows them.
type InstanceRequirementsRequest struct {
	// vCpuCount is the number of vCPUs.
	// +required
	VCpuCount IntRangeMinRequired `json:"vCpuCount"`

	// memoryMiB is the memory in MiB.
	// +required
	MemoryMiB IntRangeMinRequired `json:"memoryMiB"`

	// memoryGiBPerVCpu is GiB of memory for each vCPU, such as 0.5 to 8.
	// +optional
	MemoryGiBPerVCpu *DecimalRange `json:"memoryGiBPerVCpu,omitempty"`

	// cpuManufacturers are the makers of the processor. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	CpuManufacturers []CpuManufacturer `json:"cpuManufacturers,omitempty"`

	// instanceGenerations are current and previous. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	InstanceGenerations []InstanceGeneration `json:"instanceGenerations,omitempty"`

	// allowedInstanceTypes are names with * as wildcard; no others are used. It excludes excludedInstanceTypes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=400
	// +kubebuilder:validation:items:MaxLength=30
	// +kubebuilder:validation:items:MinLength=1
	AllowedInstanceTypes []string `json:"allowedInstanceTypes,omitempty"`

	// excludedInstanceTypes are names with * as wildcard that are not used.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=400
	// +kubebuilder:validation:items:MaxLength=30
	// +kubebuilder:validation:items:MinLength=1
	ExcludedInstanceTypes []string `json:"excludedInstanceTypes,omitempty"`

	// bareMetal is about machines without a hypervisor. Unset means excluded.
	// +optional
	BareMetal Inclusion `json:"bareMetal,omitempty"`

	// burstablePerformance is about types with CPU credits. Unset means excluded.
	// +optional
	BurstablePerformance Inclusion `json:"burstablePerformance,omitempty"`

	// requireHibernateSupport demands types that can hibernate. Unset means false.
	// +optional
	RequireHibernateSupport *bool `json:"requireHibernateSupport,omitempty"`

	// spotMaxPricePercentageOverLowestPrice bounds the Spot price, in percent over the cheapest.
	// +optional
	// +kubebuilder:validation:Minimum=0
	SpotMaxPricePercentageOverLowestPrice *int32 `json:"spotMaxPricePercentageOverLowestPrice,omitempty"`

	// maxSpotPriceAsPercentageOfOptimalOnDemandPrice bounds the Spot price, in percent of the On-Demand price.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MaxSpotPriceAsPercentageOfOptimalOnDemandPrice *int32 `json:"maxSpotPriceAsPercentageOfOptimalOnDemandPrice,omitempty"`

	// onDemandMaxPricePercentageOverLowestPrice bounds the On-Demand price, in percent over the cheapest.
	// +optional
	// +kubebuilder:validation:Minimum=0
	OnDemandMaxPricePercentageOverLowestPrice *int32 `json:"onDemandMaxPricePercentageOverLowestPrice,omitempty"`

	// localStorage is about disks in the machine. Unset means included.
	// +optional
	LocalStorage Inclusion `json:"localStorage,omitempty"`

	// localStorageTypes are hdd and ssd. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	LocalStorageTypes []LocalStorageType `json:"localStorageTypes,omitempty"`

	// totalLocalStorageGB is the size of disks in the machine, in GB.
	// +optional
	TotalLocalStorageGB *DecimalRange `json:"totalLocalStorageGB,omitempty"`

	// baselineEbsBandwidthMbps is the bandwidth to EBS, in Mbit/s.
	// +optional
	BaselineEbsBandwidthMbps *IntRange `json:"baselineEbsBandwidthMbps,omitempty"`

	// networkBandwidthGbps is the bandwidth of the network, in Gbit/s.
	// +optional
	NetworkBandwidthGbps *DecimalRange `json:"networkBandwidthGbps,omitempty"`

	// networkInterfaceCount is the number of network interfaces.
	// +optional
	NetworkInterfaceCount *IntRange `json:"networkInterfaceCount,omitempty"`

	// acceleratorCount is the number of accelerators.
	// +optional
	AcceleratorCount *IntRange `json:"acceleratorCount,omitempty"`

	// acceleratorTypes are kinds of accelerator. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=3
	AcceleratorTypes []AcceleratorType `json:"acceleratorTypes,omitempty"`

	// acceleratorManufacturers are makers of accelerators. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	AcceleratorManufacturers []AcceleratorManufacturer `json:"acceleratorManufacturers,omitempty"`

	// acceleratorNames are models of accelerators. Unset means any.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=12
	AcceleratorNames []AcceleratorName `json:"acceleratorNames,omitempty"`

	// acceleratorTotalMemoryMiB is the memory of all accelerators, in MiB.
	// +optional
	AcceleratorTotalMemoryMiB *IntRange `json:"acceleratorTotalMemoryMiB,omitempty"`
}

// IntRangeMinRequired is a range of whole numbers with a lower end.
// +kubebuilder:validation:XValidation:rule="!has(self.max) || self.min <= self.max",message="min must not be greater than max; swap them or leave max out",fieldPath=".min"
type IntRangeMinRequired struct {
	// min is the least that will do.
	// +required
	// +kubebuilder:validation:Minimum=0
	Min int32 `json:"min"`

	// max is the most that will do. Unset means no upper end.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Max *int32 `json:"max,omitempty"`
}

// IntRange is a range of whole numbers.
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || self.min <= self.max",message="min must not be greater than max; swap them or leave one out",fieldPath=".min"
type IntRange struct {
	// min is the least that will do. Unset means no lower end.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Min *int32 `json:"min,omitempty"`

	// max is the most that will do. Unset means no upper end.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Max *int32 `json:"max,omitempty"`
}

// DecimalRange is a range of numbers.
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || self.min <= self.max",message="min must not be greater than max; swap them or leave one out",fieldPath=".min"
type DecimalRange struct {
	// min is the least that will do. Unset means no lower end.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Min *Decimal `json:"min,omitempty"`

	// max is the most that will do. Unset means no upper end.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Max *Decimal `json:"max,omitempty"`
}
