/** A sandbox behind a real HTTP server, for clients of the Kubernetes API in tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendStatus } from '../../server/kubernetes-api/http.ts'
import { kubeconfig } from '../../server/kubernetes-api/kubeconfig.ts'
import { addressRoot, mountKubernetesApi } from '../../server/kubernetes-api/mount.ts'
import { LiveSandbox, realWall } from '../../server/labs/sandboxes/live-sandbox.ts'
import type { ClusterShape } from '../../sim/index.ts'

export interface SandboxServer {
  sandbox: LiveSandbox
  /** What stands before `/api`. */
  url: string
  /** Path of a kubeconfig. */
  kubeconfig: string
  errors: unknown[]
  close(): Promise<void>
}

/** @param speed virtual seconds to a second: high, so that a test waits little */
export async function startSandboxServer(
  options: { shape?: ClusterShape; speed?: number } = {},
): Promise<SandboxServer> {
  const nowMs = Date.now()
  const shape = options.shape ?? {
    nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, cpu: '4', memory: '8Gi' })),
    metricsServer: true,
  }
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'clients', shape, startEpochMs: nowMs },
      log: [],
      clock: { speed: options.speed ?? 10, wallMs: nowMs, virtualMs: 0 },
    },
    realWall,
  )
  const errors: unknown[] = []
  const secret = 'test-address'
  const mount = mountKubernetesApi({
    find: (given) => (given === secret ? (request) => sandbox.request(request) : undefined),
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
  const url = `http://127.0.0.1:${port}${addressRoot}/${secret}`
  const folder = mkdtempSync(join(tmpdir(), 'podium-clients-'))
  const path = join(folder, 'kubeconfig')
  writeFileSync(path, kubeconfig(url))
  return {
    sandbox,
    url,
    kubeconfig: path,
    errors,
    async close() {
      sandbox.close()
      rmSync(folder, { recursive: true, force: true })
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
