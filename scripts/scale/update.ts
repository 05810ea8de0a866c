/** Both servers are replaced by those of a build with a newer simulator, while forms are sent and a workshop is open that began before. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createPostgresStore } from '../../server/storage/postgres/store.ts'
import type { NewRoomAct } from '../../server/workshops/room-acts.ts'
import { createRooms } from '../../server/workshops/rooms.ts'
import { engineVersion } from '../../sim/index.ts'
import { bundlePrograms } from '../build/bundle-tests.mjs'
import { pause } from '../load/learners.ts'
import { throwAwayDatabase } from '../measured-site/database.ts'
import { Visitor } from '../measured-site/visitor.ts'
import { percentile, type Web, web } from './webs.ts'

const newer = '999.0.0'
/** Forms a second, of all together. */
const perSecond = 20
const people = 21
/** As a load balancer looks, and as long as one is told that a server drains before it does. */
const looksEachMs = 500
const drainSeconds = '5'
const calmMs = 10_000
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n'

export async function update(): Promise<void> {
  const folder = await mkdtemp(join('dist', 'update-'))
  const version = join(process.cwd(), 'sim/version.ts')
  const text = (await readFile(version, 'utf8')).replace(`'${engineVersion}'`, `'${newer}'`)
  await bundlePrograms(['server/index.ts'], join(process.cwd(), folder), { textOf: { [version]: text } })
  const { url, end } = await throwAwayDatabase()
  const env = { DRAIN_SECONDS: drainSeconds }
  const webs: Web[] = [await web(url, 0, env), await web(url, 1, env)]
  const sitting = await openWorkshop(url)

  let ready: string[] = []
  const look = async (): Promise<void> => {
    const found = await Promise.all(
      webs.map(async ({ site }) => {
        const answer = await fetch(`${site.url}/readyz`).catch(() => undefined)
        return answer?.status === 200 ? [site.url] : []
      }),
    )
    ready = found.flat()
  }
  await look()
  const looking = setInterval(() => void look(), looksEachMs)

  const visitors = await Promise.all(
    Array.from({ length: people }, async (_, n) => {
      const visitor = await new Visitor(ready[n % 2]!, `10.2.0.${n + 1}`).enter()
      // Half of them take part in the workshop.
      const inside = n % 2 === 0
      if (inside) await visitor.post(`/j/${sitting.code}`, { nickname: `person ${n}`, do: 'join' })
      return { visitor, under: inside ? `/w/${sitting.id}` : '' }
    }),
  )
  let isOver = false
  const failed: string[] = []
  const took: number[] = []
  let sent = 0
  const send = async (n: number): Promise<void> => {
    const { visitor, under } = visitors[n % people]!
    visitor.site = ready[n % ready.length]!
    const challenge = `${under}/challenges/crash-loop`
    const forms = [
      [`${challenge}/draft`, { file: 'settings.yaml', content: manifest }],
      [challenge, { do: 'kubectl', line: 'get pods' }],
      [challenge, { do: 'grade' }],
    ] as const
    // Most save, some run a line, a few hand in.
    const [path, fields] = forms[n % 40 === 0 ? 2 : n % 4 === 0 ? 1 : 0]!
    const { status, ms, problem } = await visitor.post(path, fields)
    sent++
    took.push(ms)
    if (status === 0 || status >= 500) failed.push(`${status} ${problem ?? ''} ${path}`)
  }
  const under = new Set<Promise<void>>()
  const driving = (async () => {
    for (let n = 0; !isOver; n++) {
      const one = send(n).finally(() => under.delete(one))
      under.add(one)
      await pause(1000 / perSecond)
    }
    await Promise.all(under)
  })()

  await pause(calmMs)
  // One at a time comes, and then one goes: the last of the older ones stays for the workshop until it is closed.
  const program = join(process.cwd(), folder, 'index.js')
  webs.push(await web(url, 2, env, program))
  await pause(2 * looksEachMs)
  await webs[0]!.site.stop()
  webs.push(await web(url, 3, env, program))
  await pause(calmMs)
  const during = await enginesOf(url, sitting.id)
  await webs[1]!.site.stop()
  await pause(calmMs)
  isOver = true
  await driving
  clearInterval(looking)
  const all = await enginesOf(url, sitting.id)
  console.log(
    JSON.stringify({
      ...{
        case: 'scale-update',
        sent,
        failed: failed.length,
        p95Ms: percentile(took, 0.95),
        maxMs: percentile(took, 1),
      },
      ...{ gradesOfSitting: { whileOlderLives: during.inside, afterwards: all.inside }, gradesElsewhere: all.outside },
      aim: { failed: 0, gradesOfSitting: { whileOlderLives: [engineVersion] } },
    }),
  )
  for (const line of [...new Set(failed)].slice(0, 5)) console.error(line)
  await Promise.all(webs.map(({ site }) => site.stop()))
  end()
  await rm(folder, { recursive: true })
}

async function openWorkshop(url: string): Promise<{ id: string; code: string }> {
  const store = await createPostgresStore({ url })
  const rooms = createRooms({ storage: createStorage(store), now: Date.now })
  const { id, room } = await rooms.create('a'.repeat(30))
  await rooms.act(id, 'a'.repeat(30), (): NewRoomAct[] => [
    {
      act: 'planned',
      data: {
        title: 'While it is updated',
        steps: [{ id: 'one', item: 'challenge:crash-loop', title: 'Crash loop', minutes: 60 }],
      },
    },
    { act: 'opened', data: {} },
    { act: 'step-opened', data: { step: 'one' } },
  ])
  await store.close()
  return { id, code: room.code }
}

/** The versions of the simulator by which there are grades. */
async function enginesOf(url: string, sittingId: string): Promise<{ inside: string[]; outside: string[] }> {
  const store = await createPostgresStore({ url })
  const { journals } = createStorage(store)
  const [inside, outside] = [new Set<string>(), new Set<string>()]
  for (const name of await journals.names())
    for (const { entry } of await journals.read(name, 0, () => undefined))
      if (entry.act === 'graded') (name.startsWith(`${sittingId}/`) ? inside : outside).add(String(entry.engineVersion))
  await store.close()
  return { inside: [...inside].sort(), outside: [...outside].sort() }
}
