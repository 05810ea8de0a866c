/** Who leads a workshop walks through it as a learner, and leaves no trace in it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitor } from '../support.ts'
import { instructor, planned } from './workshop-site.ts'

async function rehearsed() {
  const site = await planned()
  const go = (pressed: string) => site.ines.post(`/workshops/${site.id}/rehearsal`, { do: pressed })
  const { location } = (await go('go').expect(303)).headers
  return { ...site, go, address: location!, rehearsal: location!.split('/').at(-1)! }
}

test('all steps are open in a rehearsal, and work there is neither in the workshop nor in one’s own practice', async () => {
  const { ines, id, address, rehearsal, deps, steps } = await rehearsed()
  const page = (await ines.get(address).expect(200)).text
  assert.match(page, /Rehearsal: Pods, by hand/)
  assert.match(page, /You see the workshop as a learner does/)
  for (const path of ['lessons/pod/restarts', 'questions/pod/always', 'challenges/three-pods'])
    await ines.get(`${address}/${path}`).expect(200)
  assert.equal((await deps.rooms.room(rehearsal)).current, (await steps())[0]!.id)
  await ines.post(`${address}/questions/pod/always/answer`, { answer: 'a', v: '1', shown: '0' }).expect(303)
  const [seat] = await deps.storage.participants.listOf(rehearsal)
  assert.equal((await deps.journals.work({ sittingId: rehearsal, participantId: seat!.id })).answers.length, 1)
  const { learnerId } = seat!
  const own = await deps.journals.work({ sittingId: `practice-${learnerId}`, participantId: learnerId! })
  assert.equal(own.answers.length, 0)

  assert.deepEqual(await deps.storage.participants.listOf(id), [])
  assert.equal((await deps.rooms.room(id)).life.state, 'draft')
  assert.match((await ines.get(`/w/${id}/wall`)).text, /Nobody is here yet/)
  assert.doesNotMatch((await ines.get('/workshops')).text, /Rehearsal:/)
})

test('it follows the plan, goes on where it was, and begins anew with all that was done gone', async () => {
  const { ines, id, address, rehearsal, deps, go } = await rehearsed()
  await ines.post(`${address}/questions/pod/always/answer`, { answer: 'a', v: '1', shown: '0' }).expect(303)
  await ines.post(`/workshops/${id}`, { do: 'talk', talk: 'Lunch' }).expect(303)
  assert.equal((await go('go').expect(303)).headers.location, address)
  const room = await deps.rooms.room(rehearsal)
  assert.deepEqual([room.steps.length, room.open.size], [4, 4])
  const [seat] = await deps.storage.participants.listOf(rehearsal)
  const again = (await go('anew').expect(303)).headers.location!
  assert.notEqual(again, address)
  assert.equal(await deps.rooms.find(rehearsal), undefined)
  assert.deepEqual(await deps.storage.participants.listOf(rehearsal), [])
  assert.equal((await deps.journals.work({ sittingId: rehearsal, participantId: seat!.id })).answers.length, 0)
  await ines.get(again).expect(200)
  assert.equal((await deps.rooms.rehearsalsOf(seat!.learnerId!)).length, 1)
})

test('a poll is asked, voted on, closed and revealed by the same person', async () => {
  const site = await planned()
  const { ines, steps, id } = site
  const rows = (await steps()).map((step) => step.id)
  await ines.post(`/workshops/${id}`, { do: 'save', step: rows, 'as-poll': rows[1]! }).expect(303)
  const address = (await ines.post(`/workshops/${id}/rehearsal`).expect(303)).headers.location!
  const poll = `${address}/polls/${rows[1]}`
  assert.match((await ines.get(poll).expect(200)).text, /In the workshop you do this on your own page/)
  const ask = (pressed: string) => ines.post(`${poll}/lead`, { do: pressed }).expect(303)
  await ask('open')
  await ines.post(poll, { answer: 'a', round: '1' }).expect(303)
  await ask('close')
  await ask('reveal')
  assert.match((await ines.get(poll).expect(200)).text, /1 of 1 voted right/)
  assert.equal((await site.deps.rooms.room(id)).polls.size, 0)
})

test('nobody else comes into a rehearsal or begins one, and an empty plan has none', async () => {
  const site = await rehearsed()
  const { app, deps, rehearsal, address, id } = site
  const { room } = (await deps.rooms.find(rehearsal))!
  const guest = await visitor(app)
  await guest.get(`/j/${room.code}`).expect(404)
  await guest.get(address).expect(303)
  const otto = await instructor(site, 'otto')
  await otto.post(`/workshops/${id}/rehearsal`).expect(404)
  await site.ines.post(`/workshops/${rehearsal}/rehearsal`).expect(404)
  const { location } = (await otto.post('/workshops/new').expect(303)).headers
  assert.match((await otto.post(`${location}/rehearsal`).expect(422)).text, /There is no step yet/)
})
