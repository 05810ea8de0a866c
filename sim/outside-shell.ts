/**
 * A machine outside of the cluster, as the laptop of the one who types: programs that ask the network from there, and so reach nodes,
 * node ports and load balancers, but no address of a Service or a Pod.
 */
import type { Engine } from './engine/engine.ts'
import { layerOf } from './images/base-files.ts'
import { findImage } from './images/registry.ts'
import type { Network } from './network/network.ts'
import type { Driven } from './runtime/drive.ts'
import { createFileSystem } from './runtime/file-system.ts'
import { Kernel } from './runtime/kernel.ts'
import { createOutput, createTextInput } from './runtime/pipe.ts'

/** What is installed there, besides a shell. */
const image = 'nicolaka/netshoot:latest'
/** The name servers of the world, which know nothing of the cluster's own names. */
const resolvConf = 'nameserver 172.18.0.1\n'

export interface OutsideLine {
  line: string
  stdin?: string
}

/**
 * Runs a line of a shell there.
 * @param done given its exit code
 */
export function runOutside(
  { engine, network }: { engine: Engine; network: Network },
  { line, stdin }: OutsideLine,
  emit: (stream: 'stdout' | 'stderr', text: string) => void,
  done: (exitCode: number) => void,
): Driven {
  const found = findImage(image)
  if (!found) throw new Error(`there is no image ${image}`)
  const layer = layerOf(found)
  const driven = { isDone: false, interrupt }
  const finish = (exitCode: number): void => {
    if (driven.isDone) return
    driven.isDone = true
    done(exitCode)
  }
  const files = createFileSystem({ base: layer, nowEpochMs: () => engine.epochMs })
  files.write('/etc/resolv.conf', resolvConf)
  const kernel = new Kernel({
    engine,
    programs: found.programs,
    files,
    network: network.outside,
    hostname: 'podium',
    randomStream: 'shell/outside',
    onExit: ({ exitCode }) => finish(exitCode),
  })
  const started = kernel.startRoot({
    argv: ['/bin/sh', '-c', line],
    env: { HOME: '/root', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
    uid: 0,
    gid: 0,
    stdin: createTextInput(stdin ?? ''),
    stdout: createOutput((text) => emit('stdout', text)),
    stderr: createOutput((text) => emit('stderr', text)),
  })
  if ('error' in started) throw new Error('the shell of the machine outside did not start')
  function interrupt(): void {
    if (driven.isDone) return
    driven.isDone = true
    kernel.killAll({ exitCode: 130, signal: 'SIGINT' })
  }
  return driven
}
