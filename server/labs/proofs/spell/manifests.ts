/** Other spellings of manifests. */
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments, stringify, type ToStringOptions } from 'yaml'
import { kubectlYaml, type LiveCluster } from '../../../../sim/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: an object of any kind, as a manifest has it
export type Json = Record<string, any>

export interface ManifestSpelling {
  kind: string
  /**
   * @param clusters where it is applied: as it was handed over, and as it is then; none unless told
   * @returns undefined where nothing in it can be spelled so
   */
  spell(text: string, clusters?: () => readonly LiveCluster[]): string | undefined
}

/** The objects of a manifest; undefined when it holds something else, or what YAML alone can say. */
export function documentsOf(text: string): Json[] | undefined {
  const documents = parseAllDocuments(text, kubectlYaml)
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined
  const objects = documents.map((document) => document.toJS() as Json | null).filter((object) => object !== null)
  return objects.length > 0 && objects.every((object) => typeof object === 'object' && object.kind)
    ? objects
    : undefined
}

export const printDocuments = (objects: readonly Json[], style: ToStringOptions = {}): string =>
  objects.map((object) => stringify(object, { ...kubectlYaml, lineWidth: 0, ...style })).join('---\n')

/** Objects with a change; undefined when none of them changes. */
const changed = (text: string, change: (object: Json) => unknown): string | undefined => {
  const objects = documentsOf(text)
  if (!objects) return undefined
  const others = objects.map((object) => change(object) as Json)
  return JSON.stringify(others) === JSON.stringify(objects) ? undefined : printDocuments(others)
}

export const manifestSpellings: readonly ManifestSpelling[] = [
  {
    kind: 'json',
    spell: (text) =>
      documentsOf(text)
        ?.map((object) => JSON.stringify(object, null, 2))
        .join('\n---\n'),
  },
  {
    kind: 'list',
    spell(text) {
      const items = documentsOf(text)
      return items?.every(({ kind }) => kind !== 'List')
        ? printDocuments([{ apiVersion: 'v1', kind: 'List', items }])
        : undefined
    },
  },
  { kind: 'other-order', spell: (text) => changed(text, reversed) },
  {
    kind: 'quoted',
    spell(text) {
      const objects = documentsOf(text)
      return objects && printDocuments(objects, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' })
    },
  },
  {
    kind: 'quantities',
    spell: (text, clusters) =>
      changed(text, (object) => (isMadeAgain(object, clusters) ? object : walked(object, otherQuantities))),
  },
  {
    kind: 'match-expressions',
    spell: (text, clusters) => changed(text, (object) => withExpressions(object, clusters)),
  },
  { kind: 'defaults', spell: (text) => changed(text, (object) => walked(object, withDefaults)) },
  { kind: 'none-in-percent', spell: (text) => changed(text, (object) => walked(object, otherNone)) },
]

/** Each map with its keys the other way round. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, one]) => [key, reversed(one)]),
        )
      : value

/** Each map as `change` makes it, given the key that it is at; the inner ones first. */
function walked(
  value: unknown,
  change: (map: Json, key: string, holder: string) => Json,
  key = '',
  holder = '',
): unknown {
  if (Array.isArray(value)) return value.map((one) => walked(one, change, key, holder))
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.entries(value).map(([name, one]) => [name, walked(one, change, name, key)])
  return change(Object.fromEntries(inner), key, holder)
}

const ofQuantities = new Set(['requests', 'limits', 'hard', 'default', 'defaultRequest', 'max', 'min', 'capacity'])

function otherQuantities(map: Json, key: string): Json {
  if (ofQuantities.has(key))
    return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, otherQuantity(name, value)]))
  const { sizeLimit } = map
  return key === 'emptyDir' && sizeLimit ? { ...map, sizeLimit: otherQuantity('memory', sizeLimit) } : map
}

const binary: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4 }

/** `500m` as 0.5, `1` as 1000m, `128Mi` as bytes, `1Gi` as 1024Mi. */
export function otherQuantity(name: string, value: unknown): unknown {
  if (/(?:^|\.)cpu$/.test(name)) {
    const millis = /^(\d+)m$/.exec(String(value))?.[1]
    if (millis) return String(Number(millis) / 1000)
    return /^\d+(?:\.\d+)?$/.test(String(value)) ? `${Number(value) * 1000}m` : value
  }
  if (!/(?:^|\.)(?:memory|storage|ephemeral-storage)$/.test(name)) return value
  const [, number, unit] = /^(\d+)(Ki|Mi|Gi|Ti)$/.exec(String(value)) ?? []
  if (!number || !unit) return value
  if (unit === 'Gi') return `${Number(number) * 1024}Mi`
  return String(Number(number) * 1024 ** binary[unit]!)
}

/** What is deleted and made again is to be as it was, to the letter. */
function isMadeAgain(object: Json, clusters: () => readonly LiveCluster[] = () => []): boolean {
  const [handedOver, before] = clusters().map((cluster) => found(cluster, object))
  return handedOver !== undefined && before === undefined
}

/** What the cluster has by the name of that object. */
function found(cluster: LiveCluster, object: Json): Json | undefined {
  const line = 'kubectl get -f - -o json'
  const { exit, stdout } = cluster.execute({ op: 'kubectl', line, stdin: JSON.stringify(object) })
  return exit === 0 ? (JSON.parse(stdout) as Json) : undefined
}

/** What selects its own Pods, and keeps that for good. */
const ofWorkloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'])

/** Every `matchLabels` as expressions, but for a selector of Pods that is there and cannot be changed, or was and should not be. */
function withExpressions(object: Json, clusters: () => readonly LiveCluster[] = () => []): unknown {
  const other = walked(object, ({ matchLabels = {}, ...rest }) => {
    const expressions = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] }))
    return expressions.length === 0
      ? { ...rest }
      : { ...rest, matchExpressions: [...(rest.matchExpressions ?? []), ...expressions] }
  }) as Json
  // A part that is applied server-side may say nothing of it.
  const isFixed =
    ofWorkloads.has(object.kind) && object.spec?.selector && clusters().some((one) => isThereOtherwise(one, other))
  return isFixed ? { ...other, spec: { ...other.spec, selector: object.spec.selector } } : other
}

/** Whether it is there with another selector. */
function isThereOtherwise(cluster: LiveCluster, object: Json): boolean {
  const there = found(cluster, object)
  return there !== undefined && !isDeepStrictEqual(there.spec.selector, object.spec.selector)
}

/** Fields that are left out stand there with the value that they have anyway. */
function withDefaults(map: Json, key: string, holder: string): Json {
  // What is served by several versions, or is no list of containers, has other fields.
  if (key === 'containers' && map.name)
    return { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', ...map }
  if (key === 'ports' && (map.containerPort || map.port)) return { protocol: 'TCP', ...map }
  if (/^(?:readiness|liveness|startup)Probe$/.test(key))
    return { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3, ...map }
  if (key === 'spec' && map.containers && holder === 'template')
    return { dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler', terminationGracePeriodSeconds: 30, ...map }
  if (map.kind === 'Deployment')
    return {
      ...map,
      spec: {
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        ...map.spec,
        template: {
          ...map.spec?.template,
          spec: { restartPolicy: 'Always', ...map.spec?.template?.spec },
        },
      },
    }
  if (map.kind === 'Service') return { ...map, spec: { sessionAffinity: 'None', type: 'ClusterIP', ...map.spec } }
  if (map.kind === 'NetworkPolicy')
    return { ...map, spec: { policyTypes: map.spec?.egress ? ['Ingress', 'Egress'] : ['Ingress'], ...map.spec } }
  if (map.kind === 'HorizontalPodAutoscaler') return { ...map, spec: { minReplicas: 1, ...map.spec } }
  return map
}

/** None is none of any number. */
function otherNone(map: Json, key: string): Json {
  if (key !== 'rollingUpdate') return map
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [name, value === 0 ? '0%' : value === '0%' ? 0 : value]),
  )
}
