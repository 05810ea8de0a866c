/** Connections that leave HTTP: each goes to whoever its address belongs to. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { mountSandboxes } from './kubernetes-api/site-mount.ts'
import { learnerOfCookie } from './middleware/session.ts'
import type { AppDeps } from './pages/deps.ts'
import { isSameSite, refuseUpgrade, serveTerminal } from './terminal/socket.ts'
import { Terminals } from './terminal/terminals.ts'

export interface Upgrades {
  /** For the `upgrade` event of an HTTP server. */
  handle(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends what is open. */
  close(): void
}

const terminalPath = /^\/sandboxes\/([A-Za-z0-9_-]{1,64})\/terminal$/

export function createUpgrades(deps: AppDeps): Upgrades {
  const onError = (error: unknown): void => deps.logger.error({ err: error }, 'a connection failed')
  const api = mountSandboxes({
    sandboxes: deps.sandboxes,
    perMinute: deps.config.sandboxRateLimitPerMinute,
    onError,
  })
  const terminals = new Terminals({ sandboxes: deps.sandboxes, states: deps.storage.terminals, onError })
  const open = new Set<Duplex>()

  async function openTerminal(id: string, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!isSameSite(req)) return refuseUpgrade(socket, '403 Forbidden')
    const learner = learnerOfCookie(req.headers.cookie, deps.secret)
    const sandbox = learner && (await deps.sandboxes.find(learner, id))
    if (!sandbox) return refuseUpgrade(socket, '404 Not Found')
    serveTerminal(req, socket, head, terminals, sandbox.id, onError)
  }

  return {
    handle(req, socket, head) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      if (api.upgrade(req, socket, head)) return
      const [, id] = terminalPath.exec((req.url ?? '').split('?')[0] ?? '') ?? []
      socket.on('error', () => undefined)
      if (id === undefined) return refuseUpgrade(socket, '404 Not Found')
      openTerminal(id, req, socket, head).catch((error: unknown) => {
        onError(error)
        socket.destroy()
      })
    },
    close() {
      terminals.close()
      for (const socket of open) socket.destroy()
    },
  }
}
