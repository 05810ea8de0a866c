/** Who leads a workshop beside its owner: in by a link, with what a co-instructor may, and out again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moveAll, removeAll } from '../../../server/belongings/keep.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { visitor } from '../support.ts'
import { instructor, planned } from './workshop-site.ts'

/** A link of the owner's, as a path. */
async function linkOf({ ines, id }: Awaited<ReturnType<typeof planned>>): Promise<string> {
  const { text } = await ines.post(`/w/${id}/leaders`, { do: 'invite' }).expect(200)
  return /href="[^"]*(\/lead\/[a-f0-9]+)"/.exec(text)![1]!
}

/** Somebody without an account who came in by a link. */
async function coInstructor(site: Awaited<ReturnType<typeof planned>>, name = 'Otto') {
  const guest = await visitor(site.app)
  const link = await linkOf(site)
  assert.match((await guest.get(link).expect(200)).text, /Pods, by hand/)
  await guest.post(link, { name }).expect(303).expect('location', `/w/${site.id}/wall`)
  return { ...guest, link }
}

test('a co-instructor sees the wall and runs the room; the plan, the beginning and the end are the owner’s', async () => {
  const site = await planned()
  const otto = await coInstructor(site)
  const [, question] = await site.steps()
  await otto.get(`/w/${site.id}/wall`).expect(200)
  const act = (pressed: string) => otto.post(`/workshops/${site.id}/act`, { do: pressed })
  await act('open').expect(403)
  assert.equal((await site.deps.rooms.room(site.id)).life.state, 'draft')
  await site.act('open').expect(303)
  await act(`open-step:${question!.id}`).expect(303)
  await act('pause').expect(303)
  await act('resume').expect(303)
  await act('close').expect(403)
  const room = await site.deps.rooms.room(site.id)
  assert.deepEqual([room.life.state, room.current], ['open', question!.id])
  await otto.get(`/workshops/${site.id}`).expect(403)
  await otto.post(`/workshops/${site.id}`, { title: 'Mine' }).expect(403)
  await otto.post(`/w/${site.id}/leaders`, { do: 'invite' }).expect(403)
  // It is one of theirs, and they see nobody else's.
  const list = (await otto.get('/workshops').expect(200)).text
  assert.match(list, /Pods, by hand[\s\S]*you are a co-instructor/)
  assert.doesNotMatch(list, /action="\/workshops\/new"/)
  const { location } = (await site.ines.post('/workshops/new').expect(303)).headers
  await otto.get(location!.replace('/workshops/', '/w/').concat('/wall')).expect(403)
})

test('another instructor who leads it too may not plan it', async () => {
  const site = await planned()
  const otto = await instructor(site, 'otto')
  await otto.get(`/w/${site.id}/wall`).expect(404)
  await otto.post(await linkOf(site), { name: 'Otto' }).expect(303)
  await otto.get(`/w/${site.id}/wall`).expect(200)
  assert.match((await otto.get(`/workshops/${site.id}`).expect(403)).text, /Only the owner/)
})

test('a hand is taken once, whoever of those who lead it is quicker, under the name that they gave', async () => {
  const site = await planned()
  const otto = await coInstructor(site)
  const ann = await site.joins('Ann')
  await site.act('open').expect(303)
  await ann.post(`/w/${site.id}`, { do: 'hand', says: '' }).expect(303)
  const [hand] = (await site.deps.rooms.room(site.id)).hands
  const taken = await Promise.all([
    otto.post(`/w/${site.id}/hands`, { do: `take:${hand!.seat}` }),
    site.ines.post(`/w/${site.id}/hands`, { do: `take:${hand!.seat}` }),
  ])
  assert.deepEqual(taken.map(({ status }) => status).sort(), [303, 409])
  const { taken: by } = (await site.deps.rooms.room(site.id)).hands[0]!
  assert.equal(by!.name, taken[0]!.status === 303 ? 'Otto' : 'ines')
})

test('a link is good once, for a week, and until somebody is taken out', async () => {
  let now = Date.UTC(2026, 10, 23)
  const site = await planned({ now: () => now })
  const otto = await coInstructor(site)
  const mallory = await visitor(site.app)
  await mallory.get(otto.link).expect(404)
  await mallory.post(otto.link, { name: 'Mallory' }).expect(404)
  await mallory.get(`/w/${site.id}/wall`).expect(403)
  // Two at once with one link.
  const link = await linkOf(site)
  const both = await Promise.all([
    mallory.post(link, { name: 'Mallory' }),
    (await visitor(site.app)).post(link, { name: 'Nina' }),
  ])
  assert.equal(both.filter(({ status }) => status === 303).length, 1)
  assert.match(both.find(({ status }) => status !== 303)!.text, /This link was used or has expired/)
  const old = await linkOf(site)
  now += 8 * 24 * 60 * 60_000
  await (await visitor(site.app)).get(old).expect(404)
  const spare = await linkOf(site)
  await site.ines.post(`/w/${site.id}/leaders`, { do: 'remove:Otto' }).expect(303)
  await otto.get(`/w/${site.id}/wall`).expect(403)
  await otto.post(spare, { name: 'Otto' }).expect(404)
  for (const name of ['', ' — ', 'x'.repeat(31)])
    assert.match(
      (await (await visitor(site.app)).post(await linkOf(site), { name }).expect(422)).text,
      /A name has 1 to 30/,
    )
  await (await visitor(site.app)).get(`/lead/${site.id}`).expect(404)
  await (await visitor(site.app)).get('/lead/nothing').expect(404)
})

test('a co-instructor leaves, and goes along when their work moves to another account or is deleted', async () => {
  const site = await planned()
  const { rooms } = site.deps
  const otto = await coInstructor(site)
  await otto.post(`/w/${site.id}/leaders`, { do: 'leave' }).expect(303)
  await otto.get(`/w/${site.id}/wall`).expect(403)
  await coInstructor(site, 'Nina')
  const nina = async () => (await rooms.find(site.id))!.room.coInstructors[0]
  const { learnerId } = (await nina())!
  await moveAll(site.deps, practiceSeat(learnerId), practiceSeat('f'.repeat(32)))
  assert.deepEqual(await nina(), { learnerId: 'f'.repeat(32), name: 'Nina' })
  await removeAll(site.deps, practiceSeat('f'.repeat(32)))
  assert.equal(await nina(), undefined)
  const acts = (await rooms.acts(site.id)).map(({ act }) => act)
  assert.deepEqual(
    acts.filter((act) => act.startsWith('co-')),
    ['co-instructor-joined', 'co-instructor-left', 'co-instructor-joined'],
  )
})

test('what was done is listed with who did it, and undone by who may; what was done since is not', async () => {
  const site = await planned()
  const otto = await coInstructor(site)
  const [, question] = await site.steps()
  await site.act('open').expect(303)
  await otto.post(`/workshops/${site.id}/act`, { do: `open-step:${question!.id}` }).expect(303)
  const log = async () => (await otto.get(`/w/${site.id}/log`).expect(200)).text
  const opened = /<li>[\s\S]*?Opened “[^”]+”[\s\S]*?name="act" value="([a-f0-9]+)"/.exec(await log())![1]!
  assert.match(await log(), /Opened “[^”]+” <span class="quiet">· you/)
  assert.match((await site.ines.get(`/w/${site.id}/log`)).text, /Opened “[^”]+” <span class="quiet">· Otto/)
  // The wall offers it to who did it.
  assert.match((await otto.get(`/w/${site.id}/wall`)).text, /class="wall-last"[\s\S]*Opened “/)
  assert.ok(!(await site.ines.get(`/w/${site.id}/wall`)).text.includes(opened))
  const undo = () => otto.post(`/w/${site.id}/log`, { act: opened, from: 'wall' })
  await undo().expect(303).expect('location', `/w/${site.id}/wall`)
  assert.equal((await site.deps.rooms.room(site.id)).open.has(question!.id), false)
  assert.match((await undo().expect(409)).text, /something has happened since/)
  // The plan is the owner's, also to be undone.
  const plan = (await site.deps.rooms.acts(site.id)).find(({ act }) => act === 'planned')!
  await otto.post(`/w/${site.id}/log`, { act: plan.id })
  assert.equal((await site.steps()).length, 3)
  const ann = await site.joins('Ann')
  await ann.get(`/w/${site.id}/log`).expect(403)
})
