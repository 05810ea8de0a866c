/** Changes of Pods that are made of a template; those of all containers at once, since a cheat needs no more than one line for it either. */
import type { LiveCluster } from '../../../../sim/index.ts'
import { add, type Change, type Json, type Operation, remove, replace, step, valueAt, withoutEach } from './change.ts'

/** Where a kind that can be changed has the spec of its Pods. */
export const templates: Readonly<Record<string, string>> = {
  Deployment: '/spec/template/spec',
  StatefulSet: '/spec/template/spec',
  DaemonSet: '/spec/template/spec',
  CronJob: '/spec/jobTemplate/spec/template/spec',
}

const unchangeable: Readonly<Record<string, string>> = { Pod: '/spec', Job: '/spec/template/spec' }

interface Placed {
  list: 'initContainers' | 'containers'
  container: Json
  /** The path of the container. */
  at: string
}

/**
 * @param cluster where references can be looked up
 * @param isWritten whether it is a manifest that is to be written: a Pod or a Job that is there cannot be changed so, one in a manifest can
 */
export function podChanges(object: Json, cluster: LiveCluster | undefined, isWritten: boolean): Change[] {
  const path = templates[object.kind as string] ?? (isWritten ? unchangeable[object.kind as string] : undefined)
  if (path === undefined) return []
  const more: Change[] =
    typeof object.spec.replicas === 'number'
      ? [{ change: 'more-replicas', patch: [replace('/spec/replicas', object.spec.replicas + 2)] }]
      : []
  // What runs nowhere is as it may be.
  if (!isWritten && object.spec.replicas === 0) return more
  const spec = valueAt(object, path)
  const all = (['initContainers', 'containers'] as const).flatMap((list) =>
    ((spec[list] ?? []) as Json[]).map((container, n) => ({ list, container, at: `${path}/${list}/${n}` })),
  )
  return [
    ...containerChanges(all, (variable) => cluster && literalOf(variable, object.metadata.namespace, cluster)),
    // Where nothing is done before the end, a shorter time changes nothing.
    ...(all.some(({ container }) => container.lifecycle?.preStop)
      ? [{ change: 'no-grace', patch: [add(`${path}/terminationGracePeriodSeconds`, 0)] }]
      : []),
    ...more,
    ...placeChanges(spec, path),
    ...securityChanges(spec, path, all),
  ]
}

function containerChanges(all: readonly Placed[], literal: (variable: Json) => string | undefined): Change[] {
  const each = (change: string, patchOf: (one: Placed) => Operation[]): Change[] => {
    const patch = all.flatMap(patchOf)
    return patch.length > 0 ? [{ change, patch }] : []
  }
  const withProgram = (text: string) => (one: Placed) => [
    add(`${one.at}/command`, ['sh', '-c', text]),
    ...(one.container.args ? [remove(`${one.at}/args`)] : []),
  ]
  return [
    ...each('no-limits', ({ container, at }) =>
      container.resources?.limits ? [remove(`${at}/resources/limits`)] : [],
    ),
    ...['readinessProbe', 'livenessProbe', 'startupProbe'].flatMap((probe) =>
      each(`no-${probe}`, ({ container, at }) => (container[probe] ? [remove(`${at}/${probe}`)] : [])),
    ),
    ...each('sleep-for-wait', (one) =>
      one.list === 'initContainers' && one.container.restartPolicy !== 'Always' ? withProgram('sleep 30')(one) : [],
    ),
    ...each('no-program', (one) => (one.list === 'containers' ? withProgram('sleep 86400')(one) : [])),
    ...each('literal-for-reference', ({ container, at }) =>
      ((container.env ?? []) as Json[]).flatMap((variable, n) => {
        const value = literal(variable)
        return value === undefined ? [] : [replace(`${at}/env/${n}`, { name: variable.name, value })]
      }),
    ),
  ]
}

/** What a variable has from a ConfigMap or a Secret. */
function literalOf({ valueFrom = {} }: Json, namespace: string | undefined, cluster: LiveCluster): string | undefined {
  const { configMapKeyRef, secretKeyRef } = valueFrom
  const reference = configMapKeyRef ?? secretKeyRef
  if (!reference) return undefined
  const kind = configMapKeyRef ? 'configmap' : 'secret'
  const line = `kubectl get ${kind} ${reference.name} -n ${namespace ?? cluster.namespace} -o json`
  const { exit, stdout } = cluster.execute({ op: 'kubectl', line })
  const value = exit === 0 ? JSON.parse(stdout).data?.[reference.key] : undefined
  return value === undefined || configMapKeyRef ? value : Buffer.from(value, 'base64').toString()
}

/** Where the Pods may be: rules that go, or only ask, and taints of any kind that keep none of them away. */
function placeChanges(
  { affinity, tolerations, topologySpreadConstraints, nodeSelector }: Json,
  path: string,
): Change[] {
  const changing = (change: string, ...patch: Operation[]): Change => ({ change, patch })
  const at = `${path}/affinity`
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  return [
    ...withoutEach('affinity-gone', at, affinity),
    ...['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
      const terms = affinity?.[kind]?.[required] as Json[] | undefined
      if (!terms || affinity[kind][preferred]) return []
      const soft = terms.map((podAffinityTerm) => ({ weight: 100, podAffinityTerm }))
      return [changing('affinity-preferred', replace(`${at}/${kind}`, { [preferred]: soft }))]
    }),
    ...nodeTermChanges(affinity?.nodeAffinity?.[required]?.nodeSelectorTerms, `${at}/nodeAffinity/${required}`),
    ...withoutEach('spread-gone', `${path}/topologySpreadConstraints`, topologySpreadConstraints),
    ...((topologySpreadConstraints ?? []) as Json[]).flatMap(({ whenUnsatisfiable }, n) =>
      whenUnsatisfiable === 'ScheduleAnyway'
        ? []
        : [
            changing(
              'spread-preferred',
              replace(`${path}/topologySpreadConstraints/${n}/whenUnsatisfiable`, 'ScheduleAnyway'),
            ),
          ],
    ),
    ...withoutEach('any-node', `${path}/nodeSelector`, nodeSelector),
    // One for all taints, where it is about taints at all.
    ...(tolerations && !(tolerations as Json[]).some(({ key, operator }) => !key && operator === 'Exists')
      ? [changing('tolerates-all', add(`${path}/tolerations/-`, { operator: 'Exists' }))]
      : []),
  ]
}

/** A requirement less of a term that has several; the last one would leave a term that matches nothing. */
const nodeTermChanges = (terms: Json[] | undefined, at: string): Change[] =>
  (terms ?? []).flatMap(({ matchExpressions }, n) =>
    (matchExpressions ?? []).length < 2
      ? []
      : withoutEach('affinity-wider', `${at}/nodeSelectorTerms/${n}/matchExpressions`, matchExpressions),
  )

const guards = ['runAsNonRoot', 'readOnlyRootFilesystem', 'allowPrivilegeEscalation', 'seccompProfile', 'capabilities']

/** Guards that are written go, one at a time, wherever they are written; and where there are any, all rights of the node's root. */
function securityChanges(spec: Json, path: string, all: readonly Placed[]): Change[] {
  const places = [{ holder: spec, at: path }, ...all.map(({ container, at }) => ({ holder: container, at }))].filter(
    ({ holder }) => Object.keys(holder.securityContext ?? {}).length > 0,
  )
  const less = guards.flatMap((guard): Change[] => {
    const patch = places.flatMap(({ holder, at }) =>
      holder.securityContext[guard] === undefined ? [] : [remove(`${at}/securityContext/${step(guard)}`)],
    )
    return patch.length > 0 ? [{ change: `no-${guard}`, patch }] : []
  })
  const privileged = all
    .filter(({ list }) => list === 'containers')
    .map(({ container, at }) =>
      add(`${at}/securityContext`, { ...withoutGuards(container.securityContext), privileged: true }),
    )
  return [
    ...less,
    ...(places.length > 0 ? [{ change: 'privileged', patch: privileged }] : []),
    ...(spec.automountServiceAccountToken === false
      ? [{ change: 'token-mounted', patch: [remove(`${path}/automountServiceAccountToken`)] }]
      : []),
  ]
}

/** The API server refuses a privileged container that may not get more rights. */
const withoutGuards = ({ allowPrivilegeEscalation: _, ...rest }: Json = {}): Json => rest
