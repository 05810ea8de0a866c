/** A release as install, upgrade and status show it. Source: helm.sh/helm/v3/cmd/helm/status.go */
import type { HelmCall } from '../context.ts'
import { printAs } from '../printing.ts'
import { releaseJson } from '../release/record.ts'
import { ansiTime, type Release } from '../release/release.ts'

export function printRelease(
  call: HelmCall,
  release: Release,
  {
    isDryRun = false,
    withDescription = false,
    withChart = true,
  }: { isDryRun?: boolean; withDescription?: boolean; withChart?: boolean } = {},
): void {
  const { flags } = call
  printAs(call, releaseJson(release, withChart), () => {
    const { info, hooks, manifest } = release
    const lines = [
      `NAME: ${release.name}`,
      `LAST DEPLOYED: ${ansiTime(info.last_deployed)}`,
      `NAMESPACE: ${release.namespace}`,
      `STATUS: ${info.status}`,
      `REVISION: ${release.version}`,
    ]
    if (withDescription) lines.push(`DESCRIPTION: ${info.description}`)
    const tests = hooks.filter(({ events }) => events.includes('test'))
    if (tests.length === 0) lines.push('TEST SUITE: None')
    for (const { name, last_run: run } of tests)
      if (run.started_at)
        lines.push(
          `TEST SUITE:     ${name}`,
          `Last Started:   ${ansiTime(run.started_at)}`,
          `Last Completed: ${run.completed_at ? ansiTime(run.completed_at) : ''}`,
          `Phase:          ${run.phase}`,
        )
    let text = `${lines.join('\n')}\n`
    if (isDryRun) {
      text += `HOOKS:\n${hooks.map(({ path, manifest: own }) => `---\n# Source: ${path}\n${own}\n`).join('')}`
      text += `MANIFEST:\n${manifest}\n`
    }
    const hidesNotes = flags.knows('hide-notes') && flags.bool('hide-notes')
    if (!hidesNotes && info.notes) text += `NOTES:\n${info.notes.trim()}\n`
    return text
  })
}
