/** helm install */

import { missingDependencies } from '../chart/dependencies.ts'
import type { HelmCall, HelmCommand } from '../context.ts'
import { HelmError } from '../errors.ts'
import { installFlags, outputFlag } from '../flags.ts'
import { givenValues } from '../given-values.ts'
import { locateChart } from '../locate.ts'
import { dryRunOf, install } from '../release/install.ts'
import { printRelease } from './print-release.ts'
import { told } from './told.ts'

export const installCommand: HelmCommand = {
  name: 'install',
  short: 'install a chart',
  usage: 'install [NAME] [CHART]',
  args: { atLeast: 1 },
  flags: [
    ...installFlags,
    outputFlag,
    { name: 'generate-name', short: 'g', type: 'bool', help: 'generate the name (and omit the NAME parameter)' },
    { name: 'name-template', type: 'string', help: 'specify template used to name the release' },
    { name: 'replace', type: 'bool', help: 'reuse the given name, only if that name is a deleted release' },
  ],
  *run(call) {
    const release = yield* told('INSTALLATION FAILED', function* () {
      const { name, reference } = nameAndChart(call)
      const chart = installable(call, reference)
      return yield* install(call, name, chart, givenValues(call))
    })
    printRelease(call, release, { isDryRun: dryRunOf(call) !== 'none' })
    return 0
  },
}

/** A chart that can be installed, with all that it asks for. @throws HelmError */
export function installable(call: HelmCall, reference: string) {
  const chart = locateChart(call, reference)
  if (chart.metadata.type === 'library') throw new HelmError('library charts are not installable')
  if (chart.metadata.deprecated) call.context.stderr('WARNING: This chart is deprecated\n')
  const missing = missingDependencies(chart)
  if (missing.length > 0)
    throw new HelmError(
      `An error occurred while checking for chart dependencies. You may need to run \`helm dependency build\` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`,
    )
  return chart
}

/** @param stand what a release is called without a name */
export function nameAndChart({ args, flags, context }: HelmCall, stand?: string): { name: string; reference: string } {
  const isGenerated = flags.bool('generate-name')
  if (args.length > 2)
    throw new HelmError(`expected at most two arguments, unexpected arguments: ${args.slice(2).join(', ')}`)
  if (args.length === 2) {
    if (isGenerated) throw new HelmError('cannot set --generate-name and also specify a name')
    return { name: args[0]!, reference: args[1]! }
  }
  const reference = args[0]!
  if (flags.string('name-template')) throw new HelmError('--name-template is not available here: give the name')
  if (!isGenerated) {
    if (stand !== undefined) return { name: stand, reference }
    throw new HelmError('must either provide a name or specify --generate-name')
  }
  const base = reference
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)!
    .replace(/\.t(ar\.)?gz$/, '')
  const prefix = base === '.' || base === '' ? 'chart' : base
  return { name: `${prefix}-${Math.floor(context.nowEpochMs() / 1000)}`, reference }
}
