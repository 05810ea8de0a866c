/** busybox: a shell and small tools. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { busyboxPrograms } from './programs/busybox.ts'

export const busybox: Image = {
  repositories: ['busybox'],
  tags: [
    '1',
    '1.28',
    '1.28.4',
    '1.31',
    '1.34',
    '1.35',
    '1.36',
    '1.36.1',
    '1.37',
    '1.37.0',
    'latest',
    'stable',
    'musl',
    'glibc',
    'uclibc',
  ],
  sizeBytes: 2_220_000,
  cmd: ['sh'],
  files: {
    ...linuxFiles,
    '/etc/group':
      'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwheel:x:10:root\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n',
  },
  programs: busyboxPrograms,
}
