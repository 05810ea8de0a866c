/** Two whole servers on one database: whatever comes to the wrong one is handed on, and what one of them kept outlives it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { freePort } from '../../support/free-port.ts'
import { freshDatabase, withPostgres } from '../../support/postgres.ts'
import { plainBrowser, type ServerProcess, startServer } from '../../support/server-process.ts'
import { fixtureFolder } from '../support.ts'

interface Site {
  servers: { at: string; peerUrl: string; process: ServerProcess }[]
  /** As the database says: the server that keeps a sandbox, first, and the other one. */
  byRole(id: string): Promise<[owner: Site['servers'][number], other: Site['servers'][number]]>
}

async function twoServers(act: (site: Site) => Promise<void>): Promise<void> {
  const database = await freshDatabase()
  const servers = await Promise.all(
    [1, 2].map(async () => {
      const peerUrl = `http://127.0.0.1:${await freePort()}`
      const variables = { STORAGE: 'postgres', DATABASE_URL: database.url, CONTENT_DIR: fixtureFolder }
      const process = await startServer({ ...variables, PEER_URL: peerUrl, RATE_LIMIT: '100000' })
      return { at: process.at, peerUrl, process }
    }),
  )
  try {
    await act({
      servers,
      async byRole(id) {
        const { rows } = await database.query(
          'select p.url from leases l join processes p on p.id = l.holder where l.name = $1',
          [`sandbox/${id}`],
        )
        const owner = servers.find(({ peerUrl }) => peerUrl === rows[0]?.url)
        assert.ok(owner)
        return [owner, servers.find((one) => one !== owner)!]
      },
    })
  } finally {
    for (const { process } of servers) {
      process.child.kill('SIGKILL')
      await process.isGone
    }
    await database.dispose()
  }
}

const shape = { from: 'shape', name: 'Mine', nodes: '2', size: 'small', zones: '1', taint: '', tainted: '0' }
const configMaps = '/api/v1/namespaces/default/configmaps'

/** A sandbox, and the path of its API. */
async function aSandbox(at: string) {
  const me = plainBrowser()
  await me.get(`${at}/sandboxes`)
  const made = await me.post(`${at}/sandboxes`, { ...shape, proxy: 'iptables' })
  assert.equal(made.status, 303, made.text)
  const id = /\/sandboxes\/([a-f0-9]{18})/.exec(made.location!)![1]!
  assert.equal((await me.post(`${at}/sandboxes/${id}`, { do: 'address', show: 'kubectl' })).status, 303)
  const kubeconfig = (await me.get(`${at}/sandboxes/${id}/kubeconfig`)).text
  const api = /server: \S+?(\/k8s\/\S+)/.exec(kubeconfig)![1]!
  return { me, id, api }
}

const create = (url: string, name: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }),
  })

const namesAt = async (url: string): Promise<string[]> => {
  const list = (await (await fetch(url)).json()) as { items: { metadata: { name: string } }[] }
  return list.items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('n'))
}

withPostgres(() => {
  test('a sandbox is one and the same through either server: pages, the API, a watch and its terminal', () =>
    twoServers(async ({ servers, byRole }) => {
      const { me, id, api } = await aSandbox(servers[0]!.at)
      const [owner, other] = await byRole(id)
      for (const { at } of servers) {
        const page = await me.get(`${at}/sandboxes/${id}`)
        assert.deepEqual([page.status, /Mine/.test(page.text)], [200, true])
        assert.match((await me.get(`${at}/sandboxes`)).text, /Mine/)
      }
      const watch = await fetch(`${other.at}${api}${configMaps}?watch=true&resourceVersion=0`)
      assert.equal(watch.status, 200)
      const seen = watch.body!.pipeThrough(new TextDecoderStream()).getReader()
      const made = await Promise.all(
        Array.from(
          { length: 20 },
          async (_, n) => (await create(`${servers[n % 2]!.at}${api}${configMaps}`, `n${n}`)).status,
        ),
      )
      assert.deepEqual(new Set(made), new Set([201]))
      let text = ''
      while (!Array.from({ length: 20 }, (_, n) => `"n${n}"`).every((name) => text.includes(name))) {
        const { value, done } = await seen.read()
        assert.equal(done, false, text)
        text += value
      }
      await seen.cancel()

      const cookie = [...me.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const socket = new WebSocket(`${other.at.replace('http', 'ws')}/sandboxes/${id}/terminal`, {
        origin: other.at,
        headers: { cookie },
      })
      await once(socket, 'open')
      socket.close()
      await once(socket, 'close')
      // Asked of the one that keeps it, another person has it no more than of the other.
      for (const { at } of [owner, other]) assert.equal((await plainBrowser().get(`${at}/sandboxes/${id}`)).status, 404)

      const [{ process: last }] = [owner]
      assert.equal(await last.stop(), 0)
      assert.equal((await me.get(`${other.at}/sandboxes/${id}`)).status, 200)
      assert.equal((await namesAt(`${other.at}${api}${configMaps}`)).length, 20)
      for (const { process } of servers) assert.doesNotMatch(process.told.text, /"level":[56]0/)
    }))

  test('a server that is killed leaves its sandboxes to the other one with all that was acknowledged', () =>
    twoServers(async ({ servers, byRole }) => {
      const { me, id, api } = await aSandbox(servers[1]!.at)
      const [owner, other] = await byRole(id)
      const acknowledged: string[] = []
      let isOver = false
      const writer = async (who: number): Promise<void> => {
        for (let n = 0; !isOver; n++) {
          const name = `n${who}-${n}`
          const { status } = await create(`${other.at}${api}${configMaps}`, name)
          if (status === 201) acknowledged.push(name)
          else assert.equal(status, 503)
        }
      }
      const writers = [1, 2, 3].map(writer)
      while (acknowledged.length < 30) await new Promise((done) => setTimeout(done, 20))
      owner.process.child.kill('SIGKILL')
      const before = acknowledged.length
      while (acknowledged.length < before + 30) await new Promise((done) => setTimeout(done, 20))
      isOver = true
      await Promise.all(writers)
      const found = await namesAt(`${other.at}${api}${configMaps}`)
      assert.deepEqual(
        acknowledged.filter((name) => !found.includes(name)),
        [],
      )
      assert.equal(await byRoleAfter(byRole, id), other.peerUrl)
      assert.equal((await me.get(`${other.at}/sandboxes/${id}`)).status, 200)
    }))

  test('a worker has no pages, is ready, and ends in order', async () => {
    const database = await freshDatabase()
    const worker = await startServer({
      STORAGE: 'postgres',
      DATABASE_URL: database.url,
      CONTENT_DIR: fixtureFolder,
      ROLE: 'worker',
    })
    try {
      while ((await fetch(`${worker.at}/readyz`)).status !== 200) await new Promise((done) => setTimeout(done, 200))
      const asked = await Promise.all(
        ['/healthz', '/', '/sandboxes', '/k8s/x/api'].map(async (path) => (await fetch(worker.at + path)).status),
      )
      assert.deepEqual(asked, [200, 404, 404, 404])
      assert.equal(await worker.stop(), 0)
    } finally {
      worker.child.kill('SIGKILL')
      await worker.isGone
      await database.dispose()
    }
  })

  test('the door between servers opens to nobody else, and an address that is said at the public one is not believed', () =>
    twoServers(async ({ servers }) => {
      const [{ at, peerUrl }] = servers as [Site['servers'][number]]
      const ask = (url: string, headers: Record<string, string>) =>
        new Promise<number>((done, failed) => {
          request(url, { headers }, (answer) => done(answer.resume().statusCode!))
            .on('error', failed)
            .end()
        })
      const forged = { 'x-podium-peer-address': '1.2.3.4', 'x-podium-peer': `${Date.now() + 9000} ${'0'.repeat(64)}` }
      for (const headers of [{}, forged, { 'x-podium-peer-address': '1.2.3.4', 'x-podium-peer': 'nonsense' }])
        assert.equal(await ask(`${peerUrl}/sandboxes`, headers as Record<string, string>), 403)
      assert.equal(await ask(`${at}/sandboxes`, forged), 200)
    }))
})

async function byRoleAfter(byRole: Site['byRole'], id: string): Promise<string> {
  return (await byRole(id))[0].peerUrl
}
