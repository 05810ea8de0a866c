/**
 * Where the Kubernetes API hangs in an HTTP server: below `/k8s/<secret>`, each secret one sandbox. Whoever knows it is the
 * cluster's administrator, so that no other credential is asked for; an address that is not valid tells nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { failureAnswer } from '../labs/sandboxes/status.ts'
import { surviveErrors } from '../live-response.ts'
import { type AskSandbox, headersOf, sendStatus, serveHttp } from './http.ts'
import { handleUpgrade } from './upgrade.ts'

export const addressRoot = '/k8s'

/** What a request came by, until it is answered, or what it opened is over. */
export interface Connection {
  end(): void
  /** Told at once if it is over already. */
  whenOver(act: () => void): void
}

export interface MountOptions {
  /** The sandbox behind a secret; undefined for one that is not valid. */
  find(secret: string, connection: Connection): Promise<AskSandbox | undefined> | AskSandbox | undefined
  onError(error: unknown): void
}

export interface Mount {
  /** False when the request is for somebody else; else it is answered from here. */
  request(req: IncomingMessage, res: ServerResponse): boolean
  /** The same for a connection that is to be upgraded. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/** The secret of an address and what follows it. */
export function splitAddress(url: string): { secret: string; rest: string } | undefined {
  const [, secret, rest] = /^\/k8s\/([^/?]+)([/?].*)?$/s.exec(url) ?? []
  if (secret === undefined) return undefined
  return { secret, rest: rest === undefined ? '/' : rest.startsWith('?') ? `/${rest}` : rest }
}

const NOBODY =
  'there is no sandbox at this address: it may have expired or been revoked; get a new kubeconfig from its page'

export function mountKubernetesApi({ find, onError }: MountOptions): Mount {
  const door = createDoor({
    onError,
    async find(req, connection) {
      const address = splitAddress(req.url ?? '')
      const ask = address && (await find(address.secret, connection))
      return ask && { ask, url: address.rest }
    },
  })
  const isOurs = (req: IncomingMessage): boolean => (req.url ?? '').startsWith(`${addressRoot}/`)
  return {
    request(req, res) {
      if (!isOurs(req)) return false
      door.request(req, res)
      return true
    },
    upgrade(req, socket, head) {
      if (!isOurs(req)) return false
      door.upgrade(req, socket, head)
      return true
    },
  }
}

export interface DoorOptions {
  /** Whose request it is, and the address below theirs; undefined for nobody's. */
  find(req: IncomingMessage, connection: Connection): Promise<Found | undefined> | Found | undefined
  onError(error: unknown): void
}

interface Found {
  ask: AskSandbox
  url: string
}

/** What takes requests, and connections that are to be upgraded, and answers each. */
export interface Door {
  request(req: IncomingMessage, res: ServerResponse): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export function createDoor({ find, onError }: DoorOptions): Door {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const found = await find(req, connectionOf(res))
    if (!found) return sendStatus(res, 404, 'NotFound', NOBODY)
    await serveHttp(req, res, found.url, found.ask)
  }
  const open = async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const found = await find(req, connectionOf(socket))
    if (!found) return handleUpgrade(req, socket, head, failureAnswer(404, 'NotFound', NOBODY))
    const { ask, url } = found
    const outcome = await ask({ method: req.method ?? 'GET', url, headers: headersOf(req), body: new Uint8Array() })
    if (outcome.kind === 'no-answer') return void socket.destroy()
    handleUpgrade(req, socket, head, outcome, { onError })
  }
  return {
    request(req, res) {
      surviveErrors(res, onError)
      answer(req, res).catch((error: unknown) => {
        // A client that goes while its request is read is no error of ours.
        if (res.destroyed) return
        onError(error)
        sendStatus(res, 500, 'InternalError', 'Internal error occurred')
      })
    },
    upgrade(req, socket, head) {
      // What is sent meanwhile waits; an end of the connection is no error of ours.
      surviveErrors(socket)
      open(req, socket, head).catch((error: unknown) => {
        onError(error)
        socket.destroy()
      })
    },
  }
}

const connectionOf = (by: ServerResponse | Duplex): Connection => ({
  end: () => void by.destroy(),
  whenOver: (act) => (by.closed ? act() : void by.once('close', act)),
})
