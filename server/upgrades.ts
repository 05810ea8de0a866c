/** Connections that leave HTTP: each goes to whoever its address belongs to. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { mountSandboxes } from './kubernetes-api/site-mount.ts'
import type { AppDeps } from './pages/deps.ts'

export interface Upgrades {
  /** For the `upgrade` event of an HTTP server. */
  handle(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends what is open. */
  close(): void
}

export function createUpgrades(deps: AppDeps): Upgrades {
  const api = mountSandboxes({
    sandboxes: deps.sandboxes,
    perMinute: deps.config.sandboxRateLimitPerMinute,
    onError: (error) => deps.logger.error({ err: error }, 'a connection of the Kubernetes API failed'),
  })
  const open = new Set<Duplex>()
  return {
    handle(req, socket, head) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      if (!api.upgrade(req, socket, head)) socket.destroy()
    },
    close() {
      for (const socket of open) socket.destroy()
    },
  }
}
