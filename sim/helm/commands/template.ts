/** helm template */
import { isReportable } from '../../kubectl/errors.ts'
import { globTest } from '../chart/glob.ts'
import type { HelmCommand } from '../context.ts'
import { HelmError } from '../errors.ts'
import { installFlags } from '../flags.ts'
import { givenValues } from '../given-values.ts'
import { locateChart } from '../locate.ts'
import { splitManifests } from '../release/manifests.ts'
import { releaseNameProblem } from '../release/release.ts'
import { renderRelease } from '../release/render-release.ts'
import { nameAndChart } from './install.ts'

export const template: HelmCommand = {
  name: 'template',
  short: 'locally render templates',
  usage: 'template [NAME] [CHART]',
  args: { atLeast: 1 },
  flags: [
    ...installFlags,
    { name: 'show-only', short: 's', type: 'array', help: 'only show manifests rendered from the given templates' },
    { name: 'output-dir', type: 'string', help: 'writes the executed templates to files in output-dir' },
    { name: 'validate', type: 'bool', help: 'validate your manifests against the Kubernetes cluster' },
    { name: 'include-crds', type: 'bool', help: 'include CRDs in the templated output' },
    { name: 'skip-tests', type: 'bool', help: 'skip tests from templated output' },
    { name: 'is-upgrade', type: 'bool', help: 'set .Release.IsUpgrade instead of .Release.IsInstall' },
    { name: 'kube-version', type: 'string', help: 'Kubernetes version used for Capabilities.KubeVersion' },
    {
      name: 'api-versions',
      short: 'a',
      type: 'list',
      help: 'Kubernetes api versions used for Capabilities.APIVersions',
    },
    { name: 'generate-name', short: 'g', type: 'bool', help: 'generate the name (and omit the NAME parameter)' },
    { name: 'name-template', type: 'string', help: 'specify template used to name the release' },
  ],
  run(call) {
    const { flags, context } = call
    const { name, reference } = nameAndChart(call, 'release-name')
    const problem = releaseNameProblem(name)
    if (problem) throw new HelmError(`release name ${JSON.stringify(name)}: ${problem}`)
    const chart = locateChart(call, reference)
    if (chart.metadata.type === 'library') throw new HelmError('library charts are not installable')
    const { manifest, hooks } = renderRelease(call, chart, givenValues(call), {
      name,
      namespace: call.namespace,
      revision: 1,
      isUpgrade: flags.bool('is-upgrade'),
      asksCluster: flags.bool('validate') || flags.string('dry-run') === 'server',
      withCrds: flags.bool('include-crds'),
      kubeVersion: flags.string('kube-version'),
      apiVersions: flags.list('api-versions'),
    })
    if (flags.bool('validate'))
      try {
        call.cluster.build(manifest)
      } catch (error) {
        if (!(error instanceof HelmError) && !isReportable(error)) throw error
        throw new HelmError(`unable to build kubernetes objects from release manifest: ${(error as Error).message}`)
      }
    const shownHooks = flags.bool('no-hooks')
      ? []
      : hooks.filter(({ events }) => !(flags.bool('skip-tests') && events.includes('test')))
    const text = `${manifest.trim()}\n${shownHooks.map(({ path, manifest: own }) => `---\n# Source: ${path}\n${own}\n`).join('')}`
    const wanted = flags.list('show-only')
    if (wanted.length > 0) call.out(shownOnly(text, wanted))
    else if (flags.string('output-dir')) {
      const written = new Set<string>()
      for (const document of splitManifests(text)) {
        const path = /^# Source: (.*)$/m.exec(document)?.[1]
        if (path === undefined) continue
        const at = `${flags.string('output-dir')}/${path}`
        const before = context.files.read(at)
        const isOurs = typeof before === 'string' && written.has(at)
        context.files.write(at, `${isOurs ? before : ''}---\n${document}\n`)
        written.add(at)
        call.out(`wrote ${at}\n`)
      }
    } else call.out(text)
    return 0
  },
}

function shownOnly(text: string, wanted: readonly string[]): string {
  const documents = splitManifests(text)
  return wanted
    .flatMap((pattern) => {
      const test = globTest(pattern.replaceAll('\\', '/'))
      const found = documents.filter((document) => {
        const path = /^# Source: [^/]+\/(.+)$/m.exec(document)?.[1]
        return path !== undefined && test(path)
      })
      if (found.length === 0) throw new HelmError(`could not find template ${pattern} in chart`)
      return found
    })
    .map((document) => `---\n${document}\n`)
    .join('')
}
