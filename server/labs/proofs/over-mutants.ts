/**
 * Over-mutants of a solution: what somebody may do besides it, one thing at a time, when all is done. Rights, doors and selectors get wider,
 * limits and probes go, waits become sleeps, references become literals, and what was only there is deleted or changed. A grade that stays
 * whole all the same calls that allowed.
 */
import { type Document, parseAllDocuments } from 'yaml'
import type { LiveCluster } from '../../../sim/index.ts'
import { joined } from './mutants.ts'

export interface OverMutant {
  /** The kind of change: `wider-rights`. */
  change: string
  /** What is changed: `Role/robot`, with the namespace before it where it is not the learner's: `ops/Role/robot`. */
  of: string
  /** The kubectl line that does it. */
  line: string
}

// biome-ignore lint/suspicious/noExplicitAny: an object of any kind, as kubectl prints it
type Json = Record<string, any>

interface Operation {
  op: 'add' | 'replace' | 'remove'
  path: string
  value?: unknown
}

/** A change of one object: operations of a JSON patch, or `delete`. */
interface Change {
  change: string
  patch: Operation[] | 'delete'
}

const looked = [
  ...['namespaces', 'nodes', 'persistentvolumes', 'storageclasses', 'priorityclasses'],
  ...['pods', 'services', 'configmaps', 'secrets', 'serviceaccounts', 'persistentvolumeclaims'],
  ...['limitranges', 'resourcequotas', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'],
  ...['networkpolicies', 'ingresses', 'poddisruptionbudgets', 'horizontalpodautoscalers'],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
]

/** Where the cluster keeps what is its own. */
const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

/**
 * @param cluster as a solution left it @param namespace the learner's
 * @param before what was there at the hand-over, as `contentsOf` gives it
 */
export function overMutantsOf(
  cluster: LiveCluster,
  namespace: string,
  before: ReadonlyMap<string, string>,
): OverMutant[] {
  return [
    ...podsInPlace(cluster, namespace),
    ...objectsOf(cluster).flatMap((object) => {
      const { name, namespace: own = '' } = object.metadata as { name: string; namespace?: string }
      const isUntouched = before.get(keyOf(object)) === contentOf(object)
      const of = `${own && own !== namespace ? `${own}/` : ''}${object.kind}/${name}`
      const target = `${String(object.kind).toLowerCase()} ${name}${own ? ` -n ${own}` : ''}`
      const changes = [...changesOf(object, cluster), ...(isUntouched ? bystanderChanges(object) : [])]
      return changes.map(({ change, patch }) => ({
        change,
        of,
        line:
          patch === 'delete'
            ? `kubectl delete ${target} --wait=false`
            : `kubectl patch ${target} --type=json -p ${quoted(JSON.stringify(patch))}`,
      }))
    }),
  ]
}

/** Of the Pods of each controller, one that runs another image than its template says: the controller does not look. */
function podsInPlace(cluster: LiveCluster, namespace: string): OverMutant[] {
  const { stdout } = cluster.execute({ op: 'kubectl', line: 'kubectl get pods -A -o json' })
  const { items } = JSON.parse(stdout) as { items: Json[] }
  const running = items.filter(({ metadata, status }) => {
    const [owner] = metadata.ownerReferences ?? []
    return owner && owner.kind !== 'Node' && !systemNamespaces.has(metadata.namespace) && status.phase === 'Running'
  })
  const ofOwners = new Map(running.map((pod) => [pod.metadata.ownerReferences[0].uid, pod]))
  return [...ofOwners.values()].map(({ metadata: { name, namespace: own }, spec }) => ({
    change: 'pod-in-place',
    of: `${own === namespace ? '' : `${own}/`}Pod/${name}`,
    line: `kubectl set image pod/${name} -n ${own} ${spec.containers[0].name}=busybox:1.35`,
  }))
}

/** The same of a manifest: what somebody may write besides its solution. */
export interface ManifestOverMutant {
  change: string
  of: string
  manifest: string
}

/** @param text of one object or several @throws Error when it is no YAML */
export function manifestOverMutants(text: string): ManifestOverMutant[] {
  const read = () => parseAllDocuments(text) as Document[]
  return read().flatMap((document, index) => {
    const object = (document.toJS() ?? {}) as Json
    if (!object.metadata) return []
    return changesOf(object).flatMap(({ change, patch }): ManifestOverMutant[] => {
      if (patch === 'delete') return []
      const copies = read()
      for (const operation of patch) applyTo(copies[index]!, operation)
      return [{ change, of: `${object.kind}/${object.metadata.name}`, manifest: joined(copies) }]
    })
  })
}

/** One operation of a JSON patch. */
function applyTo(document: Document, { op, path, value }: Operation): void {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  if (op === 'remove') document.deleteIn(steps)
  else if (steps.at(-1) === '-') document.addIn(steps.slice(0, -1), document.createNode(value))
  else document.setIn(steps, document.createNode(value))
}

/** What somebody decided of each object that is there, as text, by `KIND/NAMESPACE/NAME`. */
export const contentsOf = (cluster: LiveCluster): ReadonlyMap<string, string> =>
  new Map(objectsOf(cluster).map((object) => [keyOf(object), contentOf(object)]))

const keyOf = ({ kind, metadata }: Json): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`

/** What somebody decides of it. */
function contentOf({ kind, metadata, status: _, ...rest }: Json): string {
  const { labels, annotations } = metadata
  return JSON.stringify({ kind, labels, annotations, ...rest })
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** What people made: nothing of the cluster's own, and nothing that a controller made for something else. */
function objectsOf(cluster: LiveCluster): Json[] {
  const { stdout } = cluster.execute({ op: 'kubectl', line: `kubectl get ${looked.join(',')} -A -o json` })
  const { items } = JSON.parse(stdout) as { items: Json[] }
  return items.filter(({ kind, metadata }) => {
    const { name, namespace = '', labels = {}, ownerReferences = [] } = metadata
    return !(
      systemNamespaces.has(kind === 'Namespace' ? name : namespace) ||
      labels['kubernetes.io/bootstrapping'] === 'rbac-defaults' ||
      ownerReferences.length > 0 ||
      ['kube-root-ca.crt', 'default', 'kubernetes'].includes(name) ||
      /^(?:system[:-]|kubeadm:|kube-)/.test(name)
    )
  })
}

/** @param cluster where references can be looked up */
function changesOf(object: Json, cluster?: LiveCluster): Change[] {
  switch (object.kind) {
    case 'Role':
    case 'ClusterRole':
      return [
        { change: 'wider-rights', patch: [add('/rules/-', { apiGroups: ['*'], resources: ['*'], verbs: ['*'] })] },
      ]
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return [
        {
          change: 'more-holders',
          patch: [
            add('/subjects/-', { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }),
          ],
        },
      ]
    case 'NetworkPolicy':
      return [
        ...((object.spec.policyTypes ?? ['Ingress']) as string[]).map((type): Change => {
          const list = type.toLowerCase()
          return { change: `open-${list}`, patch: [add(`/spec/${list}`, [{}])] }
        }),
        { change: 'policy-gone', patch: 'delete' },
      ]
    case 'Service':
      return widerSelectors(object.spec.selector, '/spec/selector')
    case 'ResourceQuota':
    case 'LimitRange':
    case 'PodDisruptionBudget':
      return [{ change: 'bound-gone', patch: 'delete' }]
    case 'HorizontalPodAutoscaler':
      return [{ change: 'more-at-most', patch: [replace('/spec/maxReplicas', object.spec.maxReplicas * 3)] }]
    default:
      return templateChanges(object, cluster)
  }
}

const add = (path: string, value: unknown): Operation => ({ op: 'add', path, value })
const replace = (path: string, value: unknown): Operation => ({ op: 'replace', path, value })
const remove = (path: string): Operation => ({ op: 'remove', path })

const widerSelectors = (selector: Json | undefined, path: string): Change[] =>
  Object.keys(selector ?? {}).length < 2
    ? []
    : Object.keys(selector!).map((key) => ({
        change: 'wider-selector',
        patch: [remove(`${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)],
      }))

/** Where a kind that can be changed has the spec of its Pods. */
const templates: Readonly<Record<string, string>> = {
  Deployment: '/spec/template/spec',
  StatefulSet: '/spec/template/spec',
  DaemonSet: '/spec/template/spec',
  CronJob: '/spec/jobTemplate/spec/template/spec',
}

/** Changes of Pods that are made of a template; those of all containers at once, since a cheat needs no more than one line for it either. */
function templateChanges(object: Json, cluster: LiveCluster | undefined): Change[] {
  // A Pod that is there cannot be changed so; one that is to be written can.
  const path = templates[object.kind as string] ?? (object.kind === 'Pod' && !cluster ? '/spec' : undefined)
  if (path === undefined) return []
  const spec = path
    .split('/')
    .slice(1)
    .reduce((value: Json, step) => value[step], object)
  const all = ['initContainers', 'containers'].flatMap((list) =>
    ((spec[list] ?? []) as Json[]).map((container, n) => ({ list, container, at: `${path}/${list}/${n}` })),
  )
  const each = (change: string, patchOf: (one: (typeof all)[number]) => Operation[]): Change[] => {
    const patch = all.flatMap(patchOf)
    return patch.length > 0 ? [{ change, patch }] : []
  }
  const withProgram = (text: string) => (one: (typeof all)[number]) => [
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
        const value = cluster && literalOf(variable, object.metadata.namespace, cluster)
        return value === undefined ? [] : [replace(`${at}/env/${n}`, { name: variable.name, value })]
      }),
    ),
    // Where nothing is done before the end, a shorter time changes nothing.
    ...(all.some(({ container }) => container.lifecycle?.preStop)
      ? [{ change: 'no-grace', patch: [replace(`${path}/terminationGracePeriodSeconds`, 0)] }]
      : []),
    ...(typeof object.spec.replicas === 'number'
      ? [{ change: 'more-replicas', patch: [replace('/spec/replicas', object.spec.replicas + 2)] }]
      : []),
  ]
}

/** What a variable has from a ConfigMap or a Secret. */
function literalOf({ valueFrom = {} }: Json, namespace: string, cluster: LiveCluster): string | undefined {
  const { configMapKeyRef, secretKeyRef } = valueFrom
  const reference = configMapKeyRef ?? secretKeyRef
  if (!reference) return undefined
  const line = `kubectl get ${configMapKeyRef ? 'configmap' : 'secret'} ${reference.name} -n ${namespace} -o json`
  const { exit, stdout } = cluster.execute({ op: 'kubectl', line })
  const value = exit === 0 ? JSON.parse(stdout).data?.[reference.key] : undefined
  return value === undefined || configMapKeyRef ? value : Buffer.from(value, 'base64').toString()
}

/** Of what was handed over and no part of the work. */
function bystanderChanges(object: Json): Change[] {
  const { kind, data, spec } = object
  const first = Object.keys(data ?? {})[0]
  return [
    { change: 'bystander-deleted', patch: 'delete' },
    ...(first === undefined
      ? []
      : [{ change: 'bystander-changed', patch: [replace(`/data/${first}`, 'Y2hhbmdlZA==')] }]),
    ...(templates[kind as string] && typeof spec.replicas === 'number'
      ? [{ change: 'bystander-changed', patch: [replace('/spec/replicas', 0)] }]
      : []),
    ...(kind === 'Service' && spec.ports
      ? [{ change: 'bystander-changed', patch: [replace('/spec/ports/0/port', spec.ports[0].port + 1)] }]
      : []),
    ...(kind === 'Node' ? [{ change: 'bystander-changed', patch: [add('/spec/unschedulable', true)] }] : []),
  ]
}
