/** PostgreSQL: refuses to start without a superuser password, then listens on 5432. Simplified: it keeps no data. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { createDaemon } from './programs/daemon.ts'

const server = createDaemon({
  port: 5432,
  memoryBytes: 40 * 1024 * 1024,
  startMs: 2000,
  refuse: ({ env }) =>
    env.POSTGRES_PASSWORD || env.POSTGRES_HOST_AUTH_METHOD === 'trust'
      ? undefined
      : 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".\n',
  ready: () =>
    'LOG:  listening on IPv4 address "0.0.0.0", port 5432\nLOG:  database system is ready to accept connections\n',
  stopping: () => 'LOG:  received fast shutdown request\nLOG:  database system is shut down\n',
})

export const postgres: Image = {
  repositories: ['postgres'],
  tags: ['13', '14', '15', '16', '17', '18', 'latest', '16-alpine', 'alpine'],
  sizeBytes: 155_000_000,
  cmd: ['postgres'],
  exposedPorts: [5432],
  stopSignal: 'SIGINT',
  files: { ...linuxFiles, '/var/lib/postgresql/data/': '' },
  programs: { ...linuxPrograms, '/usr/local/bin/postgres': server },
}
