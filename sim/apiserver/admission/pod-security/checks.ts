/**
 * The Pod Security Standards: what the levels baseline and restricted demand of a Pod, in each version. Pure.
 * Sources: https://kubernetes.io/docs/concepts/security/pod-security-standards/, k8s.io/pod-security-admission/policy
 */
import type {
  Container,
  LifecycleHandler,
  PodSecurityContext,
  PodSpec,
  Probe,
  SecurityContext,
} from '../../../api/core/pod-types.ts'
import type { ObjectMeta } from '../../../api/meta/object.ts'
import type { Level, LevelVersion } from './policy.ts'

/** A Pod or what one would be made from. */
export interface PodLike {
  metadata: Partial<Pick<ObjectMeta, 'annotations'>>
  spec: PodSpec
}

/** What one check found, in brief and in detail. */
export interface Violation {
  reason: string
  detail: string
}

type CheckPod = (pod: PodLike) => Violation | undefined

interface Check {
  id: string
  level: Exclude<Level, 'privileged'>
  /** By the first minor version that each form of the check belongs to. */
  since: readonly (readonly [minor: number, check: CheckPod])[]
  /** The baseline check that this one makes needless. */
  overrides?: string
}

/** `host namespaces (hostPID=true), privileged (…)` */
export const printDetails = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ')

/** `host namespaces, privileged` */
export const printReasons = (violations: readonly Violation[]): string =>
  violations.map(({ reason }) => reason).join(', ')

/** What of the Pod is against the level, in the order in which it is told: baseline checks first, each by name. */
export function violationsOf({ level, minor }: LevelVersion, pod: PodLike): Violation[] {
  if (level === 'privileged') return []
  const due = checks.filter(
    ({ level: ofCheck, since }) => (ofCheck === 'baseline' || level === 'restricted') && since[0][0] <= minor,
  )
  const overridden = due.map(({ overrides }) => overrides)
  return due
    .filter(({ id }) => !overridden.includes(id))
    .map(({ since }) => since.findLast(([first]) => first <= minor)![1](pod))
    .filter((violation) => violation !== undefined)
}

const count = (items: readonly unknown[], one: string, many = `${one}s`): string => (items.length === 1 ? one : many)
const quoted = (items: readonly string[]): string => `"${items.join('", "')}"`
const sorted = (items: readonly string[]): string[] => [...new Set(items)].sort()
/** `container "a"`, `containers "a", "b"` */
const containersNamed = (names: readonly string[]): string => `${count(names, 'container')} ${quoted(names)}`

const containersOf = ({ spec }: PodLike): Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
]

const namesOf = (pod: PodLike, isBad: (container: Container) => boolean): string[] =>
  containersOf(pod)
    .filter(isBad)
    .map(({ name }) => name)

const isWindows = ({ spec }: PodLike): boolean => spec.os?.name === 'windows'
const exceptWindows =
  (check: CheckPod): CheckPod =>
  (pod) =>
    isWindows(pod) ? undefined : check(pod)

/** Root in a user namespace of its own is nobody on the node. */
const exceptOwnUsers =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod)

/** Who sets a value: the Pod, some of its containers, or both; undefined when nobody does. */
function settersOf(
  pod: PodLike,
  isSet: (context: PodSecurityContext & SecurityContext) => boolean,
): string | undefined {
  const setters: string[] = []
  if (isSet(pod.spec.securityContext ?? {})) setters.push('pod')
  const names = namesOf(pod, ({ securityContext }) => isSet(securityContext ?? {}))
  if (names.length > 0) setters.push(containersNamed(names))
  return setters.length > 0 ? setters.join(' and ') : undefined
}

/** The values of a field of all security contexts of the Pod. */
function valuesOf<T>(pod: PodLike, read: (context: PodSecurityContext & SecurityContext) => T | undefined): T[] {
  const contexts = [pod.spec.securityContext, ...containersOf(pod).map(({ securityContext }) => securityContext)]
  return contexts.map((context) => read(context ?? {})).filter((value) => value !== undefined)
}

function allowPrivilegeEscalation(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  if (names.length === 0) return undefined
  const detail = `${containersNamed(names)} must set securityContext.allowPrivilegeEscalation=false`
  return { reason: 'allowPrivilegeEscalation != false', detail }
}

const isOwnProfile = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost'

const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/'
const isOwnAppArmor = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/')

function appArmorProfile(pod: PodLike): Violation | undefined {
  const badType = ({ appArmorProfile: profile }: SecurityContext): string | undefined =>
    profile && !isOwnProfile(profile.type) ? profile.type : undefined
  const annotations = Object.entries(pod.metadata.annotations ?? {})
    .filter(([key, value]) => key.startsWith(APP_ARMOR_PREFIX) && !isOwnAppArmor(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const setters = [settersOf(pod, (context) => badType(context) !== undefined)].filter((text) => text !== undefined)
  if (annotations.length > 0) setters.push(count(annotations, 'annotation'))
  if (setters.length === 0) return undefined
  const values = [...sorted(valuesOf(pod, badType)), ...sorted(annotations)]
  return {
    reason: count(values, 'forbidden AppArmor profile'),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
  }
}

const DEFAULT_CAPABILITIES: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

function addedCapabilities(pod: PodLike, allowed: readonly string[]): string | undefined {
  const extra = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => !allowed.includes(capability))
  const names = namesOf(pod, (container) => extra(container).length > 0)
  if (names.length === 0) return undefined
  const added = sorted(containersOf(pod).flatMap(extra))
  return `${containersNamed(names)} must not include ${quoted(added)} in securityContext.capabilities.add`
}

function baselineCapabilities(pod: PodLike): Violation | undefined {
  const detail = addedCapabilities(pod, DEFAULT_CAPABILITIES)
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail }
}

function restrictedCapabilities(pod: PodLike): Violation | undefined {
  const keeping = namesOf(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const details = [
    keeping.length > 0 ? `${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]` : undefined,
    addedCapabilities(pod, ['NET_BIND_SERVICE']),
  ].filter((detail) => detail !== undefined)
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') }
}

function hostNamespaces({ spec }: PodLike): Violation | undefined {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field])
  if (shared.length === 0) return undefined
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
}

function hostPathVolumes({ spec }: PodLike): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
  if (names.length === 0) return undefined
  return { reason: 'hostPath volumes', detail: `${count(names, 'volume')} ${quoted(names)}` }
}

function hostPorts(pod: PodLike): Violation | undefined {
  const portsOf = ({ ports = [] }: Container): string[] =>
    ports.filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort))
  const names = namesOf(pod, (container) => portsOf(container).length > 0)
  if (names.length === 0) return undefined
  const ports = sorted(containersOf(pod).flatMap(portsOf))
  const verb = count(names, 'uses', 'use')
  return {
    reason: 'hostPort',
    detail: `${containersNamed(names)} ${verb} ${count(ports, 'hostPort')} ${ports.join(', ')}`,
  }
}

function handlerHosts(pod: PodLike): Violation | undefined {
  const hostsOf = (handler: Probe | LifecycleHandler | undefined): string[] =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => host || [])
  const hostsIn = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf)
  const names = sorted(namesOf(pod, (container) => hostsIn(container).length > 0))
  if (names.length === 0) return undefined
  const hosts = sorted(containersOf(pod).flatMap(hostsIn))
  const reason = 'probe or lifecycle host'
  return {
    reason,
    detail: `${containersNamed(names)} ${count(names, 'uses', 'use')} ${count(hosts, reason)} ${quoted(hosts)}`,
  }
}

function privileged(pod: PodLike): Violation | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.privileged === true)
  if (names.length === 0) return undefined
  return { reason: 'privileged', detail: `${containersNamed(names)} must not set securityContext.privileged=true` }
}

function procMount(pod: PodLike): Violation | undefined {
  const bad = ({ securityContext }: Container): string | undefined =>
    securityContext?.procMount === 'Default' ? undefined : securityContext?.procMount
  const names = namesOf(pod, (container) => bad(container) !== undefined)
  if (names.length === 0) return undefined
  const values = sorted(
    containersOf(pod)
      .map(bad)
      .filter((value) => value !== undefined),
  )
  return {
    reason: 'procMount',
    detail: `${containersNamed(names)} must not set securityContext.procMount to ${quoted(values)}`,
  }
}

const RESTRICTED_VOLUME_SOURCES: readonly string[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

function restrictedVolumes({ spec }: PodLike): Violation | undefined {
  const sourceOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'
  const bad = (spec.volumes ?? []).filter((volume) => !RESTRICTED_VOLUME_SOURCES.includes(sourceOf(volume)))
  if (bad.length === 0) return undefined
  const types = sorted(bad.map(sourceOf))
  const names = quoted(bad.map(({ name }) => name))
  const reason = 'restricted volume types'
  return {
    reason,
    detail: `${count(bad, 'volume')} ${names} ${count(bad, 'uses', 'use')} ${count(types, 'restricted volume type')} ${quoted(types)}`,
  }
}

function runAsNonRoot(pod: PodLike): Violation | undefined {
  const reason = 'runAsNonRoot != true'
  const setters = settersOf(pod, (context) => context.runAsNonRoot === false)
  if (setters) return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` }
  if (pod.spec.securityContext?.runAsNonRoot) return undefined
  const names = namesOf(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  if (names.length === 0) return undefined
  return { reason, detail: `pod or ${containersNamed(names)} must set securityContext.runAsNonRoot=true` }
}

function runAsUser(pod: PodLike): Violation | undefined {
  const setters = settersOf(pod, (context) => context.runAsUser === 0)
  return setters ? { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` } : undefined
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/'

function seccompAnnotations(pod: PodLike): Violation | undefined {
  const annotations = pod.metadata.annotations ?? {}
  const isAllowed = (value: string): boolean =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
  const bad = [SECCOMP_POD, ...containersOf(pod).map(({ name }) => SECCOMP_PREFIX + name)]
    .filter((key) => annotations[key] !== undefined && !isAllowed(annotations[key]))
    .map((key) => `${key}=${JSON.stringify(annotations[key])}`)
  if (bad.length === 0) return undefined
  return { reason: 'seccompProfile', detail: `forbidden ${count(bad, 'annotation')} ${sorted(bad).join(', ')}` }
}

function baselineSeccomp(pod: PodLike): Violation | undefined {
  const badType = ({ seccompProfile }: SecurityContext): string | undefined =>
    seccompProfile && !isOwnProfile(seccompProfile.type) ? seccompProfile.type : undefined
  const setters = settersOf(pod, (context) => badType(context) !== undefined)
  if (!setters) return undefined
  const values = quoted(sorted(valuesOf(pod, badType)))
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${values}`,
  }
}

function restrictedSeccomp(pod: PodLike): Violation | undefined {
  const bad = baselineSeccomp(pod)
  if (bad || pod.spec.securityContext?.seccompProfile) return bad
  const names = namesOf(pod, ({ securityContext }) => !securityContext?.seccompProfile)
  if (names.length === 0) return undefined
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containersNamed(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  }
}

const SELINUX_TYPES: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t']

const seLinuxOptions =
  (types: readonly string[]): CheckPod =>
  (pod) => {
    const badType = ({ seLinuxOptions: options }: SecurityContext): string | undefined =>
      options?.type !== undefined && !types.includes(options.type) ? options.type : undefined
    const setters = settersOf(
      pod,
      (context) =>
        badType(context) !== undefined || Boolean(context.seLinuxOptions?.user || context.seLinuxOptions?.role),
    )
    if (!setters) return undefined
    const badTypes = sorted(valuesOf(pod, badType))
    const isAnySet = (name: 'user' | 'role'): boolean =>
      valuesOf(pod, (context) => context.seLinuxOptions?.[name] || undefined).length > 0
    const found = [
      badTypes.length > 0 ? `${count(badTypes, 'type')} ${quoted(badTypes)}` : undefined,
      isAnySet('user') ? 'user may not be set' : undefined,
      isAnySet('role') ? 'role may not be set' : undefined,
    ].filter((text) => text !== undefined)
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${found.join('; ')}`,
    }
  }

const SYSCTLS: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
]
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports']
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']

const sysctls =
  (allowed: readonly string[]): CheckPod =>
  ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? [])
      .map(({ name }) => name)
      .filter((name) => !allowed.includes(name))
    return names.length > 0 ? { reason: 'forbidden sysctls', detail: names.join(', ') } : undefined
  }

function windowsHostProcess(pod: PodLike): Violation | undefined {
  const setters = settersOf(pod, (context) => context.windowsOptions?.hostProcess === true)
  if (!setters) return undefined
  return { reason: 'hostProcess', detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true` }
}

/** Baseline checks, then restricted ones, each by id. */
const checks: readonly Check[] = [
  { id: 'appArmorProfile', level: 'baseline', since: [[0, appArmorProfile]] },
  { id: 'capabilities_baseline', level: 'baseline', since: [[0, baselineCapabilities]] },
  { id: 'hostNamespaces', level: 'baseline', since: [[0, hostNamespaces]] },
  { id: 'hostPathVolumes', level: 'baseline', since: [[0, hostPathVolumes]] },
  { id: 'hostPorts', level: 'baseline', since: [[0, hostPorts]] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', since: [[34, handlerHosts]] },
  { id: 'privileged', level: 'baseline', since: [[0, privileged]] },
  {
    id: 'procMount',
    level: 'baseline',
    since: [
      [0, procMount],
      [35, exceptOwnUsers(procMount)],
    ],
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    since: [
      [0, seLinuxOptions(SELINUX_TYPES)],
      [31, seLinuxOptions([...SELINUX_TYPES, 'container_engine_t'])],
    ],
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    since: [
      [0, seccompAnnotations],
      [19, baselineSeccomp],
    ],
  },
  {
    id: 'sysctls',
    level: 'baseline',
    since: [
      [0, sysctls(SYSCTLS)],
      [27, sysctls(SYSCTLS_27)],
      [29, sysctls(SYSCTLS_29)],
      [32, sysctls(SYSCTLS_32)],
    ],
  },
  { id: 'windowsHostProcess', level: 'baseline', since: [[0, windowsHostProcess]] },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: [
      [8, allowPrivilegeEscalation],
      [25, exceptWindows(allowPrivilegeEscalation)],
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    since: [
      [22, restrictedCapabilities],
      [25, exceptWindows(restrictedCapabilities)],
    ],
    overrides: 'capabilities_baseline',
  },
  { id: 'procMount_restricted', level: 'restricted', since: [[35, procMount]], overrides: 'procMount' },
  { id: 'restrictedVolumes', level: 'restricted', since: [[0, restrictedVolumes]], overrides: 'hostPathVolumes' },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    since: [
      [0, runAsNonRoot],
      [35, exceptOwnUsers(runAsNonRoot)],
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    since: [
      [23, runAsUser],
      [35, exceptOwnUsers(runAsUser)],
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: [
      [19, restrictedSeccomp],
      [25, exceptWindows(restrictedSeccomp)],
    ],
    overrides: 'seccompProfile_baseline',
  },
]
