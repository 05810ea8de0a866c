/** The built-in explain prints what the real one prints of the same documents. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { serveHttp } from '../../server/kubernetes-api/http.ts'
import { kinds } from '../../sim/api/registry.ts'
import { createCluster } from '../../sim/cluster.ts'
import { needsRealKubectl, realKubectl } from '../support/real-kubectl.ts'

const cluster = createCluster({ seed: 'explain', shape: { nodes: [{ name: 'node-1' }], metricsServer: true } })
const home = mkdtempSync(join(tmpdir(), 'podium-explain-'))
const server = createServer((request, response) => {
  void serveHttp(request, response, request.url ?? '/', (asked) => cluster.request(asked))
})
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => {
  server.close()
  rmSync(home, { recursive: true })
})

interface Printed {
  stdout: string
  stderr: string
  exitCode: number
}

function real(line: string): Promise<Printed> {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = { HOME: home, PATH: process.env.PATH ?? '' }
  return new Promise((resolve) => {
    execFile(realKubectl(), ['-s', address, ...line.split(' ')], { env }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, exitCode: typeof error?.code === 'number' ? error.code : 0 }),
    )
  })
}

function builtIn(line: string): Printed {
  const { stdout, stderr, exit: exitCode } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
  return { stdout, stderr, exitCode }
}

const lines = [
  ...kinds.map((kind) => `explain ${kind.plural} --api-version=${kind.apiVersion}`),
  'explain pods --recursive',
  'explain deploy.spec --recursive',
  'explain pod.spec.containers',
  'explain pods.spec.containers.',
  'explain Pod.spec.hostname',
  'explain pods.spec.containers.resources.limits',
  'explain pod.metadata.creationTimestamp',
  'explain pod.metadata.managedFields.fieldsV1',
  'explain pod.metadata.ownerReferences',
  'explain pod.apiVersion',
  'explain pod.spec.restartPolicy',
  'explain svc.spec.ports.targetPort',
  'explain secret.data',
  'explain sts.spec.volumeClaimTemplates',
  'explain deployments.apps.spec.strategy.type',
  'explain deployments.v1.apps.spec',
  'explain nodes --api-version=metrics.k8s.io/v1beta1',
  'explain pods.spec.nope',
  'explain pods.spec.containers.image.nope',
  'explain pods --api-version=apps/v1',
  'explain pods --api-version=nope/v1',
  'explain pods -o nope',
  'explain nope',
  'explain',
  'explain pods nodes',
]
for (const line of lines) {
  test(`kubectl ${line} prints the same`, needsRealKubectl, async () => {
    assert.deepEqual(builtIn(line), await real(line))
  })
}

test('words that are too long for a line begin one of their own', () => {
  const { stdout } = builtIn('explain pods')
  assert.match(stdout, /\n {4}may reject unrecognized values\. More info:\n {4}https:\/\/\S{80,}\n\n/)
})
