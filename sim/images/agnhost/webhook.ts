/** `agnhost webhook`: answers reviews of admission, each path in its own way. Source: kubernetes/test/images/agnhost/webhook */
import { encodeBase64Text } from '../../api/meta/base64.ts'
import { isRecord } from '../../api/meta/json.ts'
import type { HttpRequest, HttpResponse } from '../../network/types.ts'
import type { Process } from '../../runtime/process.ts'
import type { Run } from '../programs/support.ts'
import { response } from '../programs/web-server.ts'
import { type Flag, klog, serveTls } from './tls-server.ts'

type Json = Readonly<Record<string, unknown>>

/** What is asked about. */
interface Review {
  operation: string
  resource: string
  name: string
  object: Json
  old: Json
}

/** `never` answers not at all; nothing is a program that stops in the middle. */
type Answer = Json | 'never' | undefined

interface Handler {
  log: string
  afterMs?: number
  answer(review: Review, sidecarImage: string): Answer
}

const allowed = { allowed: true }
const denied = (status: Json): Json => ({ allowed: false, status: { metadata: {}, ...status } })
const patched = (patch: readonly Json[]): Json => ({
  ...allowed,
  patch: encodeBase64Text(JSON.stringify(patch)),
  patchType: 'JSONPatch',
})
const wrongResource = (wanted: string): Json => denied({ message: `expect resource to be {${wanted}}` })

const member = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value)
const containersOf = (pod: Json, field: string): readonly string[] => {
  const list = member(pod, 'spec', field)
  return Array.isArray(list) ? list.map((one) => String(member(one, 'name'))) : []
}

const handlers: Readonly<Record<string, Handler>> = {
  '/always-allow-delay-5s': {
    log: 'always-allow-with-delay sleeping for 5 seconds',
    afterMs: 5000,
    answer: () => ({ ...allowed, status: { metadata: {}, message: 'this webhook allows all requests' } }),
  },
  '/always-deny': { log: 'calling always-deny', answer: () => denied({ message: 'this webhook denies all requests' }) },
  '/add-label': {
    log: 'calling add-label',
    answer({ object }) {
      const labels = member(object, 'metadata', 'labels')
      if (!isRecord(labels) || Object.keys(labels).length === 0)
        return patched([{ op: 'add', path: '/metadata/labels', value: { 'added-label': 'yes' } }])
      if (labels['added-label'] === 'yes') return allowed
      const op = Object.hasOwn(labels, 'added-label') ? 'replace' : 'add'
      return patched([{ op, path: '/metadata/labels/added-label', value: 'yes' }])
    },
  },
  '/pods': {
    log: 'admitting pods',
    answer({ resource, object }) {
      if (resource !== 'pods') return wrongResource(' v1 pods')
      const label = member(object, 'metadata', 'labels', 'webhook-e2e-test')
      if (label === 'wait-forever') return 'never'
      const why = [
        ...(label === 'webhook-disallow' ? ['the pod contains unwanted label;'] : []),
        ...containersOf(object, 'containers')
          .filter((name) => name.includes('webhook-disallow'))
          .map(() => 'the pod contains unwanted container name;'),
      ]
      return why.length > 0 ? denied({ message: why.join(' ') }) : allowed
    },
  },
  '/pods/attach': {
    log: 'handling attaching pods',
    answer: ({ name, object }) =>
      name === 'to-be-attached-pod' && object.stdin === true && object.container === 'container1'
        ? denied({ message: "attaching to pod 'to-be-attached-pod' is not allowed" })
        : allowed,
  },
  '/mutating-pods': {
    log: 'mutating pods',
    answer({ resource, object }) {
      if (resource !== 'pods') return undefined
      const isAsked = member(object, 'metadata', 'name') === 'webhook-to-be-mutated'
      if (!isAsked || containersOf(object, 'initContainers').includes('webhook-added-init-container')) return allowed
      const value = [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }]
      return patched([{ op: 'add', path: '/spec/initContainers', value }])
    },
  },
  '/mutating-pods-sidecar': {
    log: 'mutating pods',
    answer({ resource, object }, image) {
      if (!image)
        return denied({ status: 'Failure', message: 'No image specified by the sidecar-image parameter', code: 500 })
      if (resource !== 'pods') return undefined
      if (containersOf(object, 'containers').includes('webhook-added-sidecar')) return allowed
      const value = { image, name: 'webhook-added-sidecar', resources: {} }
      return patched([{ op: 'add', path: '/spec/containers/-', value }])
    },
  },
  '/configmaps': { log: 'admitting configmaps', answer: judgeData('configmaps', 'the configmap') },
  '/mutating-configmaps': { log: 'mutating configmaps', answer: stageData('configmaps') },
  '/custom-resource': { log: 'admitting custom resource', answer: judgeData('', 'the custom resource') },
  '/mutating-custom-resource': { log: 'mutating custom resource', answer: stageData('') },
  '/crd': {
    log: 'admitting crd',
    answer: ({ object }) =>
      member(object, 'metadata', 'labels', 'webhook-e2e-test') === 'webhook-disallow'
        ? denied({ message: 'the crd contains unwanted label' })
        : allowed,
  },
}

/** @param resource that it has to be about; '' for any */
function judgeData(resource: string, what: string): Handler['answer'] {
  return (review) => {
    if (resource && review.resource !== resource) return undefined
    const isDelete = review.operation === 'DELETE'
    const value = member(isDelete ? review.old : review.object, 'data', 'webhook-e2e-test')
    if (value === 'webhook-disallow' && !isDelete)
      return denied({ reason: `${what} contains unwanted ${resource ? 'key and value' : 'data'}` })
    if (value === 'webhook-nondeletable' && isDelete)
      return denied({ reason: `${what} cannot be deleted because it contains unwanted key and value` })
    return allowed
  }
}

function stageData(resource: string): Handler['answer'] {
  return (review) => {
    if (resource && review.resource !== resource) return undefined
    const is = (key: string): boolean => member(review.object, 'data', key) === 'yes'
    const stage = is('mutation-stage-1') ? '2' : is('mutation-start') ? '1' : ''
    return stage ? patched([{ op: 'add', path: `/data/mutation-stage-${stage}`, value: 'yes' }]) : allowed
  }
}

/** The program, until a signal ends it; it does not start without its certificate. */
export function* webhook(process: Process, flag: Flag): Run {
  const { log, isVerbose } = klog(process, flag)
  const sidecarImage = flag('sidecar-image') ?? ''
  return yield* serveTls(process, flag, 'config.go:37', (request, reply) => {
    const path = request.path.split('?')[0]
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined
    if (!handler) {
      reply(response(404, '404 page not found\n', { 'Content-Type': 'text/plain; charset=utf-8' }))
      return
    }
    if (isVerbose) log('I', 'main.go:121', `handling request: ${request.body ?? ''}`)
    const answered = reviewed(request, (review) => {
      if (isVerbose) log('I', 'main.go:130', handler.log)
      return handler.answer(review, sidecarImage)
    })
    if (answered === 'never') return
    if (answered === undefined) reply(response(200, ''))
    else reply(answered, handler.afterMs)
  })
}

function reviewed(
  { headers, body = '' }: HttpRequest,
  answerTo: (review: Review) => Answer,
): HttpResponse | 'never' | undefined {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (type !== 'application/json') return undefined
  let review: unknown
  try {
    review = JSON.parse(body)
  } catch {
    const why = `Request could not be decoded: couldn't get version/kind; json parse error: unexpected end of JSON input\n`
    return response(400, why, { 'Content-Type': 'text/plain; charset=utf-8' })
  }
  const request = member(review, 'request')
  const json = (value: unknown): Json => (isRecord(value) ? value : {})
  const answer = answerTo({
    operation: String(member(request, 'operation')),
    resource: String(member(request, 'resource', 'resource')),
    name: String(member(request, 'name') ?? ''),
    object: json(member(request, 'object')),
    old: json(member(request, 'oldObject')),
  })
  if (answer === 'never' || answer === undefined) return answer
  const { kind, apiVersion } = json(review)
  const whole = { kind, apiVersion, response: { uid: member(request, 'uid'), ...answer } }
  return response(200, JSON.stringify(whole), { 'Content-Type': 'application/json' })
}
