/**
 * Kubernetes' own images. Nodes list them; on a control-plane node that runs static Pods they are its control plane, anywhere else a Pod of
 * one says that it does nothing here, but for those of kube-proxy and metrics-server that are installed as add-ons.
 */
import type { Image, Process, Program } from '../runtime/process.ts'
import { serverVersion } from '../version.ts'
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

/**
 * What a Pod of kube-proxy says that has its configuration. Simplified: the rules are the node's to keep, whether or not it has such a Pod.
 * Source: cmd/kube-proxy/app/{server,server_linux}.go
 */
const configuredProxy = createDaemon({
  ports: [],
  memoryBytes: 40_000_000,
  startMs: 50,
  logsTo: 'stderr',
  refuse(process) {
    const path = configOf(process)
    if (path === undefined || process.files.exists(path)) return undefined
    return `${goLogTime('E', process)} run.go:72] "command failed" err="failed complete: open ${path}: no such file or directory"\n`
  },
  ready: (process) =>
    [
      'server_linux.go:49] "Using iptables proxy"',
      `server.go:228] "Successfully retrieved NodeIPs" NodeIPs=["${process.network.ip}"]`,
      'server_linux.go:137] "Using iptables Proxier"',
      `server.go:539] "Version info" version="${serverVersion}"`,
    ]
      .map((line) => `${goLogTime('I', process)} ${line}\n`)
      .join(''),
  signals: { SIGTERM: 2, SIGINT: 2 },
})

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

const configOf = ({ argv }: Process): string | undefined =>
  argv.find((arg) => arg.startsWith('--config='))?.slice('--config='.length)

const kubeProxy: Program = (process) =>
  configOf(process) === undefined ? notSimulated(process) : configuredProxy(process)

const goLogTime = (level: 'I' | 'E', process: Process): string =>
  `${level}${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)}`

export const kubernetesComponents: readonly Image[] = [
  ...Object.entries(sizes).map(([name, sizeBytes]) => ({
    repositories: [name],
    tags: versions,
    sizeBytes,
    entrypoint: [`/usr/local/bin/${name}`],
    programs: {
      [`/usr/local/bin/${name}`]: controlPlanePart(
        `/usr/local/bin/${name}`,
        name === 'kube-proxy' ? kubeProxy : notSimulated,
      ),
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
