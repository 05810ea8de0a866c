/** Alpine Linux: busybox's tools and a package manager that can't reach its mirrors. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { eachRelease, isAtLeast, minorOf, type Releases } from './releases.ts'

const apk = (branch: string, toolsVersion: string): Program =>
  function* (process) {
    const [, command] = process.argv
    if (command === '--version' || command === undefined) {
      process.stdout.write(`apk-tools ${toolsVersion}, compiled for x86_64.\n`)
      return command === undefined ? 1 : 0
    }
    yield* waitFor(process.sleep(1000))
    process.stderr.write(
      `WARNING: fetching https://dl-cdn.alpinelinux.org/alpine/${branch}/main: temporary error (try again later)\nERROR: unable to select packages: this cluster has no way to the package mirrors\n`,
    )
    return 1
  }

const releases: Releases = {
  '3.22.0': ['latest', '3', '3.22', '3.22.0'],
  '3.21.3': ['3.21', '3.21.3'],
  '3.20.6': ['3.20', '3.20.6'],
  '3.19.7': ['3.19', '3.19.7'],
  '3.18.12': ['3.18', '3.18.12'],
  '3.22.0_alpha20250108': ['edge'],
}

const branchOf = (version: string): string => (version.includes('alpha') ? 'edge' : `v${minorOf(version)}`)

/** Its /etc/os-release. */
export const alpineOsRelease = (version: string): string =>
  `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux ${branchOf(version)}"\n`

export const alpineReleases: readonly Image[] = eachRelease(releases, [], (version) => ({
  repositories: ['alpine'],
  sizeBytes: 3_650_000,
  cmd: ['/bin/sh'],
  files: {
    ...linuxFiles,
    '/etc/group':
      'root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nsys:x:3:root,bin\nadm:x:4:root,daemon\ndisk:x:6:root\nwheel:x:10:root\nfloppy:x:11:root\ndialout:x:20:root\ntape:x:26:root\nvideo:x:27:root\nwww-data:x:82:\nusers:x:100:games\nnobody:x:65534:\n',
    '/etc/alpine-release': `${version}\n`,
    '/etc/os-release': alpineOsRelease(version),
  },
  programs: { ...linuxPrograms, '/sbin/apk': apk(branchOf(version), isAtLeast(version, '3.21') ? '2.14.6' : '2.14.4') },
}))
