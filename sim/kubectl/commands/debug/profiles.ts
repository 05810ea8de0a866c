/** What the profiles of `kubectl debug` change of a Pod. Source: k8s.io/kubectl/pkg/cmd/debug/profiles.go */
import type { Container, Pod } from '../../../api/core/pod-types.ts'
import type { FlagValues } from '../../flags.ts'

export type DebugStyle = 'node' | 'copy' | 'ephemeral'

type Security = NonNullable<Container['securityContext']>
type PodDraft = Pick<Pod, 'metadata' | 'spec'>

interface Profile {
  /** The security context of the debugging container. */
  security(own: Security | undefined): Security | undefined
  /** On a node: whether it sees the node's files below /host. */
  mountsRoot: boolean
  /** On a node: whether it runs in the node's own namespaces. */
  usesHost: boolean
}

const withCapabilities =
  (...names: string[]) =>
  (own: Security = {}): Security => ({
    ...own,
    capabilities: { ...own.capabilities, add: [...(own.capabilities?.add ?? []), ...names] },
  })

const profiles: Readonly<Record<string, Profile>> = {
  legacy: { security: (own) => own, mountsRoot: true, usesHost: true },
  general: { security: withCapabilities('SYS_PTRACE'), mountsRoot: true, usesHost: true },
  baseline: { security: () => undefined, mountsRoot: false, usesHost: false },
  restricted: {
    security: () => ({
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
      allowPrivilegeEscalation: false,
      seccompProfile: { type: 'RuntimeDefault' },
    }),
    mountsRoot: false,
    usesHost: false,
  },
  netadmin: { security: withCapabilities('NET_ADMIN', 'NET_RAW'), mountsRoot: false, usesHost: true },
  sysadmin: { security: (own = {}) => ({ ...own, privileged: true }), mountsRoot: true, usesHost: true },
}

export const hasProfile = (name: string): boolean => Object.hasOwn(profiles, name)

/** The debugging container of a Pod as the profile wants it. On a node, the general profile leaves its security alone. */
export function profileContainer<T extends Partial<Container>>(name: string, style: DebugStyle, container: T): T {
  const { securityContext: own, ...rest } = container
  const { security } = profiles[name]
  const securityContext = style === 'node' && name === 'general' ? undefined : security(own)
  return { ...rest, ...(securityContext ? { securityContext } : {}) } as T
}

/** A Pod for a node with what the profile gives it of that node. */
export function profileNodePod(name: string, pod: PodDraft): PodDraft {
  const { mountsRoot, usesHost } = profiles[name]
  const spec = { ...pod.spec }
  if (usesHost) Object.assign(spec, { hostIPC: true, hostNetwork: true, hostPID: true })
  if (!mountsRoot) return { ...pod, spec }
  const volume = 'host-root'
  return {
    ...pod,
    spec: {
      ...spec,
      volumes: [...(spec.volumes ?? []), { name: volume, hostPath: { path: '/' } }] as typeof spec.volumes,
      containers: spec.containers.map((container) => ({
        ...container,
        volumeMounts: [...(container.volumeMounts ?? []), { name: volume, mountPath: '/host' }],
      })) as typeof spec.containers,
    },
  }
}

/** A copy of a Pod without what would make others take it for the original, or restart it. */
export function profileCopy(name: string, flags: FlagValues, { metadata, spec }: PodDraft): PodDraft {
  const { labels, annotations, ...others } = metadata
  if (name === 'legacy') return { metadata: { ...others, ...(annotations ? { annotations } : {}) }, spec }
  const { initContainers, ...rest } = spec
  const containers = spec.containers.map(({ livenessProbe, readinessProbe, startupProbe, ...container }) => ({
    ...container,
    ...(flags.bool('keep-liveness') && livenessProbe ? { livenessProbe } : {}),
    ...(flags.bool('keep-readiness') && readinessProbe ? { readinessProbe } : {}),
    ...(flags.bool('keep-startup') && startupProbe ? { startupProbe } : {}),
  }))
  return {
    metadata: {
      ...others,
      ...(flags.bool('keep-labels') && labels ? { labels } : {}),
      ...(flags.bool('keep-annotations') && annotations ? { annotations } : {}),
    },
    spec: {
      ...rest,
      ...(flags.bool('keep-init-containers') && initContainers ? { initContainers } : {}),
      containers,
      shareProcessNamespace: spec.shareProcessNamespace ?? true,
    },
  }
}
