/** What templates gave, as objects: hooks apart, the rest in the order of installation. Source: helm.sh/helm/v3/pkg/releaseutil */
import { chargeText } from '../../engine/work.ts'
import { isGoMap } from '../../go-template/values.ts'
import { HelmError } from '../errors.ts'
import { readYaml } from '../sprig/encoding.ts'

export interface Manifest {
  /** Path of its template. */
  name: string
  content: string
  kind: string
  apiVersion: string
  metadataName: string
  annotations: Readonly<Record<string, string>>
}

export interface HookRun {
  started_at: string
  completed_at: string
  phase: string
}

export interface Hook {
  name: string
  kind: string
  path: string
  manifest: string
  events: string[]
  last_run: HookRun
  weight?: number
  delete_policies?: string[]
  output_log_policies?: string[]
}

const installOrder = (
  'PriorityClass Namespace NetworkPolicy ResourceQuota LimitRange PodSecurityPolicy PodDisruptionBudget ServiceAccount Secret SecretList ' +
  'ConfigMap StorageClass PersistentVolume PersistentVolumeClaim CustomResourceDefinition ClusterRole ClusterRoleList ClusterRoleBinding ' +
  'ClusterRoleBindingList Role RoleList RoleBinding RoleBindingList Service DaemonSet Pod ReplicationController ReplicaSet Deployment ' +
  'HorizontalPodAutoscaler StatefulSet Job CronJob IngressClass Ingress APIService'
).split(' ')
const uninstallOrder = (
  'APIService Ingress IngressClass Service CronJob Job StatefulSet HorizontalPodAutoscaler Deployment ReplicaSet ReplicationController Pod ' +
  'DaemonSet RoleBindingList RoleBinding RoleList Role ClusterRoleBindingList ClusterRoleBinding ClusterRoleList ClusterRole ' +
  'CustomResourceDefinition PersistentVolumeClaim PersistentVolume StorageClass ConfigMap SecretList Secret ServiceAccount ' +
  'PodDisruptionBudget PodSecurityPolicy LimitRange ResourceQuota NetworkPolicy Namespace PriorityClass'
).split(' ')

const hookEvents = new Set(
  'pre-install post-install pre-delete post-delete pre-upgrade post-upgrade pre-rollback post-rollback test'.split(' '),
)

/** The documents of a text, without those that are empty. */
export function splitManifests(text: string): string[] {
  chargeText(text.length * 4)
  const documents: string[][] = [[]]
  for (const line of text.split('\n')) {
    if (!/^[ \t]*---(?=\s|$)/.test(line)) documents.at(-1)!.push(line)
    // What stands behind the dashes belongs to the document.
    else documents.push([line.slice(line.indexOf('---') + 3)])
  }
  return documents.map((lines) => lines.join('\n').trim()).filter((document) => document !== '')
}

/** What is read of a document to sort it. @throws HelmError for one that is no YAML */
function headOf(name: string, content: string): Manifest {
  const read = readYaml(content)
  if ('error' in read) throw new HelmError(`YAML parse error on ${name}: ${read.error}`)
  const head = isGoMap(read.value) ? read.value : {}
  const metadata = isGoMap(head.metadata) ? head.metadata : {}
  const text = (value: unknown): string => (typeof value === 'string' ? value : '')
  const annotations = isGoMap(metadata.annotations) ? metadata.annotations : {}
  for (const [key, value] of Object.entries(annotations))
    if (typeof value !== 'string')
      throw new HelmError(
        `YAML parse error on ${name}: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${typeof value === 'boolean' ? 'bool' : typeof value} into Go struct field .metadata.annotations.${key} of type string`,
      )
  return {
    ...{ name, content },
    kind: text(head.kind),
    apiVersion: text(head.apiVersion),
    metadataName: text(metadata.name),
    annotations: annotations as Record<string, string>,
  }
}

const byKind =
  (order: readonly string[]) =>
  (a: string, b: string): number => {
    const [one, other] = [order.indexOf(a), order.indexOf(b)]
    if (one < 0 && other < 0) return a < b ? -1 : a > b ? 1 : 0
    if (one < 0 || other < 0) return one < 0 ? 1 : -1
    return one - other
  }

/** @throws HelmError */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  order: 'install' | 'uninstall' = 'install',
): { hooks: Hook[]; manifests: Manifest[]; unknown: string[] } {
  const hooks: Hook[] = []
  const manifests: Manifest[] = []
  const unknown: string[] = []
  for (const path of [...files.keys()].sort()) {
    const base = path.slice(path.lastIndexOf('/') + 1)
    if (base.startsWith('_')) continue
    for (const content of splitManifests(files.get(path)!)) {
      const manifest = headOf(path, content)
      const asked = manifest.annotations['helm.sh/hook']
      if (asked === undefined) manifests.push(manifest)
      else {
        const hook = hookOf(manifest, asked)
        if (hook) hooks.push(hook)
        else unknown.push(asked)
      }
    }
  }
  const compare = byKind(order === 'install' ? installOrder : uninstallOrder)
  return {
    hooks: hooks.toSorted((a, b) => compare(a.kind, b.kind)),
    manifests: manifests.toSorted((a, b) => compare(a.kind, b.kind)),
    unknown,
  }
}

/** Undefined when an event is none. */
function hookOf({ name, content, kind, metadataName, annotations }: Manifest, asked: string): Hook | undefined {
  const listed = (key: string): string[] =>
    (annotations[key] ?? '')
      .split(',')
      .map((word) => word.trim().toLowerCase())
      .filter(Boolean)
  const events = asked
    .split(',')
    .map((event) => event.trim().toLowerCase())
    .map((event) => (event === 'test-success' ? 'test' : event))
  if (!events.every((event) => hookEvents.has(event))) return undefined
  const weight = Number(
    /^[+-]?\d+$/.test(annotations['helm.sh/hook-weight'] ?? '') ? annotations['helm.sh/hook-weight'] : 0,
  )
  const [deletes, logs] = [listed('helm.sh/hook-delete-policy'), listed('helm.sh/hook-output-log-policy')]
  return {
    name: metadataName,
    kind,
    path: name,
    manifest: content,
    events,
    last_run: { started_at: '', completed_at: '', phase: '' },
    ...(weight === 0 ? {} : { weight }),
    ...(deletes.length > 0 ? { delete_policies: deletes } : {}),
    ...(logs.length > 0 ? { output_log_policies: logs } : {}),
  }
}
