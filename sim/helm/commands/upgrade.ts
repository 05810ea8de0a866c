/** helm upgrade */
import type { HelmCommand } from '../context.ts'
import { installFlags, outputFlag } from '../flags.ts'
import { givenValues } from '../given-values.ts'
import { dryRunOf, install } from '../release/install.ts'
import { Releases } from '../release/storage.ts'
import { upgrade } from '../release/upgrade.ts'
import { installable } from './install.ts'
import { printRelease } from './print-release.ts'
import { told } from './told.ts'

export const upgradeCommand: HelmCommand = {
  name: 'upgrade',
  short: 'upgrade a release',
  usage: 'upgrade [RELEASE] [CHART]',
  args: { exactly: 2 },
  flags: [
    ...installFlags,
    outputFlag,
    {
      name: 'install',
      short: 'i',
      type: 'bool',
      help: "if a release by this name doesn't already exist, run an install",
    },
    { name: 'reset-values', type: 'bool', help: 'reset the values to the ones built into the chart' },
    { name: 'reuse-values', type: 'bool', help: "reuse the last release's values and merge in any overrides" },
    {
      name: 'reset-then-reuse-values',
      type: 'bool',
      help: "reset to the chart's values, then apply the last release's and any overrides",
    },
    { name: 'history-max', type: 'int', default: 10, help: 'limit the maximum number of revisions saved per release' },
    {
      name: 'cleanup-on-fail',
      type: 'bool',
      help: 'allow deletion of new resources created in this upgrade when it fails',
    },
  ],
  *run(call) {
    const { args, flags } = call
    const [name = '', reference = ''] = args
    if (flags.bool('install')) {
      const last = new Releases(call.cluster).history(name).at(-1)
      if (!last || last.info.status === 'uninstalled') {
        if (flags.string('output') === 'table')
          call.out(`Release ${JSON.stringify(name)} does not exist. Installing it now.\n`)
        const installed = yield* told('INSTALLATION FAILED', function* () {
          return yield* install(call, name, installable(call, reference), givenValues(call))
        })
        printRelease(call, installed, { isDryRun: dryRunOf(call) !== 'none' })
        return 0
      }
    }
    const release = yield* told('UPGRADE FAILED', function* () {
      return yield* upgrade(call, name, installable(call, reference), givenValues(call))
    })
    if (flags.string('output') === 'table')
      call.out(`Release ${JSON.stringify(name)} has been upgraded. Happy Helming!\n`)
    printRelease(call, release, { isDryRun: dryRunOf(call) !== 'none' })
    return 0
  },
}
