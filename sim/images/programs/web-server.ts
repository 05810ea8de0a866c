/** What the web servers share: answering files, and running until a signal. */
import type { HttpResponse, PortServer } from '../../network/types.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process, Signal, Wait } from '../../runtime/process.ts'

/** Waits for one of the signals; resumes with it. */
export function untilSignal(process: Process, signals: readonly Signal[]): Wait<Signal> {
  return {
    start(resume) {
      for (const signal of signals) process.onSignal(signal, () => resume(signal))
      return () => {}
    },
  }
}

export const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  xml: 'text/xml',
  svg: 'image/svg+xml',
}

export type FileAnswer =
  | { kind: 'file'; body: string; path: string; modifiedEpochMs: number }
  | { kind: 'redirect'; location: string }
  | { kind: 'missing' }
  | { kind: 'forbidden' }

/** What a document root holds at a request's path: `/dir/` is its index.html, `/dir` redirects there. */
export function findDocument(process: Process, root: string, requestPath: string): FileAnswer {
  const path = isPlain(requestPath) ? requestPath : decodePath(requestPath.split(/[?#]/)[0])
  if (path === undefined || (path.includes('..') && path.split('/').includes('..'))) return { kind: 'missing' }
  const file = `${root}${path.endsWith('/') ? `${path}index.html` : path}`
  try {
    const stat = process.files.stat(file)
    if (stat.type === 'directory') return { kind: 'redirect', location: `${path}/` }
    return { kind: 'file', body: process.files.read(file), path: file, modifiedEpochMs: stat.modifiedEpochMs }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (error.code === 'EACCES') return { kind: 'forbidden' }
    // A directory without an index is there, but is not shown.
    return path.endsWith('/') && process.files.exists(`${root}${path}`) ? { kind: 'forbidden' } : { kind: 'missing' }
  }
}

/** Whether a request's path is a path and nothing else: no query, no escape. */
const isPlain = (path: string): boolean => !path.includes('?') && !path.includes('#') && !path.includes('%')

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** `127.0.0.1:9090` or `:9090`, as programs in Go take it. */
export function listenAddress(text: string): { port: number; isLocal: boolean } {
  const at = text.lastIndexOf(':')
  return { port: Number(text.slice(at + 1)), isLocal: isLoopback(text.slice(0, at)) }
}

/** Whether a server that is told to bind to that address is reached by the loopback alone. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(127\.[\d.]+|localhost|\[?::1\]?)$/.test(address)

/** Listens, or complains as the server does and gives undefined. */
export function listenOrComplain(
  process: Process,
  port: number,
  http: NonNullable<PortServer['http']>,
  complain: (why: string) => void,
  isLocal = false,
): (() => void) | undefined {
  // Low ports need no privilege in a container: net.ipv4.ip_unprivileged_port_start is 0 there.
  const listening = process.network.listen(port, { http, isLocal })
  if (!('error' in listening)) return listening.close
  complain(listening.error)
  return undefined
}

export const response = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => {
  const all: Record<string, string> = { 'Content-Length': String(body.length) }
  for (const name in headers) all[name] = headers[name]
  return { status, headers: all, body }
}
