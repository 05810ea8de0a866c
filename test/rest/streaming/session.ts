/** Opens sessions of a cluster's HTTP API in tests, types into them, and keeps what they show. */
import type { LiveCluster } from '../../../sim/index.ts'
import type { ExecInput, HttpOutcome } from '../../../sim/rest/types.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export const podsUrl = '/api/v1/namespaces/default/pods'

/** A Pod of one container that runs a command, and the time until it does. */
export function runPod(cluster: LiveCluster, name: string, spec: Record<string, unknown>, ms = 5000): void {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec }
  cluster.execute({ op: 'apply', manifest: JSON.stringify(pod) })
  cluster.advance(ms)
}

export const shellPod = { containers: [{ name: 'main', image: 'busybox:1.36', command: ['sleep', '3600'] }] }

/** A request that asks for another protocol, as exec, attach and port-forward are asked for. */
export const upgrade = (cluster: LiveCluster, url: string, method = 'GET', headers = {}): HttpOutcome =>
  cluster.request({
    method,
    url: `${podsUrl}/${url}`,
    headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers },
    body: new Uint8Array(),
  })

export interface Typed {
  input: ExecInput
  stdout(): string
  stderr(): string
  bytes(): Uint8Array
  /** The Status at the end. */
  status(): Record<string, unknown> | undefined
  type(text: string, ms?: number): void
}

export function openSession(cluster: LiveCluster, url: string, method = 'GET'): Typed {
  const outcome = upgrade(cluster, url, method)
  if (outcome.kind !== 'exec') throw new Error(`${url} is no session: ${JSON.stringify(outcome)}`)
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  let status: Record<string, unknown> | undefined
  const input = outcome.open({
    stdout: (data) => void pieces.stdout.push(data),
    stderr: (data) => void pieces.stderr.push(data),
    end(given) {
      status = given
    },
  })
  return {
    input,
    stdout: () => textOf(Buffer.concat(pieces.stdout)),
    stderr: () => textOf(Buffer.concat(pieces.stderr)),
    bytes: () => Buffer.concat(pieces.stdout),
    status: () => status,
    type(text, ms = 1000) {
      input.write(bytesOf(text))
      cluster.advance(ms)
    },
  }
}

export const execUrl = (pod: string, command: readonly string[], streams: string): string =>
  `${pod}/exec?${command.map((word) => `command=${encodeURIComponent(word)}`).join('&')}&${streams}`
