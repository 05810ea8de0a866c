/** What is asked of the HTTP API itself, past the kinds: raw paths, and what the server serves. */
import { StatusError, type StatusReason, unreachable } from '../api/meta/status-error.ts'
import type { Invocation } from './command.ts'
import { KubectlError } from './errors.ts'

const JSON_TYPE = 'application/json, */*'

interface AskOptions {
  accept?: string
  /** What was asked, to be told where the server has no such page. */
  noPage?: string
}

/**
 * The body of the answer.
 * @throws StatusError as the server words its refusal
 */
export function askServer(
  { context, client }: Invocation,
  path: string,
  { accept = JSON_TYPE, noPage = '' }: AskOptions = {},
): string {
  if (!context.ask) throw new KubectlError('the HTTP API is not available here')
  const answer = context.ask(path, client.user, accept)
  if (!answer) {
    if (client.link?.failure !== undefined) throw unreachable(client.link.failure)
    throw new KubectlError('what runs on is not available here')
  }
  if (answer.status >= 400) throw refusalOf(answer.status, answer.body, noPage)
  return answer.body
}

export function refusalOf(status: number, body: string, noPage: string): StatusError {
  try {
    const { kind, message, reason, details } = JSON.parse(body)
    if (kind === 'Status') return new StatusError(status, reason as StatusReason, message, details)
  } catch {
    // No Status: the page is told by its number alone.
  }
  const reason = status === 404 ? 'NotFound' : 'InternalError'
  return new StatusError(status, reason, `the server could not find the requested resource ${noPage}`.trim())
}

/** A resource as discovery tells it. */
export interface ServedResource {
  name: string
  singularName: string
  namespaced: boolean
  group: string
  version: string
  kind: string
  verbs: readonly string[]
  shortNames?: readonly string[]
  categories?: readonly string[]
}

interface Discovered {
  items: {
    metadata: { name?: string }
    versions: {
      version: string
      resources: {
        resource: string
        responseKind: { kind: string }
        scope: string
        singularResource: string
        verbs: string[]
        shortNames?: string[]
        categories?: string[]
      }[]
    }[]
  }[]
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** All that is served, in the server's order; the version that it prefers first in each group. */
export function discover(
  invocation: Invocation,
): { group: string; versions: { version: string; resources: ServedResource[] }[] }[] {
  return ['/api', '/apis'].flatMap((path) => {
    const { items } = JSON.parse(askServer(invocation, path, { accept: AGGREGATED })) as Discovered
    return items.map(({ metadata: { name: group = '' }, versions }) => ({
      group,
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(
          ({ resource, singularResource, scope, responseKind, verbs, shortNames, categories }) => ({
            name: resource,
            singularName: singularResource,
            namespaced: scope === 'Namespaced',
            group,
            version,
            kind: responseKind.kind,
            verbs,
            ...(shortNames ? { shortNames } : {}),
            ...(categories ? { categories } : {}),
          }),
        ),
      })),
    }))
  })
}
