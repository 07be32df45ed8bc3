// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// LocalStorageType is a kind of disk in the machine.
// +kubebuilder:validation:Enum=hdd;ssd
type LocalStorageType string

// The values of LocalStorageType.
const (
	LocalStorageTypeHdd LocalStorageType = "hdd"
	LocalStorageTypeSsd LocalStorageType = "ssd"
)

// InstanceGeneration is how new an instance type is.
// +kubebuilder:validation:Enum=current;previous
type InstanceGeneration string

// The values of InstanceGeneration.
const (
	InstanceGenerationCurrent  InstanceGeneration = "current"
	InstanceGenerationPrevious InstanceGeneration = "previous"
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

// AcceleratorType is a kind of accelerator.
// +kubebuilder:validation:Enum=gpu;fpga;inference
type AcceleratorType string

// The values of AcceleratorType.
const (
	AcceleratorTypeGpu       AcceleratorType = "gpu"
	AcceleratorTypeFpga      AcceleratorType = "fpga"
	AcceleratorTypeInference AcceleratorType = "inference"
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

// Inclusion says whether a property may, must or must not be there.
// +kubebuilder:validation:Enum=included;required;excluded
type Inclusion string

// The values of Inclusion.
const (
	InclusionIncluded Inclusion = "included"
	InclusionRequired Inclusion = "required"
	InclusionExcluded Inclusion = "excluded"
)

// InstanceRequirementsRequest says which instance types will do: each property
// that is set narrows them.
// +kubebuilder:validation:XValidation:rule="!has(self.allowedInstanceTypes) || !has(self.excludedInstanceTypes)",message="allowedInstanceTypes: give either allowedInstanceTypes or excludedInstanceTypes; take one out",fieldPath=".allowedInstanceTypes"
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

	// allowedInstanceTypes are names with * as wildcard; no others are used. It
	// excludes excludedInstanceTypes.
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

	// spotMaxPricePercentageOverLowestPrice bounds the Spot price, in percent over
	// the cheapest.
	// +optional
	// +kubebuilder:validation:Minimum=0
	SpotMaxPricePercentageOverLowestPrice *int32 `json:"spotMaxPricePercentageOverLowestPrice,omitempty"`

	// maxSpotPriceAsPercentageOfOptimalOnDemandPrice bounds the Spot price, in
	// percent of the On-Demand price.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MaxSpotPriceAsPercentageOfOptimalOnDemandPrice *int32 `json:"maxSpotPriceAsPercentageOfOptimalOnDemandPrice,omitempty"`

	// onDemandMaxPricePercentageOverLowestPrice bounds the On-Demand price, in
	// percent over the cheapest.
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
// +kubebuilder:validation:XValidation:rule="!has(self.max) || self.min <= self.max",message="min: it must not be greater than max; swap them or leave max out",fieldPath=".min"
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
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || self.min <= self.max",message="min: it must not be greater than max; swap them or leave one out",fieldPath=".min"
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
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || self.min <= self.max",message="min: it must not be greater than max; swap them or leave one out",fieldPath=".min"
type DecimalRange struct {
	// min is the least that will do. Unset means no lower end.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0.0",message="min: it is less than 0; set 0 or more"
	Min *Decimal `json:"min,omitempty"`

	// max is the most that will do. Unset means no upper end.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0.0",message="max: it is less than 0; set 0 or more"
	Max *Decimal `json:"max,omitempty"`
}
