/** The checks that probes and hooks make: an HTTP request, a program in the container. Source: pkg/probe */
import type { Container, HTTPGetAction, Pod, Probe } from '../api/core/pod-types.ts'
import type { IntOrString } from '../api/meta/object.ts'
import type { Engine } from '../engine/engine.ts'
import type { Cancel, ConnectFailure, HttpRequest, Target } from '../network/types.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { ProbeVerdict } from './pod-actions.ts'
import type { ProbeNetwork } from './ports.ts'

// A check's output is cut there.
export const MAX_OUTPUT = 10 * 1024

/** A port by number or by the name that the container gives it; 0 for a name it does not have. */
export function portNumber(port: IntOrString, container: Container): number {
  if (typeof port === 'number') return port
  return container.ports?.find((p) => p.name === port)?.containerPort ?? (Number(port) || 0)
}

/** Why a probe cannot be sent at all: it names a port that the container does not have. Source: pkg/probe/util.go */
export function findPortError({ httpGet, tcpSocket }: Probe, container: Container): string | undefined {
  const port = httpGet?.port ?? tcpSocket?.port
  if (port === undefined || portNumber(port, container) !== 0) return undefined
  return `strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`
}

export function dialError(failure: ConnectFailure, host: string, port: number, timeout: string): string {
  const dial = `dial tcp ${host}:${port}`
  switch (failure.error) {
    case 'refused':
      return `${dial}: connect: connection refused`
    case 'no-route':
      return `${dial}: connect: no route to host`
    case 'reset':
      return `read tcp ${host}:${port}: read: connection reset by peer`
    case 'not-tls':
      return 'http: server gave HTTP response to HTTPS client'
    case 'unknown-host':
      // A node asks its own resolver, systemd-resolved.
      return `dial tcp: lookup ${failure.host} on 127.0.0.53:53: no such host`
    default:
      return `${dial}: ${timeout}`
  }
}

export interface HttpCheck {
  url: string
  target: Target
  request: HttpRequest
}

/** The request that an HTTP check sends to a Pod's address: the same each time. */
export function makeHttpCheck(
  action: HTTPGetAction,
  container: Container,
  podIP: string,
  purpose: 'probe' | 'lifecycle' = 'probe',
): HttpCheck {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase() as 'http' | 'https'
  const port = portNumber(action.port, container)
  const host = action.host || podIP
  const path = action.path ? (action.path.startsWith('/') ? action.path : `/${action.path}`) : '/'
  const headers: Record<string, string> = { 'User-Agent': `kube-${purpose}/1.36`, Accept: '*/*' }
  let hostHeader = `${host}:${port}`
  for (const { name, value } of action.httpHeaders ?? []) {
    if (name.toLowerCase() === 'host') hostHeader = value
    else headers[name] = value
  }
  return {
    url: `${scheme}://${host}:${port}${path}`,
    target: { host, port },
    request: { method: 'GET', path, host: hostHeader, headers, scheme },
  }
}

/** Sends it; output is worded as Go's client does. */
export function askHttp(
  network: ProbeNetwork,
  check: HttpCheck,
  timeoutMs: number,
  done: (verdict: ProbeVerdict, output: string) => void,
): Cancel {
  const { url, target, request } = check
  return network.http(target, request, timeoutMs, (result) => {
    if (result.ok) {
      const { status, body } = result.response
      if (status >= 200 && status < 400) done('success', body)
      else done('failure', `HTTP probe failed with statuscode: ${status}`)
    } else if (result.error === 'timeout') {
      done('failure', `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`)
    } else done('failure', `Get "${url}": ${dialError(result, target.host, target.port, 'i/o timeout')}`)
  })
}

export function askExec(
  runtime: ContainerRuntime,
  engine: Engine,
  pod: Pod,
  id: string,
  command: readonly string[],
  timeoutMs: number,
  done: (verdict: ProbeVerdict, output: string) => void,
): Cancel {
  const container = runtime.find(pod.metadata.uid, id)
  let output = ''
  let isOver = false
  const finish = (verdict: ProbeVerdict, text: string): void => {
    if (isOver) return
    isOver = true
    engine.cancel(timer)
    done(verdict, text)
  }
  const timer = engine.after(
    timeoutMs,
    'exec probe timeout',
    () => {
      finish('failure', `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`)
      if (started && 'kill' in started) started.kill()
    },
    { background: true },
  )
  const started = container?.handle?.exec({
    argv: command,
    isBeside: true,
    onOutput: (_stream, text) => {
      if (output.length < MAX_OUTPUT) output += text
    },
    onExit: ({ exitCode }) => finish(exitCode === 0 ? 'success' : 'failure', output),
  })
  if (!started) finish('failure', 'container not running')
  else if ('error' in started) {
    const what = `failed to exec in container: failed to start exec "${runtime.newExecId()}"`
    finish('unknown', `rpc error: code = Unknown desc = ${what}: ${started.error}`)
  }
  return () => {
    if (isOver) return
    isOver = true
    engine.cancel(timer)
    if (started && 'kill' in started) started.kill()
  }
}
