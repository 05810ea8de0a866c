/**
 * kube-state-metrics: what the objects of the API say of themselves, as metrics. Source: https://github.com/kubernetes/kube-state-metrics, docs/metrics.
 * Simplified: it lists when it is asked, at most every five seconds, where the real one watches.
 */
import type { KubeObject } from '../../api/meta/object.ts'
import type { Image, Process, Program } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { type Family, printExposition } from '../../text/metrics-text.ts'
import { stamp } from '../programs/daemon.ts'
import { isInCluster, listObjects, NOT_IN_CLUSTER } from '../programs/in-cluster-client.ts'
import type { Run } from '../programs/support.ts'
import { listenOrComplain, response, untilSignal } from '../programs/web-server.ts'
import { eachRelease } from '../releases.ts'
import { metricsByPath } from './state-metrics.ts'

const PORT = 8080
const TELEMETRY_PORT = 8081
const FRESH_MS = 5000
const MEMORY_BYTES = 22 * 1024 * 1024

/** `v1.Pod`: what Go calls the objects of a path. */
function goTypeOf(path: string): string {
  const [version, plural] = path.split('/').slice(-2)
  return `${version}.${kindNames[plural] ?? plural}`
}
const kindNames: Readonly<Record<string, string>> = {
  ...{
    cronjobs: 'CronJob',
    daemonsets: 'DaemonSet',
    deployments: 'Deployment',
    jobs: 'Job',
    namespaces: 'Namespace',
    nodes: 'Node',
  },
  ...{
    horizontalpodautoscalers: 'HorizontalPodAutoscaler',
    persistentvolumeclaims: 'PersistentVolumeClaim',
    pods: 'Pod',
  },
  ...{ persistentvolumes: 'PersistentVolume', poddisruptionbudgets: 'PodDisruptionBudget', replicasets: 'ReplicaSet' },
  ...{ resourcequotas: 'ResourceQuota', services: 'Service', statefulsets: 'StatefulSet' },
}

/** The page of what was listed. @param found objects by path */
function statePage(found: ReadonlyMap<string, readonly KubeObject[]>): string {
  const families = Object.entries(metricsByPath).flatMap(([path, metrics]) =>
    metrics.map(
      ({ name, help, type, of }): Family => ({
        name,
        help,
        type,
        samples: (found.get(path) ?? []).flatMap((object) =>
          of(object).flatMap(([labels, value]) => (value === undefined ? [] : [{ labels, value }])),
        ),
      }),
    ),
  )
  return printExposition(families)
}

const klog = (process: Process, level: 'I' | 'E', source: string, text: string): void =>
  process.stderr.write(
    `${level}${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)} ${source}] ${text}\n`,
  )

const server = (version: string): Program =>
  function* (process): Run {
    if (process.argv.includes('--version') || process.argv.includes('version')) {
      process.stdout.write(`kube-state-metrics, version ${version} (branch: , revision: )\n`)
      return 0
    }
    klog(process, 'I', 'wrapper.go:120', '"Starting kube-state-metrics"')
    if (!isInCluster(process)) {
      klog(
        process,
        'E',
        'main.go:51',
        `"Failed to run kube-state-metrics" err="failed to create client: ${NOT_IN_CLUSTER}"`,
      )
      return 1
    }
    process.useMemory(MEMORY_BYTES)
    process.useCpu(3)
    let page = { atMs: Number.NEGATIVE_INFINITY, text: '' }
    let waiting: ((text: string) => void)[] = []
    const told = new Set<string>()

    /** Lists all kinds, one after the other answers; those that are refused are told of once, and left out. */
    function refresh(): void {
      const found = new Map<string, readonly KubeObject[]>()
      let left = Object.keys(metricsByPath).length
      for (const path of Object.keys(metricsByPath))
        listObjects(process, path).start((listed) => {
          if ('items' in listed) {
            found.set(path, listed.items)
            told.delete(path)
          } else if (!told.has(path)) {
            told.add(path)
            klog(
              process,
              'E',
              'reflector.go:200',
              `"Failed to watch" err=${JSON.stringify(`failed to list *${goTypeOf(path)}: ${listed.error}`)}`,
            )
          }
          if (--left > 0) return
          page = { atMs: process.nowEpochMs(), text: statePage(found) }
          const replies = waiting
          waiting = []
          for (const reply of replies) reply(page.text)
        })
    }

    const close = listenOrComplain(
      process,
      PORT,
      ({ path }, reply) => {
        const [name] = path.split('?')
        if (name === '/healthz' || name === '/livez') return reply(response(200, 'OK'))
        if (name !== '/metrics')
          return reply(
            name === '/' ? response(200, '<a href="/metrics">Metrics</a>\n') : response(404, '404 page not found\n'),
          )
        const send = (text: string): void =>
          reply(response(200, text, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }))
        if (process.nowEpochMs() - page.atMs < FRESH_MS) return send(page.text)
        waiting.push(send)
        if (waiting.length === 1) refresh()
      },
      (why) =>
        klog(process, 'E', 'main.go:51', `"Failed to run kube-state-metrics" err="listen tcp :${PORT}: bind: ${why}"`),
    )
    if (!close) return 1
    const telemetry = process.network.listen(TELEMETRY_PORT, {
      http: ({ path }, reply) =>
        reply(
          path === '/readyz' || path === '/healthz' || path === '/livez'
            ? response(200, 'OK')
            : response(200, '# TYPE kube_state_metrics_build_info gauge\n'),
        ),
    })
    klog(process, 'I', 'server.go:335', '"Started metrics server" metricsServerAddress="[::]:8080"')
    yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT']))
    close()
    if (!('error' in telemetry)) telemetry.close()
    return 0
  }

export const kubeStateMetricsReleases: readonly Image[] = eachRelease(
  { '2.17.0': ['v2.17.0'], '2.16.0': ['v2.16.0'], '2.15.0': ['v2.15.0'] },
  [],
  (version) => ({
    repositories: ['kube-state-metrics/kube-state-metrics'],
    sizeBytes: 15_000_000,
    entrypoint: ['/kube-state-metrics', '--port=8080', '--telemetry-port=8081'],
    user: '65534',
    exposedPorts: [8080, 8081],
    programs: { '/kube-state-metrics': server(version) },
  }),
)
