/** What is asked of the HTTP API itself, past the kinds: raw paths, and what the server serves. */

import { genericResponse } from '../api/meta/generic-response.ts'
import type { Kind } from '../api/meta/kind.ts'
import { StatusError, type StatusReason, unreachable } from '../api/meta/status-error.ts'
import type { Invocation } from './command.ts'
import type { SentBody } from './context.ts'
import { KubectlError } from './errors.ts'
import { tellRequest } from './request-log.ts'

const JSON_TYPE = 'application/json, */*'

interface AskOptions {
  accept?: string
  /** What was asked, to be told where the server has no such page. */
  noPage?: string
  /** What goes with it, when it is no GET. */
  sent?: SentBody
}

/**
 * The body of the answer.
 * @throws StatusError as the server words its refusal
 */
export function askServer(
  { context, client, requests }: Invocation,
  path: string,
  { accept = JSON_TYPE, noPage = '', sent }: AskOptions = {},
): string {
  const { ask } = context
  if (!ask) throw new KubectlError('the HTTP API is not available here')
  const request = () => {
    const answer = ask(path, client.user, accept, sent)
    if (answer) return answer
    if (client.link?.failure !== undefined) throw unreachable(client.link.failure)
    throw new KubectlError('what runs on is not available here')
  }
  const answer = requests
    ? tellRequest(
        requests,
        { verb: sent?.method ?? 'GET', path, place: 'request.go:1212', accept },
        request,
        (told) => told,
      )
    : request()
  if (answer.status >= 400) throw refusalOf(answer.status, answer.body, noPage)
  return answer.body
}

function refusalOf(status: number, body: string, noPage: string): StatusError {
  try {
    const { kind, message, reason, details } = JSON.parse(body)
    if (kind === 'Status') return new StatusError(status, reason as StatusReason, message, details)
  } catch {
    // No Status: the answer is told by its number.
  }
  return genericResponse(status, body.trim(), noPage)
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

/** Before a name is given up, what is served is asked for anew. Simplified: only where -v tells of it, for the answer is known. */
export function discoverAgain(invocation: Invocation): void {
  if (invocation.verbosity < 1) return
  const { requests, context, client } = invocation
  invocation.readConfig()
  if (invocation.verbosity >= 4) invocation.log('I', 'discovery.go:214', 'Invalidating discovery information')
  if (!requests || !context.ask || client.link?.failure !== undefined) return
  for (const path of ['/api', '/apis']) askServer(invocation, path + DISCOVERY_TIMEOUT, { accept: AGGREGATED })
}

/** Asks for what nothing hangs on. Simplified: only where -v tells of it. */
export function askInPassing(invocation: Invocation, path: string): void {
  if (!invocation.requests || !invocation.context.ask) return
  try {
    askServer(invocation, path)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

/** Asks what a kind's version serves. */
export const readServed = (invocation: Invocation, { group, version }: Pick<Kind, 'group' | 'version'>): void =>
  askInPassing(invocation, group ? `/apis/${group}/${version}` : `/api/${version}`)

/**
 * Asks for the description of a kind, by which objects are checked and fields explained: the list of all, then that of its version.
 * Simplified: only where -v tells of it; the descriptions are at hand.
 */
export function readDescription(invocation: Invocation, { group, version }: Kind): void {
  if (!invocation.requests || !invocation.context.ask) return
  const { described } = invocation
  if (described.size === 0) described.set('', askServer(invocation, `/openapi/v3${DISCOVERY_TIMEOUT}`))
  const path = group ? `apis/${group}/${version}` : `api/${version}`
  const place = (JSON.parse(described.get('') ?? '{}') as OpenApiRoot).paths?.[path]?.serverRelativeURL
  if (place === undefined || described.has(path)) return
  described.set(path, askServer(invocation, `${place}&${DISCOVERY_TIMEOUT.slice(1)}`))
}

interface OpenApiRoot {
  paths?: Record<string, { serverRelativeURL: string }>
}

const DISCOVERY_TIMEOUT = '?timeout=32s'

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
  query = DISCOVERY_TIMEOUT,
): { group: string; versions: { version: string; resources: ServedResource[] }[] }[] {
  return ['/api', '/apis'].flatMap((path) => {
    const { items } = JSON.parse(askServer(invocation, path + query, { accept: AGGREGATED })) as Discovered
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
