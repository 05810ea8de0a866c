/** helm list, status, history, rollback, uninstall and test: what is done with releases that are there. */
import type { Flag } from '../../kubectl/flags.ts'
import { compilePerlRegex } from '../../text/perl-regex.ts'
import { RegexError } from '../../text/regex.ts'
import type { HelmCall, HelmCommand } from '../context.ts'
import { HelmError } from '../errors.ts'
import { outputFlag, timeoutFlag } from '../flags.ts'
import { printAs, printTable } from '../printing.ts'
import { logsOf, runHooks } from '../release/hooks.ts'
import { ansiTime, chartNameOf, longTime, type Release, releaseNameProblem, type Status } from '../release/release.ts'
import { rollback } from '../release/rollback.ts'
import { Releases } from '../release/storage.ts'
import { uninstall } from '../release/uninstall.ts'
import { printRelease } from './print-release.ts'

const statusFlags: readonly (readonly [flag: string, statuses: readonly Status[]])[] = [
  ['deployed', ['deployed']],
  ['failed', ['failed']],
  ['pending', ['pending-install', 'pending-upgrade', 'pending-rollback']],
  ['superseded', ['superseded']],
  ['uninstalled', ['uninstalled']],
  ['uninstalling', ['uninstalling']],
]

export const list: HelmCommand = {
  name: 'list',
  aliases: ['ls'],
  short: 'list releases',
  usage: 'list',
  args: 'none',
  flags: [
    outputFlag,
    { name: 'all-namespaces', short: 'A', type: 'bool', help: 'list releases across all namespaces' },
    { name: 'all', short: 'a', type: 'bool', help: 'show all releases without any filter applied' },
    ...statusFlags.map(([name]): Flag => ({ name, type: 'bool', help: `show ${name} releases` })),
    { name: 'short', short: 'q', type: 'bool', help: 'output short (quiet) listing format' },
    { name: 'no-headers', type: 'bool', help: "don't print headers when using the default output format" },
    { name: 'date', short: 'd', type: 'bool', help: 'sort by release date' },
    { name: 'reverse', short: 'r', type: 'bool', help: 'reverse the sort order' },
    { name: 'max', short: 'm', type: 'int', default: 256, help: 'maximum number of releases to fetch' },
    { name: 'offset', type: 'int', default: 0, help: 'next release index in the list' },
    { name: 'filter', short: 'f', type: 'string', help: 'a regular expression (Perl compatible)' },
    { name: 'selector', short: 'l', type: 'string', help: 'Selector (label query) to filter on' },
  ],
  run(call) {
    const { flags } = call
    const shown = listed(call)
    const rows = shown.map((release) => ({
      name: release.name,
      namespace: release.namespace,
      revision: String(release.version),
      updated: longTime(release.info.last_deployed),
      status: release.info.status,
      chart: chartNameOf(release),
      app_version: release.chart.metadata.appVersion ?? '',
    }))
    if (flags.bool('short')) call.out(rows.map(({ name }) => `${name}\n`).join(''))
    else
      printAs(call, rows, () => {
        const head = ['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION']
        const cells = rows.map((row) => Object.values(row))
        return printTable(flags.bool('no-headers') ? cells : [head, ...cells])
      })
    return 0
  },
}

/** The newest revision of each, as the flags choose and sort. */
function listed({ cluster, flags }: HelmCall): Release[] {
  const wanted = statusFlags.flatMap(([flag, statuses]) => (flags.bool(flag) ? statuses : []))
  const statuses: readonly Status[] = wanted.length > 0 ? wanted : ['deployed', 'failed']
  const newest = new Map<string, Release>()
  for (const release of new Releases(cluster, flags.bool('all-namespaces') ? '' : cluster.namespace).query())
    newest.set(`${release.namespace}/${release.name}`, release)
  const filter = flags.string('filter')
  const matches = filter ? regex(filter) : undefined
  const selector = flags.string('selector')
  const pairs = selector.split(',').filter(Boolean)
  const found = [...newest.values()]
    .filter(({ info }) => flags.bool('all') || statuses.includes(info.status))
    .filter(({ name }) => !matches || matches(name))
    .filter(({ labels }) =>
      pairs.every((pair) => labels[pair.slice(0, pair.indexOf('='))] === pair.replace(/^[^=]*==?/, '')),
    )
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  found.sort((a, b) =>
    flags.bool('date')
      ? compare(a.info.last_deployed, b.info.last_deployed)
      : compare(a.name, b.name) || compare(a.namespace, b.namespace),
  )
  if (flags.bool('reverse')) found.reverse()
  const from = flags.number('offset')
  return found.slice(from, flags.number('max') > 0 ? from + flags.number('max') : undefined)
}

function regex(pattern: string): (text: string) => boolean {
  try {
    const compiled = compilePerlRegex(pattern)
    return (text) => compiled.test(text)
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new HelmError(`error parsing regexp: ${error.message}: \`${pattern}\``)
  }
}

/** The revision that --revision names, or the newest. */
export function namedRelease({ args, flags, cluster }: HelmCall): Release {
  const [name = ''] = args
  if (releaseNameProblem(name)) throw new HelmError(`releaseContent: Release name is invalid: ${name}`)
  const releases = new Releases(cluster)
  const version = flags.number('revision')
  return version > 0 ? releases.get(name, version) : releases.last(name)
}

export const revisionFlag: Flag = { name: 'revision', type: 'int', default: 0, help: 'the named release with revision' }

export const status: HelmCommand = {
  name: 'status',
  short: 'display the status of the named release',
  usage: 'status RELEASE_NAME',
  args: { exactly: 1 },
  flags: [
    outputFlag,
    revisionFlag,
    { name: 'show-desc', type: 'bool', help: 'display the description message of the named release' },
  ],
  run(call) {
    printRelease(call, namedRelease(call), { withDescription: call.flags.bool('show-desc'), withChart: false })
    return 0
  },
}

export const history: HelmCommand = {
  name: 'history',
  aliases: ['hist'],
  short: 'fetch release history',
  usage: 'history RELEASE_NAME',
  args: { exactly: 1 },
  flags: [
    outputFlag,
    { name: 'max', type: 'int', default: 256, help: 'maximum number of revision to include in history' },
  ],
  run(call) {
    const [name = ''] = call.args
    const all = new Releases(call.cluster).history(name)
    if (all.length === 0) throw new HelmError('release: not found')
    const rows = all.slice(-Math.max(1, call.flags.number('max'))).map((release) => ({
      revision: release.version,
      updated: release.info.last_deployed,
      status: release.info.status,
      chart: chartNameOf(release),
      app_version: release.chart.metadata.appVersion ?? '',
      description: release.info.description,
    }))
    printAs(call, rows, () =>
      printTable([
        ['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'],
        ...rows.map(({ revision, updated, status: is, chart, app_version: app, description }) => [
          String(revision),
          ansiTime(updated),
          is,
          chart,
          app,
          description,
        ]),
      ]),
    )
    return 0
  },
}

export const rollbackCommand: HelmCommand = {
  name: 'rollback',
  short: 'roll back a release to a previous revision',
  usage: 'rollback <RELEASE> [REVISION]',
  args: { atLeast: 1 },
  flags: [
    timeoutFlag,
    { name: 'dry-run', type: 'bool', help: 'simulate a rollback' },
    { name: 'wait', type: 'bool', help: 'wait until all resources are ready' },
    { name: 'wait-for-jobs', type: 'bool', help: 'with --wait, wait until all Jobs have been completed, too' },
    { name: 'no-hooks', type: 'bool', help: 'prevent hooks from running during rollback' },
    { name: 'force', type: 'bool', help: 'force resource update through a replacement strategy' },
    {
      name: 'cleanup-on-fail',
      type: 'bool',
      help: 'allow deletion of new resources created in this rollback when it fails',
    },
    { name: 'history-max', type: 'int', default: 10, help: 'limit the maximum number of revisions saved per release' },
  ],
  *run(call) {
    const { args, flags, cluster } = call
    const [name = '', revision = '0'] = args
    if (!/^\d+$/.test(revision))
      throw new HelmError(
        `could not convert revision to a number: strconv.Atoi: parsing ${JSON.stringify(revision)}: invalid syntax`,
      )
    yield* rollback(call, new Releases(cluster), name, {
      version: Number(revision),
      isDryRun: flags.bool('dry-run'),
      noHooks: flags.bool('no-hooks'),
      wait: flags.bool('wait'),
      waitForJobs: flags.bool('wait-for-jobs'),
      force: flags.bool('force'),
      timeoutMs: flags.number('timeout'),
      cleanupOnFail: flags.bool('cleanup-on-fail'),
      historyMax: flags.number('history-max'),
    })
    call.out('Rollback was a success! Happy Helming!\n')
    return 0
  },
}

export const uninstallCommand: HelmCommand = {
  name: 'uninstall',
  aliases: ['del', 'delete', 'un'],
  short: 'uninstall a release',
  usage: 'uninstall RELEASE_NAME [...]',
  args: { atLeast: 1 },
  flags: [
    timeoutFlag,
    { name: 'dry-run', type: 'bool', help: 'simulate a uninstall' },
    { name: 'keep-history', type: 'bool', help: 'remove all associated resources, but retain the release history' },
    { name: 'no-hooks', type: 'bool', help: 'prevent hooks from running during uninstallation' },
    { name: 'ignore-not-found', type: 'bool', help: 'treat "release not found" as a successful uninstall' },
    { name: 'wait', type: 'bool', help: 'wait until all the resources are deleted before returning' },
    { name: 'cascade', type: 'string', default: 'background', help: 'background, orphan, or foreground' },
    { name: 'description', type: 'string', help: 'add a custom description' },
  ],
  *run(call) {
    const { args, flags, cluster } = call
    const cascades = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const
    const cascade = Object.entries(cascades).find(([word]) => word === flags.string('cascade'))?.[1]
    if (!cascade)
      throw new HelmError(
        `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
      )
    const releases = new Releases(cluster)
    for (const name of args) {
      const isThere = releases.history(name).length > 0
      if (!isThere && flags.bool('ignore-not-found')) {
        call.out(`release ${JSON.stringify(name)} uninstalled\n`)
        continue
      }
      if (flags.bool('dry-run')) {
        releases.last(name)
        call.out(`release ${JSON.stringify(name)} uninstalled\n`)
        continue
      }
      const kept = yield* uninstall(call, releases, name, {
        noHooks: flags.bool('no-hooks'),
        keepHistory: flags.bool('keep-history'),
        wait: flags.bool('wait'),
        timeoutMs: flags.number('timeout'),
        cascade,
        description: flags.string('description'),
      })
      if (kept) call.out(`${kept}\n`)
      call.out(`release ${JSON.stringify(name)} uninstalled\n`)
    }
    return 0
  },
}

export const test: HelmCommand = {
  name: 'test',
  short: 'run tests for a release',
  usage: 'test [RELEASE]',
  args: { exactly: 1 },
  flags: [
    timeoutFlag,
    { name: 'logs', type: 'bool', help: 'dump the logs from test pods' },
    { name: 'filter', type: 'list', help: 'specify tests by attribute (currently "name"): name=NAME or !name=NAME' },
    { name: 'hide-notes', type: 'bool', help: 'do not show notes in test output' },
  ],
  *run(call) {
    const { args, flags, cluster } = call
    const releases = new Releases(cluster)
    const release = releases.last(args[0]!)
    const names = flags.list('filter').map((one) => ({ isNot: one.startsWith('!'), name: one.replace(/^!?name=/, '') }))
    const isChosen = (name: string): boolean =>
      names.every(({ isNot, name: own }) => !isNot || own !== name) &&
      (names.every(({ isNot }) => isNot) || names.some(({ isNot, name: own }) => !isNot && own === name))
    const left = release.hooks.filter(({ events, name }) => events.includes('test') && !isChosen(name))
    const run: Release = { ...release, hooks: release.hooks.filter((hook) => !left.includes(hook)) }
    let failure: HelmError | undefined
    try {
      yield* runHooks(cluster, releases, run, 'test', flags.number('timeout'))
    } catch (error) {
      if (!(error instanceof HelmError)) throw error
      failure = error
    }
    release.hooks = [...left, ...run.hooks]
    releases.update(release)
    printRelease(call, run)
    if (flags.bool('logs'))
      for (const hook of run.hooks.filter(({ events }) => events.includes('test'))) {
        call.out(`POD LOGS: ${hook.name}\n`)
        const [object] = cluster.build(hook.manifest)
        const containers = (
          (object?.object.spec as { containers?: { name: string }[] } | undefined)?.containers ?? []
        ).slice(0, 1)
        for (const { name } of containers) yield* logsOf(cluster, object!.namespace, hook.name, name)
        call.out('\n')
      }
    if (failure) throw failure
    return 0
  },
}
