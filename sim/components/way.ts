/** The way from a component of the control plane to the API server that its kubeconfig names. */
import { type Link, SwitchedLink } from '../client/link.ts'
import { dialError } from '../kubelet/probe-checks.ts'
import { apiServerIP, apiServerPort } from '../network/address.ts'
import type { TcpResult } from '../network/types.ts'
import { type Process, type Wait, waitFor } from '../runtime/process.ts'
import { type ControlPlaneHost, DIAL_MS, partsOf } from './component.ts'
import type { Destination } from './trust.ts'
import { trustFailure, UNAUTHORIZED } from './trust.ts'

/** What lies between a component and the API server that its kubeconfig names. */
export interface WayToServer {
  readonly server: string
  readonly link: Link
  /** Why nothing gets there now; undefined when it does. */
  failure(): string | undefined
  /** Looks again and again whether both ends still trust each other. Returns how to end it. */
  follow(): () => void
}

/** The API server at its own address goes up and down, and knows whom it trusts; anywhere else nobody answers as one does. */
export function* wayTo(
  process: Process,
  host: Pick<ControlPlaneHost, 'apiServers' | 'apiServerFailure' | 'trust' | 'later'>,
  destination: Destination,
): Generator<Wait, WayToServer, unknown> {
  const { server, host: name } = destination
  const link = new SwitchedLink()
  const way: WayToServer = {
    server,
    link,
    failure: () => link.failure ?? host.apiServerFailure(),
    follow: () => () => undefined,
  }
  const { scheme, port } = partsOf(server)
  const isItsOwn = [apiServerIP, ...host.apiServers, '127.0.0.1', 'localhost'].includes(name) && port === apiServerPort
  if (isItsOwn && scheme === 'https') {
    const look = (): void => {
      const failure = (): string | undefined => trustFailure(host.trust, destination, process.nowEpochMs())
      const now = failure()
      if (now === undefined) link.open()
      else link.cut(now === UNAUTHORIZED ? now : 'not trusted', () => failure() ?? now)
    }
    look()
    return { ...way, follow: () => every(host, LOOK_MS, look) }
  }
  if (isItsOwn) link.cut('malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02\\x16"')
  else {
    const result = yield* waitFor(connection(process, name, port))
    link.cut(result.ok ? 'EOF' : dialError(result, name, port, 'i/o timeout'))
  }
  return way
}

/** How often certificates are looked at again. */
const LOOK_MS = 10_000

/** Acts again and again. Returns how to end it. */
function every(host: Pick<ControlPlaneHost, 'later'>, ms: number, act: () => void): () => void {
  let leave: () => void
  const next = (): void => {
    leave = host.later(ms, () => {
      act()
      next()
    })
  }
  next()
  return () => leave()
}

/** A connection that is made and closed. */
const connection = (process: Process, host: string, port: number): Wait<TcpResult> => ({
  start: (resume) => process.network.tcp({ host, port }, undefined, DIAL_MS, resume),
})
