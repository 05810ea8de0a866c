/** busybox: a shell and small tools. */
import type { Image } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { busyboxPrograms } from './programs/busybox.ts'
import { plainNslookup } from './programs/nslookup-plain.ts'
import { eachRelease, isAtLeast, type Releases } from './releases.ts'

const releases: Releases = {
  '1.37.0': ['latest', '1', 'stable', 'musl', 'glibc', 'uclibc', '1.37', '1.37.0'],
  '1.36.1': ['1.36', '1.36.1'],
  '1.35.0': ['1.35', '1.35.0'],
  '1.34.1': ['1.34', '1.34.1'],
  '1.31.1': ['1.31', '1.31.1'],
  '1.28.4': ['1.28', '1.28.4'],
  '1.27.2': ['1.27', '1.27.2'],
  '1.24.2': ['1.24', '1.24.2'],
}

/** The first whose nslookup asks name servers itself. */
const OWN_RESOLVER = '1.29'

export const busyboxReleases: readonly Image[] = eachRelease(releases, [], (version) => ({
  repositories: ['busybox'],
  sizeBytes: 2_220_000,
  cmd: ['sh'],
  files: {
    ...linuxFiles,
    '/etc/group':
      'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwheel:x:10:root\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n',
  },
  programs: isAtLeast(version, OWN_RESOLVER) ? busyboxPrograms : { ...busyboxPrograms, '/bin/nslookup': plainNslookup },
}))

/** The newest release, for images that are made of it. */
export const busybox: Image = busyboxReleases[0]
