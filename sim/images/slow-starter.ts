/** A server that needs START_DELAY seconds (20 unless set) before it listens: for startup and readiness probes. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { listenOrComplain, response, untilSignal } from './programs/web-server.ts'

const server: Program = function* (process) {
  const delay = Number(process.env.START_DELAY ?? 20)
  const port = Number(process.env.PORT ?? 8080)
  if (Number.isNaN(delay) || Number.isNaN(port)) {
    process.stderr.write('START_DELAY and PORT must be numbers\n')
    return 1
  }
  process.stdout.write(`warming up for ${delay} s\n`)
  process.useMemory(16 * 1024 * 1024)
  process.useCpu(200)
  const stopped = yield* waitFor<boolean>({
    start(resume) {
      process.onSignal('SIGTERM', () => resume(true))
      return process.sleep(delay * 1000).start(() => resume(false))
    },
  })
  if (stopped) {
    process.stdout.write('stopped before it was ready\n')
    return 0
  }
  process.useCpu(5)
  const close = listenOrComplain(
    process,
    port,
    (request, reply) => {
      const isHealth = request.path.split('?')[0] === '/healthz'
      reply(response(200, isHealth ? 'ok\n' : `served by ${process.hostname}\n`, { 'Content-Type': 'text/plain' }))
    },
    (why) => process.stderr.write(`can't listen on port ${port}: ${why}\n`),
  )
  if (!close) return 1
  process.stdout.write(`listening on port ${port}\n`)
  yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT']))
  close()
  process.stdout.write('stopping\n')
  return 0
}

export const slowStarter: Image = {
  repositories: ['podium/slow-starter'],
  tags: ['1.0', '1.1', 'latest'],
  sizeBytes: 9_000_000,
  base: 'busybox:1.36',
  cmd: ['/bin/slow-starter'],
  exposedPorts: [8080],
  files: linuxFiles,
  programs: { ...linuxPrograms, '/bin/slow-starter': server },
}
