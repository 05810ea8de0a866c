/**
 * Over-mutants of a solution: what somebody may do besides it, one thing at a time, when all is done. Rights, doors and selectors get wider,
 * limits and probes go, waits become sleeps, references become literals, and what was only there is deleted or changed. A grade that stays
 * whole all the same calls that allowed.
 */
import { Document, parseAllDocuments } from 'yaml'
import type { LiveCluster } from '../../../sim/index.ts'
import { joined } from './mutants.ts'
import { changesBeside } from './over-changes/beside.ts'
import { add, type Change, type Json, type Operation, replace } from './over-changes/change.ts'
import { podChanges, templates } from './over-changes/pods.ts'
import { changesByKind } from './over-changes/registry.ts'

export interface OverMutant {
  /** The kind of change: `wider-rights`. */
  change: string
  /** What is changed: `Role/robot`, with the namespace before it where it is not the learner's: `ops/Role/robot`. */
  of: string
  /** The kubectl line that does it, and what it reads. */
  line: string
  stdin?: string
  /** What is changed as it is, and how: of two solutions that left the same there, one is enough to try. */
  about: string
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
      // Nobody gives more rights to those whom the work is not about.
      const besides = changesOf(object, cluster, false).filter(
        ({ change }) => !isUntouched || change !== 'rights-elsewhere',
      )
      const changes = [
        ...besides,
        ...(isUntouched ? bystanderChanges(object) : []),
        ...(before.has(keyOf(object)) ? changesBeside(object) : []),
      ]
      return changes.map(({ change, patch }) => ({
        change,
        of,
        ...commandOf(patch, target),
        about: `${change} ${JSON.stringify(patch)} ${own}/${name} ${contentOf(object)}`,
      }))
    }),
  ]
}

function commandOf(patch: Change['patch'], target: string): Pick<OverMutant, 'line' | 'stdin'> {
  if (patch === 'delete') return { line: `kubectl delete ${target} --wait=false` }
  if ('objects' in patch)
    return { line: 'kubectl apply -f -', stdin: patch.objects.map((object) => JSON.stringify(object)).join('\n---\n') }
  return { line: `kubectl patch ${target} --type=json -p ${quoted(JSON.stringify(patch))}` }
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
  return [...ofOwners.values()].map(({ metadata: { name, namespace: own, ownerReferences }, spec }) => ({
    change: 'pod-in-place',
    of: `${own === namespace ? '' : `${own}/`}Pod/${name}`,
    line: `kubectl set image pod/${name} -n ${own} ${spec.containers[0].name}=busybox:1.35`,
    about: `pod-in-place ${own}/${ownerReferences[0].kind}/${ownerReferences[0].name} ${JSON.stringify(spec.containers)}`,
  }))
}

/** The same of a manifest: what somebody may write besides its solution. */
export interface ManifestOverMutant {
  change: string
  of: string
  manifest: string
}

/**
 * @param text of one object or several @param cluster where what the text refers to can be looked up
 * @throws Error when it is no YAML
 */
export function manifestOverMutants(text: string, cluster?: LiveCluster): ManifestOverMutant[] {
  const read = () => parseAllDocuments(text) as Document[]
  return read().flatMap((document, index) => {
    const object = (document.toJS() ?? {}) as Json
    if (!object.metadata) return []
    return changesOf(object, cluster, true).flatMap(({ change, patch }): ManifestOverMutant[] => {
      if (patch === 'delete') return []
      const copies = read()
      if ('objects' in patch) copies.push(...patch.objects.map((one) => new Document(one)))
      else for (const operation of patch) applyTo(copies[index]!, operation)
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

/** @param isWritten whether it is a manifest that is to be written, and nothing that is there */
const changesOf = (object: Json, cluster: LiveCluster | undefined, isWritten: boolean): Change[] => {
  // A budget, and a part that is applied server-side, may have none.
  const whole = { spec: {}, ...object }
  return (
    changesByKind[object.kind as string]?.(whole, isWritten ? undefined : cluster) ??
    podChanges(whole, cluster, isWritten)
  )
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
