/** `pods/portforward`: connections to ports of a Pod. Source: kubernetes/pkg/registry/core/pod/rest/subresources.go */
import { internalError } from '../../api/meta/status-error.ts'
import { encodeContent } from '../../runtime/file-content.ts'
import type { ConnectionInput, PortForwardSession } from '../types.ts'
import { demandNode, demandSessionRight, demandUpgrade, getPod, type PodRequest } from './pod-request.ts'
import type { GiveInput, StreamingDeps } from './sessions.ts'

/** @throws StatusError */
export function podPortForward(
  { server, kubeletOf, sessions }: StreamingDeps,
  request: PodRequest,
): PortForwardSession {
  const { user, key } = request
  demandSessionRight(server, request, 'portforward')
  const pod = getPod(server, key)
  demandNode(pod)
  const sandbox = kubeletOf(pod, { kind: 'stream' }).findSandbox(key)
  if ('error' in sandbox) throw internalError(sandbox.error)
  demandUpgrade(request)
  let give: GiveInput | undefined
  let connections = 0
  let failure: string | undefined
  const begin = (): GiveInput =>
    sessions.open(
      { kind: 'port-forward', user, namespace: key.namespace, pod: key.name },
      {
        stdout: () => undefined,
        stderr: () => undefined,
        end(status) {
          failure = String(status.message)
        },
      },
    )
  return {
    kind: 'port-forward',
    connect(port, sink) {
      // A session that makes no connection leaves no trace.
      give ??= begin()
      if (failure !== undefined) sink.error(failure)
      const number = connections++
      give({ act: 'connect', port }, sink)
      return inputOf(give, number)
    },
    close: () => give?.({ act: 'close' }),
  }
}

const inputOf = (give: GiveInput, connection: number): ConnectionInput => ({
  write: (data) => give({ act: 'write', data: encodeContent(data), connection }),
  end: () => give({ act: 'end', connection }),
  close: () => give({ act: 'close', connection }),
})
