/** apply --prune: what was applied once, is selected, and is not among what is applied now. Source: k8s.io/kubectl/pkg/cmd/apply/prune.go */
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { lastAppliedOf } from '../../last-applied.ts'
import type { ManifestObject } from '../../manifests.ts'
import type { Found } from '../../resources.ts'
import { showResult, withType } from '../../results.ts'
import { readCascade } from '../delete.ts'

/** Source: k8s.io/kubectl/pkg/util/prune, the default lists */
const DEFAULT_KINDS = [
  'v1/ConfigMap',
  'v1/Endpoints',
  'v1/PersistentVolumeClaim',
  'v1/Pod',
  'v1/ReplicationController',
  'v1/Secret',
  'v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'v1/Namespace',
  'v1/PersistentVolume',
]

/** The kinds of --prune-allowlist; undefined for the usual ones. @throws KubectlError for one that is none */
export function prunableKinds({ flags, resources }: Invocation): readonly Kind[] | 'default' {
  const given = flags.list('prune-allowlist')
  if (given.length === 0) return 'default'
  return given.map((text) => {
    const parts = text.split('/')
    if (parts.length !== 3)
      throw new KubectlError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`)
    const [group, version, name] = parts
    const apiVersion = group === 'core' || group === '' ? version : `${group}/${version}`
    const kind = resources.forObject(apiVersion, name)
    if (!kind) throw new KubectlError(`no matches for kind ${JSON.stringify(name)} in version "${apiVersion}"`)
    return kind
  })
}

/** @param applied the objects as they are now, of all manifests */
export function prune(
  invocation: Invocation,
  allowed: readonly Kind[] | 'default',
  manifests: readonly ManifestObject[],
  applied: readonly KubeObject[],
): void {
  const { client, flags } = invocation
  const gracePeriod = flags.number('grace-period')
  const options = {
    propagationPolicy: readCascade(invocation),
    ...(gracePeriod >= 0 ? { gracePeriodSeconds: gracePeriod } : {}),
    ...(invocation.dryRun === 'server' ? { dryRun: true } : {}),
  }
  for (const { kind, object } of prunable(invocation, allowed, manifests, applied)) {
    const { namespace = '', name } = object.metadata
    if (invocation.dryRun !== 'client') pruning(kind, () => client.delete(kind, { namespace, name }, options))
    showResult(invocation, kind, withType(kind, object), 'pruned')
  }
}

/**
 * What is to go, a kind after the other, those of namespaces first.
 * @param applied the objects as they are now, of all manifests
 */
export function* prunable(
  invocation: Invocation,
  allowed: readonly Kind[] | 'default',
  manifests: readonly ManifestObject[],
  applied: readonly KubeObject[],
): Generator<Found> {
  if (allowed === 'default') {
    invocation.logWarning(
      'prune.go:71',
      'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.',
    )
  }
  const kinds = allowed === 'default' ? defaultKinds(invocation) : allowed
  const namespaces = manifests.filter(({ kind }) => kind.isNamespaced).map(({ namespace }) => namespace)
  const kept = new Set(applied.map(({ metadata }) => metadata.uid))
  for (const namespace of [...new Set(namespaces)].sort())
    for (const kind of kinds) if (kind.isNamespaced) yield* prunableOf(invocation, kind, namespace, kept)
  for (const kind of kinds) if (!kind.isNamespaced) yield* prunableOf(invocation, kind, '', kept)
}

const defaultKinds = ({ resources }: Invocation): Kind[] =>
  DEFAULT_KINDS.flatMap((text) => {
    const slash = text.lastIndexOf('/')
    return resources.forObject(text.slice(0, slash), text.slice(slash + 1)) ?? []
  })

function* prunableOf(
  invocation: Invocation,
  kind: Kind,
  namespace: string,
  kept: ReadonlySet<string>,
): Generator<Found> {
  const { client, flags } = invocation
  const { items } = pruning(kind, () => client.list(kind, { namespace, labelSelector: flags.string('selector') }))
  invocation.showWarnings()
  for (const object of items)
    if (lastAppliedOf(object) !== undefined && !kept.has(object.metadata.uid)) yield { kind, object }
}

/** Does a request; a refusal is told with the kind that was to be pruned. */
function pruning<T>(kind: Kind, request: () => T): T {
  try {
    return request()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const type = `${kind.group}/${kind.version}, Kind=${kind.kind}`
    const what = kind.isNamespaced ? 'namespaced' : 'nonNamespaced'
    throw new KubectlError(`error pruning ${what} object ${type}: ${error.message}`)
  }
}
