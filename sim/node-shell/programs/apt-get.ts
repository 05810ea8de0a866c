/**
 * apt-get and apt: packages are looked up and installed in another version. Simplified: no package needs another one, none is removed, and the
 * repository always answers. Sources: apt-get(8); apt 3.0, apt-private/private-install.cc
 */
import type { Run } from '../../images/programs/support.ts'
import { FileError } from '../../runtime/files.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { starMatcher } from '../../text/star-pattern.ts'
import type { NodeProgram } from '../machine.ts'
import {
  compareVersions,
  findInstalled,
  installedPackages,
  install as installPackage,
  isKnown,
  knownVersions,
  newestVersions,
  type Package,
  REPOSITORY,
  SOURCES_FILE,
  updateLists,
} from '../packages/database.ts'

const READ_MS = 300
const FETCH_MS = 1500
const UNPACK_MS = 800
/** In megabytes, as they are loaded. */
const sizes: Readonly<Record<string, string>> = {
  'cri-tools': '16.2',
  kubeadm: '12.5',
  kubectl: '11.7',
  kubelet: '12.9',
  'kubernetes-cni': '39.9',
}
const reading = ['Reading package lists...', 'Building dependency tree...', 'Reading state information...']

/** What is wrong, in the words that follow `E: `. */
class AptError extends Error {}

interface Given {
  readonly verb: string
  readonly words: readonly string[]
  readonly says: {
    readonly yes: boolean
    readonly simulates: boolean
    readonly changesHeld: boolean
    readonly reinstalls: boolean
    readonly downgrades: boolean
    /** Of `apt list`. */
    readonly upgradable: boolean
    readonly installed: boolean
    readonly allVersions: boolean
  }
}

const make = (name: string): NodeProgram => ({
  path: `/usr/bin/${name}`,
  make: () =>
    function* (process) {
      if (name === 'apt')
        process.stderr.write('\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n')
      try {
        return yield* run(process, name)
      } catch (error) {
        if (!(error instanceof AptError || error instanceof FileError)) throw error
        process.stderr.write(`E: ${error.message}\n`)
        return 100
      }
    },
})

export const aptGet = make('apt-get')
export const apt = make('apt')

function* run(process: Process, name: string): Run {
  const given = read(process.argv.slice(1), name)
  const { verb, words } = given
  if (verb === 'update') return yield* update(process)
  if (verb === 'list' && name === 'apt') return list(process, given)
  if (verb === 'install') return yield* install(process, given, planOf(process, words, given.says.reinstalls))
  if (verb === 'upgrade' || verb === 'dist-upgrade' || verb === 'full-upgrade')
    return yield* install(process, given, upgradesOf(process))
  if (['remove', 'purge', 'autoremove'].includes(verb))
    throw new AptError(`podium: ${verb} is not simulated: what a node runs on stays`)
  if (verb === 'clean' || verb === 'autoclean') return 0
  if (verb === '') {
    process.stdout.write(`apt 3.0.3 (amd64)\nUsage: ${name} [options] command\n`)
    return 0
  }
  throw new AptError(`Invalid operation ${verb}`)
}

const flags: Readonly<Record<string, keyof Given['says']>> = {
  '-y': 'yes',
  '--yes': 'yes',
  '--assume-yes': 'yes',
  '-s': 'simulates',
  '--simulate': 'simulates',
  '--dry-run': 'simulates',
  '--allow-change-held-packages': 'changesHeld',
  '--reinstall': 'reinstalls',
  '--allow-downgrades': 'downgrades',
}
/** Those of `apt list` alone. */
const listFlags: Readonly<Record<string, keyof Given['says']>> = {
  '--upgradable': 'upgradable',
  '--upgradeable': 'upgradable',
  '-u': 'upgradable',
  '--installed': 'installed',
  '--all-versions': 'allVersions',
  '-a': 'allVersions',
}
/** Without effect here. */
const ignored = /^(?:-q+|--quiet|-qq|--no-install-recommends|--only-upgrade|-f|-o.*|--fix-missing)$/

/** @throws AptError */
function read(args: readonly string[], name: string): Given {
  const says = {
    yes: false,
    simulates: false,
    changesHeld: false,
    reinstalls: false,
    downgrades: false,
    upgradable: false,
    installed: false,
    allVersions: false,
  }
  const known = name === 'apt' && args.find((arg) => !arg.startsWith('-')) === 'list' ? listFlags : flags
  const words: string[] = []
  for (const arg of args) {
    const flag = Object.hasOwn(known, arg) ? known[arg] : undefined
    if (flag) says[flag] = true
    else if (!arg.startsWith('-')) words.push(arg)
    else if (!ignored.test(arg))
      throw new AptError(
        arg.startsWith('--')
          ? `Command line option ${arg} is not understood in combination with the other options`
          : `Command line option '${arg[1]}' [from ${arg}] is not understood in combination with the other options.`,
      )
  }
  const [verb = '', ...rest] = words
  if (name === 'apt-get' && verb === 'list') throw new AptError('Invalid operation list')
  return { verb, words: rest, says }
}

/** @throws AptError for a source that has nothing */
function* update(process: Process): Run {
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  yield* waitFor(process.sleep(READ_MS))
  const sources = process.files.exists(SOURCES_FILE) ? process.files.read(SOURCES_FILE) : ''
  const addresses = sources.split('\n').flatMap((line) => /^deb (?:\[[^\]]*\] )?(\S+)/.exec(line)?.[1] ?? [])
  for (const [n, address] of addresses.entries()) {
    yield* waitFor(process.sleep(FETCH_MS))
    if (address.replace(/\/$/, '') === REPOSITORY) {
      const first = 2 * n + 1
      say(`Get:${first} ${mirror}  InRelease [1,227 B]`)
      say(`Get:${first + 1} ${mirror}  Packages [9,216 B]`)
      updateLists(process.files)
      continue
    }
    say(`Err:${2 * n + 1} ${address}  InRelease`)
    say('  403  Forbidden')
    say('Reading package lists...')
    throw new AptError(`The repository '${address}  InRelease' is not signed.`)
  }
  if (addresses.length > 0) say('Fetched 10.4 kB in 1s (6,958 B/s)')
  say('Reading package lists...')
  return 0
}

const mirror = 'https://prod-cdn.packages.k8s.io/repositories/isv:/kubernetes:/core:/stable:/v1.36/deb'

/** Simplified: that a package came with another one is not told. Source: apt-private/private-list.cc, private-output.cc */
function list({ files, stdout }: Process, { words, says }: Given): number {
  stdout.write('Listing...\n')
  const newest = newestVersions(files)
  const installed = new Map(installedPackages(files).map(({ name, version }) => [name, version]))
  const matchers = words.map(starMatcher)
  const names = [...new Set([...installed.keys(), ...newest.keys()])]
    .filter((name) => matchers.length === 0 || matchers.some((matches) => matches(name)))
    .sort()
  for (const name of names) {
    const [now, known] = [installed.get(name), knownVersions(files, name)]
    const all = now === undefined || known.includes(now) ? known : [...known, now].sort(compareVersions).reverse()
    const candidate = newest.get(name)
    const isUpgradable = now !== undefined && candidate !== undefined && compareVersions(candidate, now) > 0
    if ((says.upgradable && !isUpgradable) || (says.installed && now === undefined)) continue
    const line = (version: string): string => {
      const isNow = version === now
      const isHad = known.includes(version)
      const about = isNow
        ? `installed${isUpgradable ? `,upgradable to: ${candidate}` : isHad ? '' : ',local'}`
        : isUpgradable && version === candidate
          ? `upgradable from: ${now}`
          : ''
      const from = [...(isHad ? ['unknown'] : []), ...(isNow ? ['now'] : [])].join(',')
      return `${name}/${from} ${version} amd64${about && ` [${about}]`}\n`
    }
    if (says.allVersions) stdout.write(`${all.map(line).join('')}\n`)
    else stdout.write(line(says.installed || !isUpgradable ? (now ?? all[0]!) : candidate))
  }
  return 0
}

interface Step {
  readonly name: string
  readonly version: string
  readonly before: Package | undefined
}

interface Plan {
  readonly steps: readonly Step[]
  /** Told before anything else: `kubeadm is already the newest version (1.36.2-1.1).` */
  readonly notes: readonly string[]
  /** Upgrades that a hold keeps back. */
  readonly kept: readonly string[]
}

/** @param words `kubeadm`, `kubeadm=1.36.2-1.1`, `kubeadm=1.36.2-*` @throws AptError */
function planOf({ files, stdout }: Process, words: readonly string[], reinstalls: boolean): Plan {
  const notes: string[] = []
  const steps = words.flatMap((word): Step[] => {
    const [name = '', wanted] = word.split('=')
    if (!isKnown(files, name)) {
      stdout.write(`${reading.join('\n')}\n`)
      throw new AptError(`Unable to locate package ${name}`)
    }
    const before = findInstalled(files, name)
    const versions = knownVersions(files, name)
    const all = before && !versions.includes(before.version) ? [...versions, before.version] : versions
    const usual = reinstalls && before ? before.version : all[0]!
    const version = wanted === undefined ? usual : all.find(starMatcher(wanted))
    if (version === undefined) {
      stdout.write(`${reading.join('\n')}\n`)
      throw new AptError(`Version '${wanted}' for '${name}' was not found`)
    }
    if (wanted?.includes('*'))
      notes.push(`Selected version '${version}' (isv:kubernetes:core:stable:v1.36:pkgs.k8s.io [amd64]) for '${name}'`)
    if (before?.version !== version || reinstalls) return [{ name, version, before }]
    notes.push(`${name} is already the newest version (${version}).`)
    return []
  })
  return { steps, notes, kept: [] }
}

function upgradesOf({ files }: Process): Plan {
  const versions = newestVersions(files)
  const all = installedPackages(files).flatMap((before) => {
    const version = versions.get(before.name)
    return version && compareVersions(version, before.version) > 0 ? [{ name: before.name, version, before }] : []
  })
  return {
    steps: all.filter(({ before }) => !before.isHeld),
    notes: [],
    kept: all.filter(({ before }) => before.isHeld).map(({ name }) => name),
  }
}

const listed = (title: string, names: readonly string[]): string =>
  names.length > 0 ? `${title}\n  ${names.toSorted().join(' ')}\n` : ''

/** @throws AptError where held packages would change and nobody is asked */
function* install(process: Process, { says }: Given, { steps, notes, kept }: Plan): Run {
  const { files, stdout } = process
  yield* waitFor(process.sleep(READ_MS))
  stdout.write(`${[...reading, ...notes].join('\n')}\n`)
  const isDowngrade = ({ before, version }: Step): boolean =>
    before !== undefined && compareVersions(version, before.version) < 0
  const namesOf = (is: (step: Step) => boolean): string[] => steps.filter(is).map(({ name }) => name)
  const held = namesOf(({ before }) => before?.isHeld === true)
  const [added, down] = [namesOf(({ before }) => !before), namesOf(isDowngrade)]
  const up = namesOf((step) => step.before !== undefined && !isDowngrade(step))
  stdout.write(
    listed('The following NEW packages will be installed:', added) +
      listed('The following packages have been kept back:', kept) +
      listed('The following held packages will be changed:', held) +
      listed('The following packages will be upgraded:', up) +
      listed('The following packages will be DOWNGRADED:', down),
  )
  const upgradable = upgradesOf(process)
  const names = new Set(steps.map(({ name }) => name))
  const left = [...upgradable.steps.map(({ name }) => name), ...upgradable.kept].filter((name) => !names.has(name))
  stdout.write(
    `${up.length} upgraded, ${added.length} newly installed, ${down.length > 0 ? `${down.length} downgraded, ` : ''}0 to remove and ${left.length} not upgraded.\n`,
  )
  if (says.simulates) {
    for (const act of ['Inst', 'Conf'])
      for (const { name, version, before } of steps)
        stdout.write(
          `${act} ${name}${act === 'Inst' && before ? ` [${before.version}]` : ''} (${version} isv:kubernetes:core:stable:v1.36:pkgs.k8s.io [amd64])\n`,
        )
    return 0
  }
  if (steps.length === 0) return 0
  if (down.length > 0 && says.yes && !says.downgrades)
    throw new AptError('Packages were downgraded and -y was used without --allow-downgrades.')
  if (held.length > 0 && says.yes && !says.changesHeld)
    throw new AptError('Held packages were changed and -y was used without --allow-change-held-packages.')
  const megabytes = steps.reduce((sum, { name }) => sum + Number(sizes[name] ?? 0), 0).toFixed(1)
  stdout.write(
    `Need to get ${megabytes} MB of archives.\nAfter this operation, 0 B of additional disk space will be used.\n`,
  )
  if (held.length > 0 && !says.yes && !(yield* isConfirmed(process))) return 1
  for (const [n, { name, version }] of steps.entries()) {
    yield* waitFor(process.sleep(FETCH_MS))
    stdout.write(`Get:${n + 1} ${mirror}  ${name} ${version} [${sizes[name]} MB]\n`)
  }
  stdout.write(`Fetched ${megabytes} MB in ${steps.length}s\n`)
  stdout.write('(Reading database ... 20316 files and directories currently installed.)\n')
  for (const { name, version, before } of steps) {
    stdout.write(
      `Preparing to unpack .../${name}_${version}_amd64.deb ...\nUnpacking ${name} (${version})${before ? ` over (${before.version})` : ''} ...\n`,
    )
    yield* waitFor(process.sleep(UNPACK_MS))
  }
  for (const { name, version, before } of steps) {
    installPackage(files, { name, version, isHeld: before?.isHeld ?? false })
    stdout.write(`Setting up ${name} (${version}) ...\n`)
  }
  return 0
}

/** An empty line is a yes, and nothing at all is none. */
function* isConfirmed({ stdin, stdout }: Process): Generator<Wait, boolean, unknown> {
  stdout.write('Do you want to continue? [Y/n] ')
  const line = yield* waitFor(stdin.readLine())
  const isYes = line !== undefined && /^(?:|y|yes)$/i.test(line.trim())
  if (!isYes) stdout.write('Abort.\n')
  return isYes
}
