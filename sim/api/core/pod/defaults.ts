/** What the server fills into Pods and Pod templates. Source: kubernetes/pkg/apis/core/v1/defaults.go */
import { imageTag } from '../../../text/image-reference.ts'
import { disabledFields, dropFields } from '../../meta/feature-gates.ts'
import type { ResourceList } from '../../meta/object.ts'
import { canonicalQuantity, canonicalResources, quantityError } from '../../meta/quantity.ts'
import type {
  Container,
  DownwardAPIVolumeFile,
  LifecycleHandler,
  Pod,
  PodSpec,
  Probe,
  ProbeHandler,
  ResourceRequirements,
  Volume,
  VolumeProjection,
} from '../pod-types.ts'
import { defaultVolumeSources } from '../volume-defaults.ts'
import { defaultPodLevelResources } from './resources.ts'

/** Source: dropDisabledFields in kubernetes/pkg/api/pod/util.go */
const DISABLED = disabledFields([
  ...['containers', 'initContainers', 'ephemeralContainers'].map((list) => ({
    gate: 'ContainerStopSignals',
    path: `${list}[].lifecycle.stopSignal`,
    emptiesParent: true,
  })),
  { gate: 'GenericWorkload', path: 'schedulingGroup' },
  { gate: 'ClusterTrustBundleProjection', path: 'volumes[].projected.sources[].clusterTrustBundle' },
  { gate: 'PodCertificateRequest', path: 'volumes[].projected.sources[].podCertificate' },
])

const FILE_MODE = 0o644
const TOKEN_LIFETIME_SECONDS = 3600

/** Defaults of a Pod: those of its spec, and what is never written into templates. */
export function applyPodDefaults(pod: Pod): void {
  const spec = ensureSpec(pod)
  applyPodSpecDefaults(spec)
  // Of a Pod, not of a template: Convert_v1_Pod_To_core_Pod.
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1
  applyDefaultRequests(spec)
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  spec.enableServiceLinks ??= true
}

/** What a Pod requests that only has limits: never written into a template, and into each Pod of it. */
export function applyDefaultRequests(spec: PodSpec): void {
  for (const { resources } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    if (resources?.limits) requestLimits(resources, resources.limits)
  defaultPodLevelResources(spec)
}

/** What has a limit and no request asks for as much as it may use. */
function requestLimits(resources: ResourceRequirements, limits: ResourceList): void {
  const { requests } = resources
  if (requests && Object.keys(limits).every((name) => Object.hasOwn(requests, name))) return
  resources.requests = { ...limits, ...requests }
}

/** Writes only what changes: an object that has its defaults may be frozen. */
function set<T, K extends keyof T>(object: T, field: K, value: T[K]): void {
  if (object[field] !== value) object[field] = value
}

/** A spec or template that was left out is there, empty, for validation to complain about. */
function ensureSpec(owner: { spec: PodSpec }): PodSpec {
  owner.spec ??= {} as PodSpec
  return owner.spec
}

/** Defaults that Pods and Pod templates share. */
export function applyPodSpecDefaults(spec: PodSpec): void {
  dropFields(spec, DISABLED)
  // A list that was left out is there, empty, for admission to look through and validation to complain about.
  spec.containers ??= []
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ||= 'default-scheduler'
  // One field under two names: the older is kept for old clients.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) {
    set(spec, 'serviceAccountName', account)
    set(spec, 'serviceAccount', account)
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  if (spec.resources) defaultResources(spec.resources)
  if (spec.overhead) set(spec, 'overhead', canonicalResources(spec.overhead))
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= imageTag(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent'
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.resources ??= {}
  defaultResources(container.resources)
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const variable of container.env ?? []) if (variable.valueFrom) defaultReference(variable.valueFrom)
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe])
    if (probe) defaultProbe(probe)
  const { postStart, preStop } = container.lifecycle ?? {}
  if (postStart) defaultHandler(postStart)
  if (preStop) defaultHandler(preStop)
}

function defaultResources(resources: ResourceRequirements): void {
  if (resources.limits) set(resources, 'limits', canonicalResources(resources.limits))
  if (resources.requests) set(resources, 'requests', canonicalResources(resources.requests))
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHandler(probe)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHandler(handler: ProbeHandler | LifecycleHandler): void {
  if (!handler.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ||= 'HTTP'
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name' || volume[key] === undefined)) volume.emptyDir = {}
  const sizeLimit = volume.emptyDir?.sizeLimit
  if (volume.emptyDir && sizeLimit !== undefined && !quantityError(String(sizeLimit)))
    set(volume.emptyDir, 'sizeLimit', canonicalQuantity(sizeLimit))
  defaultVolumeSources(volume)
  const image = volume.image as { reference?: string; pullPolicy?: string } | undefined
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec
  if (claim) claim.volumeMode ??= 'Filesystem'
  if (image) image.pullPolicy ||= imageTag(image.reference ?? '') === 'latest' ? 'Always' : 'IfNotPresent'
  if (volume.secret) volume.secret.defaultMode ??= FILE_MODE
  if (volume.configMap) volume.configMap.defaultMode ??= FILE_MODE
  if (volume.projected) {
    volume.projected.defaultMode ??= FILE_MODE
    for (const source of volume.projected.sources ?? []) defaultProjection(source)
  }
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= FILE_MODE
    for (const file of volume.downwardAPI.items ?? []) defaultReference(file)
  }
}

function defaultProjection(source: VolumeProjection): void {
  if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_LIFETIME_SECONDS
  for (const file of source.downwardAPI?.items ?? []) defaultReference(file)
}

function defaultReference(from: Pick<DownwardAPIVolumeFile, 'fieldRef' | 'resourceFieldRef'>): void {
  if (from.fieldRef) from.fieldRef.apiVersion ||= 'v1'
  // A quantity is never left out of JSON: its zero is written.
  if (from.resourceFieldRef) set(from.resourceFieldRef, 'divisor', divisorText(from.resourceFieldRef.divisor))
}

const divisorText = (divisor: string | undefined): string =>
  divisor === undefined || quantityError(String(divisor)) ? (divisor ?? '0') : canonicalQuantity(divisor)
