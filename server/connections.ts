/**
 * Connections are shared fairly between addresses: who opens them without an end takes none of what the others, the storage and the workers need.
 * A form that is sent slowly on purpose is not waited for.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ipKeyGenerator } from 'express-rate-limit'

export interface ConnectionLimits {
  /** Of all together; descriptors for files and other processes are left beside them. */
  most: number
  /** Of one address; with a proxy before the server all come from one. */
  mostOfOne: number
  /** For the head of a request. */
  headMs: number
  /** For the body of a form, from its head on. */
  bodyMs: number
  /** Whose body takes longer: files of one's data, and what a sandbox is sent. */
  mayTakeLonger(req: IncomingMessage): boolean
}

/** For storage, workers and what they say to each other. */
const descriptorsInReserve = 1500
/** A class of three hundred, with six connections a browser. */
export const mostOfOneAddress = 2500
/** Without a limit that could be read. */
const usualDescriptors = 10_000

/** How many connections leave enough of the descriptors that a process may have. Source: proc(5), /proc/PID/limits */
export function mostConnections(limits = readLimits()): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
  const descriptors = soft === undefined ? usualDescriptors : Number(soft)
  return Math.max(Math.floor(descriptors / 2), descriptors - descriptorsInReserve)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}

/** One who is closed to make room, or was never let in. */
export interface ConnectionCounts {
  refused: number
  closed: number
}

export function shareConnections(server: Server, limits: ConnectionLimits): ConnectionCounts {
  const counts: ConnectionCounts = { refused: 0, closed: 0 }
  const held = new Map<string, Set<Socket>>()
  /** Requests that are being answered on it. */
  const answering = new WeakMap<Socket, number>()
  let all = 0
  server.headersTimeout = limits.headMs

  server.on('connection', (socket) => {
    const address = ipKeyGenerator(socket.remoteAddress ?? '', 64)
    const own = held.get(address) ?? new Set<Socket>()
    if (own.size >= limits.mostOfOne || (all >= limits.most && !makeRoom(own.size))) {
      counts.refused++
      socket.destroy()
      return
    }
    held.set(address, own)
    own.add(socket)
    all++
    socket.once('close', () => {
      all--
      own.delete(socket)
      if (own.size === 0 && held.get(address) === own) held.delete(address)
    })
  })

  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req
    answering.set(socket, (answering.get(socket) ?? 0) + 1)
    res.once('close', () => answering.set(socket, (answering.get(socket) ?? 1) - 1))
    // What has no body has come, though nobody reads it to its end.
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
    if (!hasBody || limits.mayTakeLonger(req)) return
    const timer = setTimeout(() => req.complete || socket.destroy(), limits.bodyMs)
    timer.unref()
    const done = () => clearTimeout(timer)
    req.once('end', done)
    req.once('close', done)
    res.once('close', done)
  })

  /** The address that holds the most gives up what it asks nothing on, the oldest first, for one that holds fewer. */
  function makeRoom(own: number): boolean {
    let most: Set<Socket> | undefined
    for (const sockets of held.values()) if (sockets.size > (most?.size ?? own + 1)) most = sockets
    const given = most && ([...most].find((socket) => !answering.get(socket)) ?? [...most][0])
    if (!given) return false
    counts.closed++
    given.destroy()
    return true
  }

  return counts
}
