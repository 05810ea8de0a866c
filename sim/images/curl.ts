/** curl, as the image of that name: for a look at Services from inside. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { curl } from './programs/network.ts'

export const curlImage: Image = {
  repositories: ['curlimages/curl'],
  tags: ['8.14.1', '8.10.1', '8.1.2', 'latest'],
  sizeBytes: 9_800_000,
  base: 'alpine:3.22',
  entrypoint: ['/entrypoint.sh'],
  cmd: ['curl'],
  user: 'curl_user',
  files: {
    ...linuxFiles,
    '/etc/passwd': `${linuxFiles['/etc/passwd']}curl_user:x:100:101:curl:/home/curl_user:/bin/sh\n`,
    '/etc/group': `${linuxFiles['/etc/group']}curl_group:x:101:\n`,
    '/home/curl_user/': '',
    '/entrypoint.sh':
      '#!/bin/sh\nif [ "${1#-}" != "$1" ]; then set -- curl "$@"; fi\ncommand -v "$1" >/dev/null || set -- curl "$@"\nexec "$@"\n',
  },
  programs: { ...linuxPrograms, '/usr/bin/curl': curl },
}
