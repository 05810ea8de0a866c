/**
 * A cluster that both kubectls see at the same moment: the built-in one by its own client, the real one over HTTP. The cluster's clock
 * stands where the wall clock does, because kubectl tells some ages by the latter.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { addressRoot, mountKubernetesApi } from '../../../server/kubernetes-api/mount.ts'
import { type ClusterShape, createCluster, type LiveCluster } from '../../../sim/index.ts'
import type { Setup } from './table.ts'
import { home, makeScratchFolder, readFiles } from './workplace.ts'

export interface SharedCluster {
  cluster: LiveCluster
  /** Where the real kubectl finds it. */
  url: string
  /** Lets the cluster's clock reach the wall clock. */
  follow(): void
  close(): Promise<void>
}

const shape: ClusterShape = {
  nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, cpu: '4', memory: '8Gi' })),
}
/** What the lines of a setup may take at most, besides what they let pass. */
const linesMs = 120_000

export async function startSharedCluster(setup: readonly Setup[]): Promise<SharedCluster> {
  const lengthMs = setup.reduce((sum, step) => sum + (step.do === 'advance' ? step.ms : 0), linesMs)
  const addons = setup.flatMap((step) => (step.do === 'addon' ? [[step.name, true]] : []))
  const cluster = createCluster({
    seed: 'parity',
    shape: { ...shape, ...Object.fromEntries(addons) },
    startEpochMs: Date.now() - lengthMs,
  })
  prepare(cluster, setup)
  const errors: unknown[] = []
  const mount = mountKubernetesApi({
    find: () => (request) => cluster.request(request),
    onError: (error) => void errors.push(error),
  })
  const server = createServer((req, res) => void mount.request(req, res))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${addressRoot}/parity`
  return {
    cluster,
    url,
    follow() {
      const lateMs = Date.now() - cluster.epochMs
      if (lateMs > 0) cluster.advance(lateMs)
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
      if (errors.length > 0) throw new AggregateError(errors, 'the server failed')
    },
  }
}

function prepare(cluster: LiveCluster, setup: readonly Setup[]): void {
  const folder = makeScratchFolder()
  const files = readFiles(folder.path)
  folder.remove()
  for (const step of setup) {
    if (step.do === 'advance') cluster.advance(step.ms)
    if (step.do !== 'line') continue
    const workplace = { directory: home, environment: { HOME: home }, files }
    const { exit, stderr } = cluster.execute({ op: 'kubectl', line: step.line, workplace })
    if (exit !== 0) throw new Error(`${step.line}: ${stderr}`)
  }
}
