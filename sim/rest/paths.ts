/**
 * What a URL of the API names. Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go and
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
import { badRequest } from '../api/meta/status-error.ts'

/** A collection, an object, or a part of an object. */
export interface ResourcePath {
  /** '' for the core group. */
  group: string
  version: string
  /** '' for all namespaces, and for resources without one. */
  namespace: string
  resource: string
  /** '' for the collection. */
  name: string
  subresource: string
  /** What stands behind the subresource, with its slash: the path of a proxied request. */
  rest: string
  /** By the old way of `/api/v1/watch/pods`. */
  isWatch: boolean
}

export interface Address {
  /** Decoded, without the query. */
  path: string
  query: URLSearchParams
  /** Undefined for a path that is no resource: `/version`, `/apis/apps/v1`. */
  resource: ResourcePath | undefined
}

/** @throws StatusError 400 for a path that cannot be decoded */
export function parseAddress(url: string): Address {
  const mark = url.indexOf('?')
  const raw = mark < 0 ? url : url.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  const segments = raw.split('/').filter(Boolean)
  try {
    return {
      path: decodeURIComponent(raw),
      query,
      resource: parseResource(segments.map(decodeURIComponent), raw.endsWith('/')),
    }
  } catch {
    throw badRequest(`the path ${raw} cannot be decoded: a "%" must be followed by two hexadecimal digits`)
  }
}

function parseResource(segments: string[], endsWithSlash: boolean): ResourcePath | undefined {
  const [root, ...behind] = segments
  if (root !== 'api' && root !== 'apis') return undefined
  const group = root === 'apis' ? behind.shift() : ''
  const version = behind.shift()
  if (group === undefined || version === undefined || behind.length === 0) return undefined
  const isWatch = behind[0] === 'watch'
  if (isWatch) behind.shift()
  if (behind.length === 0) return undefined
  let namespace = ''
  // A Namespace itself is a resource; what follows its name, unless it is a part of it, lies in it.
  if (behind[0] === 'namespaces' && behind.length > 2 && !NAMESPACE_PARTS.has(behind[2])) {
    namespace = behind[1]
    behind.splice(0, 2)
  }
  const [resource, name = '', subresource = '', ...rest] = behind
  const tail = rest.length > 0 ? `/${rest.join('/')}` : ''
  return {
    group,
    version,
    namespace,
    resource,
    name,
    subresource,
    isWatch,
    rest: endsWithSlash && (tail || subresource === 'proxy') ? `${tail}/` : tail,
  }
}

const NAMESPACE_PARTS = new Set(['status', 'finalize'])
