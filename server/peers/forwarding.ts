/**
 * Requests about what another process keeps are handed to it as they are, and its answer comes back as it is: pages, event streams and upgrades
 * alike. It is reached at a door of its own, which nobody opens who has not the secret of the site.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { surviveErrors } from '../live-response.ts'
import type { Peer } from '../storage/leases.ts'
import type { Membership } from './membership.ts'

export interface ForwardingOptions {
  secret: string
  membership: Pick<Membership, 'peers' | 'self' | 'declareEnded'>
  /** Which process keeps what a request is about; undefined for what is about nothing of the kind. */
  ownerOf(url: string): Promise<'here' | Peer | undefined>
  /** Which pages and connections ask for that at all. */
  isAbout(url: string): boolean
  onProblem(message: string): void
}

export interface Forwarding {
  /** @param here answers what is not for another process */
  request(req: IncomingMessage, res: ServerResponse, here: () => void): void
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, here: () => void): void
  /** The door: what comes through it is answered here. It does not listen yet. */
  door(serve: {
    request(req: IncomingMessage, res: ServerResponse): void
    upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  }): Server
  close(): void
}

/** Whoever hands on a request signs it. */
const signatureHeader = 'x-podium-peer'
/** The address that the request came from, as the other process saw it. */
const addressHeader = 'x-podium-peer-address'
/** A signature is good for so long. */
const signedForMs = 30_000
/** One whose door is shut is asked again for so long: it may have ended just now, and nobody knows it yet. */
const patienceMs = 4000
const askAgainMs = 200
/** Between two looks at who lives. */
const watchMs = 500
/** One that has begun just now is not among them at once. */
const mostMissed = 3

export function createForwarding(options: ForwardingOptions): Forwarding {
  const { secret, membership, ownerOf, isAbout, onProblem } = options
  /** What waits for another process, or gets something from it. */
  const under = new Map<{ id: string; missed: number }, () => void>()
  let watching: NodeJS.Timeout | undefined

  /** One that is silent for too long has lost what it kept, though its connections may be open. */
  const watch = (): void => {
    const living = new Set(membership.peers().map(({ id }) => id))
    for (const [entry, cut] of [...under]) {
      entry.missed = living.has(entry.id) ? 0 : entry.missed + 1
      if (entry.missed >= mostMissed) cut()
    }
    if (under.size > 0) return
    clearInterval(watching)
    watching = undefined
  }
  const track = (id: string, cut: () => void): (() => void) => {
    const entry = { id, missed: 0 }
    under.set(entry, cut)
    watching ??= setInterval(watch, watchMs).unref()
    return () => void under.delete(entry)
  }

  const headersFor = (req: IncomingMessage, isUpgrade: boolean): string[] => {
    const kept = isUpgrade ? pairsOf(req, isOwnHeader) : pairsOf(req, (name) => isOwnHeader(name) || isOfHop(name))
    const address = req.socket.remoteAddress ?? ''
    const signature = sign(secret, req, address, Date.now() + signedForMs)
    if (!isUpgrade) kept.push('Connection', 'close')
    return [...kept, addressHeader, address, signatureHeader, signature]
  }

  /** @returns whether it was handed over: a door that is shut has taken nothing of it */
  const hand = (
    peer: Peer,
    req: IncomingMessage,
    act: {
      answered(answer: IncomingMessage): void
      upgraded?(answer: IncomingMessage, socket: Duplex, head: Buffer): void
      /** It was handed over, and no answer came. */
      lost(): void
    },
  ): Promise<boolean> =>
    new Promise((resolve) => {
      let isConnected = false
      let isAnswered = false
      const { protocol, hostname, port } = new URL(peer.url)
      const out = httpRequest({
        ...{ protocol, port, path: req.url, method: req.method, agent: false },
        // An IPv6 address stands in brackets there.
        hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
        headers: headersFor(req, act.upgraded !== undefined),
        setHost: false,
      })
      const untrack = track(peer.id, () => out.destroy())
      out.once('socket', (socket) =>
        socket.once('connect', () => {
          isConnected = true
          resolve(true)
          req.pipe(out)
        }),
      )
      out.once('response', (answer) => {
        isAnswered = true
        act.answered(answer)
      })
      out.once('upgrade', (answer, socket, head) => {
        isAnswered = true
        // The process is watched as long as the connection is open.
        const untrackSocket = track(peer.id, () => socket.destroy())
        socket.once('close', untrackSocket)
        act.upgraded?.(answer, socket, head)
      })
      out.on('error', () => {
        if (!isConnected) resolve(false)
        else if (!isAnswered) act.lost()
      })
      // The client has gone.
      const leave = (): void => void out.destroy()
      req.socket.once('close', leave)
      out.once('close', () => {
        untrack()
        req.socket.off('close', leave)
      })
    })

  /** Hands it to whoever keeps it; what nobody keeps, or whoever did has ended, is for this process. */
  const send = async (req: IncomingMessage, act: Parameters<typeof hand>[2], here: () => void, away: () => void) => {
    const url = req.url ?? ''
    for (const untilMs = performance.now() + patienceMs; ; ) {
      const owner = await ownerOf(url)
      if (!owner || owner === 'here') return here()
      if (owner.url === '') break
      if (await hand(owner, req, act)) return
      if (await membership.declareEnded(owner)) continue
      if (performance.now() > untilMs) {
        onProblem(`the process at ${owner.url} cannot be reached, though it lives: is its PEER_URL right?`)
        break
      }
      await new Promise((resolve) => setTimeout(resolve, askAgainMs))
    }
    away()
  }

  const sendRequest = (req: IncomingMessage, res: ServerResponse, here: () => void, tries: number): void => {
    const lost = (): void => {
      if (res.headersSent || res.destroyed) return void res.destroy()
      // Whether it was done nobody knows: only what changes nothing is asked again.
      const isSafe = req.method === 'GET' || req.method === 'HEAD'
      if (isSafe && tries > 1) sendRequest(req, res, here, tries - 1)
      else refuse(res, 'The process that kept this ended while it answered. Load the page again to see what was done.')
    }
    const answered = (answer: IncomingMessage): void => {
      surviveErrors(res)
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage, pairsOf(answer, isOfHop))
      res.flushHeaders()
      answer.pipe(res)
      answer.once('error', () => res.destroy())
      answer.once('close', () => {
        if (!answer.complete) res.destroy()
      })
      res.once('close', () => answer.destroy())
    }
    send(req, { answered, lost }, here, () =>
      refuse(res, 'Another process of the site keeps this, and cannot be reached. Try again in a moment.'),
    ).catch((error: unknown) => {
      onProblem(`a request could not be handed on: ${String(error)}`)
      refuse(res, 'Something on our side does not answer. Try again in a moment.')
    })
  }

  return {
    request(req, res, here) {
      if (isAbout(req.url ?? '')) sendRequest(req, res, here, 3)
      else here()
    },
    upgrade(req, socket, head, here) {
      if (!isAbout(req.url ?? '')) return here()
      surviveErrors(socket)
      const cut = (): void => void socket.destroy()
      const answered = (answer: IncomingMessage): void => {
        socket.write(headText(answer))
        answer.pipe(socket)
      }
      const upgraded = (answer: IncomingMessage, other: Duplex, first: Buffer): void => {
        surviveErrors(other)
        socket.write(headText(answer))
        if (first.length > 0) socket.write(first)
        if (head.length > 0) other.write(head)
        socket.pipe(other).pipe(socket)
        socket.once('close', () => other.destroy())
        other.once('close', cut)
      }
      send(req, { answered, upgraded, lost: cut }, here, cut).catch((error: unknown) => {
        onProblem(`a connection could not be handed on: ${String(error)}`)
        cut()
      })
    },
    door(serve) {
      /** @returns false for what no process of the site has sent */
      const admit = (req: IncomingMessage): boolean => {
        const address = req.headers[addressHeader]
        const signature = req.headers[signatureHeader]
        if (typeof address !== 'string' || typeof signature !== 'string') return false
        if (!isSigned(secret, req, address, signature)) return false
        // A connection carries one request, so that it has one address.
        Object.defineProperty(req.socket, 'remoteAddress', { value: address, configurable: true })
        return true
      }
      const server = createServer((req, res) => {
        surviveErrors(res)
        res.setHeader('Connection', 'close')
        if (admit(req)) serve.request(req, res)
        else refuse(res, 'Only processes of the site come in here.', 403)
      })
      server.on('upgrade', (req, socket, head) => {
        surviveErrors(socket)
        if (admit(req)) serve.upgrade(req, socket, head)
        else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      })
      return server
    },
    close() {
      clearInterval(watching)
      for (const cut of [...under.values()]) cut()
    },
  }
}

const isOwnHeader = (name: string): boolean => name.toLowerCase().startsWith(signatureHeader)

/** What is said of one connection, and not of what goes through it. Source: RFC 9110, 7.6.1 */
const hopHeaders = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'expect', 'upgrade'])
const isOfHop = (name: string): boolean => hopHeaders.has(name.toLowerCase())

/** Names and values in turn, as they came. */
function pairsOf({ rawHeaders }: IncomingMessage, isLeftOut: (name: string) => boolean): string[] {
  const kept: string[] = []
  for (let n = 0; n < rawHeaders.length; n += 2)
    if (!isLeftOut(rawHeaders[n]!)) kept.push(rawHeaders[n]!, rawHeaders[n + 1]!)
  return kept
}

const macOf = (secret: string, { method, url }: IncomingMessage, address: string, untilMs: number): string =>
  createHmac('sha256', secret)
    .update(['peer', String(untilMs), method, url, address].join('\n'))
    .digest('hex')

const sign = (secret: string, req: IncomingMessage, address: string, untilMs: number): string =>
  `${untilMs} ${macOf(secret, req, address, untilMs)}`

function isSigned(secret: string, req: IncomingMessage, address: string, signature: string): boolean {
  const [, until = '', mac = ''] = /^(\d{1,15}) ([0-9a-f]{64})$/.exec(signature) ?? []
  if (!(Number(until) > Date.now())) return false
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(secret, req, address, Number(until))))
}

const headText = ({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string => {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let n = 0; n < rawHeaders.length; n += 2) lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

function refuse(res: ServerResponse, text: string, status = 503): void {
  if (res.headersSent) return void res.destroy()
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Retry-After': '1',
    'Cache-Control': 'no-store',
  })
  res.end(`${text}\n`)
}
