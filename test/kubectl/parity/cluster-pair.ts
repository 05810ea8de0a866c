/** Two clusters that are the same in all but who asks them: the built-in kubectl the one, the real one, over HTTP, the other. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sendStatus } from '../../../server/kubernetes-api/http.ts'
import { addressRoot, mountKubernetesApi } from '../../../server/kubernetes-api/mount.ts'
import { createCluster, type LiveCluster } from '../../../sim/index.ts'

export interface ClusterPair {
  builtIn: LiveCluster
  real: LiveCluster
  /** The address of the second. */
  url: string
  /** Lets time pass in the second while something is waited for. */
  whileTimePasses<T>(wait: Promise<T>): Promise<T>
  /** Brings both to the same time, that of the one which is ahead and so much more. */
  align(moreMs?: number): void
  close(): Promise<void>
}

/** Virtual time passes so much faster than real time. */
const SPEED = 10
const STEP_MS = 20
/** Who has asked something and then nothing for so long waits for the cluster; before, no time passes, however slow the machine. */
const PATIENCE_MS = 500

export async function startClusterPair(): Promise<ClusterPair> {
  const options = {
    seed: 'parity',
    // What kubectl reckons by its own clock comes out like what the server reckons.
    startEpochMs: Date.now(),
    shape: {
      nodes: ['node-1', 'node-2'].map((name) => ({ name, cpu: '4', memory: '8Gi' })),
      metricsServer: true,
    },
  }
  const builtIn = createCluster(options)
  const real = createCluster(options)
  const errors: unknown[] = []
  let askedMs = Number.POSITIVE_INFINITY
  const mount = mountKubernetesApi({
    find: () => (request) => {
      askedMs = Date.now()
      return real.request(request)
    },
    onError: (error) => void errors.push(error),
  })
  const server = createServer((req, res) => {
    if (!mount.request(req, res)) sendStatus(res, 404, 'NotFound', 'nothing is here')
  })
  server.on('upgrade', (req, socket, head) => {
    if (!mount.upgrade(req, socket, head)) socket.destroy()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    builtIn,
    real,
    url: `http://127.0.0.1:${port}${addressRoot}/parity`,
    async whileTimePasses(wait) {
      askedMs = Number.POSITIVE_INFINITY
      const timer = setInterval(() => {
        if (Date.now() - askedMs > PATIENCE_MS) real.advance(STEP_MS * SPEED)
      }, STEP_MS)
      try {
        return await wait
      } finally {
        clearInterval(timer)
      }
    },
    align(moreMs = 0) {
      const untilMs = Math.max(builtIn.nowMs, real.nowMs) + moreMs
      for (const cluster of [builtIn, real]) if (cluster.nowMs < untilMs) cluster.advance(untilMs - cluster.nowMs)
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
      if (errors.length > 0) throw new AggregateError(errors, 'the server failed')
    },
  }
}
