/** The report of a workshop: what it tells while it goes on and afterwards, its files, and with names hidden. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Response } from 'supertest'
import { removeDue } from '../../../server/storage/retention.ts'
import { removeSitting } from '../../../server/workshops/people.ts'
import { instructor, planned } from './workshop-site.ts'

const minuteMs = 60_000

/** An hour: a pause of five minutes in the first step, a hand that waits for two, one who answers and one who does nothing. */
async function afterAnHour() {
  let now = Date.UTC(2026, 10, 23, 9)
  const site = await planned({ now: () => now })
  const wait = (minutes: number) => {
    now += minutes * minuteMs
  }
  const [, question] = await site.steps()
  const ann = await site.joins('=Ann+1')
  await site.joins('Bob')
  await site.act('open').expect(303)
  wait(10)
  await site.act('pause').expect(303)
  wait(5)
  await site.act('resume').expect(303)
  await ann.post(`/w/${site.id}`, { do: 'hand', says: 'Why?' }).expect(303)
  wait(2)
  const [hand] = (await site.deps.rooms.room(site.id)).hands
  await site.ines.post(`/w/${site.id}/hands`, { do: `take:${hand!.seat}` }).expect(303)
  await site.act(`open-step:${question!.id}`).expect(303)
  const page = `/w/${site.id}/questions/pod/always`
  await ann.post(`${page}/answer`, { answer: 'a', v: '1', shown: '0' }).expect(303)
  wait(3)
  await site.act('close').expect(303)
  return { ...site, wait }
}

test('a report tells the length without pauses, what each step took, who stayed how long, and how long a hand waited', async () => {
  const site = await afterAnHour()
  site.wait(600)
  const { text } = await site.ines.get(`/w/${site.id}/report`).expect(200)
  assert.match(text, /15 min · paused for 5 min/)
  assert.match(text, /half were taken within 2 min/)
  const rows = [...text.matchAll(/<tr>\s*<th scope="row"[\s\S]*?<\/tr>/g)].map(([row]) =>
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  const [lesson, , challenge] = rows
  assert.match(lesson!, /12 min 0\/2/)
  assert.match(challenge!, /– 0\/2/)
  assert.match(rows.at(-1)!, /^Bob – 0 0/)
  assert.match(text, /Both need 20 people/)
})

test('its files: a table that no spreadsheet runs, lines of all acts, and statements that are the same each time', async () => {
  const site = await afterAnHour()
  const { text: csv, headers } = await site.ines.get(`/w/${site.id}/report/csv`).expect(200)
  assert.match(headers['content-type']!, /^text\/csv/)
  assert.match(headers['content-disposition']!, /attachment; filename=podium-workshop-[a-z0-9]{6}\.csv$/)
  assert.match(csv, /^\uFEFFname,joined,last_seen,hands,/)
  assert.match(csv, /^'=Ann\+1,2026-11-23T09:00:00\.000Z,/m)
  const lines = (await site.ines.get(`/w/${site.id}/report/jsonl`).buffer(true).parse(asText).expect(200))
    .body as string
  const acts = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    acts.map(({ act }) => act).filter((act) => ['opened', 'paused', 'resumed', 'closed'].includes(act)),
    ['opened', 'paused', 'resumed', 'closed'],
  )
  assert.equal(acts.find(({ act }) => act === 'hand-raised').nickname, '=Ann+1')
  assert.ok(acts.every((line) => !('by' in line)))
  // Under test each request has a port of its own.
  const statements = async () => {
    const { body } = await site.ines.get(`/w/${site.id}/report/xapi`).expect(200)
    return JSON.parse(JSON.stringify(body).replaceAll(/127\.0\.0\.1:\d+/g, 'podium.test'))
  }
  const first = await statements()
  assert.deepEqual(await statements(), first)
  assert.equal(first.length, 1)
  assert.match(first[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(first[0].object.id, /^http.*\/w\/[a-f0-9]{18}\/questions\/pod\/always$/)
  assert.equal(first[0].verb.id, 'http://adlnet.gov/expapi/verbs/completed')
})

test('with names hidden none is in the page nor in a file', async () => {
  const site = await afterAnHour()
  for (const path of ['report?names=off', 'report/csv?names=off', 'report/jsonl?names=off', 'report/xapi?names=off']) {
    const { body } = await site.ines.get(`/w/${site.id}/${path}`).buffer(true).parse(asText).expect(200)
    assert.doesNotMatch(body, /Ann|Bob/, path)
    assert.match(body, path.includes('jsonl') ? /"act":"opened"/ : /Participant 1/, path)
  }
})

test('a report is for those who lead it, and says so where nothing is there yet', async () => {
  const site = await planned()
  const ann = await site.joins('Ann')
  await ann.get(`/w/${site.id}/report`).expect(403)
  await ann.get(`/w/${site.id}/report/csv`).expect(403)
  await site.ines.get(`/w/${site.id}/report/exe`).expect(404)
  assert.match((await site.ines.get(`/w/${site.id}/report`).expect(200)).text, /It has not begun yet/)
})

test('the same steps are opened as self-paced, all at once and without votes; an ended one is deleted with all that was done', async () => {
  const site = await afterAnHour()
  const { ines, id, deps } = site
  const { location } = (await ines.post(`/workshops/${id}/self-paced`).expect(303)).headers
  const fresh = location!.split('/')[2]!
  const room = await deps.rooms.room(fresh)
  assert.deepEqual([room.title, room.life.state, room.open.size], ['Pods, by hand (self-paced)', 'open', 3])
  // Everybody begins with the first step.
  assert.equal(room.current, room.steps[0]!.id)
  const otto = await instructor(site, 'otto')
  await otto.post(`/workshops/${id}/self-paced`).expect(404)
  await otto.post(`/workshops/${id}/remove`).expect(404)
  assert.match((await ines.post(`/workshops/${fresh}/remove`).expect(409)).text, /End it first/)
  const [seat] = await deps.storage.participants.listOf(id)
  await ines.post(`/workshops/${id}/remove`).expect(303).expect('location', '/workshops')
  await ines.get(`/w/${id}/wall`).expect(404)
  assert.deepEqual(await deps.storage.participants.listOf(id), [])
  assert.equal((await deps.journals.work({ sittingId: id, participantId: seat!.id })).answers.length, 0)
  assert.equal((await deps.rooms.room(id)).title, '')
})

function asText(res: Response, done: (error: Error | null, text: string) => void): void {
  let text = ''
  res.setEncoding('utf8')
  res.on('data', (part: string) => {
    text += part
  })
  res.on('end', () => done(null, text))
}

test('it is kept for as long as its owner says, and goes by itself when the day has come', async () => {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const site = await planned({ now: () => nowMs })
  const { id, act, ines, deps, joins } = site
  const keeps = (days: string) => ines.post(`/workshops/${id}/retention`, { days })
  const sweep = () =>
    removeDue({
      ...{ storage: deps.storage, now: () => nowMs, onError: assert.ifError },
      removers: { workshop: (one) => removeSitting(deps.storage, deps.journals, one) },
    })
  await act('open').expect(303)
  const ann = await joins('Ann')
  await keeps('30').expect(409)
  await act('close').expect(303)
  assert.equal(await sweep(), 0)
  await keeps('31').expect(422)
  await keeps('30').expect(303)
  assert.match((await ines.get(`/w/${id}/report`)).text, /deleted on 2026-04-01/)
  assert.match((await ann.get(`/w/${id}`)).text, /your work in it, is deleted on 2026-04-01/)
  nowMs += 30 * 24 * 3_600_000 - 1
  assert.equal(await sweep(), 0)
  await keeps('7').expect(422)
  // It may be kept after all.
  await keeps('keep').expect(303)
  nowMs += 1
  assert.equal(await sweep(), 0)
  await keeps('90').expect(303)
  nowMs += 60 * 24 * 3_600_000
  assert.equal(await sweep(), 1)
  assert.deepEqual(await deps.storage.participants.listOf(id), [])
  await ines.get(`/w/${id}/report`).expect(404)
})

test('one that cannot be deleted keeps no other one', async () => {
  const { deps, id, act, ines } = await planned({ now: () => Date.UTC(2026, 2, 2) })
  await act('open').expect(303)
  await act('close').expect(303)
  await ines.post(`/workshops/${id}/retention`, { days: '7' }).expect(303)
  const other = await deps.rooms.create('ann')
  await deps.storage.sittings.update(other.id, (sitting) => ({ ...sitting, retainUntilMs: 1 }))
  const told: unknown[] = []
  const removed = await removeDue({
    storage: deps.storage,
    now: () => Date.UTC(2026, 5, 2),
    onError: (error) => told.push(error),
    removers: {
      workshop: (one) =>
        one === id ? Promise.reject(new Error('the disk is full')) : removeSitting(deps.storage, deps.journals, one),
    },
  })
  assert.deepEqual([removed, told.length, await deps.rooms.find(other.id)], [1, 1, undefined])
})
