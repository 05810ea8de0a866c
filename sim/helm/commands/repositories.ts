/** helm repo and search: repositories, and what is in them. */
import type { HelmCommand } from '../context.ts'
import { HelmError } from '../errors.ts'
import { outputFlag } from '../flags.ts'
import { printAs, printTable } from '../printing.ts'
import { listRepositories, newestFitting, repositoryAt, saveRepositories } from '../repository/repositories.ts'

const add: HelmCommand = {
  name: 'add',
  short: 'add a chart repository',
  usage: 'repo add [NAME] [URL]',
  args: { atLeast: 2 },
  flags: [{ name: 'force-update', type: 'bool', help: 'replace (overwrite) the repo if it already exists' }],
  run(call) {
    const [name = '', url = ''] = call.args
    if (name.includes('/'))
      throw new HelmError(`repository name (${name}) contains '/', please specify a different name without '/'`)
    const known = listRepositories(call.context)
    const same = known.find((one) => one.name === name)
    if (same && !call.flags.bool('force-update')) {
      if (same.url !== url)
        throw new HelmError(`repository name (${name}) already exists, please specify a different name`)
      call.out(`"${name}" already exists with the same configuration, skipping\n`)
      return 0
    }
    repositoryAt(url)
    saveRepositories(call.context, [...known.filter((one) => one !== same), { name, url }])
    call.out(`"${name}" has been added to your repositories\n`)
    return 0
  },
}

const list: HelmCommand = {
  name: 'list',
  aliases: ['ls'],
  short: 'list chart repositories',
  usage: 'repo list',
  args: 'none',
  flags: [outputFlag],
  run(call) {
    const known = listRepositories(call.context)
    if (known.length === 0) throw new HelmError('no repositories to show')
    printAs(call, known, () => printTable([['NAME', 'URL'], ...known.map(({ name, url }) => [name, url])], 80))
    return 0
  },
}

const remove: HelmCommand = {
  name: 'remove',
  aliases: ['rm'],
  short: 'remove one or more chart repositories',
  usage: 'repo remove [REPO1 [REPO2 ...]]',
  args: { atLeast: 1 },
  run(call) {
    for (const name of call.args) {
      const known = listRepositories(call.context)
      if (known.length === 0) throw new HelmError('no repositories configured')
      if (!known.some((one) => one.name === name)) throw new HelmError(`no repo named ${JSON.stringify(name)} found`)
      saveRepositories(
        call.context,
        known.filter((one) => one.name !== name),
      )
      call.out(`"${name}" has been removed from your repositories\n`)
    }
    return 0
  },
}

const update: HelmCommand = {
  name: 'update',
  aliases: ['up'],
  short: 'update information of available charts locally from chart repositories',
  usage: 'repo update [REPO1 [REPO2 ...]]',
  run(call) {
    const known = listRepositories(call.context)
    if (known.length === 0) throw new HelmError('no repositories found. You must add one before updating')
    for (const name of call.args)
      if (!known.some((one) => one.name === name))
        throw new HelmError(`no repositories found matching '${name}'.  Nothing will be updated`)
    call.out('Hang tight while we grab the latest from your chart repositories...\n')
    for (const { name, url } of known) {
      if (call.args.length > 0 && !call.args.includes(name)) continue
      repositoryAt(url)
      call.out(`...Successfully got an update from the "${name}" chart repository\n`)
    }
    call.out('Update Complete. ⎈Happy Helming!⎈\n')
    return 0
  },
}

export const repo: HelmCommand = {
  name: 'repo',
  short: 'add, list, remove, update, and index chart repositories',
  usage: 'repo',
  subcommands: [add, list, remove, update],
}

const searchRepo: HelmCommand = {
  name: 'repo',
  short: 'search repositories for a keyword in charts',
  usage: 'search repo [keyword]',
  flags: [
    outputFlag,
    { name: 'versions', short: 'l', type: 'bool', help: 'show the long listing, with each version of each chart' },
    { name: 'version', type: 'string', help: 'search using semantic versioning constraints' },
    { name: 'devel', type: 'bool', help: 'use development versions' },
  ],
  run(call) {
    const { args, flags, context } = call
    const known = listRepositories(context)
    if (known.length === 0) throw new HelmError('no repositories configured')
    const words = args.map((word) => word.toLowerCase())
    const rows = known.flatMap(({ name: repository, url }) => {
      const all = repositoryAt(url)
      const names = [...new Set(all.map(({ name }) => name))].sort()
      return names.flatMap((name) => {
        const versions = all.filter((chart) => chart.name === name)
        const wanted = flags.string('version') || (flags.bool('devel') ? '>0.0.0-0' : '')
        const newest = newestFitting(versions, wanted)
        const chosen = flags.bool('versions')
          ? versions.filter((one) => newestFitting([one], wanted))
          : newest
            ? [newest]
            : []
        return chosen
          .filter(({ description, keywords }) => {
            const text = `${repository}/${name} ${description} ${keywords.join(' ')}`.toLowerCase()
            return words.every((word) => text.includes(word))
          })
          .map(({ version, appVersion, description }) => ({
            name: `${repository}/${name}`,
            version,
            app_version: appVersion,
            description,
          }))
      })
    })
    printAs(call, rows, () =>
      rows.length === 0
        ? 'No results found\n'
        : printTable(
            [
              ['NAME', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION'],
              ...rows.map(({ name, version, app_version: app, description }) => [name, version, app, description]),
            ],
            50,
          ),
    )
    return 0
  },
}

const searchHub: HelmCommand = {
  name: 'hub',
  short: 'search for charts in the Artifact Hub or your own hub instance',
  usage: 'search hub [KEYWORD]',
  run() {
    throw new HelmError(
      'unable to perform search against "https://hub.helm.sh": dial tcp: lookup hub.helm.sh: no such host',
    )
  },
}

export const search: HelmCommand = {
  name: 'search',
  short: 'search for a keyword in charts',
  usage: 'search',
  subcommands: [searchRepo, searchHub],
}
