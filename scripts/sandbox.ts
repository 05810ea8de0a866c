/**
 * One sandbox for a kubectl of one's own, without the rest of Podium: `npm run --silent sandbox -- --nodes 3 --port 0`. Over TLS, as a cluster of
 * kubeadm is reached. Prints one JSON line when it is ready, and ends on SIGTERM.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type AskSandbox, sendStatus } from '../server/kubernetes-api/http.ts'
import { type ClientTrust, kubeconfig } from '../server/kubernetes-api/kubeconfig.ts'
import { addressRoot, mountKubernetesApi } from '../server/kubernetes-api/mount.ts'
import { LiveSandbox, realWall } from '../server/labs/sandboxes/live-sandbox.ts'
import { clusterOptions } from './sandbox/cluster.ts'
import { createTlsServer, drawAuthorityKey } from './sandbox/tls-server.ts'

const usage = `usage: npm run --silent sandbox -- [--nodes N] [--port N] [--speed N] [--seed TEXT] [--kubeconfig FILE] [--bare]
  --nodes N          nodes of the cluster, 1 to 100 (3)
  --port N           port to listen on, on 127.0.0.1; 0 takes a free one (0)
  --speed N          virtual seconds to a second, 0 to 3600 (1)
  --seed TEXT        what chance is drawn from; the same seed gives the same names (drawn)
  --kubeconfig FILE  where the kubeconfig is written (a new folder of the system's, removed at the end)
  --bare             plain HTTP at an address that holds a secret, no StorageClass and no Pods in kube-system`

function fail(message: string): never {
  console.error(`${message}\n${usage}`)
  process.exit(2)
}

function numberIn(text: string, name: string, least: number, most: number, isWhole = true): number {
  const value = Number(text)
  if (
    text.trim() === '' ||
    Number.isNaN(value) ||
    value < least ||
    value > most ||
    (isWhole && !Number.isInteger(value))
  )
    fail(`--${name} ${text}: must be a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`)
  return value
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        nodes: { type: 'string', default: '3' },
        port: { type: 'string', default: '0' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string' },
        kubeconfig: { type: 'string' },
        bare: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return fail((error as Error).message)
  }
}

const given = readArguments()
if (given.help) {
  console.log(usage)
  process.exit(0)
}
const count = numberIn(given.nodes, 'nodes', 1, 100)
const port = numberIn(given.port, 'port', 0, 65535)
const speed = numberIn(given.speed, 'speed', 0, 3600, false)
const nowMs = Date.now()
const sandbox = new LiveSandbox(
  {
    options: {
      ...clusterOptions(given.seed ?? randomBytes(8).toString('hex'), count, given.bare),
      startEpochMs: nowMs,
      ...(given.bare ? {} : { authorityKey: drawAuthorityKey() }),
    },
    log: [],
    clock: { speed, wallMs: nowMs, virtualMs: 0 },
  },
  realWall,
)
// Its clock goes on, whether or not somebody looks.
sandbox.hold()
const onError = (error: unknown): void => console.error(error)
const ask: AskSandbox = (request) => sandbox.request(request)
const { server, root, trust } = given.bare ? plainServer() : tlsServer()

function tlsServer(): { server: Server; root: string; trust?: ClientTrust } {
  const { server, admin } = createTlsServer({ cluster: sandbox.cluster, ask, onError })
  return { server, root: '', trust: admin }
}

function plainServer(): { server: Server; root: string; trust?: ClientTrust } {
  const secret = randomBytes(24).toString('base64url')
  const mount = mountKubernetesApi({ find: (given) => (given === secret ? ask : undefined), onError })
  const server = createServer((req, res) => {
    if (!mount.request(req, res)) sendStatus(res, 404, 'NotFound', `the cluster is at ${addressRoot}/ and its secret`)
  })
  server.on('upgrade', (req, socket, head) => {
    if (!mount.upgrade(req, socket, head)) socket.destroy()
  })
  return { server, root: `${addressRoot}/${secret}` }
}

server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
let folder: string | undefined
server.listen(port, '127.0.0.1', () => {
  const address = server.address()
  const scheme = given.bare ? 'http' : 'https'
  const url = `${scheme}://127.0.0.1:${typeof address === 'object' && address ? address.port : port}${root}`
  if (!given.kubeconfig) folder = mkdtempSync(join(tmpdir(), 'podium-sandbox-'))
  const path = given.kubeconfig ?? join(folder!, 'kubeconfig')
  writeFileSync(path, kubeconfig(url, { trust }), { mode: 0o600 })
  process.stdout.write(`${JSON.stringify({ server: url, kubeconfig: path })}\n`)
})
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    sandbox.close()
    if (folder) rmSync(folder, { recursive: true, force: true })
    server.close()
    server.closeAllConnections()
    process.exit(0)
  })
