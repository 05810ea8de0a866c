/**
 * `agnhost crd-conversion-webhook`: says objects of stable.example.com/v1, which have a `hostPort`, in v2, where it is `host` and `port`, and
 * the other way round. Source: kubernetes/test/images/agnhost/crd-conversion-webhook
 */
import { isRecord } from '../../api/meta/json.ts'
import type { Process } from '../../runtime/process.ts'
import type { Run } from '../programs/support.ts'
import { response } from '../programs/web-server.ts'
import { type Flag, klog, serveTls } from './tls-server.ts'

type Json = Readonly<Record<string, unknown>>

const V1 = 'stable.example.com/v1'
const V2 = 'stable.example.com/v2'
const REVIEWS = ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1']
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** The program, until a signal ends it; it does not start without its certificate and a service account. */
export function* conversionWebhook(process: Process, flag: Flag): Run {
  const { log, isVerbose } = klog(process, flag)
  if (!process.files.exists(TOKEN)) {
    log('F', 'config.go:37', `open ${TOKEN}: no such file or directory`)
    return 255
  }
  return yield* serveTls(process, flag, 'config.go:49', ({ path, headers, body = '' }, reply) => {
    const plain = { 'Content-Type': 'text/plain; charset=utf-8' }
    const refuse = (why: string): void => {
      log('E', 'framework.go:127', why)
      reply(response(400, `${why}\n`, plain))
    }
    if (path.split('?')[0] !== '/crdconvert') {
      reply(response(404, '404 page not found\n', plain))
      return
    }
    const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
    if (type !== 'application/json' && type !== 'application/yaml') {
      refuse(`invalid Content-Type header \`${type}\``)
      return
    }
    if (isVerbose) log('I', 'framework.go:132', `handling request: ${body}`)
    let review: unknown
    try {
      review = JSON.parse(body)
    } catch {
      refuse(`failed to deserialize body (${body}) with error couldn't get version/kind; json parse error`)
      return
    }
    const { apiVersion, kind, request } = isRecord(review) ? review : {}
    if (kind !== 'ConversionReview' || !REVIEWS.includes(String(apiVersion)) || !isRecord(request)) {
      refuse(`Unsupported group version kind: ${apiVersion}, Kind=${kind}`)
      return
    }
    const { uid } = request
    const answer = convertAll(request, () => {
      if (isVerbose) log('I', 'example_converter.go:29', 'converting crd')
    })
    if ('message' in answer.result)
      log('E', 'framework.go:106', `&Status{Status:Failure,Message:${answer.result.message}}`)
    const emptied = { uid: '', desiredAPIVersion: '', objects: null }
    const text = `${JSON.stringify({ kind, apiVersion, request: emptied, response: { uid, ...answer } })}\n`
    if (isVerbose) log('I', 'framework.go:201', `sending response: ${text}`)
    reply(response(200, text, { 'Content-Type': 'text/plain; charset=utf-8' }))
  })
}

interface Answer {
  convertedObjects: readonly Json[] | null
  result: Json
}

/** All of them, or none. */
function convertAll({ desiredAPIVersion, objects }: Json, beforeEach: () => void): Answer {
  const to = String(desiredAPIVersion)
  const converted: Json[] = []
  for (const object of Array.isArray(objects) ? objects : []) {
    beforeEach()
    const made = isRecord(object) ? convert(object, to) : 'failed to unmarshall object'
    if (typeof made === 'string')
      return { convertedObjects: null, result: { metadata: {}, status: 'Failure', message: made } }
    converted.push({ ...made, apiVersion: to })
  }
  return { convertedObjects: converted, result: { metadata: {}, status: 'Success' } }
}

/** @returns text where it cannot be: why not */
function convert(object: Json, to: string): Json | string {
  const from = object.apiVersion
  if (from === to) return `conversion from a version to itself should not call the webhook: ${to}`
  if (from !== V1 && from !== V2) return `unexpected conversion version ${JSON.stringify(String(from))}`
  if (to !== V1 && to !== V2) return `unexpected conversion version ${JSON.stringify(to)}`
  return to === V2 ? apart(object) : together(object)
}

function apart({ hostPort, ...rest }: Json): Json | string {
  if (hostPort === undefined) return rest
  const parts = String(hostPort).split(':')
  return parts.length === 2 ? { ...rest, host: parts[0], port: parts[1] } : `invalid hostPort value \`${hostPort}\``
}

function together({ host, port, ...rest }: Json): Json {
  if (host === undefined && port === undefined) return rest
  return { ...rest, hostPort: `${host ?? ''}:${port ?? ''}` }
}
