/** helm get: what is stored of a release. */

import { printYaml } from '../../kubectl/printers/yaml.ts'
import { coalesceValues } from '../chart/values.ts'
import type { HelmCall, HelmCommand } from '../context.ts'
import { outputFlag } from '../flags.ts'
import { printAs } from '../printing.ts'
import type { Release } from '../release/release.ts'
import { toPlain } from '../sprig/plain.ts'
import { printRelease } from './print-release.ts'
import { namedRelease, revisionFlag } from './releases.ts'

const part = (name: string, short: string, print: (call: HelmCall, release: Release) => void): HelmCommand => ({
  name,
  short,
  usage: `get ${name} RELEASE_NAME`,
  args: { exactly: 1 },
  flags: [revisionFlag, ...(['values', 'metadata'].includes(name) ? [outputFlag] : []), ...moreFlags(name)],
  run(call) {
    print(call, namedRelease(call))
    return 0
  },
})

const moreFlags = (name: string) =>
  name === 'values' ? [{ name: 'all', short: 'a', type: 'bool', help: 'dump all (computed) values' } as const] : []

const hooksText = ({ hooks }: Release): string =>
  hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`).join('')

const computed = (call: HelmCall, release: Release) =>
  coalesceValues(release.chart, release.config, (text) => call.warn(text))

export const get: HelmCommand = {
  name: 'get',
  short: 'download extended information of a named release',
  usage: 'get',
  subcommands: [
    part('manifest', 'download the manifest for a named release', (call, { manifest }) => call.out(`${manifest}\n`)),
    part('notes', 'download the notes for a named release', (call, { info }) =>
      call.out(info.notes ? `NOTES:\n${info.notes}\n` : ''),
    ),
    part('hooks', 'download all hooks for a named release', (call, release) => call.out(hooksText(release))),
    part('values', 'download the values file for a named release', (call, release) => {
      const isAll = call.flags.bool('all')
      const values = isAll ? computed(call, release) : release.config
      const isEmpty = Object.keys(values).length === 0
      const head = isAll ? 'COMPUTED VALUES:' : 'USER-SUPPLIED VALUES:'
      printAs(call, isEmpty ? null : values, () => `${head}\n${isEmpty ? 'null\n' : printYaml(toPlain(values))}`)
    }),
    part('metadata', 'This command fetches metadata for a given release', (call, release) => {
      const { metadata } = release.chart
      const value = {
        name: release.name,
        chart: metadata.name,
        version: metadata.version,
        appVersion: metadata.appVersion ?? '',
        namespace: release.namespace,
        revision: release.version,
        status: release.info.status,
        deployedAt: release.info.last_deployed,
      }
      const words = ['NAME', 'CHART', 'VERSION', 'APP_VERSION', 'NAMESPACE', 'REVISION', 'STATUS', 'DEPLOYED_AT']
      printAs(call, value, () =>
        Object.values(value)
          .map((text, at) => `${words[at]}: ${text}\n`)
          .join(''),
      )
    }),
    part('all', 'download all information for a named release', (call, release) => {
      printRelease(call, { ...release, info: { ...release.info, notes: '' } })
      call.out(`CHART: ${release.chart.metadata.name}\nVERSION: ${release.chart.metadata.version}\n`)
      call.out(
        `USER-SUPPLIED VALUES:\n${Object.keys(release.config).length > 0 ? printYaml(toPlain(release.config)) : '{}\n'}\n`,
      )
      call.out(`COMPUTED VALUES:\n${printYaml(toPlain(computed(call, release)))}\n`)
      call.out(`HOOKS:\n${hooksText(release)}MANIFEST:\n${release.manifest}\n`)
      if (release.info.notes) call.out(`NOTES:\n${release.info.notes.trim()}\n`)
    }),
  ],
}
