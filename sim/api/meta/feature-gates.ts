/**
 * The feature gates of Kubernetes v1.36 and what they are unless an administrator sets them. Fields behind gates that are off are dropped
 * by the API server, and what lessons say of a gate is held against this table.
 * Source: pkg/features/kube_features.go of kubernetes v1.36.2, and the files of that name of its apiserver, apiextensions-apiserver,
 * component-base, controller-manager and client-go
 */

/** How ripe it is: gates of alpha are off, stable ones on; of the others each says so. */
type Stage = 'alpha' | 'beta' | 'stable' | 'deprecated'

export interface FeatureGate {
  stage: Stage
  isOn: boolean
}

const stable = `
  APIServerTracing AllowServiceExternalIPs AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors
  AuthorizeWithSelectors BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets ConsistentListFromCache
  CustomCPUCFSQuotaPeriod CustomResourceFieldSelectors DRAAdminAccess DRAPrioritizedList DeclarativeValidation DisableAllocatorDualWrite
  DynamicResourceAllocation ExecProbeTimeout ExternalServiceAccountTokenSigner ImageMaximumGCAge ImageVolume InOrderInformers
  InPlacePodVerticalScaling InformerResourceVersion JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy JobSuccessPolicy
  KubeletCgroupDriverFromCRI KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet KubeletTracing
  LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator MutableCSINodeAllocatableCount MutatingAdmissionPolicy
  NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeLogQuery NodeSwap OrderedNamespaceDeletion PodLifecycleSleepAction
  PodLifecycleSleepActionAllowZero PodObservedGenerationTracking PodSchedulingReadiness PreferSameTrafficDistribution ProcMountType
  RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation RelaxedEnvironmentVariableValidation
  ResilientWatchCacheInitialization RetryGenerateName SELinuxChangePolicy SELinuxMountReadWriteOncePod SchedulerQueueingHints
  SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding ServiceAccountTokenNodeBindingValidation
  ServiceAccountTokenPodNodeInfo SidecarContainers StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf
  StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog TopologyManagerPolicyOptions UserNamespacesSupport
  VolumeAttributesClass WinDSR WinOverlay
`

const betaOn = `
  APIResponseCompression APIServerIdentity AllowParsingUserUIDFromCertAuth AtomicFIFO AuthorizePodWebsocketUpgradeCreatePermission
  CPUManagerPolicyBetaOptions CRDObservedGenerationTracking ClearingNominatedNodeNameAfterBinding ClientsAllowCARotation
  ClientsAllowTLSCacheGC ComponentFlagz ComponentStatusz ConstrainedImpersonation ContainerCheckpoint ContainerRestartRules
  ContextualLogging DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaints DRAExtendedResource DRAPartitionableDevices DRAResourceClaimDeviceStatus
  DRAResourceClaimGranularStatusAuthorization DRASchedulerFilterTimeout DeclarativeValidationBeta DeploymentReplicaSetTerminatingReplicas
  DetectCacheInconsistency EnvFiles ExtendWebSocketsToKubelet GracefulNodeShutdown GracefulNodeShutdownBasedOnPodPriority
  HPAConfigurableTolerance HostnameOverride InOrderInformersBatchProcess InPlacePodLevelResourcesVerticalScaling
  InPlacePodVerticalScalingInitContainers KubeletCrashLoopBackOffMax KubeletEnsureSecretPulledImages KubeletSeparateDiskGC
  KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot LoggingBetaOptions MatchLabelKeysInPodTopologySpread
  MatchLabelKeysInPodTopologySpreadSelectorMerge MutablePodResourcesForSuspendedJobs MutableSchedulingDirectivesForSuspendedJobs
  NodeDeclaredFeatures NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching PLEGOnDemandRelist PodDeletionCost PodLevelResources
  PodReadyToStartContainersCondition PodTopologyLabelsAdmission PortForwardWebsockets PreventStaticPodAPIReferences
  RelaxedServiceNameValidation ReloadKubeletClientCAFile ReloadKubeletServerCertificateFile RemoteRequestHeaderUID ResourceHealthStatus
  ResourceHealthStatusMessage RestartAllContainersOnContainerExits RotateKubeletServerCertificate SchedulerAsyncPreemption
  SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction SizeBasedListCostEstimate StaleControllerConsistencyDaemonSet
  StaleControllerConsistencyJob StaleControllerConsistencyReplicaSet StaleControllerConsistencyStatefulSet
  StatefulSetSemanticRevisionComparison StorageVersionHash StrictIPCIDRValidation StructuredAuthenticationConfigurationEgressSelector
  StructuredAuthenticationConfigurationJWKSMetrics TokenRequestServiceAccountUIDValidation TopologyManagerPolicyBetaOptions
  TranslateStreamCloseWebsocketRequests UnauthenticatedHTTP2DOSMitigation UnknownVersionInteroperabilityProxy UnlockWhileProcessingFIFO
  WatchCacheInitializationPostStartHook WatchList WatchListClient WindowsGracefulNodeShutdown
`

const betaOff = `
  ClusterTrustBundle ClusterTrustBundleProjection ConcurrentWatchObjectDecode CoordinatedLeaderElection DRADeviceTaintRules
  LocalStorageCapacityIsolationFSQuotaMonitoring MaxUnavailableStatefulSet PodCertificateRequest SELinuxMount SchedulerAsyncAPICalls
  StorageVersionMigrator
`

const alphaOff = `
  APIServingWithRoutine AllowUnsafeMalformedObjectDeletion CBORServingAndStorage CPUManagerPolicyAlphaOptions CRIListStreaming CSIVolumeHealth
  ClientsAllowCBOR ClientsPreferCBOR CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook ContainerStopSignals
  ControllerManagerReleaseLeaderElectionLockOnExit CrossNamespaceVolumeDataSource DRAListTypeAttributes DRANodeAllocatableResources
  DRAResourcePoolStatus DRAWorkloadResourceClaims EventedPLEG GangScheduling GenericWorkload HPAScaleToZero ImageVolumeWithDigest
  InPlacePodVerticalScalingExclusiveCPUs InPlacePodVerticalScalingExclusiveMemory KubeletInUserNamespace LoggingAlphaOptions ManifestBasedAdmissionControlConfig
  MemoryQoS MutablePVNodeAffinity PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodLevelResourceManagers
  PodLogsQuerySplitStreams PodsAPI QOSReserved ReduceDefaultCrashLoopBackOffDecay RuntimeClassInImageCriApi ShardedListAndWatch
  StorageCapacityScoring StorageVersionAPI TaintTolerationComparisonOperators TopologyAwareWorkloadScheduling
  TopologyManagerPolicyAlphaOptions UserNamespacesHostNetworkSupport VolumeLimitScaling WindowsCPUAndMemoryAffinity WorkloadAwarePreemption
  WorkloadWithJob
`

const deprecatedOn = `
  AggregatedDiscoveryRemoveBetaType DisableCPUQuotaWithExclusiveCPUs DisableNodeKubeProxyVersion KubeletPodResourcesListUseActivePods
  ServiceCIDRStatusFieldWiping StorageNamespaceIndex
`

const deprecatedOff = `
  AllowDNSOnlyNodeCSR AllowInsecureKubeletCertificateSigningRequests AllowOverwriteTerminationGracePeriodSeconds
  ChangeContainerStatusOnKubeletRestart DeclarativeValidationTakeover GitRepoVolumeDriver KMSv1 KubeletRegistrationGetOnExistsOnly
  SeparateCacheWatchRPC WindowsHostNetwork
`

const named = (text: string, gate: FeatureGate): [string, FeatureGate][] =>
  text
    .trim()
    .split(/\s+/)
    .map((name) => [name, gate])

/** By name. */
export const featureGates: ReadonlyMap<string, FeatureGate> = new Map([
  ...named(stable, { stage: 'stable', isOn: true }),
  ...named(betaOn, { stage: 'beta', isOn: true }),
  ...named(betaOff, { stage: 'beta', isOn: false }),
  ...named(alphaOff, { stage: 'alpha', isOn: false }),
  ...named(deprecatedOn, { stage: 'deprecated', isOn: true }),
  ...named(deprecatedOff, { stage: 'deprecated', isOn: false }),
])

/** A field that is there only while a gate is on. */
interface GatedField {
  gate: string
  /** `[]` stands for each item of a list: `containers[].lifecycle.stopSignal`. */
  path: string
  /** Whether the field around it goes when nothing else is in it. */
  emptiesParent?: boolean
}

/** A field whose gate is off. */
export interface DisabledField {
  steps: readonly string[]
  emptiesParent: boolean
}

/** Those of the fields whose gates are off. @throws Error for a gate that is not there */
export const disabledFields = (fields: readonly GatedField[]): DisabledField[] =>
  fields.flatMap(({ gate, path, emptiesParent = false }) => {
    const found = featureGates.get(gate)
    if (!found) throw new Error(`there is no feature gate ${gate}`)
    return found.isOn ? [] : [{ steps: path.split('.'), emptiesParent }]
  })

/**
 * Takes the fields out, without a word, as the API server does before it validates. Nobody can have stored one earlier, so what is "in use"
 * need not be asked.
 */
export function dropFields(holder: object, fields: readonly DisabledField[]): void {
  for (const field of fields) drop(holder, field, 0)
}

/** @returns whether it was there */
function drop(holder: unknown, field: DisabledField, at: number): boolean {
  if (typeof holder !== 'object' || holder === null) return false
  const { steps, emptiesParent } = field
  const fields = holder as Record<string, unknown>
  const step = steps[at]!
  const isList = step.endsWith('[]')
  const name = isList ? step.slice(0, -2) : step
  const value = fields[name]
  if (value === undefined) return false
  if (at === steps.length - 1) {
    delete fields[name]
    return true
  }
  if (isList) return Array.isArray(value) && value.map((item) => drop(item, field, at + 1)).includes(true)
  const wasThere = drop(value, field, at + 1)
  if (wasThere && emptiesParent && at === steps.length - 2 && Object.keys(value as object).length === 0)
    delete fields[name]
  return wasThere
}
