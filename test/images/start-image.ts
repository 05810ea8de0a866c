/** Starts an image's own command on a network of its own, where its programs can reach each other, for tests. */
import assert from 'node:assert/strict'
import { findImage } from '../../sim/images/registry.ts'
import type { HttpResponse, NetworkNamespace, PortServer } from '../../sim/network/types.ts'
import type { ContainerOptions } from '../../sim/runtime/container.ts'
import { type Box, noNetwork, startBox } from '../runtime/run-shell.ts'

export interface Started extends Box {
  ports: Map<number, PortServer>
  /** What is answered at once, or within a second. */
  get: (port: number, path: string) => HttpResponse | undefined
  /** Runs a command inside as `kubectl exec` does, for at most a minute. */
  exec: (...argv: string[]) => { stdout: string; stderr: string; exitCode: number | undefined }
}

/** A namespace that remembers who listens, and connects to them under any name. */
export function loopback(ports: Map<number, PortServer>): NetworkNamespace {
  return {
    ...noNetwork,
    listeningPorts: () => [...ports.keys()].sort((a, b) => a - b),
    listen(port, server) {
      if (ports.has(port)) return { error: 'address already in use' }
      ports.set(port, server)
      return { close: () => void ports.delete(port) }
    },
    tcp(target, input, _, done) {
      const server = ports.get(target.port)
      if (!server?.tcp)
        done(server ? { ok: true, tookMs: 1, hops: [] } : { ok: false, error: 'refused', tookMs: 1, hops: [] })
      else server.tcp(input ?? '', (output) => done({ ok: true, output, tookMs: 1, hops: [] }))
      return () => {}
    },
    http(target, request, _, done) {
      const server = ports.get(target.port)
      if (!server?.http) done({ ok: false, error: 'refused', tookMs: 1, hops: [] })
      else server.http(request, (response) => done({ ok: true, response, tookMs: 1, hops: [] }))
      return () => {}
    },
  }
}

/** Starts the image of a reference; `args` stand for its cmd, `command` for its entrypoint. */
export function startImage(
  name: string,
  options: Omit<Partial<ContainerOptions>, 'image' | 'files'> & {
    args?: readonly string[]
    command?: readonly string[]
    files?: Box['files']
  } = {},
): Started {
  const image = findImage(name)
  assert.ok(image, `${name} is not in the registry`)
  const { args, command, ...rest } = options
  const ports = new Map<number, PortServer>()
  const argv = command ? [...command, ...(args ?? [])] : [...(image.entrypoint ?? []), ...(args ?? image.cmd ?? [])]
  const box = startBox(argv, { image, network: loopback(ports), ...rest })
  return {
    ...box,
    ports,
    get(port, path) {
      let response: HttpResponse | undefined
      const request = { method: 'GET', path, host: 'web', headers: {}, scheme: 'http', clientIP: '10.0.0.9' } as const
      ports.get(port)?.http?.(request, (reply) => {
        response = reply
      })
      if (!response) box.engine.runUntil(box.engine.nowMs + 1000)
      return response
    },
    exec(...words) {
      let stdout = ''
      let stderr = ''
      let exitCode: number | undefined
      const result = box.container.exec({
        argv: words,
        onOutput(stream, text) {
          if (stream === 'stdout') stdout += text
          else stderr += text
        },
        onExit(exit) {
          exitCode = exit.exitCode
        },
      })
      if ('error' in result) stderr = result.error
      box.engine.runUntil(box.engine.nowMs + 60_000)
      return { stdout, stderr, exitCode }
    },
  }
}
