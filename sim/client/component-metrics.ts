/** Metrics that Kubernetes' programs have in common. Source: k8s.io/component-base/metrics/prometheus */
import { counter, type Family, gauge, printExposition } from '../text/metrics-text.ts'
import { goVersion } from '../version.ts'
import type { WorkQueueFigures } from './machinery.ts'

/** As client_golang writes it: without what nothing was counted for. */
export const printMetrics = (families: readonly Family[]): string =>
  printExposition(families.filter(({ samples }) => samples.length > 0))

/** @param release `v1.36.2` */
export function buildInfo(release: string): Family {
  const [major, minor] = release.slice(1).split('.')
  const build = {
    ...{ compiler: 'gc', git_tree_state: 'clean', git_version: release, go_version: goVersion },
    ...{ major: major!, minor: minor!, platform: 'linux/amd64' },
  }
  return gauge(
    'kubernetes_build_info',
    "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    [{ labels: build, value: 1 }],
  )
}

/** @param name of the lease */
export const masterStatus = (name: string, isLeading: boolean): Family =>
  gauge(
    'leader_election_master_status',
    "[ALPHA] Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
    [{ labels: { name }, value: isLeading ? 1 : 0 }],
  )

/** Queues of one name are told as one. */
export function workQueueFamilies(queues: readonly WorkQueueFigures[]): Family[] {
  const byName = new Map<string, WorkQueueFigures[]>()
  for (const one of queues) if (one.name !== null) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  const names = [...byName.keys()].toSorted()
  const each = (value: (one: WorkQueueFigures) => number): Family['samples'] =>
    names.map((name) => ({ labels: { name }, value: byName.get(name)!.reduce((sum, one) => sum + value(one), 0) }))
  return [
    counter(
      'workqueue_adds_total',
      '[BETA] Total number of adds handled by workqueue',
      each(({ adds }) => adds),
    ),
    gauge(
      'workqueue_depth',
      '[BETA] Current depth of workqueue',
      each(({ depth }) => depth),
    ),
    counter(
      'workqueue_retries_total',
      '[BETA] Total number of retries handled by workqueue',
      each(({ retries }) => retries),
    ),
  ]
}
