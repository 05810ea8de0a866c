/**
 * `pods/exec` and `pods/attach`: a program in a container, with its streams.
 * Sources: kubernetes/pkg/registry/core/pod/rest/subresources.go; k8s.io/apiserver/pkg/util/proxy/streamtranslator.go
 */
import { badRequest } from '../../api/meta/status-error.ts'
import { encodeContent } from '../../runtime/file-content.ts'
import type { SessionInput, SessionRequest } from '../../scenario/types.ts'
import type { ExecInput, ExecSession } from '../types.ts'
import {
  chooseContainer,
  demandNode,
  demandSessionRight,
  demandUpgrade,
  flagOf,
  getPod,
  type PodRequest,
} from './pod-request.ts'
import type { StreamingDeps } from './sessions.ts'

/** @throws StatusError */
export function podExec(deps: StreamingDeps, request: PodRequest): ExecSession {
  const command = request.query.getAll('command')
  return session(deps, request, 'exec', (common, { stdin, tty }) => ({ ...common, kind: 'exec', command, stdin, tty }))
}

/** @throws StatusError */
export function podAttach(deps: StreamingDeps, request: PodRequest): ExecSession {
  return session(deps, request, 'attach', (common, { stdin }) => ({ ...common, kind: 'attach', stdin }))
}

type Streams = Pick<ExecSession, 'stdin' | 'stdout' | 'stderr' | 'tty'>
type Common = Pick<SessionRequest, 'user' | 'namespace' | 'pod'> & { container: string }

function session(
  { server, sessions }: StreamingDeps,
  request: PodRequest,
  subresource: 'exec' | 'attach',
  describe: (common: Common, streams: Streams) => SessionRequest,
): ExecSession {
  const { user, key, query } = request
  demandSessionRight(server, request, subresource)
  const pod = getPod(server, key)
  const container = chooseContainer(pod, query.get('container') ?? '')
  demandNode(pod)
  demandUpgrade(request)
  const tty = flagOf(query, 'tty')
  const streams: Streams = {
    stdin: flagOf(query, 'stdin'),
    stdout: flagOf(query, 'stdout'),
    // A terminal has one output.
    stderr: flagOf(query, 'stderr') && !tty,
    tty,
  }
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  const common = { user, namespace: key.namespace, pod: key.name, container }
  return {
    kind: 'exec',
    ...streams,
    open(sink) {
      const give = sessions.open(describe(common, streams), {
        stdout: (data) => streams.stdout && sink.stdout(data),
        stderr: (data) => streams.stderr && sink.stderr(data),
        end: (status) => sink.end(status),
      })
      return inputOf(give)
    },
  }
}

const inputOf = (give: (input: SessionInput) => void): ExecInput => ({
  write: (data) => give({ act: 'write', data: encodeContent(data) }),
  end: () => give({ act: 'end' }),
  resize: (columns, rows) => give({ act: 'resize', columns, rows }),
  close: () => give({ act: 'close' }),
})
