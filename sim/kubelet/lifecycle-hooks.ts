/** postStart and preStop hooks. Source: pkg/kubelet/lifecycle/handlers.go */
import type { Container, LifecycleHandler, Pod } from '../api/core/pod-types.ts'
import type { Engine } from '../engine/engine.ts'
import type { HttpRequest } from '../network/types.ts'
import type { Wait } from '../runtime/process.ts'
import type { RuntimeContainer } from './container-runtime.ts'
import { podTitle } from './pod-record.ts'
import type { ProbeNetwork } from './ports.ts'
import { dialError, makeHttpCheck } from './probe-checks.ts'

const HTTP_TIMEOUT_MS = 30_000

/** What went wrong, as the container's status tells it. */
export interface HookFailure {
  message: string
}

export interface HookContext {
  engine: Engine
  /** The node's own. */
  network: ProbeNetwork
  podIP: string
}

/**
 * Runs a hook; ends with undefined when it succeeded, and early when `timeoutMs` is over or the container is. Nobody ends a
 * command for being late: it goes on while its container does, and when that takes it along, `onLateFailure` is told.
 */
export const runHook = (
  context: HookContext,
  pod: Pod,
  container: Container,
  running: RuntimeContainer,
  handler: LifecycleHandler,
  timeoutMs: number,
  onLateFailure: (failure: HookFailure) => void = () => {},
): Wait<HookFailure | 'timeout' | undefined> => ({
  start(resume) {
    const { engine, network, podIP } = context
    let isOver = false
    let isForgotten = false
    let stop: (() => void) | undefined
    const finish = (result: HookFailure | 'timeout' | undefined): void => {
      if (isOver) return
      isOver = true
      engine.cancel(timer)
      running.waiters.delete(gone)
      resume(result)
    }
    const gone = (): void => finish(undefined)
    const timer = Number.isFinite(timeoutMs)
      ? engine.after(timeoutMs, 'hook timeout', () => {
          if (!handler.exec) stop?.()
          finish('timeout')
        })
      : undefined
    running.waiters.add(gone)
    const where = `for Container "${container.name}" in Pod "${podTitle(pod)}"`
    if (handler.exec) {
      const command = handler.exec.command ?? []
      let output = ''
      const fail = (error: string): void => {
        const failure = {
          message: `Exec lifecycle hook ([${command.join(' ')}]) ${where} failed - error: ${error}, message: ${JSON.stringify(output)}`,
        }
        if (!isOver) finish(failure)
        else if (!isForgotten) onLateFailure(failure)
      }
      const started = running.handle?.exec({
        argv: command,
        isBeside: handler === container.lifecycle?.postStart,
        isBeforeEnd: handler === container.lifecycle?.preStop,
        onOutput: (_stream, text) => {
          output += text
        },
        onExit: ({ exitCode }) =>
          exitCode === 0
            ? finish(undefined)
            : fail(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`),
      })
      if (!started) fail('container not running')
      else if ('error' in started)
        fail(`rpc error: code = Unknown desc = failed to exec in container: failed to start exec: ${started.error}`)
      else stop = started.kill
    } else if (handler.httpGet) {
      const { path = '/' } = handler.httpGet
      const check = makeHttpCheck(handler.httpGet, container, podIP, 'lifecycle')
      const { url, target } = check
      // Any answer will do, whatever its status.
      const ask = (request: HttpRequest): void => {
        stop = network.http(target, request, HTTP_TIMEOUT_MS, (result) => {
          if (result.ok) finish(undefined)
          else if (result.error === 'not-tls') ask({ ...request, scheme: 'http' })
          else {
            const error = `Get "${url}": ${dialError(result, target.host, target.port, 'i/o timeout')}`
            finish({ message: `HTTP lifecycle hook (${path}) ${where} failed - error: ${error}` })
          }
        })
      }
      ask(check.request)
    } else if (handler.sleep) {
      const sleeping = engine.after(handler.sleep.seconds * 1000, 'sleep hook', () => finish(undefined))
      stop = () => engine.cancel(sleeping)
    } else finish({ message: `cannot run handler: unknown handler` })
    return () => {
      isOver = true
      isForgotten = true
      engine.cancel(timer)
      running.waiters.delete(gone)
      stop?.()
    }
  },
})
