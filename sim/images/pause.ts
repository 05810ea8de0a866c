/** pause: the process that holds a Pod's namespaces. It has no shell. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'

const pauseProgram: Program = function* (process) {
  if (process.argv[1] === '-v') {
    process.stdout.write(`pause.c ${process.imageTag}\n`)
    return 0
  }
  for (;;) {
    const exitCode = yield* waitFor<number>({
      start(resume) {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
          process.onSignal(signal, () => {
            process.stderr.write('Shutting down, got signal: Terminated\n')
            resume(0)
          })
        }
        return () => {}
      },
    })
    return exitCode
  }
}

export const pause: Image = {
  repositories: ['pause', 'google-containers/pause', 'google_containers/pause'],
  tags: ['3.1', '3.2', '3.5', '3.6', '3.7', '3.8', '3.9', '3.10', '3.10.1', '3.10.2', 'latest'],
  sizeBytes: 320_000,
  entrypoint: ['/pause'],
  files: {},
  programs: { '/pause': pauseProgram },
}
