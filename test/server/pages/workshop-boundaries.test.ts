/** What somebody in a workshop may not reach, and what one of them may not cost the others. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { seatIn } from '../../../server/pages/workshops/seat-in.ts'
import { visitor } from '../support.ts'
import { planned } from './workshop-site.ts'

type Site = Awaited<ReturnType<typeof planned>>

const minuteMs = 60_000
/** What gathers what happens before it is told takes half a second. */
const toldMs = 900

/** An open stream: what has come of it so far, and whether it has ended. */
async function follow({ app }: Site, path: string, cookie: string) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const asked = request({ port, host: '127.0.0.1', path, headers: { cookie } })
  asked.end()
  const [res] = (await once(asked, 'response')) as [IncomingMessage]
  const told = { text: '', isOver: false }
  res.setEncoding('utf8')
  res.on('data', (text: string) => {
    told.text += text
  })
  res.on('close', () => {
    told.isOver = true
  })
  const stop = () => {
    asked.destroy()
    server.closeAllConnections()
    server.close()
  }
  return { told, stop }
}

async function coInstructor({ ines, id, app }: Site, name: string) {
  const { text } = await ines.post(`/w/${id}/leaders`, { do: 'invite' }).expect(200)
  const guest = await visitor(app)
  await guest.post(/\/lead\/[a-f0-9]+/.exec(text)![0], { name }).expect(303)
  return guest
}

async function withOwnPoll(site: Site, fields: Record<string, string> = {}) {
  const poll = { 'poll-text': 'How many Pods run?', 'poll-option': ['None', 'Exactly one'], ...fields }
  await site.ines.post(`/workshops/${site.id}`, { do: 'poll', ...poll }).expect(303)
  return (await site.steps()).at(-1)!.id
}

/** Ann works at the challenge of a workshop that goes on. */
async function atWork() {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const site = await planned({ now: () => nowMs })
  await site.act('open').expect(303)
  const step = (await site.steps())[2]!.id
  await site.act(`open-step:${step}`).expect(303)
  const ann = await site.joins('Ann')
  await ann.post(`/w/${site.id}/challenges/three-pods`, { do: 'run10' }).expect(303)
  const [person] = await site.deps.storage.participants.listOf(site.id)
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { ...site, step, ann, person: person!, seat: `/w/${site.id}/seats/${person!.id}`, pass }
}

test('a step that is not open is not reached by another way to write its address', async () => {
  const site = await planned()
  await site.act('open').expect(303)
  const ann = await site.joins('Ann')
  await ann.get(`/w/${site.id}/questions/pod/always`).expect(423)
  const own = `/w/${site.id}/questions/pod/%61lways`
  const { headers } = await ann.get(own).expect(303)
  assert.equal(headers.location, '/questions/pod/%61lways')
  await ann.post(`${own}/answer`, { answer: 'a', v: '1', shown: '0' }).expect(303)
  const [person] = await site.deps.storage.participants.listOf(site.id)
  assert.equal((await site.deps.journals.work(seatIn(site, person!))).answers.length, 0)
})

test('the stream of a seat tells nothing of a poll whose step is not open', async () => {
  const site = await planned()
  const step = await withOwnPoll(site)
  await site.act('open').expect(303)
  const ann = await site.joins('Ann')
  const { told, stop } = await follow(site, `/w/${site.id}/pace?at=${step}&shows=poll`, ann.cookie)
  await wait(toldMs)
  stop()
  assert.match(told.text, /hx-target="#room"/)
  assert.doesNotMatch(told.text, /Exactly one/)
})

test('what one person does at their own seat has nobody else’s page drawn anew', async () => {
  const site = await planned()
  await site.act('open').expect(303)
  const [ann, ben] = [await site.joins('Ann'), await site.joins('Ben')]
  let rooms = 0
  const { room } = site.deps.rooms
  const { told, stop } = await follow(site, `/w/${site.id}/pace?at=`, ben.cookie)
  await wait(toldMs)
  const before = told.text
  site.deps.rooms.room = (id) => {
    rooms++
    return room(id)
  }
  const handsUp = [{ act: 'hand-raised', data: { seat: 'x', says: '' } } as const]
  await site.deps.rooms.act(site.id, 'x', () => handsUp)
  await wait(toldMs)
  assert.deepEqual([rooms, told.text], [0, before])
  await ann.post(`/w/${site.id}`, { do: 'slower' }).expect(303)
  rooms = 0
  await wait(toldMs)
  assert.equal(rooms, 0)
  await site.act('announce', 'Have a break').expect(303)
  await wait(toldMs)
  stop()
  assert.match(told.text, /Have a break/)
})

test('who no longer leads a workshop sees no more of its clusters, on an open page either', async () => {
  const site = await atWork()
  const eve = await coInstructor(site, 'Eve')
  const { told, stop } = await follow(site, `${site.seat}/live?step=`, eve.cookie)
  await wait(toldMs)
  assert.match(told.text, /hx-target="#seat-part"/)
  await site.ines.post(`/w/${site.id}/leaders`, { do: 'remove:Eve' }).expect(303)
  await site.ann.post(`/w/${site.id}`, { do: 'hand', says: 'between us' }).expect(303)
  await wait(toldMs)
  stop()
  assert.equal(told.isOver, true)
  assert.doesNotMatch(told.text, /between us/)
})

test('whose cluster is followed is told so, without a page that was loaded', async () => {
  const site = await atWork()
  const { stop } = await follow(site, `${site.seat}/live?step=`, (await coInstructor(site, 'Eve')).cookie)
  await wait(toldMs)
  stop()
  assert.equal((await site.deps.rooms.room(site.id)).looks.get(site.person.id)?.name, 'Eve')
})

test('a co-instructor can be removed whatever they call themselves', async () => {
  const site = await planned()
  await coInstructor(site, 'Eve: the first')
  await site.ines.post(`/w/${site.id}/leaders`, { do: 'remove:Eve: the first' }).expect(303)
  assert.deepEqual((await site.deps.rooms.find(site.id))!.room.coInstructors, [])
})

test('consent to type is for whoever the page named', async () => {
  const site = await atWork()
  const { ines, ann, seat, id, deps, person } = site
  const eve = await coInstructor(site, 'Eve')
  await ines.post(`${seat}/typing`, { do: 'offer' }).expect(303)
  assert.match((await ann.get(`/w/${id}`)).text, /name="to" value="ines"/)
  await ines.post(`${seat}/typing`, { do: 'end' }).expect(303)
  await eve.post(`${seat}/typing`, { do: 'offer' }).expect(303)
  await ann.post(`/w/${id}/cluster`, { do: 'allow-typing', to: 'ines' }).expect(409)
  assert.equal((await deps.rooms.room(id)).typing.size, 0)
  await ann.post(`/w/${id}/cluster`, { do: 'allow-typing', to: 'Eve' }).expect(303)
  assert.equal((await deps.rooms.room(id)).typing.get(person.id)?.name, 'Eve')
})

test('no cluster is on the projector after the end', async () => {
  const { ines, act, seat, step, deps, id, pass } = await atWork()
  await ines.post(`${seat}/screen`, { do: 'show', step }).expect(303)
  assert.equal((await deps.rooms.room(id)).screen.what, 'cluster')
  await act('close').expect(303)
  pass(minuteMs)
  assert.equal((await deps.rooms.room(id)).screen.what, 'step')
})

test('the wall of a workshop that is over leads to its report, and offers nothing that cannot be done any more', async () => {
  const { ines, act, id } = await atWork()
  const before = (await ines.get(`/w/${id}/wall`).expect(200)).text
  assert.match(before, /value="announce"/)
  assert.match(before, /value="(open|hold)-step:/)
  await act('close').expect(303)
  const after = (await ines.get(`/w/${id}/wall`).expect(200)).text
  assert.match(after, new RegExp(`class="button is-primary" href="/w/${id}/report"`))
  assert.doesNotMatch(after, /value="announce"|value="(open|hold)-step:/)
})

test('clusters are compared at a challenge of the plan alone', async () => {
  const { ines, id, joins, deps } = await atWork()
  await joins('Ben')
  const seats = (await deps.storage.participants.listOf(id)).map((one) => one.id)
  for (const step of ['', 'none', 'A B']) await ines.post(`/w/${id}/compare/show`, { step, seats }).expect(404)
})

test('a hand goes down by its own button alone', async () => {
  const { ines, ann, id, deps, person } = await atWork()
  await ann.post(`/w/${id}`, { do: 'hand' }).expect(303)
  await ines.post(`/w/${id}/hands`, { do: `wave:${person.id}` }).expect(400)
  assert.equal((await deps.rooms.room(id)).hands.length, 1)
})

test('the activity names nobody who leads for what a learner ended', async () => {
  const { ines, ann, id, seat } = await atWork()
  await ines.post(`${seat}/typing`, { do: 'offer' }).expect(303)
  await ann.post(`/w/${id}/cluster`, { do: 'end-typing' }).expect(303)
  const { text } = await ines.get(`/w/${id}/log`).expect(200)
  assert.match(text, /Offered Ann to type/)
  assert.doesNotMatch(text, /The typing for Ann ended/)
})

test('files of a report with a poll: they can be read, and say nothing of who cast an anonymous vote', async () => {
  for (const isAnonymous of [true, false]) {
    let now = Date.UTC(2026, 10, 23, 9)
    const site = await planned({ now: () => now })
    const { id, ines, joins } = site
    const step = await withOwnPoll(site, isAnonymous ? { 'poll-anonymous': 'yes' } : {})
    await site.act('open').expect(303)
    await ines.post(`/w/${id}/polls/${step}/lead`, { do: 'open' }).expect(303)
    for (const [name, answer] of [['Ann', 'b'] as const, ['Ben', 'a'] as const]) {
      const voter = await joins(name)
      now += 120_000
      await voter.post(`/w/${id}/polls/${step}`, { answer, round: '1' }).expect(303)
    }
    const { text } = await ines.get(`/w/${id}/report/jsonl`).expect(200)
    const lines = text.split('\n').filter(Boolean)
    const votes = lines.map((line) => JSON.parse(line)).filter(({ act }) => act === 'voted')
    const bare = ['a', 'b'].map((given) => ({ act: 'voted', step, round: 1, given: [given] }))
    if (isAnonymous) assert.deepEqual(votes, bare)
    else
      assert.deepEqual(
        votes.map(({ given, at }) => [given, typeof at]),
        [
          [['b'], 'string'],
          [['a'], 'string'],
        ],
      )
    assert.equal(lines.filter((line) => /"act":"step".*"done"/.test(line)).length, 2)
    const { body } = await ines.get(`/w/${id}/report/xapi`).expect(200)
    assert.equal(body.length, 2)
    // How long somebody stayed would tell when they voted.
    const page = (await ines.get(`/w/${id}/report`).expect(200)).text
    const stayed = [...page.matchAll(/>Ann<\/a><\/th>\s*<td class="num">([^<]*)</g)].map(([, told]) => told)
    assert.deepEqual(stayed, [isAnonymous ? '–' : '2 min'])
  }
})

test('a step that opened by itself is in the report, and ends the one before it', async () => {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const { id, act, steps, ines } = await planned({ now: () => nowMs })
  const ids = (await steps()).map((step) => step.id)
  const opens = { opens: ['hold', 'time', 'hold'], 'opens-minute': ids.map(() => '10') }
  await ines.post(`/workshops/${id}`, { do: 'save', step: ids, ...opens }).expect(303)
  await act('open').expect(303)
  nowMs += 25 * minuteMs
  await act('close').expect(303)
  const { text } = await ines.get(`/w/${id}/report`).expect(200)
  const rows = [...text.matchAll(/<tr>\s*<th scope="row"[\s\S]*?<\/tr>/g)].map(([row]) =>
    row.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' '),
  )
  assert.match(rows[0]!, /5 min 10 min 0\/0/)
  assert.match(rows[1]!, /3 min 15 min 0\/0/)
})

test('a hand that goes up as the workshop ends is refused', async () => {
  const { ann, id, deps } = await atWork()
  const { act: does } = deps.rooms
  let hasEnded = false
  deps.rooms.act = async (room, by, decide) => {
    if (!hasEnded) {
      hasEnded = true
      await does(id, by, () => [{ act: 'closed', data: {} }])
    }
    return does(room, by, decide)
  }
  await ann.post(`/w/${id}`, { do: 'hand' }).expect(409)
  assert.equal((await deps.rooms.room(id)).hands.length, 0)
})

test('a plan of the room’s own polls alone makes no self-paced workshop', async () => {
  const site = await planned()
  const { location } = (await site.ines.post('/workshops/new').expect(303)).headers
  await withOwnPoll({ ...site, id: location!.split('/').at(-1)! })
  await site.ines.post(`${location}/self-paced`).expect(422)
})

test('a step that is planned while the wall is drawn waits for its next drawing', async () => {
  const site = await planned()
  await site.joins('Ann')
  const { listOf } = site.deps.storage.participants
  site.deps.storage.participants.listOf = async (id) => {
    site.deps.storage.participants.listOf = listOf
    await withOwnPoll(site)
    return listOf(id)
  }
  await site.ines.get(`/w/${site.id}/wall`).expect(200)
})
