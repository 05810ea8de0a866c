/**
 * What somebody does to an object that was handed over, beside what was asked for: a field that no statement names. Where a statement says
 * that the rest stays as it is, each of them is to be noticed.
 */
import { add, type Change, type Json, type Operation, valueAt } from './change.ts'
import { templates } from './pods.ts'

const beside = (field: string, ...patch: Operation[]): Change => ({ change: `beside/${field}`, patch })

/** @param object as it is in the cluster, with everything that the server gave it */
export const changesBeside = (object: Json): Change[] => [
  ...metadataChanges(object),
  ...(templates[object.kind as string] ? [...templateChanges(object), ...rolloutChanges(object)] : []),
  ...(byKind[object.kind as string]?.(object) ?? []),
]

/** A label, and a finalizer. */
function metadataChanges(object: Json): Change[] {
  const { labels = {}, finalizers = [] } = object.metadata
  // Labels of namespaces and nodes are of no interest but where a statement speaks of them; there they are asked for.
  if (['Namespace', 'Node'].includes(object.kind)) return []
  return [
    beside('label', add('/metadata/labels', { ...labels, besides: 'yes' })),
    beside('finalizer', add('/metadata/finalizers', [...finalizers, 'example.com/besides'])),
  ]
}

/** What else the Pods of a template have: a program, one before it, a variable, an annotation, longer to end, and nothing to write on. */
function templateChanges(object: Json): Change[] {
  const at = templates[object.kind as string]!
  const ofTemplate = at.slice(0, at.lastIndexOf('/'))
  const template = valueAt(object, ofTemplate)
  const { annotations = {} } = template.metadata ?? {}
  const { containers, initContainers = [] } = template.spec as { containers: Json[]; initContainers?: Json[] }
  const { resources, securityContext } = containers[0]!
  const another = (command: string[]): Json => ({
    name: 'besides',
    image: 'busybox:1.36',
    command,
    ...(resources ? { resources } : {}),
    ...(securityContext ? { securityContext } : {}),
  })
  const mounts = containers.flatMap(({ volumeMounts = [] }, n) =>
    (volumeMounts as Json[]).flatMap(({ readOnly }, m) =>
      readOnly ? [] : [add(`${at}/containers/${n}/volumeMounts/${m}/readOnly`, true)],
    ),
  )
  return [
    beside(
      'template-annotation',
      add(`${ofTemplate}/metadata/annotations`, {
        ...annotations,
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
      }),
    ),
    beside('container', add(`${at}/containers/-`, another(['sleep', 'infinity']))),
    beside('init-container', add(`${at}/initContainers`, [...initContainers, another(['true'])])),
    beside(
      'variable',
      ...containers.map(({ env = [] }, n) =>
        add(`${at}/containers/${n}/env`, [...env, { name: 'BESIDES', value: '1' }]),
      ),
    ),
    beside('grace', add(`${at}/terminationGracePeriodSeconds`, 3600)),
    ...(mounts.length > 0 ? [beside('read-only-mounts', ...mounts)] : []),
  ]
}

/** How the next release gets out, or does not. */
function rolloutChanges({ kind, spec }: Json): Change[] {
  const next: Readonly<Record<string, Change[]>> = {
    Deployment: [
      beside('paused', add('/spec/paused', true)),
      beside('history', add('/spec/revisionHistoryLimit', 0)),
      beside('late-availability', add('/spec/minReadySeconds', 3000), add('/spec/progressDeadlineSeconds', 3600)),
      beside(
        'strategy',
        spec.strategy?.type === 'Recreate'
          ? add('/spec/strategy', { type: 'RollingUpdate' })
          : add('/spec/strategy', { type: 'Recreate' }),
      ),
    ],
    StatefulSet: [beside('strategy', add('/spec/updateStrategy', { type: 'OnDelete' }))],
    DaemonSet: [beside('strategy', add('/spec/updateStrategy', { type: 'OnDelete' }))],
    CronJob: [
      beside('paused', add('/spec/suspend', true)),
      beside('history', add('/spec/failedJobsHistoryLimit', 0), add('/spec/successfulJobsHistoryLimit', 0)),
      beside('starting-deadline', add('/spec/startingDeadlineSeconds', 10)),
    ],
  }
  return next[kind as string] ?? []
}

const byKind: Readonly<Record<string, (object: Json) => Change[]>> = {
  Service: ({ spec }) => [
    beside('session-affinity', add('/spec/sessionAffinity', 'ClientIP')),
    beside('internal-traffic-policy', add('/spec/internalTrafficPolicy', 'Local')),
    beside('unready-addresses', add('/spec/publishNotReadyAddresses', true)),
    ...(spec.type === 'ClusterIP' && spec.clusterIP !== 'None'
      ? [beside('node-port', add('/spec/type', 'NodePort'))]
      : []),
    ...(spec.ports?.[0]?.name
      ? [beside('port', add('/spec/ports/-', { name: 'besides', port: 9999, targetPort: spec.ports[0].targetPort }))]
      : []),
  ],
  ConfigMap: () => [beside('key', add('/data/besides', 'yes')), beside('immutable', add('/immutable', true))],
  Secret: () => [beside('key', add('/data/besides', 'eWVz')), beside('immutable', add('/immutable', true))],
  Node: ({ spec }) => [
    beside('taint', add('/spec/taints', [...(spec.taints ?? []), { key: 'besides', effect: 'PreferNoSchedule' }])),
  ],
}
