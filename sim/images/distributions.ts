/** Linux distributions: a shell and small tools, and a package manager that can't reach its mirrors. */
import type { Image, Program } from '../runtime/process.ts'
import { waitFor } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { gnuDf } from './programs/df.ts'
import { gnuTarProgram } from './programs/tar.ts'

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
  '/bin/df': gnuDf,
  '/bin/tar': gnuTarProgram,
}

interface Distribution {
  id: string
  name: string
  /** VERSION_ID: `24.04`. */
  number: string
  /** VERSION, where it says more than the number: `24.04.2 LTS (Noble Numbat)`. */
  version?: string
  /** PRETTY_NAME, where it is not name and version. */
  prettyName?: string
  codename?: string
  /** A file of its own for the version: `/etc/debian_version`. */
  versionFile?: { path: string; text: string }
}

/** Identification files of a distribution, added to what every Linux image has. Source: os-release(5). */
const releaseFiles = ({
  id,
  name,
  number,
  version = number,
  prettyName = `${name} ${version}`,
  codename,
  versionFile,
}: Distribution): Readonly<Record<string, string>> => ({
  ...linuxFiles,
  '/etc/os-release': `PRETTY_NAME="${prettyName}"\nNAME="${name}"\nVERSION_ID="${number}"\nVERSION="${version}"\n${codename ? `VERSION_CODENAME=${codename}\n` : ''}ID=${id}\n`,
  ...(versionFile && { [versionFile.path]: `${versionFile.text}\n` }),
  '/var/lib/': '',
  '/opt/': '',
  '/srv/': '',
})

const debian = (point: string, codename: string): Distribution => {
  const number = point.split('.')[0]
  return {
    id: 'debian',
    name: 'Debian GNU/Linux',
    number,
    version: `${number} (${codename})`,
    codename,
    versionFile: { path: '/etc/debian_version', text: point },
  }
}

const ubuntu = (release: string, surname: string): Distribution => {
  const codename = surname.split(' ')[0].toLowerCase()
  return {
    id: 'ubuntu',
    name: 'Ubuntu',
    number: release.slice(0, 5),
    version: `${release} (${surname})`,
    prettyName: `Ubuntu ${release}`,
    codename,
  }
}

/** Fedora's relatives. */
const redHat = (id: string, name: string, number: string, surname: string): Distribution => ({
  id: `"${id}"`,
  name,
  number,
  version: `${number} (${surname})`,
  versionFile: { path: '/etc/redhat-release', text: `${name} release ${number} (${surname})` },
})

export const debianFiles = releaseFiles(debian('12.12', 'bookworm'))

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

/** @param version of apt itself */
const apt = (version: string, mirror: string, codename: string): Program =>
  function* (process) {
    const [, command, ...names] = process.argv
    if (command !== 'update' && command !== 'install') {
      process.stdout.write(`apt ${version} (amd64)\n`)
      return command === undefined ? 1 : 0
    }
    const wanted = names.filter((name) => !name.startsWith('-'))
    yield* waitFor(process.sleep(command === 'update' ? 3000 : 500))
    if (command === 'update') {
      process.stderr.write(
        `W: Failed to fetch http://${mirror}/dists/${codename}/InRelease  Temporary failure resolving '${mirror.split('/')[0]}'\nW: Some index files failed to download. They have been ignored, or old ones used instead.\n`,
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

const withApt = (program: Program): Readonly<Record<string, Program>> => ({
  ...debianPrograms,
  '/usr/bin/apt': program,
  '/usr/bin/apt-get': program,
})
const debianWithApt = (aptVersion: string, codename: string) =>
  withApt(apt(aptVersion, 'deb.debian.org/debian', codename))
const redHatPrograms = { ...debianPrograms, '/usr/bin/yum': dnf, '/usr/bin/dnf': dnf, '/usr/bin/microdnf': dnf }

const slimToo = (tags: readonly string[]): readonly string[] => tags.flatMap((tag) => [tag, `${tag}-slim`])

const debianImage = (point: string, codename: string, aptVersion: string, tags: readonly string[]): Image => ({
  repositories: ['debian'],
  tags,
  sizeBytes: 48_500_000,
  variants: { slim: { sizeBytes: 28_000_000 } },
  cmd: ['bash'],
  files: releaseFiles(debian(point, codename)),
  programs: debianWithApt(aptVersion, codename),
})

const ubuntuImage = (release: string, surname: string, aptVersion: string, more: readonly string[] = []): Image => {
  const distribution = ubuntu(release, surname)
  const { number, codename = '' } = distribution
  return {
    repositories: ['ubuntu'],
    tags: [...more, number, codename],
    sizeBytes: 29_700_000,
    cmd: ['/bin/bash'],
    files: releaseFiles(distribution),
    programs: withApt(apt(aptVersion, 'archive.ubuntu.com/ubuntu', codename)),
  }
}

const redHatImage = (
  repositories: readonly string[],
  tags: readonly string[],
  sizeBytes: number,
  distribution: Distribution,
): Image => ({
  repositories,
  tags,
  sizeBytes,
  cmd: ['/bin/bash'],
  files: releaseFiles(distribution),
  programs: redHatPrograms,
})

const amazon = (number: string, name: string, prettyName: string): Distribution => ({
  id: '"amzn"',
  name,
  number,
  prettyName,
})

const rocky = ['rockylinux', 'rockylinux/rockylinux']
const amazonNames = ['amazonlinux', 'amazonlinux/amazonlinux']
// Simplified: AlmaLinux, Fedora and Red Hat have each other's tags; those of another stand for the newest.
const ubiTags = ['latest', '8', '9', '40', '41', '42']
const alma = (number: string, surname: string) => redHat('almalinux', 'AlmaLinux', number, surname)
const fedora = (number: string): Distribution => ({
  ...redHat('fedora', 'Fedora Linux', number, 'Container Image'),
  versionFile: { path: '/etc/fedora-release', text: `Fedora release ${number}` },
})
const enterprise = (number: string, surname: string) => redHat('rhel', 'Red Hat Enterprise Linux', number, surname)

export const distributions: readonly Image[] = [
  debianImage('13.1', 'trixie', '3.0.3', ['latest', ...slimToo(['stable', '13', 'trixie'])]),
  debianImage('12.12', 'bookworm', '2.6.1', slimToo(['12', 'bookworm'])),
  debianImage('11.11', 'bullseye', '2.2.4', slimToo(['11', 'bullseye'])),
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
    programs: debianWithApt('2.6.1', 'bookworm'),
  },
  ubuntuImage('25.04', 'Plucky Puffin', '3.0.0', ['rolling']),
  ubuntuImage('24.10', 'Oracular Oriole', '2.9.8'),
  ubuntuImage('24.04.2 LTS', 'Noble Numbat', '2.8.3', ['latest']),
  ubuntuImage('22.04.5 LTS', 'Jammy Jellyfish', '2.4.13'),
  ubuntuImage('20.04.6 LTS', 'Focal Fossa', '2.0.10'),
  ubuntuImage('18.04.6 LTS', 'Bionic Beaver', '1.6.17'),
  // Ended in 2024; `latest` is CentOS 8.
  redHatImage(['centos'], ['latest', '8', 'centos8'], 83_500_000, {
    id: '"centos"',
    name: 'CentOS Linux',
    number: '8',
    versionFile: { path: '/etc/redhat-release', text: 'CentOS Linux release 8.4.2105' },
  }),
  redHatImage(['centos'], ['7', 'centos7', '7.9.2009'], 83_500_000, {
    ...redHat('centos', 'CentOS Linux', '7', 'Core'),
    versionFile: { path: '/etc/redhat-release', text: 'CentOS Linux release 7.9.2009 (Core)' },
  }),
  redHatImage(['centos'], ['6'], 83_500_000, {
    id: '"centos"',
    name: 'CentOS',
    number: '6',
    versionFile: { path: '/etc/redhat-release', text: 'CentOS release 6.10 (Final)' },
  }),
  // It has no tag `latest`, to the surprise of many.
  redHatImage(rocky, ['9', '9-minimal', '9.5'], 69_000_000, redHat('rocky', 'Rocky Linux', '9.5', 'Blue Onyx')),
  redHatImage(rocky, ['9.3'], 69_000_000, redHat('rocky', 'Rocky Linux', '9.3', 'Blue Onyx')),
  redHatImage(rocky, ['8', '8-minimal'], 69_000_000, redHat('rocky', 'Rocky Linux', '8.9', 'Green Obsidian')),
  redHatImage(['almalinux'], ['latest', '9', '40', '41', '42'], 72_000_000, alma('9.6', 'Sage Margay')),
  redHatImage(['almalinux'], ['8'], 72_000_000, alma('8.10', 'Cerulean Leopard')),
  redHatImage(['fedora'], ['latest', '42', '8', '9'], 72_000_000, fedora('42')),
  redHatImage(['fedora'], ['41'], 72_000_000, fedora('41')),
  redHatImage(['fedora'], ['40'], 72_000_000, fedora('40')),
  redHatImage(['redhat/ubi9', 'ubi9/ubi', 'ubi9/ubi-minimal'], ubiTags, 72_000_000, enterprise('9.6', 'Plow')),
  redHatImage(['redhat/ubi8', 'ubi8/ubi'], ubiTags, 72_000_000, enterprise('8.10', 'Ootpa')),
  redHatImage(
    amazonNames,
    ['latest', '2023'],
    53_400_000,
    amazon('2023', 'Amazon Linux', 'Amazon Linux 2023.7.20250609'),
  ),
  redHatImage(amazonNames, ['2'], 53_400_000, amazon('2', 'Amazon Linux', 'Amazon Linux 2')),
  redHatImage(amazonNames, ['1'], 53_400_000, amazon('2018.03', 'Amazon Linux AMI', 'Amazon Linux AMI 2018.03')),
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
