/** The subresources of Pods that are answered by a container and not by what is stored. */
import type { Kind } from '../../api/meta/kind.ts'
import { methodNotAllowed } from '../../api/meta/status-error.ts'
import type { HttpOutcome } from '../types.ts'
import { podLog } from './pod-log.ts'
import type { PodRequest } from './pod-request.ts'
import { podPortForward } from './port-forward.ts'
import { podAttach, podExec } from './remote-command.ts'
import type { StreamingDeps } from './sessions.ts'

type Open = (deps: StreamingDeps, request: PodRequest) => HttpOutcome

const streams = new Map<string, { methods: readonly string[]; open: Open }>([
  ['log', { methods: ['GET'], open: podLog }],
  ['exec', { methods: ['GET', 'POST'], open: podExec }],
  ['attach', { methods: ['GET', 'POST'], open: podAttach }],
  ['portforward', { methods: ['GET', 'POST'], open: podPortForward }],
])

/** What opens a subresource as a stream; undefined for those that are none. */
export function findStream(kind: Kind, subresource: string): Open | undefined {
  const stream = kind.group === '' && kind.kind === 'Pod' ? streams.get(subresource) : undefined
  if (!stream) return undefined
  return (deps, request) => {
    if (!stream.methods.includes(request.method)) throw methodNotAllowed()
    return stream.open(deps, request)
  }
}
