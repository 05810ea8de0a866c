/**
 * Asking a webhook: at a URL, or at a Service by the address that its name stands for. How long it took is told; who asked spends it.
 * Sources: k8s.io/apiserver/pkg/util/webhook/client.go, pkg/util/proxy/proxy.go, k8s.io/client-go/rest/request.go, net/http of Go
 */

import { services } from '../../api/core/service.ts'
import type { Service } from '../../api/core/types.ts'
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../../api/discovery/types.ts'
import { decodeBase64Text, utf8Length } from '../../api/meta/base64.ts'
import { genericResponse } from '../../api/meta/generic-response.ts'
import { isRecord } from '../../api/meta/json.ts'
import type { Kind } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import {
  hasReadableAuthorities,
  UNREADABLE_AUTHORITIES,
  type WebhookClientConfig,
} from '../../api/meta/webhook-client.ts'
import { parseWebhookUrl } from '../../api/meta/webhook-url.ts'
import { chargeText } from '../../engine/work.ts'
import type { ConnectFailure, HttpRequest, HttpResponse, HttpResult, Target } from '../../network/types.ts'
import { jsonFault, noTypeMeta } from '../../text/go-json-errors.ts'

/** The API server's way to the network, and what it draws on it. */
export interface Outgoing {
  /** The answer comes at once, with the time that it would have taken. */
  ask(target: Target, request: HttpRequest, timeoutMs: number): HttpResult
  /** Why that would fail before anybody is asked anything; leaves no trace. */
  failure(target: Target, request: HttpRequest): ConnectFailure | undefined
  pick<T>(among: readonly T[]): T
  uid(): string
}

export interface CallParts {
  find<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): T | undefined
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[]
  readonly outgoing: Outgoing
}

export type CallResult = { tookMs: number } & ({ answer: Record<string, unknown> } | { error: string })

/** Sends a body by POST, and reads the object that comes back. An `error` is in the real client's words. */
export function callWebhook(
  parts: CallParts,
  config: WebhookClientConfig,
  body: unknown,
  timeoutSeconds: number,
): CallResult {
  if (!hasReadableAuthorities(config))
    return { tookMs: 0, error: `could not get REST client: ${UNREADABLE_AUTHORITIES}` }
  const result = post(parts, config, body, timeoutSeconds)
  return 'error' in result ? { ...result, error: `failed to call webhook: ${result.error}` } : result
}

/** The same for who has a client already: the `error` is that of the request alone; `isSilent` where it came to nobody. */
export function post(
  parts: CallParts,
  config: WebhookClientConfig,
  body: unknown,
  timeoutSeconds: number,
): CallResult & { isSilent?: boolean } {
  const text = JSON.stringify(body)
  chargeText(2 * text.length)
  const { request, target, failed } = prepared(parts, config, text, timeoutSeconds, parts.outgoing.pick)
  if ('why' in target) return { tookMs: 0, error: failed(target.why), isSilent: true }
  const result = target.dial
    ? parts.outgoing.ask(target.dial, request, timeoutSeconds * 1000)
    : // Nobody is behind the Service: the rules of kube-proxy reject what is sent to it.
      ({ ok: false, error: 'refused', tookMs: 1, hops: [] } as const)
  if (!result.ok) return { tookMs: result.tookMs, error: failed(whyNot(result, target.shown)), isSilent: true }
  return { tookMs: result.tookMs, ...readAnswer(result.response) }
}

/** Why a request would come to nobody; leaves no trace. */
export function whyUnreachable(
  parts: CallParts,
  config: WebhookClientConfig,
  timeoutSeconds: number,
): string | undefined {
  const { request, target, failed } = prepared(parts, config, '', timeoutSeconds, ([first]) => first)
  if ('why' in target) return failed(target.why)
  const failure = target.dial ? parts.outgoing.failure(target.dial, request) : ({ error: 'refused' } as const)
  return failure && failed(whyNot(failure, target.shown))
}

function prepared(
  parts: CallParts,
  config: WebhookClientConfig,
  body: string,
  timeoutSeconds: number,
  pick: Outgoing['pick'],
): { request: HttpRequest; target: Resolved; failed(why: string): string } {
  const { host, path } = addressOf(config)
  const url = `https://${host}${path}?timeout=${timeoutSeconds}s`
  return {
    failed: (why) => `Post "${url}": ${why}`,
    target: config.service
      ? resolveService({ ...parts, outgoing: { ...parts.outgoing, pick } }, config.service)
      : portOf(host),
    request: {
      method: 'POST',
      path: `${path}?timeout=${timeoutSeconds}s`,
      host,
      headers: {
        'User-Agent': 'kube-apiserver-admission',
        'Content-Length': String(utf8Length(body)),
        Accept: 'application/json, */*',
        'Content-Type': 'application/json',
        'Accept-Encoding': 'gzip',
      },
      body,
      scheme: 'https',
      verifies: true,
      authorities: decodeBase64Text(config.caBundle ?? '') ?? '',
    },
  }
}

function addressOf({ url, service }: WebhookClientConfig): { host: string; path: string } {
  const { host, path } = service
    ? { host: `${service.name}.${service.namespace}.svc:${service.port ?? 443}`, path: service.path ?? '' }
    : parseWebhookUrl(url ?? '')
  return { host, path: `/${path.split('/').filter(Boolean).join('/')}` }
}

/** Whom to dial, and how the address is told of; nobody where a Service has no endpoints. */
type Resolved = { dial: Target | undefined; shown: string } | { why: string }

function portOf(host: string): Resolved {
  const [, name, port = '443'] = /^(.*?)(?::(\d+))?$/.exec(host)!
  return { dial: { host: name, port: Number(port) }, shown: `${name}:${port}` }
}

/** The address of the Service, and behind it one of its endpoints as kube-proxy would pick one. */
export function resolveService(
  { find, list, outgoing }: CallParts,
  { namespace, name, port = 443 }: NonNullable<WebhookClientConfig['service']>,
): Resolved {
  const service = find(services, { namespace, name })
  if (!service) return { why: `service ${JSON.stringify(name)} not found` }
  const { type, clusterIP = '', externalName = '', ports = [] } = service.spec
  if (type === 'ExternalName') return { dial: { host: externalName, port }, shown: `${externalName}:${port}` }
  if (clusterIP === 'None') return { why: 'cannot route to service with ClusterIP "None"' }
  const declared = ports.find((one) => one.port === port)
  if (!declared) return { why: `no service port ${port} found for service ${JSON.stringify(name)}` }
  const places = list(endpointSlices, namespace).flatMap((slice) => readyPlaces(slice, service, declared.name ?? ''))
  return { dial: places.length > 0 ? outgoing.pick(places) : undefined, shown: `${clusterIP}:${port}` }
}

function readyPlaces(slice: EndpointSlice, { metadata }: Service, portName: string): Target[] {
  if (slice.metadata.labels?.['kubernetes.io/service-name'] !== metadata.name) return []
  const port = slice.ports?.find(({ name }) => (name ?? '') === portName)?.port
  if (port === undefined || port === null) return []
  return (slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ addresses }) => ({ host: addresses[0], port }))
}

export function whyNot(failure: ConnectFailure, address: string): string {
  switch (failure.error) {
    case 'refused':
      return `dial tcp ${address}: connect: connection refused`
    case 'no-route':
      return `dial tcp ${address}: connect: no route to host`
    case 'unknown-host':
      return `dial tcp: lookup ${failure.host} on 127.0.0.53:53: no such host`
    case 'not-tls':
      return 'http: server gave HTTP response to HTTPS client'
    case 'untrusted':
      return `tls: failed to verify certificate: ${failure.why}`
    case 'reset':
      return 'EOF'
    case 'timeout':
      return 'context deadline exceeded'
  }
}

type Read = { answer: Record<string, unknown> } | { error: string }

function readAnswer({ status, headers, body }: HttpResponse): Read {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (status < 200 || status > 206)
    return { error: genericResponse(status, type.startsWith('text/') ? body.trim() : 'unknown').message }
  if (body === '') return { error: `0-length response with status code: ${status} and content type: ${type}` }
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return { error: `couldn't get version/kind; json parse error: ${jsonFault(body)}` }
  }
  if (!isRecord(answer)) return { error: noTypeMeta(answer) }
  if (!answer.kind) return { error: `Object 'Kind' is missing in '${body}'` }
  if (!answer.apiVersion) return { error: `Object 'apiVersion' is missing in '${body}'` }
  return { answer }
}
