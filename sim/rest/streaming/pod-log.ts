/** `pods/log`: what a container wrote, and what it writes. Source: kubernetes/pkg/registry/core/pod/rest/log.go */
import { pods } from '../../api/core/pod.ts'
import { type FieldError, forbiddenField, invalid, invalidObject } from '../../api/meta/field-error.ts'
import { rfc3339Problem } from '../../api/meta/go-time.ts'
import { badRequest } from '../../api/meta/status-error.ts'
import type { LogRequest } from '../../kubelet/container-access.ts'
import { encodeBytes } from '../../runtime/text-bytes.ts'
import type { HttpAnswer, HttpStream } from '../types.ts'
import { chooseContainer, flagOf, getPod, integerOf, type PodRequest } from './pod-request.ts'
import type { StreamingDeps } from './sessions.ts'

const headers = { 'content-type': 'text/plain' }

/**
 * A reader, however long it follows, puts nothing into the cluster.
 * @throws StatusError
 */
export function podLog({ server, kubeletOf }: StreamingDeps, request: PodRequest): HttpAnswer | HttpStream {
  const { user, key, query } = request
  server.check({ user }, 'get', pods, key, 'log')
  const options = readLogOptions(key.name, query)
  const pod = getPod(server, key)
  const container = chooseContainer(pod, query.get('container') ?? '')
  // A Pod without a node has said nothing yet.
  if (!pod.spec.nodeName) return { kind: 'answer', status: 200, headers, body: '' }
  const path = `containerLogs/${key.namespace}/${key.name}/${container}`
  const kubelet = kubeletOf(pod, { kind: 'log', path, pod: key.name })
  let text = ''
  const reading = kubelet.logs(key, container, { ...options, follow: false }, (part) => {
    text += part
  })
  if ('error' in reading) throw badRequest(reading.error)
  if (!options.follow) return { kind: 'answer', status: 200, headers, body: encodeBytes(text) }
  return {
    kind: 'stream',
    status: 200,
    headers,
    open(sink) {
      const following = kubelet.logs(
        key,
        container,
        options,
        (part) => sink.write(part),
        () => sink.end(),
      )
      if ('error' in following) {
        sink.end()
        return { close: () => undefined }
      }
      return { close: following.close }
    },
  }
}

/** Source: kubernetes/pkg/apis/core/validation/validation.go (ValidatePodLogOptions) */
function readLogOptions(pod: string, query: URLSearchParams): LogRequest {
  const tailLines = integerOf(query, 'tailLines')
  const limitBytes = integerOf(query, 'limitBytes')
  const sinceSeconds = integerOf(query, 'sinceSeconds')
  const sinceEpochMs = timeOf(query, 'sinceTime')
  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'))
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalid('limitBytes', limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceEpochMs !== undefined)
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  // The feature PodLogsQuerySplitStreams is off.
  if (query.has('stream')) errors.push(forbiddenField('stream', 'may not be specified'))
  if (errors.length > 0) throw invalidObject('', 'PodLogOptions', pod, errors)
  return {
    follow: flagOf(query, 'follow'),
    previous: flagOf(query, 'previous'),
    timestamps: flagOf(query, 'timestamps'),
    tailLines,
    limitBytes,
    sinceSeconds,
    sinceEpochMs,
  }
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const problem = rfc3339Problem(text)
  if (problem) throw badRequest(problem)
  return Date.parse(text.replace(',', '.'))
}
