/**
 * The OpenAPI documents of the API. Of v3 an index, and a document for each group version; of v2 one for all.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3 and k8s.io/kube-openapi/pkg/handler3
 */
import type { Kind } from '../api/meta/kind.ts'
import { hash32 } from '../engine/random.ts'
import type { VerbsOf } from './discovery.ts'
import { customSchemas } from './openapi/custom-schemas.ts'
import { discoveryPath, groupTitle, type Paths, resourcePaths } from './openapi/paths.ts'
import { componentSchemas, type Json, type JsonObject } from './openapi/schemas.ts'
import { encodeSwagger, swaggerDocument } from './openapi/v2.ts'
import { apiVersionOf, type GroupVersion } from './served.ts'
import type { HttpAnswer } from './types.ts'

export interface OpenApiRequest {
  /** Behind `/openapi/`. */
  path: readonly string[]
  query: URLSearchParams
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
}

/**
 * @param versions the group versions that are served
 * @returns undefined for a path that is none of OpenAPI's
 */
export function answerOpenApi(
  { path: [format, ...path], query, headers }: OpenApiRequest,
  versions: readonly GroupVersion[],
  verbsOf: VerbsOf,
): HttpAnswer | undefined {
  if (format === 'v2' && path.length === 0) return answerV2(headers.accept ?? '', versions, verbsOf)
  if (format !== 'v3') return undefined
  if (path.length === 0) return json(JSON.stringify(openApiIndex(versions, verbsOf)))
  const document = openApiDocument(path.join('/'), versions, verbsOf)
  if (!document) return undefined
  const { text, hash } = document
  const asked = query.get('hash')
  // The address with the hash never answers with anything else, and may be kept.
  if (asked && asked !== hash) return { kind: 'answer', status: 301, headers: { location: `?hash=${hash}` }, body: '' }
  const etag = `"${hash}"`
  const kept = { etag, vary: 'Accept', ...(asked ? { 'cache-control': 'public, immutable' } : {}) }
  if (headers['if-none-match'] === etag) return { kind: 'answer', status: 304, headers: kept, body: '' }
  return json(text, kept)
}

const json = (body: string, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

function answerV2(accept: string, versions: readonly GroupVersion[], verbsOf: VerbsOf): HttpAnswer {
  if (!accept.includes('proto-openapi.spec.v2')) return json(JSON.stringify(swaggerOf(versions, verbsOf)))
  return {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', vary: 'Accept' },
    body: encodedSwagger(versions, verbsOf),
  }
}

function swaggerOf(versions: readonly GroupVersion[], verbsOf: VerbsOf): JsonObject {
  const names = namedSchemas(versions.map((version) => resourcePaths(version, verbsOf)))
  return swaggerDocument(allSchemas(names, versions))
}

/** Documents of v2 by the first kind of all, with the hashes of those of v3 that say the same. */
const encoded = new WeakMap<Kind, { hashes: string; bytes: Uint8Array }>()

function encodedSwagger(versions: readonly GroupVersion[], verbsOf: VerbsOf): Uint8Array {
  const [first] = versions[0].kinds
  const hashes = versions.map((version) => documentOf(version, verbsOf).hash).join()
  const known = encoded.get(first)
  if (known?.hashes === hashes) return known.bytes
  const bytes = encodeSwagger(swaggerOf(versions, verbsOf))
  encoded.set(first, { hashes, bytes })
  return bytes
}

export interface OpenApiDocument {
  /** JSON. */
  text: string
  /** Of the content: what the index gives, and the ETag. */
  hash: string
}

/**
 * The answer of `/openapi/v3`: where each document is, with the hash of its content.
 * @param versions the group versions that are served
 */
export function openApiIndex(versions: readonly GroupVersion[], verbsOf: VerbsOf): JsonObject {
  const names = documentNames(versions)
  return {
    paths: Object.fromEntries(
      names.map((name) => [
        name,
        { serverRelativeURL: `/openapi/v3/${name}?hash=${openApiDocument(name, versions, verbsOf)!.hash}` },
      ]),
    ),
  }
}

/**
 * The document of that name.
 * @param name `api/v1`, `apis/apps/v1`, `apis/apps`, `apis`, `version`
 * @returns undefined when nothing of that name is served
 */
export function openApiDocument(
  name: string,
  versions: readonly GroupVersion[],
  verbsOf: VerbsOf,
): OpenApiDocument | undefined {
  const version = versions.find((one) => nameOf(one) === name)
  if (version) return documentOf(version, verbsOf)
  const about = aboutPath(name, versions)
  return about && written(about, [])
}

/** `api/v1`, `apis/apps/v1` */
const nameOf = (version: GroupVersion): string => `${version.group ? 'apis' : 'api'}/${apiVersionOf(version)}`

function documentNames(versions: readonly GroupVersion[]): string[] {
  const groups = new Set(versions.map(({ group }) => group).filter(Boolean))
  const names = ['api', 'apis', 'version', ...[...groups].map((group) => `apis/${group}`), ...versions.map(nameOf)]
  return names.sort()
}

/** The paths that tell what is served. */
function aboutPath(name: string, versions: readonly GroupVersion[]): Paths | undefined {
  if (name === 'api')
    return { '/api/': discoveryPath('get available API versions', 'getCoreAPIVersions', 'APIVersions', 'core') }
  if (name === 'apis')
    return { '/apis/': discoveryPath('get available API versions', 'getAPIVersions', 'APIGroupList', 'apis') }
  if (name === 'version') {
    const info = 'io.k8s.apimachinery.pkg.version.Info'
    return {
      '/version/': discoveryPath('get the version information for this server', 'getCodeVersion', info, 'version'),
    }
  }
  const group = versions.find((version) => version.group && `apis/${version.group}` === name)?.group
  if (!group) return undefined
  const operationId = `get${groupTitle(group, true)}APIGroup`
  return {
    [`/apis/${group}/`]: discoveryPath('get information of a group', operationId, 'APIGroup', groupTitle(group, false)),
  }
}

/** Documents by the first of their kinds: a kind never changes, and a group version mostly has the same ones. */
const documents = new WeakMap<Kind, { kinds: readonly Kind[]; verbs: string; document: OpenApiDocument }>()

function documentOf(version: GroupVersion, verbsOf: VerbsOf): OpenApiDocument {
  const verbs = version.kinds.map((kind) => verbsOf(kind).join()).join('/')
  const known = documents.get(version.kinds[0])
  const isSame =
    known?.verbs === verbs &&
    known.kinds.length === version.kinds.length &&
    known.kinds.every((kind, index) => kind === version.kinds[index])
  if (known && isSame) return known.document
  const document = written(resourcePaths(version, verbsOf), [version])
  documents.set(version.kinds[0], { kinds: version.kinds, verbs, document })
  return document
}

function written(paths: Paths, versions: readonly GroupVersion[]): OpenApiDocument {
  const text = JSON.stringify({
    components: {
      schemas: allSchemas(namedSchemas(paths), versions),
      securitySchemes: {
        BearerToken: {
          description: 'Bearer Token authentication',
          in: 'header',
          name: 'authorization',
          type: 'apiKey',
        },
      },
    },
    info: { title: 'Kubernetes', version: 'unversioned' },
    openapi: '3.0.0',
    paths,
  })
  return { text, hash: hashOf(text) }
}

/** Those of custom resources, and what they and the paths name of the API's own. */
function allSchemas(names: ReadonlySet<string>, versions: readonly GroupVersion[]): Record<string, JsonObject> {
  const custom = customSchemas(versions.flatMap(({ kinds }) => kinds))
  const own = namedSchemas(Object.values(custom), new Set(names))
  for (const name of Object.keys(custom)) own.delete(name)
  const all = { ...componentSchemas(own, versions), ...custom }
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function namedSchemas(value: Json, names: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) for (const item of value) namedSchemas(item, names)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string') names.add(item.slice(item.lastIndexOf('/') + 1))
      else namedSchemas(item, names)
    }
  }
  return names
}

/** 128 bits, as hexadecimal digits. */
const hashOf = (text: string): string =>
  [1, 2, 3, 4]
    .map((seed) => hash32(text, seed).toString(16).padStart(8, '0'))
    .join('')
    .toUpperCase()
