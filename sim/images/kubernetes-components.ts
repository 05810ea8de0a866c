/**
 * Kubernetes' own images. Nodes list them; on a control-plane node that runs static Pods they are its control plane, and where kube-proxy is
 * a DaemonSet its Pods do its work. Anywhere else a Pod of one says that it does nothing here, but for metrics-server that is installed as an add-on.
 */
import type { Image, Process, Program } from '../runtime/process.ts'
import { controlPlanePart } from './programs/control-plane-part.ts'
import { createDaemon, stamp } from './programs/daemon.ts'
import { notSimulated } from './programs/not-simulated.ts'
import { response } from './programs/web-server.ts'

const versions = [
  ...['v1.28.0', 'v1.29.0', 'v1.30.0', 'v1.31.0', 'v1.32.0', 'v1.33.0', 'v1.34.0', 'v1.35.0'],
  ...['v1.36.0', 'v1.36.1', 'v1.36.2'],
]
const sizes: Readonly<Record<string, number>> = {
  'kube-apiserver': 30_000_000,
  'kube-controller-manager': 27_000_000,
  'kube-scheduler': 21_000_000,
  'kube-proxy': 31_000_000,
  kubectl: 24_000_000,
}

/** What a Pod of metrics-server does. Simplified: it tells how it is, and the API server knows its figures by itself. */
const installedMetricsServer = createDaemon({
  ports: [10250],
  memoryBytes: 30_000_000,
  cpuMillis: 4,
  startMs: 300,
  logsTo: 'stderr',
  ready: (process) =>
    `${goLogTime('I', process)} serving.go:380] Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)\n${goLogTime('I', process)} secure_serving.go:211] Serving securely on [::]:10250\n`,
  serve: () => ({
    tls: true,
    http: ({ path }, reply) =>
      reply(
        ['/livez', '/readyz', '/healthz'].includes(path.split('?')[0])
          ? response(200, 'ok')
          : response(403, 'Forbidden'),
      ),
  }),
})

const metricsServer: Program = (process) =>
  process.argv.includes('--secure-port=10250') ? installedMetricsServer(process) : notSimulated(process)

const goLogTime = (level: 'I' | 'E', process: Process): string =>
  `${level}${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)}`

export const kubernetesComponents: readonly Image[] = [
  ...Object.entries(sizes).map(([name, sizeBytes]) => ({
    repositories: [name],
    tags: versions,
    sizeBytes,
    entrypoint: [`/usr/local/bin/${name}`],
    programs: {
      [`/usr/local/bin/${name}`]: controlPlanePart(`/usr/local/bin/${name}`, notSimulated),
    },
  })),
  {
    repositories: ['metrics-server/metrics-server'],
    tags: ['v0.6.4', 'v0.7.2', 'v0.8.0'],
    sizeBytes: 19_500_000,
    entrypoint: ['/metrics-server'],
    user: '65534',
    programs: { '/metrics-server': metricsServer },
  },
]
