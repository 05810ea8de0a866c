/**
 * The packages of a node: what dpkg has installed, and what apt knows to be had. Both are files of the node, and nothing else knows better.
 * Simplified: there are the packages that Kubernetes is installed from, and no others.
 * Sources: deb822(5), dpkg(1), https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/
 */

import { hash32 } from '../../engine/random.ts'
import { chargeText } from '../../engine/work.ts'
import { executableMark } from '../../runtime/file-system.ts'
import type { FileSystem } from '../../runtime/files.ts'
import { FileError } from '../../runtime/files.ts'
import { nodeProgramMark, releaseMark } from '../../runtime/kernel.ts'
import { releases } from '../../version.ts'

type Readable = Pick<FileSystem, 'exists' | 'read'>

export const STATUS_FILE = '/var/lib/dpkg/status'
export const SOURCES_FILE = '/etc/apt/sources.list.d/kubernetes.list'
const LISTS_FILE = '/var/lib/apt/lists/pkgs.k8s.io_core:_stable:_v1.36_deb_Packages'
/** Where packages of the simulated minor release are. */
export const REPOSITORY = 'https://pkgs.k8s.io/core:/stable:/v1.36/deb'

export interface Package {
  readonly name: string
  readonly version: string
  readonly isHeld: boolean
}

const descriptions: Readonly<Record<string, string>> = {
  'cri-tools': 'Command-line utility for interacting with a container runtime',
  kubeadm: 'Command-line utility for administering a Kubernetes cluster',
  kubectl: 'Command-line utility for interacting with a Kubernetes cluster',
  kubelet: 'Node agent for Kubernetes clusters',
  'kubernetes-cni': 'Binaries required to provision kubernetes container networking',
}

export const describePackage = (name: string): string => descriptions[name] ?? ''

/** Those of a release have its number; others have their own. */
const ofRelease: readonly string[] = ['kubeadm', 'kubectl', 'kubelet']
const others: readonly Package[] = [
  { name: 'cri-tools', version: '1.36.0-1.1', isHeld: false },
  { name: 'kubernetes-cni', version: '1.8.0-1.1', isHeld: false },
]

/** `v1.36.2` as the version of its packages. */
const packageVersion = (release: string): string => `${release.slice(1)}-1.1`

/** The other way round. */
const releaseOfVersion = (version: string): string => `v${version.replace(/-.*$/, '')}`

/** The program that a package brings, where it says which release it is. */
const binaryOf = (name: string): string => `/usr/bin/${name}`

/** The file of a program in a release: whoever runs it runs that release, whatever the packages are said to be. Written over, it runs no more. */
const binary = (name: string, release: string): string => {
  const text = `${executableMark}${nodeProgramMark}${binaryOf(name)}${releaseMark}${release}`
  return `${text}#${hash32(text).toString(16)}`
}

/** The files of a node that was set up with a release: its packages are held, and apt was last asked what there is when it came out. */
export function packageFiles(release: string): Readonly<Record<string, string>> {
  const installed = ofRelease.map((name) => ({ name, version: packageVersion(release), isHeld: true }))
  return {
    [STATUS_FILE]: printStatus([...installed, ...others]),
    [SOURCES_FILE]: `deb [signed-by=/etc/apt/keyrings/kubernetes-apt-keyring.gpg] ${REPOSITORY}/ /\n`,
    [LISTS_FILE]: printLists(releases.slice(0, releases.indexOf(release) + 1)),
    ...Object.fromEntries(ofRelease.map((name) => [binaryOf(name), binary(name, release)])),
  }
}

/** What is installed, by name in the order of names. */
export function installedPackages(files: Readable): readonly Package[] {
  return stanzasIn(files, STATUS_FILE)
    .flatMap((fields): Package[] => {
      const [name, version, status = ''] = ['Package', 'Version', 'Status'].map((field) => fields.get(field))
      if (name === undefined || version === undefined || !status.endsWith(' installed')) return []
      return [{ name, version, isHeld: status.startsWith('hold ') }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export const findInstalled = (files: Readable, name: string): Package | undefined =>
  installedPackages(files).find((one) => one.name === name)

/** Which release of Kubernetes a program of the node is. Undefined for what is none. @param path `/usr/bin/kubelet`, or of a copy */
export function releaseOfProgram(files: Readable, path: string): string | undefined {
  const text = files.exists(path) ? textOf(files, path) : ''
  const [, name = '', release = ''] = /\/(\w+)@(v\d+\.\d+\.\d+)#[0-9a-f]+$/.exec(text) ?? []
  return text !== '' && text === binary(name, release) ? release : undefined
}

/** The newest version that apt knows of each package. */
export function newestVersions(files: Readable): ReadonlyMap<string, string> {
  const newest = new Map<string, string>()
  for (const fields of stanzasIn(files, LISTS_FILE)) {
    const [name, version] = [fields.get('Package'), fields.get('Version')]
    if (name === undefined || version === undefined) continue
    const known = newest.get(name)
    if (known === undefined || compareVersions(version, known) > 0) newest.set(name, version)
  }
  return newest
}

/** The versions of a package that apt knows of, newest first. */
export const knownVersions = (files: Readable, name: string): readonly string[] =>
  stanzasIn(files, LISTS_FILE)
    .filter((fields) => fields.get('Package') === name)
    .flatMap((fields) => fields.get('Version') ?? [])
    .sort(compareVersions)
    .reverse()

export const isKnown = (files: Readable, name: string): boolean =>
  findInstalled(files, name) !== undefined || knownVersions(files, name).length > 0

/** As the repository tells what it has now. */
export function updateLists(files: FileSystem): void {
  files.write(LISTS_FILE, printLists(releases))
}

/** Puts a package in the place of the one of that name, with what it brings. @throws FileError where there is no room */
export function install(files: FileSystem, changed: Package): void {
  const { name, version } = changed
  if (ofRelease.includes(name)) {
    files.write(binaryOf(name), binary(name, releaseOfVersion(version)))
    files.chmod(binaryOf(name), 0o755)
  }
  mark(files, changed)
}

/** Notes what dpkg knows of a package. @throws FileError where there is no room */
export function mark(files: FileSystem, changed: Package): void {
  const rest = installedPackages(files).filter(({ name }) => name !== changed.name)
  files.write(STATUS_FILE, printStatus([...rest, changed]))
}

/** Number by number; what is behind them does not differ here. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number))
  const at = left!.findIndex((number, n) => number !== right![n])
  return at < 0 ? 0 : (left![at] ?? 0) - (right![at] ?? 0)
}

const printStatus = (packages: readonly Package[]): string =>
  packages
    .map(
      ({ name, version, isHeld }) =>
        `Package: ${name}\nStatus: ${isHeld ? 'hold' : 'install'} ok installed\nPriority: optional\nSection: admin\nMaintainer: Kubernetes Authors <dev@kubernetes.io>\nArchitecture: amd64\nVersion: ${version}\nDescription: ${describePackage(name)}\n`,
    )
    .join('\n')

const printLists = (known: readonly string[]): string =>
  [...ofRelease.flatMap((name) => known.map((release) => ({ name, version: packageVersion(release) }))), ...others]
    .map(({ name, version }) => `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\n`)
    .join('\n')

/** The paragraphs of a file, each as its fields; none for one that is not there. */
function stanzasIn(files: Readable, path: string): ReadonlyMap<string, string>[] {
  const text = textOf(files, path)
  chargeText(text.length)
  return text.split(/\n\n+/).map(
    (text) =>
      new Map(
        text.split('\n').flatMap((line): [string, string][] => {
          const [, field, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? []
          return field === undefined || value === undefined ? [] : [[field, value]]
        }),
      ),
  )
}

/** '' for what is no file. */
function textOf(files: Readable, path: string): string {
  try {
    return files.read(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return ''
  }
}
