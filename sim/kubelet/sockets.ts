/** How a kubelet calls what listens at a Unix socket of its node, by gRPC. */
import type { Engine } from '../engine/engine.ts'
import { FileError, type FileSystem, type RpcResult } from '../runtime/files.ts'
import type { Wait } from '../runtime/process.ts'

/** A call there and back, besides what the other one does. */
const CALL_MS = 1

/**
 * @param timeoutMs after which nobody waits any more
 * @returns what was answered; an error is worded as gRPC words it
 */
export const callSocket = (
  engine: Engine,
  files: FileSystem,
  path: string,
  { method, request, timeoutMs }: { method: string; request: unknown; timeoutMs: number },
): Wait<RpcResult> => ({
  start(resume) {
    const fail = (code: string, text: string): void => end({ error: `rpc error: code = ${code} desc = ${text}` })
    let isOver = false
    const end = (result: RpcResult): void => {
      if (isOver) return
      stop()
      resume(result)
    }
    const stop = (): void => {
      isOver = true
      engine.cancel(timer)
      engine.cancel(timeout)
      listener?.onClose.delete(hangUp)
    }
    const hangUp = (): void => fail('Unavailable', 'error reading from server: EOF')
    const { listener, problem } = socketAt(files, path)
    const timeout = engine.after(timeoutMs, `${method} timeout`, () =>
      fail('DeadlineExceeded', 'context deadline exceeded'),
    )
    const timer = engine.after(CALL_MS, method, () => {
      if (!listener?.server) {
        const why = JSON.stringify(`transport: Error while dialing: dial unix ${path}: connect: ${problem}`)
        return fail('Unavailable', `connection error: desc = ${why}`)
      }
      listener.onClose.add(hangUp)
      listener.server.call(method, request, (result) =>
        'error' in result ? fail('Unknown', result.error) : end(result),
      )
    })
    return stop
  },
})

function socketAt(files: FileSystem, path: string) {
  try {
    return { listener: files.listenerAt(path), problem: 'connection refused' }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { listener: undefined, problem: error.message.toLowerCase() }
  }
}
