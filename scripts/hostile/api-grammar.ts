/** Requests to the Kubernetes API: all verbs on all kinds, with one field of one of them driven to its extreme. */
import { outlineOf, type SchemaOutline, simulated } from '../../sim/index.ts'
import { type Json, manyItems, manyNames, raw, repeated, type Step, shortJson } from './input.ts'
import type { Draw } from './random.ts'
import { extremeText, fieldSelectors, integers, quantities, selectors, strings, wrongTypes } from './values.ts'
import { known } from './world.ts'

type Schema = SchemaOutline['definitions'][string]
type Fields = { [name: string]: Json }

interface KindFacts {
  kind: string
  apiVersion: string
  plural: string
  isNamespaced: boolean
}

/** How large one value may become: a form of the site takes 256 KB, the API 3 MB. */
type Size = 'form' | 'body'

let kinds: readonly KindFacts[] | undefined
const allKinds = (): readonly KindFacts[] => {
  kinds ??= simulated().kinds
  return kinds
}

const container = { name: 'c', image: 'nginx:1.27' }
const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } }
const selector = { matchLabels: { app: 'x' } }

/** What each kind needs at least to be accepted; the other kinds need nothing or what their schema says. */
const least: Readonly<Record<string, Fields>> = {
  Pod: { spec: { containers: [container] } },
  PodTemplate: { template },
  ReplicationController: { spec: { selector: { app: 'x' }, template } },
  Deployment: { spec: { selector, template } },
  ReplicaSet: { spec: { selector, template } },
  DaemonSet: { spec: { selector, template } },
  StatefulSet: { spec: { serviceName: 'x', selector, template } },
  Job: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
  CronJob: {
    spec: {
      schedule: '* * * * *',
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } },
    },
  },
  Service: { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
  Ingress: { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  NetworkPolicy: { spec: { podSelector: {} } },
  HorizontalPodAutoscaler: {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
  },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } },
  ResourceQuota: { spec: { hard: { pods: '10' } } },
  LimitRange: { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } },
  PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  PersistentVolume: {
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } },
  },
  StorageClass: { provisioner: 'example.org/disk' },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ClusterRole: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  RoleBinding: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }, subjects: [] },
  PriorityClass: { value: 10 },
  EndpointSlice: { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ port: 80 }] },
  IngressClass: { spec: { controller: 'example.org/ingress' } },
  ServiceCIDR: { spec: { cidrs: ['10.200.0.0/24'] } },
  RuntimeClass: { handler: 'x' },
  CSIDriver: { spec: {} },
  Event: { involvedObject: { kind: 'Pod', name: 'shell', namespace: 'default' }, reason: 'X', message: 'x' },
}

/** Kinds that have the most behind them are drawn more often. */
const favourites = [
  ...[
    'Pod',
    'Pod',
    'Pod',
    'Deployment',
    'Deployment',
    'Service',
    'Service',
    'Ingress',
    'CronJob',
    'Job',
    'StatefulSet',
  ],
  ...[
    'ResourceQuota',
    'LimitRange',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'PersistentVolumeClaim',
    'PodDisruptionBudget',
  ],
]

function drawKind(draw: Draw): KindFacts {
  const favourite = draw.chance(0.6) ? draw.oneOf(favourites) : undefined
  return allKinds().find(({ kind }) => kind === favourite) ?? draw.oneOf(allKinds())
}

const collectionOf = ({ apiVersion, plural, isNamespaced }: KindFacts): string =>
  `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${isNamespaced ? '/namespaces/default' : ''}/${plural}`

interface Extreme {
  object: Json
  kind: KindFacts
  /** `spec.containers[].env`: what was driven to its extreme. */
  field: string
}

/** An object of some kind with one field driven to its extreme. */
export function drawObject(draw: Draw, size: Size): Extreme {
  const kind = drawKind(draw)
  const base: Fields = {
    ...{ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: `x${draw.whole(1, 999)}` } },
    ...(structuredClone(least[kind.kind] ?? {}) as Fields),
  }
  const outline = outlineOf(kind.apiVersion, kind.kind)
  const root = outline?.definitions[outline.root]
  if (!outline || !root) return { object: base, kind, field: '' }
  const field = drive(draw, base, root, outline, size, '')
  return { object: base, kind, field }
}

/** Goes down the schema from an object that is there, and puts an extreme in. @returns where */
function drive(draw: Draw, at: Fields, schema: Schema, outline: SchemaOutline, size: Size, path: string): string {
  const known = Object.keys(schema.properties ?? {}).filter(
    (name) => !(path === '' && /^(apiVersion|kind)$/.test(name)),
  )
  if (known.length === 0) return path
  // Down into what is there already: what hangs together is looked at more closely than what is refused at once.
  const there = known.filter((name) => name in at && typeof at[name] === 'object')
  const weight = path === '' ? 0.85 : 0.5
  const name = there.length > 0 && draw.chance(weight) ? draw.oneOf(there) : draw.oneOf(known)
  const here = path === '' ? name : `${path}.${name}`
  const of = resolved(schema.properties![name]!, outline)
  const value = at[name]
  const isDeepEnough = here.split('.').length > 9
  if (draw.chance(0.06) || isDeepEnough) {
    at[name] = wrongTypes(draw)
    return `${here} (another type)`
  }
  if (of.properties) {
    const inner: Fields = isFields(value) ? value : requiredOf(of, outline)
    at[name] = inner
    return drive(draw, inner, of, outline, size, here)
  }
  if (of.items) {
    const item = resolved(of.items, outline)
    const one: Json = Array.isArray(value) && value.length > 0 ? value[0]! : leastOf(item, outline, name)
    if (draw.chance(0.35)) {
      at[name] = manyItems(draw.oneOf(size === 'form' ? [500, 3000] : [1000, 5000, 20_000]), numbered(one))
      return `${here}[] (many)`
    }
    if (item.properties && isFields(one)) {
      at[name] = [one]
      return drive(draw, one, item, outline, size, `${here}[]`)
    }
    at[name] = [extremeOf(draw, item, name, size)]
    return `${here}[]`
  }
  if (of.additionalProperties) {
    const inner = resolved(of.additionalProperties, outline)
    at[name] = draw.weighted<() => Json>([
      [3, () => ({ [draw.oneOf(['cpu', 'memory', 'a', 'pods', 'storage'])]: extremeOf(draw, inner, name, size) })],
      [2, () => ({ [fitting(draw.oneOf(strings), size)]: leastOf(inner, outline, 'a') })],
      [2, () => manyNames(size === 'form' ? 3000 : draw.oneOf([5000, 20_000]), 'k#', leastOf(inner, outline, 'a'))],
    ])()
    return here
  }
  at[name] = extremeOf(draw, of, name, size)
  return here
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

function resolved(schema: Schema, outline: SchemaOutline): Schema {
  const definition = schema.$ref === undefined ? undefined : outline.definitions[schema.$ref]
  return definition ?? schema
}

/** An object with what its schema requires. */
const requiredOf = (schema: Schema, outline: SchemaOutline): Fields =>
  Object.fromEntries(
    (schema.required ?? []).map((name) => [
      name,
      leastOf(resolved(schema.properties?.[name] ?? {}, outline), outline, name),
    ]),
  )

function leastOf(schema: Schema, outline: SchemaOutline, name: string): Json {
  if (schema.properties) return requiredOf(schema, outline)
  if (schema.items) return [leastOf(resolved(schema.items, outline), outline, name)]
  if (schema.additionalProperties) return {}
  if (schema.enum) return schema.enum[0] as Json
  if (schema.type === 'integer' || schema.type === 'number') return 1
  if (schema.type === 'boolean') return true
  return /image/.test(name) ? 'nginx:1.27' : /path/i.test(name) ? '/a' : 'a'
}

/** Each with a name and port of its own where it has one. */
const numbered = (value: Json): Json => {
  if (!isFields(value)) return typeof value === 'string' ? `${value}#` : value
  const own: Fields = { ...value }
  for (const name of ['name', 'key', 'topologyKey', 'path', 'mountPath', 'ip'])
    if (typeof own[name] === 'string') own[name] = `${own[name]}#`
  for (const name of ['port', 'containerPort', 'hostPort']) if (typeof own[name] === 'number') own[name] = '#n'
  return own
}

function extremeOf(draw: Draw, schema: Schema, name: string, size: Size): Json {
  if (draw.chance(0.08)) return wrongTypes(draw)
  switch (schema.type) {
    case 'integer':
    case 'number':
      return draw.oneOf(integers)
    case 'boolean':
      return draw.oneOf<Json>([true, false, 'true', 1, null])
    default: {
      // What may be a number or a text is a quantity, or a port.
      if (schema.format === 'int-or-string' && draw.chance(0.5)) return draw.oneOf(integers)
      return fitting(schema.format === 'quantity' ? draw.oneOf(quantities) : extremeText(draw, name), size)
    }
  }
}

/** A form takes less. */
export const fitting = (text: string, size: Size): string =>
  size === 'body' ? text : text.replace(/⟦(\d+)\|/g, (_, times: string) => `⟦${Math.min(Number(times), 20_000)}|`)

const patchTypes = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'] as const
const protobuf = 'application/vnd.kubernetes.protobuf'
const accepts = [
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  `${protobuf}`,
  'application/cbor',
  'application/yaml',
  '*/*',
  'application/json;as=Table;v=v9;g=x',
  ',,,;;;q=2',
]

export function drawApi(draw: Draw): { about: string; steps: Step[] } {
  return draw.weighted<() => { about: string; steps: Step[] }>([
    [8, () => drawCreate(draw)],
    [3, () => drawReplace(draw)],
    [5, () => drawPatch(draw)],
    [5, () => drawRead(draw)],
    [2, () => drawSubresource(draw)],
    [2, () => drawBody(draw)],
  ])()
}

const query = (draw: Draw, ...some: readonly string[]): string => {
  const chosen = some.filter(() => draw.chance(0.3))
  return chosen.length > 0 ? `?${chosen.join('&')}` : ''
}

const later: Step = { do: 'form', path: '/sandboxes/{sandbox}', fields: { do: 'minute' } }

function drawCreate(draw: Draw): { about: string; steps: Step[] } {
  const { object, kind, field } = drawObject(draw, 'body')
  const path = `${collectionOf(kind)}${query(draw, 'dryRun=All', 'fieldManager=x', 'fieldValidation=Strict')}`
  const create: Step = {
    do: 'api',
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: shortJson(object),
  }
  return { about: `POST ${kind.kind} ${field}`, steps: draw.chance(0.5) ? [create, later] : [create] }
}

function drawReplace(draw: Draw): { about: string; steps: Step[] } {
  const { object, kind, field } = drawObject(draw, 'body')
  const name = known[kind.plural] ?? 'x'
  const renamed = { ...(object as Fields), metadata: { ...((object as Fields).metadata as Fields), name } }
  return {
    about: `PUT ${kind.kind} ${field}`,
    steps: [
      {
        do: 'api',
        method: 'PUT',
        path: `${collectionOf(kind)}/${name}`,
        headers: { 'content-type': 'application/json' },
        body: shortJson(renamed),
      },
    ],
  }
}

function drawPatch(draw: Draw): { about: string; steps: Step[] } {
  const { object, kind, field } = drawObject(draw, 'body')
  const name = known[kind.plural] ?? 'x'
  const type = draw.oneOf(patchTypes)
  const { body, about } = type === 'json-patch+json' ? drawOperations(draw) : drawMerge(draw, object, field)
  const force = type === 'apply-patch+yaml' ? '?fieldManager=x&force=true' : query(draw, 'dryRun=All', 'fieldManager=x')
  return {
    about: `PATCH ${type} ${kind.kind} ${about}`,
    steps: [
      {
        do: 'api',
        method: 'PATCH',
        path: `${collectionOf(kind)}/${name}${force}`,
        headers: { 'content-type': `application/${type}` },
        body,
      },
    ],
  }
}

function drawMerge(draw: Draw, object: Json, field: string): { body: string; about: string } {
  if (draw.chance(0.7)) return { body: shortJson(object), about: field }
  const directive: Json = draw.oneOf<Json>([
    { metadata: { labels: manyNames(20_000, 'k#', null) } },
    { metadata: { annotations: { a: repeated(300_000, 'a') } } },
    { spec: { $patch: 'delete' } },
    { $patch: 'replace' },
    { spec: { template: { spec: { containers: manyItems(20_000, { name: 'c#', $patch: 'delete' }) } } } },
    { spec: { template: { spec: { '$setElementOrder/containers': manyItems(20_000, { name: 'c#' }) } } } },
    { $retainKeys: manyItems(20_000, 'k#') },
    { metadata: { managedFields: manyItems(5000, { manager: 'm#', operation: 'Apply', fieldsV1: { 'f:a': {} } }) } },
    { metadata: { ownerReferences: manyItems(10_000, { apiVersion: 'v1', kind: 'Pod', name: 'p#', uid: 'u#' }) } },
    { metadata: { finalizers: manyItems(20_000, 'example.org/f#') } },
    { data: raw(`${repeated(1_000_000, '[')}`) },
    { __proto__: { a: 1 }, constructor: { prototype: { a: 1 } } },
  ])
  return { body: shortJson(directive), about: `directive ${shortJson(directive).slice(0, 60)}` }
}

function drawOperations(draw: Draw): { body: string; about: string } {
  const count = draw.oneOf([10, 30, 40, 1000, 10_000, 50_000])
  const operation = draw.oneOf([
    '{"op":"copy","from":"/metadata","path":"/metadata/labels"}',
    '{"op":"copy","from":"/spec","path":"/spec/c#"}',
    '{"op":"copy","from":"","path":"/metadata/c#"}',
    '{"op":"copy","from":"/data","path":"/data/c#"}',
    '{"op":"move","from":"/metadata/labels","path":"/metadata/annotations"}',
    '{"op":"add","path":"/metadata/labels/k#","value":"v"}',
    '{"op":"add","path":"/metadata/finalizers/-","value":"example.org/f#"}',
    '{"op":"add","path":"/spec/template/spec/containers/0","value":{"name":"c#","image":"nginx:1.27"}}',
    '{"op":"test","path":"/metadata/name","value":"a"}',
    '{"op":"test","path":"","value":{}}',
    '{"op":"replace","path":"","value":{}}',
    '{"op":"remove","path":"/metadata/labels"}',
    '{"op":"add","path":"/a/b/c/d/e/f/#","value":{}}',
    '{"op":"add","path":"/spec/replicas","value":1e999}',
    '{"op":"nothing"}',
  ])
  if (draw.chance(0.15)) {
    const path = draw.oneOf([
      repeated(100_000, '/a'),
      `/${repeated(500_000, '~1')}`,
      '/metadata/labels/~2',
      '/-',
      '/__proto__/a',
      '/constructor/prototype/a',
    ])
    return { body: `[{"op":"add","path":"${path}","value":1}]`, about: `operations at ${path.slice(0, 30)}` }
  }
  return { body: `[${repeated(count, operation, ',')}]`, about: `${count} operations ${operation.slice(0, 50)}` }
}

const encoded = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString()).replaceAll('%E2%9F%A6', '⟦').replaceAll('%E2%9F%A7', '⟧')

/** What stands in a repetition keeps its bars; the whole stays shorter than what a server takes as headers. */
const inQuery = (text: string): string =>
  encoded(fitting(text, 'form')).replace(
    /⟦(\d+)%7C([^⟧]*?)%7C([^⟧]*)⟧/g,
    (_, times: string, between: string, unit: string) => {
      const most = Math.max(1, Math.floor(12_000 / (unit.length + between.length || 1)))
      return `⟦${Math.min(Number(times), most)}|${between}|${unit.replaceAll('%23', '#')}⟧`
    },
  )

function drawRead(draw: Draw): { about: string; steps: Step[] } {
  const kind = drawKind(draw)
  const isOne = draw.chance(0.2)
  const parameters = [
    `labelSelector=${inQuery(draw.oneOf(selectors))}`,
    `fieldSelector=${inQuery(draw.oneOf(fieldSelectors))}`,
    `limit=${draw.oneOf(['0', '1', '-1', '99999999999999999999', 'a', '1e9'])}`,
    `continue=${inQuery(draw.oneOf(['garbage', 'e30', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiIn0', repeated(8000, 'a')]))}`,
    `resourceVersion=${draw.oneOf(['0', '-1', '999999999999', 'abc', '1'])}`,
    `resourceVersionMatch=${draw.oneOf(['Exact', 'NotOlderThan', 'x'])}`,
    `timeoutSeconds=${draw.oneOf(['1', '0', '-1', '1e99', '999999999999999'])}`,
    `pretty=true`,
  ].filter(() => draw.chance(0.35))
  const isWatch = !isOne && draw.chance(0.35)
  if (isWatch)
    parameters.push(
      'watch=1',
      ...['allowWatchBookmarks=true', 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan'].filter(() =>
        draw.chance(0.4),
      ),
    )
  const collection = draw.chance(0.3) ? collectionOf({ ...kind, isNamespaced: false }) : collectionOf(kind)
  const path = `${collection}${isOne ? `/${known[kind.plural] ?? 'x'}` : ''}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
  const headers: Record<string, string> = draw.chance(0.6) ? { accept: draw.oneOf(accepts) } : {}
  return {
    about: `${isWatch ? 'watch' : 'GET'} ${kind.plural} ${parameters.map((one) => one.split('=')[0]).join(' ')}`,
    steps: [
      { do: 'api', method: draw.chance(0.05) ? 'DELETE' : 'GET', path, headers, ...(isWatch ? { listenMs: 200 } : {}) },
    ],
  }
}

function drawSubresource(draw: Draw): { about: string; steps: Step[] } {
  const shell = '/api/v1/namespaces/default/pods/shell'
  const number = () => draw.oneOf(['0', '-1', '1', '999999999999999999', '1e9', 'a'])
  const path = draw.oneOf([
    `${shell}/log?tailLines=${number()}&sinceSeconds=${number()}&limitBytes=${number()}`,
    `${shell}/log?follow=true&timestamps=true`,
    `${shell}/log?previous=true&container=${repeated(5000, 'c')}`,
    `${shell}/exec?${repeated(1000, 'command=a', '&')}&stdout=true`,
    `${shell}/exec?command=sh&stdin=true&tty=true`,
    `${shell}/attach?stdout=true`,
    `${shell}/portforward?ports=${number()}`,
    `${shell}/proxy/${repeated(2000, 'a/')}`,
    '/api/v1/namespaces/default/services/web/proxy/',
    `/api/v1/namespaces/default/services/https:web:${number()}/proxy/?a=${repeated(5000, 'b')}`,
    '/api/v1/nodes/node-1/proxy/logs/',
    '/api/v1/nodes/node-1/proxy/metrics',
    '/api/v1/nodes/node-1/proxy/pods',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/apis/apps/v1',
    '/apis',
    '/metrics',
    '/logs/../../../etc/passwd',
    `/${repeated(2000, 'a/')}`,
    `/api/v1/namespaces/${repeated(10_000, 'n')}/pods`,
    '/apis/metrics.k8s.io/v1beta1/pods',
    '/apis/apps/v1/namespaces/default/deployments/web/scale',
    '/api/v1/namespaces/default/serviceaccounts/default/token',
    `${shell}/eviction`,
    `${shell}/binding`,
    `${shell}/ephemeralcontainers`,
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
  ])
  const method = draw.weighted([
    [6, 'GET'],
    [3, 'POST'],
    [1, 'PUT'],
    [1, 'PATCH'],
    [1, 'DELETE'],
    [1, 'OPTIONS'],
    [1, 'HEAD'],
    [1, 'PROPFIND'],
  ] as const)
  const body =
    method === 'GET' || method === 'HEAD'
      ? undefined
      : draw.oneOf([
          '{}',
          '',
          '[]',
          'null',
          '{"spec":{"replicas":2147483647}}',
          '{"spec":{"expirationSeconds":99999999999}}',
          repeated(100_000, '{"a":'),
        ])
  return {
    about: `${method} ${path.slice(0, 60)}`,
    steps: [
      {
        do: 'api',
        method,
        path,
        listenMs: 200,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body }),
      },
    ],
  }
}

/** Bodies that are no object at all, in each of the forms that are read. */
function drawBody(draw: Draw): { about: string; steps: Step[] } {
  const type = draw.oneOf([
    'application/json',
    'application/yaml',
    protobuf,
    'application/cbor',
    'text/plain',
    '',
    'application/json; charset=utf-16',
  ])
  const body = draw.oneOf([
    ...[
      repeated(1_400_000, '['),
      repeated(500_000, '{"a":'),
      repeated(2_900_000, ' '),
      repeated(700_000, '[]', ','),
      `"${repeated(2_800_000, '\\')}`,
      '{}',
    ],
    ...[
      `{"apiVersion":"v1","kind":"Pod",${repeated(200_000, '"a":1', ',')}}`,
      `[${repeated(900_000, '1', ',')}]`,
      repeated(300_000, '- '),
      repeated(300_000, 'a: &a\n'),
    ],
    ...[
      repeated(100_000, '&a '),
      repeated(50_000, 'a:\n'),
      `${repeated(50_000, '? ')}a`,
      `!!binary |\n${repeated(100_000, 'AAAA\n')}`,
      repeated(200_000, '---\n'),
      `a: |\n${repeated(100_000, ' ')}`,
    ],
    ...[
      'k8s\u0000',
      `k8s\u0000${repeated(500_000, '\u000a\u0001')}`,
      `k8s\u0000${repeated(200_000, '\u00ff')}`,
      '\ufeff{}',
      `{"a":${repeated(1_000_000, '9')}}`,
      `{"a":1e${repeated(100_000, '9')}}`,
    ],
    ...[
      `{"apiVersion":"v1","kind":"List","items":[${repeated(20_000, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c#"}}', ',')}]}`,
    ],
    ...[
      `{"a":"${repeated(400_000, '\\u0000')}"}`,
      `{${repeated(200_000, '"k#":1', ',')}}`,
      repeated(60, '{"apiVersion":"v1","kind":"List","items":['),
    ],
  ])
  const kind = drawKind(draw)
  return {
    about: `POST ${kind.plural} a body of ${type || 'no type'}: ${body.slice(0, 40)}`,
    steps: [
      {
        do: 'api',
        method: draw.oneOf(['POST', 'POST', 'PUT', 'DELETE']),
        path: draw.chance(0.3) ? `${collectionOf(kind)}/x` : collectionOf(kind),
        headers: type === '' ? {} : { 'content-type': type },
        body,
      },
    ],
  }
}
