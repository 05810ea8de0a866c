/**
 * The machine of the one who types, as kubectl finds it: ports to listen on, and ways through the API server to the ports of Pods.
 * Other programs on it reach what listens there. Simplified: an address of IPv6 is taken, and nobody connects to it.
 */
import { internalError } from '../api/meta/status-error.ts'
import type { LocalMachine } from '../kubectl/context.ts'
import type { Network } from '../network/network.ts'
import type { ConnectFailure } from '../network/types.ts'
import { answerInside } from './inside.ts'
import type { Rest } from './rest.ts'
import { forwardingFailure } from './streaming/forwarding.ts'
import { reach, type SessionParts } from './streaming/sessions.ts'

/** What Linux takes when it is left the choice. Source: net.ipv4.ip_local_port_range */
const ephemeralPorts = { first: 32768, last: 60999 }
/** Nobody waits longer; a program that hangs for good keeps its client so long. */
const patienceMs = 3_600_000

export function createLocalMachine(parts: { network: Network; rest: Rest; sessions: SessionParts }): LocalMachine {
  const { network, rest, sessions } = parts
  const { server } = sessions
  const { outside } = network
  /** Ports taken on addresses of IPv6. */
  const taken = new Set<number>()

  const isFree = (port: number): boolean => !taken.has(port) && outside.spokenOn(port) === undefined
  function choosePort(): number {
    const random = server.engine.random('machine/ports')
    for (;;) {
      const port = random.int(ephemeralPorts.first, ephemeralPorts.last)
      if (isFree(port)) return port
    }
  }

  return {
    listen(address, asked, answering) {
      const isSix = address.includes(':')
      if (!(isSix ? ['::1', '::'].includes(address) : /^127\.|^0\.0\.0\.0$/.test(address)))
        return { error: 'cannot assign requested address' }
      const port = asked === 0 ? choosePort() : asked
      if (isSix) {
        if (taken.has(port)) return { error: 'address already in use' }
        taken.add(port)
        return { port, close: () => void taken.delete(port) }
      }
      const listening = outside.listen(port, answering)
      return 'error' in listening ? listening : { port, close: listening.close }
    },
    api(user, request, reply) {
      const { failure } = server.link
      if (failure === undefined) answerInside({ server, rest }, { otherwise: user }, request, reply)
      return failure
    },
    forward({ user, namespace, pod }) {
      const { key, kubelet } = reach(sessions, { kind: 'port-forward', user, namespace, pod })
      const first = kubelet.findSandbox(key)
      if ('error' in first) throw internalError(first.error)
      const { id } = first
      let connections = 0
      return (port, failed) => {
        const target = { host: '127.0.0.1', port }
        const find = () => {
          const sandbox = kubelet.findSandbox(key)
          return 'error' in sandbox || sandbox.id !== id ? undefined : sandbox
        }
        const notOk = (failure: ConnectFailure, number: number): void =>
          failed(forwardingFailure(first, port, failure, number))
        return {
          get tls() {
            return find()?.network.spokenOn(port)?.tls ?? false
          },
          http(request, reply) {
            const sandbox = find()
            const number = connections++
            if (!sandbox) return failed(forwardingFailure(first, port, undefined, number))
            sandbox.network.http(target, { ...request, clientIP: undefined }, patienceMs, (result) =>
              result.ok ? reply(result.response) : notOk(result, number),
            )
          },
          tcp(input, reply) {
            const sandbox = find()
            const number = connections++
            if (!sandbox) return failed(forwardingFailure(first, port, undefined, number))
            sandbox.network.tcp(target, input, patienceMs, (result) =>
              result.ok ? reply(result.output ?? '') : notOk(result, number),
            )
          },
        }
      }
    },
  }
}
