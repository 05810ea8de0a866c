/**
 * The structs in which the server holds what it validates, v1.36: pkg/apis/{core,apps,batch,policy}/types.go. A line each, the fields in their
 * order: `Name` a text, `#` a number, `!` a truth value, `%` a quantity, `?` what may be nil (a pointer, a list, a map), with a struct's name
 * behind it when it holds that; `:` a struct, `...` a struct whose fields stand among these, `=` the field's name in manifests where that is
 * another word.
 */
export default `
PodTemplateSpec ...ObjectMeta Spec:PodSpec
PodSpec Volumes?Volume InitContainers?Container Containers?Container EphemeralContainers?EphemeralContainer RestartPolicy
  TerminationGracePeriodSeconds? ActiveDeadlineSeconds? DNSPolicy NodeSelector? ServiceAccountName AutomountServiceAccountToken? NodeName
  SecurityContext?PodSecurityContext ImagePullSecrets?LocalObjectReference Hostname Subdomain SetHostnameAsFQDN? Affinity?Affinity
  SchedulerName Tolerations?Toleration HostAliases?HostAlias PriorityClassName Priority? PreemptionPolicy? DNSConfig?PodDNSConfig
  ReadinessGates?PodReadinessGate RuntimeClassName? Overhead? EnableServiceLinks? TopologySpreadConstraints?TopologySpreadConstraint
  OS?PodOS SchedulingGates?PodSchedulingGate ResourceClaims?PodResourceClaim Resources?ResourceRequirements HostnameOverride?
  SchedulingGroup?PodSchedulingGroup
Volume Name ...VolumeSource
VolumeSource HostPath?HostPathVolumeSource EmptyDir?EmptyDirVolumeSource GCEPersistentDisk?GCEPersistentDiskVolumeSource
  AWSElasticBlockStore?AWSElasticBlockStoreVolumeSource GitRepo?GitRepoVolumeSource Secret?SecretVolumeSource NFS?NFSVolumeSource
  ISCSI?ISCSIVolumeSource Glusterfs?GlusterfsVolumeSource PersistentVolumeClaim?PersistentVolumeClaimVolumeSource RBD?RBDVolumeSource
  Quobyte?QuobyteVolumeSource FlexVolume?FlexVolumeSource Cinder?CinderVolumeSource CephFS?CephFSVolumeSource Flocker?FlockerVolumeSource
  DownwardAPI?DownwardAPIVolumeSource FC?FCVolumeSource AzureFile?AzureFileVolumeSource ConfigMap?ConfigMapVolumeSource
  VsphereVolume?VsphereVirtualDiskVolumeSource AzureDisk?AzureDiskVolumeSource PhotonPersistentDisk?PhotonPersistentDiskVolumeSource
  Projected?ProjectedVolumeSource PortworxVolume?PortworxVolumeSource ScaleIO?ScaleIOVolumeSource StorageOS?StorageOSVolumeSource
  CSI?CSIVolumeSource Ephemeral?EphemeralVolumeSource Image?ImageVolumeSource
HostPathVolumeSource Path Type?
EmptyDirVolumeSource Medium SizeLimit?
GCEPersistentDiskVolumeSource PDName FSType Partition# ReadOnly!
AWSElasticBlockStoreVolumeSource VolumeID FSType Partition# ReadOnly!
GitRepoVolumeSource Repository Revision Directory
SecretVolumeSource SecretName Items?KeyToPath DefaultMode? Optional?
KeyToPath Key Path Mode?
NFSVolumeSource Server Path ReadOnly!
ISCSIVolumeSource TargetPortal IQN Lun# ISCSIInterface FSType ReadOnly! Portals? DiscoveryCHAPAuth! SessionCHAPAuth!
  SecretRef?LocalObjectReference InitiatorName?
LocalObjectReference Name
GlusterfsVolumeSource EndpointsName=endpoints Path ReadOnly!
PersistentVolumeClaimVolumeSource ClaimName ReadOnly!
RBDVolumeSource CephMonitors=monitors? RBDImage=image FSType RBDPool=pool RadosUser=user Keyring SecretRef?LocalObjectReference ReadOnly!
QuobyteVolumeSource Registry Volume ReadOnly! User Group Tenant
FlexVolumeSource Driver FSType SecretRef?LocalObjectReference ReadOnly! Options?
CinderVolumeSource VolumeID FSType ReadOnly! SecretRef?LocalObjectReference
CephFSVolumeSource Monitors? Path User SecretFile SecretRef?LocalObjectReference ReadOnly!
FlockerVolumeSource DatasetName DatasetUUID
DownwardAPIVolumeSource Items?DownwardAPIVolumeFile DefaultMode?
DownwardAPIVolumeFile Path FieldRef?ObjectFieldSelector ResourceFieldRef?ResourceFieldSelector Mode?
ObjectFieldSelector APIVersion FieldPath
ResourceFieldSelector ContainerName Resource Divisor%
FCVolumeSource TargetWWNs? Lun? FSType ReadOnly! WWIDs?
AzureFileVolumeSource SecretName ShareName ReadOnly!
ConfigMapVolumeSource ...LocalObjectReference Items?KeyToPath DefaultMode? Optional?
VsphereVirtualDiskVolumeSource VolumePath FSType StoragePolicyName StoragePolicyID
AzureDiskVolumeSource DiskName DataDiskURI=diskURI CachingMode? FSType? ReadOnly? Kind?
PhotonPersistentDiskVolumeSource PdID FSType
ProjectedVolumeSource Sources?VolumeProjection DefaultMode?
VolumeProjection Secret?SecretProjection DownwardAPI?DownwardAPIProjection ConfigMap?ConfigMapProjection
  ServiceAccountToken?ServiceAccountTokenProjection ClusterTrustBundle?ClusterTrustBundleProjection PodCertificate?PodCertificateProjection
SecretProjection ...LocalObjectReference Items?KeyToPath Optional?
DownwardAPIProjection Items?DownwardAPIVolumeFile
ConfigMapProjection ...LocalObjectReference Items?KeyToPath Optional?
ServiceAccountTokenProjection Audience ExpirationSeconds# Path
ClusterTrustBundleProjection Name? SignerName? LabelSelector?LabelSelector Optional? Path
PodCertificateProjection SignerName KeyType MaxExpirationSeconds? CredentialBundlePath KeyPath CertificateChainPath UserAnnotations?
PortworxVolumeSource VolumeID FSType ReadOnly!
ScaleIOVolumeSource Gateway System SecretRef?LocalObjectReference SSLEnabled! ProtectionDomain StoragePool StorageMode VolumeName FSType
  ReadOnly!
StorageOSVolumeSource VolumeName VolumeNamespace FSType ReadOnly! SecretRef?LocalObjectReference
CSIVolumeSource Driver ReadOnly? FSType? VolumeAttributes? NodePublishSecretRef?LocalObjectReference
EphemeralVolumeSource VolumeClaimTemplate?PersistentVolumeClaimTemplate
PersistentVolumeClaimTemplate ...ObjectMeta Spec:PersistentVolumeClaimSpec
PersistentVolumeClaimSpec AccessModes? Selector?LabelSelector Resources:VolumeResourceRequirements VolumeName StorageClassName? VolumeMode?
  DataSource?TypedLocalObjectReference DataSourceRef?TypedObjectReference VolumeAttributesClassName?
VolumeResourceRequirements Limits? Requests?
TypedLocalObjectReference APIGroup? Kind Name
TypedObjectReference APIGroup? Kind Name Namespace?
ImageVolumeSource Reference PullPolicy
Container Name Image Command? Args? WorkingDir Ports?ContainerPort EnvFrom?EnvFromSource Env?EnvVar Resources:ResourceRequirements
  ResizePolicy?ContainerResizePolicy RestartPolicy? RestartPolicyRules?ContainerRestartRule VolumeMounts?VolumeMount
  VolumeDevices?VolumeDevice LivenessProbe?Probe ReadinessProbe?Probe StartupProbe?Probe Lifecycle?Lifecycle TerminationMessagePath
  TerminationMessagePolicy ImagePullPolicy SecurityContext?SecurityContext Stdin! StdinOnce! TTY!
ContainerPort Name HostPort# ContainerPort# Protocol HostIP
EnvFromSource Prefix ConfigMapRef?ConfigMapEnvSource SecretRef?SecretEnvSource
ConfigMapEnvSource ...LocalObjectReference Optional?
SecretEnvSource ...LocalObjectReference Optional?
EnvVar Name Value ValueFrom?EnvVarSource
EnvVarSource FieldRef?ObjectFieldSelector ResourceFieldRef?ResourceFieldSelector ConfigMapKeyRef?ConfigMapKeySelector
  SecretKeyRef?SecretKeySelector FileKeyRef?FileKeySelector
ConfigMapKeySelector ...LocalObjectReference Key Optional?
SecretKeySelector ...LocalObjectReference Key Optional?
FileKeySelector VolumeName Path Key Optional?
ResourceRequirements Limits? Requests? Claims?ResourceClaim
ResourceClaim Name Request
ContainerResizePolicy ResourceName RestartPolicy
ContainerRestartRule Action ExitCodes?ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes Operator Values?
VolumeMount Name ReadOnly! RecursiveReadOnly? MountPath SubPath MountPropagation? SubPathExpr
VolumeDevice Name DevicePath
Probe ...ProbeHandler InitialDelaySeconds# TimeoutSeconds# PeriodSeconds# SuccessThreshold# FailureThreshold# TerminationGracePeriodSeconds?
ProbeHandler Exec?ExecAction HTTPGet?HTTPGetAction TCPSocket?TCPSocketAction GRPC?GRPCAction
ExecAction Command?
HTTPGetAction Path Port# Host Scheme HTTPHeaders?HTTPHeader
HTTPHeader Name Value
TCPSocketAction Port# Host
GRPCAction Port# Service?
Lifecycle PostStart?LifecycleHandler PreStop?LifecycleHandler StopSignal?
LifecycleHandler Exec?ExecAction HTTPGet?HTTPGetAction TCPSocket?TCPSocketAction Sleep?SleepAction
SleepAction Seconds#
SecurityContext Capabilities?Capabilities Privileged? SELinuxOptions?SELinuxOptions WindowsOptions?WindowsSecurityContextOptions RunAsUser?
  RunAsGroup? RunAsNonRoot? ReadOnlyRootFilesystem? AllowPrivilegeEscalation? ProcMount? SeccompProfile?SeccompProfile
  AppArmorProfile?AppArmorProfile
Capabilities Add? Drop?
SELinuxOptions User Role Type Level
WindowsSecurityContextOptions GMSACredentialSpecName? GMSACredentialSpec? RunAsUserName? HostProcess?
SeccompProfile Type LocalhostProfile?
AppArmorProfile Type LocalhostProfile?
EphemeralContainer ...EphemeralContainerCommon TargetContainerName
EphemeralContainerCommon Name Image Command? Args? WorkingDir Ports?ContainerPort EnvFrom?EnvFromSource Env?EnvVar
  Resources:ResourceRequirements ResizePolicy?ContainerResizePolicy RestartPolicy? RestartPolicyRules?ContainerRestartRule
  VolumeMounts?VolumeMount VolumeDevices?VolumeDevice LivenessProbe?Probe ReadinessProbe?Probe StartupProbe?Probe Lifecycle?Lifecycle
  TerminationMessagePath TerminationMessagePolicy ImagePullPolicy SecurityContext?SecurityContext Stdin! StdinOnce! TTY!
PodSecurityContext HostNetwork! HostPID! HostIPC! ShareProcessNamespace? HostUsers? SELinuxOptions?SELinuxOptions
  WindowsOptions?WindowsSecurityContextOptions RunAsUser? RunAsGroup? RunAsNonRoot? SupplementalGroups? SupplementalGroupsPolicy? FSGroup?
  FSGroupChangePolicy? Sysctls?Sysctl SeccompProfile?SeccompProfile AppArmorProfile?AppArmorProfile SELinuxChangePolicy?
Sysctl Name Value
Affinity NodeAffinity?NodeAffinity PodAffinity?PodAffinity PodAntiAffinity?PodAntiAffinity
NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution?NodeSelector
  PreferredDuringSchedulingIgnoredDuringExecution?PreferredSchedulingTerm
NodeSelector NodeSelectorTerms?NodeSelectorTerm
NodeSelectorTerm MatchExpressions?NodeSelectorRequirement MatchFields?NodeSelectorRequirement
NodeSelectorRequirement Key Operator Values?
PreferredSchedulingTerm Weight# Preference:NodeSelectorTerm
PodAffinity RequiredDuringSchedulingIgnoredDuringExecution?PodAffinityTerm
  PreferredDuringSchedulingIgnoredDuringExecution?WeightedPodAffinityTerm
PodAffinityTerm LabelSelector?LabelSelector Namespaces? TopologyKey NamespaceSelector?LabelSelector MatchLabelKeys? MismatchLabelKeys?
WeightedPodAffinityTerm Weight# PodAffinityTerm:PodAffinityTerm
PodAntiAffinity RequiredDuringSchedulingIgnoredDuringExecution?PodAffinityTerm
  PreferredDuringSchedulingIgnoredDuringExecution?WeightedPodAffinityTerm
Toleration Key Operator Value Effect TolerationSeconds?
Taint Key Value Effect TimeAdded?
NodeAddress Type Address
HostAlias IP Hostnames?
PodDNSConfig Nameservers? Searches? Options?PodDNSConfigOption
PodDNSConfigOption Name Value?
PodReadinessGate ConditionType
TopologySpreadConstraint MaxSkew# TopologyKey WhenUnsatisfiable LabelSelector?LabelSelector MinDomains? NodeAffinityPolicy?
  NodeTaintsPolicy? MatchLabelKeys?
PodOS Name
PodSchedulingGate Name
PodResourceClaim Name ResourceClaimName? ResourceClaimTemplateName?
PodSchedulingGroup PodGroupName?
PersistentVolumeSource GCEPersistentDisk?GCEPersistentDiskVolumeSource AWSElasticBlockStore?AWSElasticBlockStoreVolumeSource
  HostPath?HostPathVolumeSource Glusterfs?GlusterfsPersistentVolumeSource NFS?NFSVolumeSource RBD?RBDPersistentVolumeSource
  Quobyte?QuobyteVolumeSource ISCSI?ISCSIPersistentVolumeSource FlexVolume?FlexPersistentVolumeSource Cinder?CinderPersistentVolumeSource
  CephFS?CephFSPersistentVolumeSource FC?FCVolumeSource Flocker?FlockerVolumeSource AzureFile?AzureFilePersistentVolumeSource
  VsphereVolume?VsphereVirtualDiskVolumeSource AzureDisk?AzureDiskVolumeSource PhotonPersistentDisk?PhotonPersistentDiskVolumeSource
  PortworxVolume?PortworxVolumeSource ScaleIO?ScaleIOPersistentVolumeSource Local?LocalVolumeSource
  StorageOS?StorageOSPersistentVolumeSource CSI?CSIPersistentVolumeSource
GlusterfsPersistentVolumeSource EndpointsName=endpoints Path ReadOnly! EndpointsNamespace?
RBDPersistentVolumeSource CephMonitors=monitors? RBDImage=image FSType RBDPool=pool RadosUser=user Keyring SecretRef?SecretReference
  ReadOnly!
SecretReference Name Namespace
ISCSIPersistentVolumeSource TargetPortal IQN Lun# ISCSIInterface FSType ReadOnly! Portals? DiscoveryCHAPAuth! SessionCHAPAuth!
  SecretRef?SecretReference InitiatorName?
FlexPersistentVolumeSource Driver FSType SecretRef?SecretReference ReadOnly! Options?
CinderPersistentVolumeSource VolumeID FSType ReadOnly! SecretRef?SecretReference
CephFSPersistentVolumeSource Monitors? Path User SecretFile SecretRef?SecretReference ReadOnly!
AzureFilePersistentVolumeSource SecretName ShareName ReadOnly! SecretNamespace?
ScaleIOPersistentVolumeSource Gateway System SecretRef?SecretReference SSLEnabled! ProtectionDomain StoragePool StorageMode VolumeName
  FSType ReadOnly!
LocalVolumeSource Path FSType?
StorageOSPersistentVolumeSource VolumeName VolumeNamespace FSType ReadOnly! SecretRef?ObjectReference
ObjectReference Kind Namespace Name UID APIVersion ResourceVersion FieldPath
CSIPersistentVolumeSource Driver VolumeHandle ReadOnly! FSType VolumeAttributes? ControllerPublishSecretRef?SecretReference
  NodeStageSecretRef?SecretReference NodePublishSecretRef?SecretReference ControllerExpandSecretRef?SecretReference
  NodeExpandSecretRef?SecretReference
DeploymentStrategy Type RollingUpdate?RollingUpdateDeployment
RollingUpdateDeployment MaxUnavailable# MaxSurge#
StatefulSetUpdateStrategy Type RollingUpdate?RollingUpdateStatefulSetStrategy
RollingUpdateStatefulSetStrategy Partition# MaxUnavailable?
DaemonSetUpdateStrategy Type RollingUpdate?RollingUpdateDaemonSet
RollingUpdateDaemonSet MaxUnavailable# MaxSurge#
PodFailurePolicy Rules?PodFailurePolicyRule
PodFailurePolicyRule Action OnExitCodes?PodFailurePolicyOnExitCodesRequirement OnPodConditions?PodFailurePolicyOnPodConditionsPattern
PodFailurePolicyOnExitCodesRequirement ContainerName? Operator Values?
PodFailurePolicyOnPodConditionsPattern Type Status
SuccessPolicy Rules?SuccessPolicyRule
SuccessPolicyRule SucceededIndexes? SucceededCount?
VolumeNodeAffinity Required?NodeSelector
VolumeAttachmentSpec Attacher Source:VolumeAttachmentSource NodeName
VolumeAttachmentSource PersistentVolumeName? InlineVolumeSpec?
ParentReference Group Resource Namespace Name
ResourceClaimTemplateSpec ...ObjectMeta Spec:ResourceClaimSpec
ResourceClaimSpec Devices:DeviceClaim
DeviceClaim Requests?DeviceRequest Constraints?DeviceConstraint Config?DeviceClaimConfiguration
DeviceRequest Name Exactly?ExactDeviceRequest FirstAvailable?DeviceSubRequest
ExactDeviceRequest DeviceClassName Selectors?DeviceSelector AllocationMode Count# AdminAccess? Tolerations?DeviceToleration
  Capacity?CapacityRequirements
DeviceSubRequest Name DeviceClassName Selectors?DeviceSelector AllocationMode Count# Tolerations?DeviceToleration Capacity?CapacityRequirements
CapacityRequirements Requests?
DeviceSelector CEL?CELDeviceSelector
CELDeviceSelector Expression
DeviceToleration Key Operator Value Effect TolerationSeconds?
DeviceConstraint Requests? MatchAttribute? DistinctAttribute?
DeviceClaimConfiguration Requests? ...DeviceConfiguration
DeviceConfiguration Opaque?OpaqueDeviceConfiguration
OpaqueDeviceConfiguration Driver Parameters?
DeviceAttribute IntValue=int? BoolValue=bool? StringValue=string? VersionValue=version? IntValues=ints? BoolValues=bools? StringValues=strings?
  VersionValues=versions?
PodDisruptionBudgetSpec MinAvailable? Selector?LabelSelector MaxUnavailable? UnhealthyPodEvictionPolicy?
`
