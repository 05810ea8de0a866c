/**
 * The paths of an OpenAPI document: one for each collection, object and subresource that a group version serves, with an
 * operation for each method. Source: kubernetes/api/openapi-spec/v3
 */
import type { Kind } from '../../api/meta/kind.ts'
import { findDefinition } from '../../api/schema/schema.ts'
import type { VerbsOf } from '../discovery.ts'
import { apiVersionOf, type GroupVersion } from '../served.ts'
import { type SubresourceInfo, subresourcesOf } from '../subresource-table.ts'
import { type Json, type JsonObject, schemaRef } from './schemas.ts'

/** `/api/v1` to the operations of what is found there. */
export type Paths = Record<string, JsonObject>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

interface Resource {
  kind: Kind
  verbs: readonly string[]
  /** `/api/v1/namespaces/{namespace}/pods` */
  path: string
  /** `CoreV1` */
  prefix: string
  /** `NamespacedPod` */
  title: string
  tag: string
}

export function resourcePaths(version: GroupVersion, verbsOf: VerbsOf): Paths {
  const root = rootOf(version)
  const tag = `${groupTitle(version.group, false)}_${version.version}`
  const prefix = `${groupTitle(version.group, true)}${capital(version.version)}`
  const paths: Paths = {
    [`${root}/`]: discoveryPath('get available resources', `get${prefix}APIResources`, 'APIResourceList', tag),
  }
  for (const kind of version.kinds) {
    const resource: Resource = {
      kind,
      verbs: verbsOf(kind),
      path: `${root}/${kind.isNamespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`,
      prefix,
      title: `${kind.isNamespaced ? 'Namespaced' : ''}${kind.kind}`,
      tag,
    }
    addPath(paths, resource.path, collectionPath(resource))
    if (kind.isNamespaced) addPath(paths, `${root}/${kind.plural}`, everywherePath(resource))
    addPath(paths, `${resource.path}/{name}`, objectPath(resource))
    for (const subresource of subresourcesOf(kind)) {
      const path = `${resource.path}/{name}/${subresource.name}`
      addPath(paths, path, subresourcePath(resource, subresource))
      if (subresource.name === 'proxy') addPath(paths, `${path}/{path}`, connectPath(resource, subresource, true))
    }
  }
  return paths
}

/** `/api`, `/apis`, `/apis/apps`, `/version`: what tells of the rest. */
export function discoveryPath(description: string, operationId: string, answer: string, tag: string): JsonObject {
  return {
    get: {
      description,
      operationId,
      responses: responses(schemaOf(answer), ['200']),
      tags: [tag],
    },
  }
}

/** `/api/v1`, `/apis/apps/v1` */
const rootOf = ({ group, version }: GroupVersion): string =>
  group ? `/apis/${apiVersionOf({ group, version })}` : `/api/${version}`

/** `rbac.authorization.k8s.io` → `RbacAuthorization`, or `rbacAuthorization` as a tag. */
export function groupTitle(group: string, isCapital: boolean): string {
  const words = (group || 'core').replace(/\.k8s\.io$/, '').split('.')
  return words.map((word, index) => (index > 0 || isCapital ? capital(word) : word)).join('')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function addPath(paths: Paths, path: string, item: JsonObject): void {
  if (Object.keys(item).some((key) => key !== 'parameters')) paths[path] = item
}

// ---- The three forms of a resource

function collectionPath(resource: Resource): JsonObject {
  const { kind, verbs, prefix, title } = resource
  const name = kind.kind
  return {
    ...(verbs.includes('deletecollection')
      ? {
          delete: operation(resource, `delete collection of ${name}`, {
            operationId: `delete${prefix}Collection${title}`,
            action: 'deletecollection',
            parameters: query([...LIST, ...DELETE].filter((parameter) => !WATCH_ONLY.includes(parameter))),
            requestBody: body(`${META}.DeleteOptions`),
            responses: responses(`${META}.Status`, ['200']),
          }),
        }
      : {}),
    ...(verbs.includes('list') ? { get: listOperation(resource, `list${prefix}${title}`) } : {}),
    parameters: [...(kind.isNamespaced ? [NAMESPACE] : []), ...query(['pretty'])],
    ...(verbs.includes('create')
      ? {
          post: operation(resource, `create ${article(name)} ${name}`, {
            operationId: `create${prefix}${title}`,
            action: 'post',
            parameters: query(WRITE),
            requestBody: { ...body(kind.schema), required: true },
            responses: responses(kind.schema, ['200', '201', '202']),
          }),
        }
      : {}),
  }
}

/** The collection over all namespaces, which can only be read. */
function everywherePath(resource: Resource): JsonObject {
  const { kind, verbs, prefix } = resource
  if (!verbs.includes('list')) return {}
  const get = listOperation(resource, `list${prefix}${kind.kind}ForAllNamespaces`, [])
  return { get, parameters: query([...LIST, 'pretty'].sort()) }
}

function listOperation(resource: Resource, operationId: string, parameters: readonly string[] = LIST): JsonObject {
  const { kind } = resource
  const types = resource.verbs.includes('watch') ? [...TYPES, 'application/json;stream=watch'] : TYPES
  return operation(resource, `list or watch objects of kind ${kind.kind}`, {
    operationId,
    action: 'list',
    parameters: query(parameters),
    responses: responses(`${kind.schema}List`, ['200'], types),
  })
}

function objectPath(resource: Resource): JsonObject {
  const { kind, verbs, prefix, title } = resource
  return {
    ...(verbs.includes('delete')
      ? {
          delete: operation(resource, `delete ${article(kind.kind)} ${kind.kind}`, {
            operationId: `delete${prefix}${title}`,
            action: 'delete',
            parameters: query(DELETE),
            requestBody: body(`${META}.DeleteOptions`),
            responses: responses(`${META}.Status`, ['200', '202']),
          }),
        }
      : {}),
    ...objectOperations(resource, verbs, { schema: kind.schema, what: '', suffix: '', gvk: kind }),
    parameters: objectParameters(kind),
  }
}

function subresourcePath(resource: Resource, subresource: SubresourceInfo): JsonObject {
  const { kind, prefix, title } = resource
  if (subresource.kind.endsWith('Options')) return connectPath(resource, subresource, false)
  const schema = subresource.kind === kind.kind ? kind.schema : schemaOf(subresource.kind, subresource)
  const suffix = capital(subresource.name)
  const parameters = [...objectParameters(kind), ...query(SUBRESOURCE_QUERY[subresource.name] ?? [])]
  if (subresource.name === 'log') {
    const get = operation(resource, `read log of the specified ${kind.kind}`, {
      operationId: `read${prefix}${title}Log`,
      action: 'get',
      responses: textResponse(['application/json', 'application/yaml', 'text/plain']),
      gvk: subresource,
    })
    return { get, parameters }
  }
  const post = operation(resource, `create ${subresource.name} of ${article(kind.kind)} ${kind.kind}`, {
    operationId: `create${prefix}${title}${suffix}`,
    action: 'post',
    parameters: query(WRITE),
    requestBody: { ...body(schema), required: true },
    responses: responses(schema, ['200', '201', '202']),
    gvk: subresource,
  })
  return {
    ...objectOperations(resource, subresource.verbs, {
      schema,
      what: `${subresource.name} of `,
      suffix,
      gvk: subresource,
    }),
    parameters,
    ...(subresource.verbs.includes('create') ? { post } : {}),
  }
}

/** Reading, patching and replacing an object, or a part of it. */
function objectOperations(
  resource: Resource,
  verbs: readonly string[],
  { schema, what, suffix, gvk }: { schema: string; what: string; suffix: string; gvk: Gvk },
): JsonObject {
  const { kind, prefix, title } = resource
  return {
    ...(verbs.includes('get')
      ? {
          get: operation(resource, `read ${what}the specified ${kind.kind}`, {
            operationId: `read${prefix}${title}${suffix}`,
            action: 'get',
            responses: responses(schema, ['200']),
            gvk,
          }),
        }
      : {}),
    ...(verbs.includes('patch')
      ? {
          patch: operation(resource, `partially update ${what}the specified ${kind.kind}`, {
            operationId: `patch${prefix}${title}${suffix}`,
            action: 'patch',
            parameters: query([...WRITE, 'force']),
            requestBody: { ...body(`${META}.Patch`, PATCH_TYPES), required: true },
            responses: responses(schema, ['200', '201']),
            gvk,
          }),
        }
      : {}),
    ...(verbs.includes('update')
      ? {
          put: operation(resource, `replace ${what}the specified ${kind.kind}`, {
            operationId: `replace${prefix}${title}${suffix}`,
            action: 'put',
            parameters: query(WRITE),
            requestBody: { ...body(schema), required: true },
            responses: responses(schema, ['200', '201']),
            gvk,
          }),
        }
      : {}),
  }
}

/** The methods by which a process or a server behind the API is reached. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  create: ['post'],
  delete: ['delete'],
  get: ['get'],
  patch: ['patch'],
  update: ['put'],
}

function connectPath(resource: Resource, subresource: SubresourceInfo, isWithPath: boolean): JsonObject {
  const { kind, prefix, title } = resource
  const methods = subresource.verbs.flatMap((verb) => METHODS[verb])
  const suffix = `${capital(subresource.name)}${isWithPath ? 'WithPath' : ''}`
  return {
    ...Object.fromEntries(
      methods.map((method) => [
        method,
        operation(resource, `connect ${method.toUpperCase()} requests to ${subresource.name} of ${kind.kind}`, {
          operationId: `connect${prefix}${capital(method)}${title}${suffix}`,
          action: 'connect',
          responses: textResponse(['*/*']),
          gvk: subresource,
        }),
      ]),
    ),
    parameters: [
      ...objectParameters(kind, false),
      ...(isWithPath ? [pathParameter('path', 'path to the resource')] : []),
      ...query(SUBRESOURCE_QUERY[subresource.name] ?? []),
    ],
  }
}

// ---- Operations

type Gvk = { group: string; version: string; kind: string }

interface OperationParts {
  operationId: string
  action: string
  parameters?: readonly JsonObject[]
  requestBody?: JsonObject
  responses: JsonObject
  /** What is read and written, where that is not the resource's own kind. */
  gvk?: Gvk
}

function operation({ kind, tag }: Resource, description: string, parts: OperationParts): JsonObject {
  const { operationId, action, parameters, requestBody, gvk = kind } = parts
  return {
    description,
    operationId,
    ...(parameters?.length ? { parameters } : {}),
    ...(requestBody ? { requestBody } : {}),
    responses: parts.responses,
    tags: [tag],
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: gvk.group, kind: gvk.kind, version: gvk.version },
  }
}

const TYPES = ['application/json', 'application/yaml']
const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]
const REASONS: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

const content = (types: readonly string[], schema: JsonObject): JsonObject =>
  Object.fromEntries(types.map((type) => [type, { schema }]))

const body = (schema: string, types: readonly string[] = ['*/*']): JsonObject => ({
  content: content(types, schemaRef(schema)),
})

const responses = (schema: string, codes: readonly string[], types: readonly string[] = TYPES): JsonObject => ({
  ...Object.fromEntries(
    codes.map((code) => [code, { content: content(types, schemaRef(schema)), description: REASONS[code] }]),
  ),
  401: { description: 'Unauthorized' },
})

const textResponse = (types: readonly string[]): JsonObject => ({
  200: { content: content(types, { type: 'string' }), description: 'OK' },
  401: { description: 'Unauthorized' },
})

/** The definition of what the API machinery answers with, or of a kind of another group. */
function schemaOf(kind: string, gv?: { group: string; version: string }): string {
  if (!gv) return kind.includes('.') ? kind : `${META}.${kind}`
  return `io.k8s.api.${(gv.group || 'core').split('.')[0]}.${gv.version}.${kind}`
}

const article = (word: string): string => (/^[AEIO]/.test(word) ? 'an' : 'a')

// ---- Parameters

const deleteOption = (field: string): string =>
  findDefinition(`${META}.DeleteOptions`)?.properties?.[field]?.description ?? ''

/** Parameters of the query, with what they are good for. */
const QUERY: Readonly<Record<string, readonly [type: string, description: () => string]>> = {
  allowWatchBookmarks: ['boolean', () => 'Whether a watch may send events that only tell how far it has come.'],
  command: ['string', () => 'The command to run, and its arguments: given once for each.'],
  container: ['string', () => 'The container; may be left out where there is one only.'],
  continue: ['string', () => 'What the former part of a list gave, to have the next part of the same list.'],
  dryRun: ['string', () => deleteOption('dryRun')],
  fieldManager: ['string', () => 'The name of who makes the change. An apply must give one.'],
  fieldSelector: ['string', () => 'Only objects with these values of fields.'],
  fieldValidation: ['string', () => 'What to do with unknown and repeated fields: Ignore, Warn or Strict.'],
  follow: ['boolean', () => 'Go on with what is written from now on.'],
  force: ['boolean', () => 'Take the fields of other managers in an apply, instead of a conflict.'],
  gracePeriodSeconds: ['integer', () => deleteOption('gracePeriodSeconds')],
  ignoreStoreReadErrorWithClusterBreakingPotential: [
    'boolean',
    () => deleteOption('ignoreStoreReadErrorWithClusterBreakingPotential'),
  ],
  insecureSkipTLSVerifyBackend: ['boolean', () => 'Do not ask the kubelet for a valid certificate.'],
  labelSelector: ['string', () => 'Only objects with these labels.'],
  limit: ['integer', () => 'How many objects to give at most. More are told of by `continue` in the list.'],
  limitBytes: ['integer', () => 'How many bytes to give at most.'],
  orphanDependents: ['boolean', () => deleteOption('orphanDependents')],
  path: ['string', () => 'The path of the request to the server behind.'],
  ports: ['integer', () => 'Ports to forward.'],
  pretty: ['string', () => 'Print the answer for people to read.'],
  previous: ['boolean', () => 'The log of the container before this one.'],
  propagationPolicy: ['string', () => deleteOption('propagationPolicy')],
  resourceVersion: ['string', () => 'The version of the state to read from, as resourceVersionMatch says.'],
  resourceVersionMatch: ['string', () => 'Exact, or NotOlderThan.'],
  sendInitialEvents: ['boolean', () => 'Begin a watch with what there is already, and a bookmark after it.'],
  sinceSeconds: ['integer', () => 'Only lines of the last seconds.'],
  stderr: ['boolean', () => 'Send standard error.'],
  stdin: ['boolean', () => 'Take standard input.'],
  stdout: ['boolean', () => 'Send standard output.'],
  tailLines: ['integer', () => 'Only the last lines.'],
  timeoutSeconds: ['integer', () => 'When to end a list or a watch.'],
  timestamps: ['boolean', () => 'Begin each line with its time.'],
  tty: ['boolean', () => 'Give the process a terminal.'],
  watch: ['boolean', () => 'Send changes as they happen.'],
}

const LIST = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const WATCH_ONLY = ['allowWatchBookmarks', 'watch']
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation']
const DELETE = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
]
const STREAMS = ['container', 'stderr', 'stdin', 'stdout', 'tty']

const SUBRESOURCE_QUERY: Readonly<Record<string, readonly string[]>> = {
  attach: STREAMS,
  exec: ['command', ...STREAMS],
  log: [
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'tailLines',
    'timestamps',
  ],
  portforward: ['ports'],
  proxy: ['path'],
}

const pathParameter = (name: string, description: string): JsonObject => ({
  description,
  in: 'path',
  name,
  required: true,
  schema: { type: 'string', uniqueItems: true },
})

const NAMESPACE = pathParameter('namespace', 'the namespace of the object')

const objectParameters = (kind: Kind, isPretty = true): Json[] => [
  pathParameter('name', `name of the ${kind.kind}`),
  ...(kind.isNamespaced ? [NAMESPACE] : []),
  ...(isPretty ? query(['pretty']) : []),
]

const query = (names: readonly string[]): JsonObject[] =>
  names.map((name) => ({
    description: QUERY[name][1](),
    in: 'query',
    name,
    schema: { type: QUERY[name][0], uniqueItems: true },
  }))
