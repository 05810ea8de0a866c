/** MySQL: refuses to start without a root password, then listens on 3306. Simplified: it keeps no data. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { createDaemon } from './programs/daemon.ts'

const server = createDaemon({
  port: 3306,
  memoryBytes: 380 * 1024 * 1024,
  startMs: 8000,
  refuse: ({ env }) =>
    ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD'].some((name) => env[name])
      ? undefined
      : '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n',
  ready: () => '[Server] /usr/sbin/mysqld: ready for connections. Version: 8.4.5  port: 3306\n',
  stopping: () => '[Server] Received SHUTDOWN from user <via user signal>. Shutting down mysqld.\n',
})

export const mysql: Image = {
  repositories: ['mysql'],
  tags: ['5.7', '8', '8.0', '8.4', '9', 'latest'],
  sizeBytes: 230_000_000,
  cmd: ['mysqld'],
  exposedPorts: [3306, 33060],
  files: { ...linuxFiles, '/var/lib/mysql/': '' },
  programs: { ...linuxPrograms, '/usr/sbin/mysqld': server },
}
