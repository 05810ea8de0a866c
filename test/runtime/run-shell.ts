/** Runs a command in a container of its own until it ends, for tests. */
import { Engine } from '../../sim/engine/engine.ts'
import { layerOf } from '../../sim/images/base-files.ts'
import { busybox } from '../../sim/images/busybox.ts'
import type { NetworkNamespace } from '../../sim/network/types.ts'
import {
  type Container,
  type ContainerExit,
  type ContainerOptions,
  startContainer,
} from '../../sim/runtime/container.ts'
import { type ContainerFiles, createFileSystem } from '../../sim/runtime/file-system.ts'
import type { Image } from '../../sim/runtime/process.ts'

export const startEpochMs = Date.UTC(2026, 10, 20, 8, 12, 34)

export const noNetwork: NetworkNamespace = {
  linkIndex: 0,
  ip: '10.244.0.5',
  hostname: 'p',
  listen: () => ({ close() {} }),
  listeningPorts: () => [],
  isLocal: () => false,
  spokenOn: () => undefined,
  http: (_, __, ___, done) => {
    done({ ok: false, error: 'refused', tookMs: 0, hops: [] })
    return () => {}
  },
  tcp: ({ host, port }, _, __, done) => {
    done({ ok: false, error: 'refused', tookMs: 0, hops: [], server: { ip: host, port } })
    return () => {}
  },
  udp: (_, __, ___, done) => {
    done({ ok: false, error: 'refused', tookMs: 0, hops: [] })
    return () => {}
  },
  grpcHealth: () => () => {},
  query: (_, __, done) => {
    done({ server: '10.96.0.10', code: 'NXDOMAIN', records: [], isAuthoritative: true })
    return () => {}
  },
  searchPath: () => ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  candidateNames: (name) => [name],
  resolve: (_, done) => {
    done([], '10.96.0.10')
    return () => {}
  },
}

export interface Box {
  engine: Engine
  container: Container
  files: ContainerFiles
  stdout: () => string
  stderr: () => string
  exit: () => ContainerExit | undefined
  exitMs: () => number | undefined
}

/** Starts a container of busybox, or another image, and throws when it can't. */
export function startBox(
  argv: readonly string[],
  options: Partial<ContainerOptions> & { image?: Image; files?: ContainerFiles } = {},
): Box {
  const engine = options.engine ?? new Engine({ seed: 'test', startEpochMs })
  const image = options.image ?? busybox
  const files = options.files ?? createFileSystem({ base: layerOf(image), nowEpochMs: () => engine.epochMs })
  let stdout = ''
  let stderr = ''
  let exit: ContainerExit | undefined
  let exitMs: number | undefined
  const container = startContainer({
    engine,
    image,
    argv,
    env: {},
    network: noNetwork,
    hostname: 'p',
    onOutput(stream, text) {
      if (stream === 'stdout') stdout += text
      else stderr += text
    },
    onExit(status) {
      exit = status
      exitMs = engine.nowMs
    },
    ...options,
    files,
  })
  if ('error' in container) throw new Error(container.error)
  return {
    engine,
    container,
    files,
    stdout: () => stdout,
    stderr: () => stderr,
    exit: () => exit,
    exitMs: () => exitMs,
  }
}

/** Runs `sh -c LINE` for at most that long. */
export function runShell(
  line: string,
  options: Parameters<typeof startBox>[1] & { forMs?: number; args?: string[] } = {},
) {
  const box = startBox(['sh', '-c', line, ...(options.args ?? [])], options)
  box.engine.runUntil(options.forMs ?? 3_600_000)
  return {
    stdout: box.stdout(),
    stderr: box.stderr(),
    exitCode: box.exit()?.exitCode,
    tookMs: box.exitMs(),
    exit: box.exit(),
  }
}
