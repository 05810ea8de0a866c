/** Linux distributions: a shell and small tools, and a package manager that can't reach its mirrors. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'

/** Tools that a Debian or Red Hat base image lacks: who needs them installs them, or debugs from another image. */
const missing = [
  ...['ps', 'top', 'free', 'uptime', 'pkill', 'pgrep', 'killall', 'pidof', 'watch'],
  ...[
    'vi',
    'less',
    'ping',
    'nc',
    'telnet',
    'traceroute',
    'nslookup',
    'wget',
    'httpd',
    'ip',
    'netstat',
    'ss',
    'busybox',
    'ash',
  ],
]

/** What Debian's images hold: bash and the GNU tools, not those for looking around. */
export const debianPrograms: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(
    Object.entries(linuxPrograms).filter(([path]) => !missing.includes(path.slice(path.lastIndexOf('/') + 1))),
  ),
  '/bin/bash': sh,
}

/** Identification files of a distribution, added to what every Linux image has. */
const releaseFiles = (id: string, name: string, version: string): Readonly<Record<string, string>> => ({
  ...linuxFiles,
  '/etc/os-release': `PRETTY_NAME="${name} ${version}"\nNAME="${name}"\nVERSION_ID="${version}"\nID=${id}\n`,
  '/var/lib/': '',
  '/opt/': '',
  '/srv/': '',
})

export const debianFiles = releaseFiles('debian', 'Debian GNU/Linux', '12')

/** A package manager in a cluster without a way out: it tries, and fails as without a network. */
const withoutMirror = (waitMs: number, message: string): Program =>
  function* (process) {
    if (process.argv.includes('--version')) {
      process.stdout.write(`${process.argv[0]} 2.6.1 (amd64)\n`)
      return 0
    }
    yield* waitFor(process.sleep(waitMs))
    process.stderr.write(message)
    return 1
  }

const apt: Program = function* (process) {
  const [, command, ...names] = process.argv
  if (command !== 'update' && command !== 'install') {
    process.stdout.write('apt 2.6.1 (amd64)\n')
    return command === undefined ? 1 : 0
  }
  const wanted = names.filter((name) => !name.startsWith('-'))
  yield* waitFor(process.sleep(command === 'update' ? 3000 : 500))
  if (command === 'update') {
    process.stderr.write(
      "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n",
    )
    return 0
  }
  process.stdout.write('Reading package lists...\nBuilding dependency tree...\nReading state information...\n')
  for (const name of wanted) process.stderr.write(`E: Unable to locate package ${name}\n`)
  return 100
}

const dnf = withoutMirror(
  5000,
  "Errors during downloading metadata for repository 'baseos':\n  - Curl error (6): Could not resolve hostname for mirrors\nError: Failed to download metadata for repo 'baseos': Cannot prepare internal mirrorlist\n",
)

const aptPrograms = { '/usr/bin/apt': apt, '/usr/bin/apt-get': apt }
const redHatPrograms = { ...debianPrograms, '/usr/bin/yum': dnf, '/usr/bin/dnf': dnf, '/usr/bin/microdnf': dnf }

export const distributions: readonly Image[] = [
  {
    repositories: ['debian'],
    tags: [
      'latest',
      'stable',
      'stable-slim',
      '11',
      '11-slim',
      '12',
      '12-slim',
      '13',
      '13-slim',
      'bullseye',
      'bookworm',
      'bookworm-slim',
      'trixie',
      'trixie-slim',
    ],
    sizeBytes: 48_500_000,
    variants: { slim: { sizeBytes: 28_000_000 } },
    cmd: ['bash'],
    files: debianFiles,
    programs: { ...debianPrograms, ...aptPrograms },
  },
  {
    // Debian with what compiling needs: the images of most languages are built on it.
    repositories: ['buildpack-deps'],
    tags: ['latest', 'bookworm', 'bookworm-scm', 'bookworm-curl'],
    sizeBytes: 325_000_000,
    base: 'buildpack-deps:bookworm-scm',
    variants: {
      scm: { base: 'buildpack-deps:bookworm-curl', sizeBytes: 137_000_000 },
      curl: { base: 'debian:bookworm', sizeBytes: 73_000_000 },
    },
    cmd: ['bash'],
    files: debianFiles,
    programs: { ...debianPrograms, ...aptPrograms },
  },
  {
    repositories: ['ubuntu'],
    tags: [
      'latest',
      '18.04',
      '20.04',
      '22.04',
      '24.04',
      '24.10',
      '25.04',
      'bionic',
      'focal',
      'jammy',
      'noble',
      'rolling',
    ],
    sizeBytes: 29_700_000,
    cmd: ['/bin/bash'],
    files: releaseFiles('ubuntu', 'Ubuntu', '24.04'),
    programs: { ...debianPrograms, ...aptPrograms },
  },
  {
    // Ended in 2024; `latest` is CentOS 8.
    repositories: ['centos'],
    tags: ['latest', '6', '7', '8', 'centos7', 'centos8', '7.9.2009'],
    sizeBytes: 83_500_000,
    cmd: ['/bin/bash'],
    files: releaseFiles('centos', 'CentOS Linux', '8'),
    programs: redHatPrograms,
  },
  {
    // It has no tag `latest`, to the surprise of many.
    repositories: ['rockylinux', 'rockylinux/rockylinux'],
    tags: ['8', '8-minimal', '9', '9-minimal', '9.3', '9.5'],
    sizeBytes: 69_000_000,
    cmd: ['/bin/bash'],
    files: releaseFiles('rocky', 'Rocky Linux', '9.5'),
    programs: redHatPrograms,
  },
  {
    repositories: ['almalinux', 'fedora', 'redhat/ubi8', 'redhat/ubi9', 'ubi8/ubi', 'ubi9/ubi', 'ubi9/ubi-minimal'],
    tags: ['latest', '8', '9', '40', '41', '42'],
    sizeBytes: 72_000_000,
    cmd: ['/bin/bash'],
    files: releaseFiles('almalinux', 'AlmaLinux', '9.5'),
    programs: redHatPrograms,
  },
  {
    repositories: ['amazonlinux', 'amazonlinux/amazonlinux'],
    tags: ['latest', '1', '2', '2023'],
    sizeBytes: 53_400_000,
    cmd: ['/bin/bash'],
    files: releaseFiles('amzn', 'Amazon Linux', '2023'),
    programs: redHatPrograms,
  },
  {
    repositories: ['bash'],
    tags: ['latest', '5', '5.1', '5.2', '5.3', '4.4'],
    sizeBytes: 6_400_000,
    base: 'alpine:3.22',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['bash'],
    files: linuxFiles,
    programs: {
      ...linuxPrograms,
      '/usr/local/bin/bash': sh,
      '/usr/local/bin/docker-entrypoint.sh': function* (process) {
        const given = process.argv.slice(1)
        const wait = process.exec({ argv: given.length === 0 || given[0].startsWith('-') ? ['bash', ...given] : given })
        if (!('error' in wait)) return yield* waitFor(wait)
        process.stderr.write(`docker-entrypoint.sh: exec: line 11: ${given[0]}: not found\n`)
        return 127
      },
    },
  },
]
