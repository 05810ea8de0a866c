/** Redis: listens on 6379 and answers PING. Simplified: it keeps no data. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { createDaemon } from './programs/daemon.ts'

const server = createDaemon({
  port: 6379,
  memoryBytes: 8 * 1024 * 1024,
  startMs: 50,
  ready: (process) =>
    `${process.pid}:M * Running mode=standalone, port=6379.\n${process.pid}:M * Ready to accept connections tcp\n`,
  stopping: (process) =>
    `${process.pid}:signal-handler Received SIGTERM scheduling shutdown...\n${process.pid}:M # Redis is now ready to exit, bye bye...\n`,
  tcp: (input, reply) =>
    reply(
      /^ping\r?\n?$/i.test(input)
        ? '+PONG\r\n'
        : input
          ? `-ERR unknown command '${input.trim().split(/\s/)[0]}'\r\n`
          : '',
    ),
})

export const redis: Image = {
  repositories: ['redis'],
  tags: ['6', '6.2', '7', '7.0', '7.2', '7.4', '8', '8.0', 'latest', '7-alpine', 'alpine'],
  sizeBytes: 41_000_000,
  cmd: ['redis-server'],
  workingDir: '/data',
  exposedPorts: [6379],
  files: { ...linuxFiles, '/data/': '' },
  programs: { ...linuxPrograms, '/usr/local/bin/redis-server': server },
}
