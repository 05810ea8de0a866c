/** What the Kubernetes API of sandboxes costs, over HTTP, with the sandboxes on a thread of their own: client and server share the machine. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { loadCatalogOrThrow } from '../server/catalog/load.ts'
import { parseConfig } from '../server/config.ts'
import { sandboxBudgets } from '../server/labs/sandboxes/limits.ts'
import { LiveSandbox, realWall } from '../server/labs/sandboxes/live-sandbox.ts'
import { createSite } from '../server/site.ts'
import { createLowdbStore } from '../server/storage/lowdb.ts'
import type { LoggedCommand } from '../sim/index.ts'

const shape = { nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, cpu: '8', memory: '32Gi' })) }
const configMaps = '/api/v1/namespaces/default/configmaps'
const podTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const json = { 'content-type': 'application/json' }
const configMap = (name: string) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: {} })

export async function benchApi(): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-bench-'))
  const config = parseConfig({
    LOG_LEVEL: 'silent',
    RATE_LIMIT: '1000000',
    SANDBOX_RATE_LIMIT: '10000000',
    SANDBOX_MEMORY_MB: '2048',
    SANDBOXES_PER_OWNER: '1000',
    WORKERS: '1',
  })
  const catalog = await loadCatalogOrThrow('content')
  const site = await createSite({
    config,
    secret: randomBytes(32).toString('hex'),
    store: await createLowdbStore({ folder }),
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  })
  const { server } = site
  const { sandboxes } = site.deps
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 })

  const ask = async (method: string, path: string, headers: Record<string, string> = {}, body = '') => {
    const req = request({ port, host: '127.0.0.1', method, path, headers, agent })
    req.end(body)
    const [answer] = (await once(req, 'response')) as [IncomingMessage]
    return answer
  }
  const whole = async (...args: Parameters<typeof ask>): Promise<void> => {
    const answer = await ask(...args)
    for await (const _part of answer);
    if (answer.statusCode! >= 300) throw new Error(`${args[0]} ${args[1]}: ${answer.statusCode}`)
  }
  const made = async (): Promise<string> => {
    const { id } = await sandboxes.create('bench', { name: 'bench', shape })
    return `/k8s/${(await sandboxes.address(id)).secret}`
  }
  const watched = async (api: string, onText: () => void): Promise<void> => {
    const answer = await ask('GET', `${api}${configMaps}?watch=true&resourceVersion=0`)
    answer.on('data', onText)
    answer.on('error', () => undefined)
  }
  const pages = async (): Promise<number[]> => {
    const taken: number[] = []
    for (let n = 0; n < 200; n++)
      taken.push(await timed(() => whole('GET', ['/', '/lessons', '/challenges', '/questions'][n % 4]!)))
    return taken
  }

  try {
    const figures: Record<string, number> = {}
    const api = await made()
    const id = (await sandboxes.list('bench'))[0]!.id
    await sandboxes.run(id, { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=10' })
    await sandboxes.skip(id, 60_000)
    const getPods = () => whole('GET', `${api}/api/v1/namespaces/default/pods?limit=500`, { accept: podTable })
    for (let n = 0; n < 500; n++) await getPods()
    const one: number[] = []
    for (let n = 0; n < 1000; n++) one.push(await timed(getPods))
    Object.assign(figures, { getPodsP50Ms: share(one, 0.5), getPodsP95Ms: share(one, 0.95) })
    const requests = 4000
    let left = requests
    const together = await timed(() =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          while (left-- > 0) await getPods()
        }),
      ),
    )
    figures.getPodsPerSecond = requests / (together / 1000)
    const writes: number[] = []
    for (let n = 0; n < 200; n++)
      writes.push(await timed(() => whole('POST', `${api}${configMaps}`, json, configMap(`w${n}`))))
    Object.assign(figures, { createP50Ms: share(writes, 0.5), createP95Ms: share(writes, 0.95) })

    await pages()
    figures.pageP95Ms = share(await pages(), 0.95)

    const fanned = await made()
    let told = 0
    for (let n = 0; n < 200; n++) await watched(fanned, () => told++)
    const fanOut: number[] = []
    for (let n = 0; n < 20; n++) {
      told = 0
      fanOut.push(
        await timed(async () => {
          await whole('POST', `${fanned}${configMaps}`, json, configMap(`f${n}`))
          while (told < 200) await new Promise((resolve) => setImmediate(resolve))
        }),
      )
    }
    figures.fanOut200P50Ms = share(fanOut, 0.5)

    const before = process.memoryUsage().rss
    const many: string[] = []
    for (let n = 0; n < 50; n++) many.push(await made())
    figures.sandboxMegabytes = (process.memoryUsage().rss - before) / 2 ** 20 / many.length
    for (const each of many) for (let n = 0; n < 4; n++) await watched(each, () => undefined)
    let isOver = false
    // Each sandbox is changed now and then, so that its watches have something to tell.
    const changing = (async () => {
      for (let n = 0; !isOver; n++)
        await whole('POST', `${many[n % many.length]}${configMaps}`, json, configMap(`c${n}`))
    })()
    figures.pageP95With400WatchesMs = share(await pages(), 0.95)
    isOver = true
    await changing
    return { ...figures, ...rebuilds() }
  } finally {
    await site.close()
    await rm(folder, { recursive: true })
  }
}

/** What it costs to bring a cluster back, by the length of its log; a command a virtual second. */
function rebuilds(): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const commands of [0, 100, 1000, 5000]) {
    const log = Array.from(
      { length: commands },
      (_, n): LoggedCommand => ({ atMs: (n + 1) * 1000, command: commandAt(n) }),
    )
    const taken: number[] = []
    for (let n = 0; n < 3; n++) {
      const before = process.cpuUsage()
      const clock = { speed: 0, wallMs: 0, virtualMs: commands * 1000 }
      const live = new LiveSandbox({ options: { seed: 'bench', shape, limits: sandboxBudgets }, log, clock }, realWall)
      while (!live.catchUp());
      if (live.stopped) throw new Error(live.stopped)
      const { user, system } = process.cpuUsage(before)
      taken.push((user + system) / 1000)
    }
    figures[`rebuild${commands}CpuMs`] = share(taken, 0.5)
  }
  return figures
}

/** Four of five are requests as kubectl sends them; the others are lines, some of which move Pods. */
function commandAt(n: number): LoggedCommand['command'] {
  if (n === 0) return { op: 'kubectl', line: 'kubectl create deployment web --image=nginx:1.27 --replicas=3' }
  if (n % 10 === 0) return { op: 'kubectl', line: `kubectl scale deploy/web --replicas=${2 + (n % 3)}` }
  if (n % 50 === 5) return { op: 'kubectl', line: 'kubectl delete pod -l app=web --wait=false' }
  if (n % 10 === 7) return { op: 'kubectl', line: 'kubectl get pods' }
  const name = `m${n % 50}`
  return n % 100 < 50
    ? { op: 'request', method: 'POST', url: configMaps, headers: json, body: configMap(name) }
    : { op: 'request', method: 'DELETE', url: `${configMaps}/${name}`, headers: json, body: '' }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await act()
  return performance.now() - startMs
}

const share = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!
