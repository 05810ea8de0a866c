/** Typing in a learner's cluster: with their consent, for a while, and in one's own name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seatIn } from '../../../server/pages/workshops/seat-in.ts'
import { planned } from './workshop-site.ts'

const minuteMs = 60_000

async function atWork() {
  let nowMs = Date.UTC(2026, 2, 2, 9, 0, 0)
  const site = await planned({ now: () => nowMs })
  const { id, act, steps, deps, ines } = site
  await act('open').expect(303)
  const step = (await steps())[2]!.id
  await act(`open-step:${step}`).expect(303)
  const own = `/w/${id}/challenges/three-pods`
  const ann = await site.joins('Ann')
  await ann.post(own, { do: 'run10' }).expect(303)
  const [person] = await deps.storage.participants.listOf(id)
  const seat = `/w/${id}/seats/${person!.id}`
  const desk = `${seat}/desk/${step}`
  const types = (fields: Record<string, string> = { do: 'kubectl', line: 'get pods' }) => ines.post(desk, fields)
  const acts = async () =>
    (await deps.journals.acts(seatIn({ id }, person!))).map(({ act, by }) => `${act} ${by ?? ''}`.trim())
  const answers = (pressed: string) => ann.post(`/w/${id}/cluster`, { do: pressed }).expect(303)
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { ...site, ann, person: person!, own, seat, desk, types, acts, answers, pass, step }
}

test('nothing is typed without consent, and what is typed with it says whose it is, on both sides', async () => {
  const { ines, ann, own, seat, desk, types, acts, answers, id } = await atWork()
  await types().expect(403)
  await ines.get(desk).expect(403)
  await ines.post(`${desk}/draft`, { file: 'web.yaml', content: 'x' }).expect(403)
  await answers('allow-typing')
  await types().expect(403)
  await ines.post(`${seat}/typing`, { do: 'offer' }).expect(303)
  await types().expect(403)
  assert.match((await ann.get(own)).text, /ines offers to type in your cluster for 10 minutes/)
  assert.match((await ines.get(`/w/${id}/wall`)).text, /ines has offered to type/)
  await answers('allow-typing')
  const page = (await ines.get(desk).expect(200)).text
  assert.match(page, /You are typing in the cluster of Ann/)
  assert.doesNotMatch(page, /value="grade"|value="reset"|data-terminal/)
  await types().expect(303)
  await ines.post(`${desk}/draft`, { file: 'web.yaml', content: 'kind: Pod' }).expect(204)
  assert.deepEqual((await acts()).slice(2), ['ran ines', 'edited ines'])
  const { text } = await ann.get(own)
  assert.match(text, /ines may type in your cluster for 10 more minutes/)
  assert.match(text, /<strong>ines<\/strong> <span>Ran: kubectl get pods/)
  assert.match(text, /<strong>ines<\/strong> <span>Saved web\.yaml/)
  for (const pressed of ['reset', 'again', 'variant']) await types({ do: pressed }).expect(403)
  await types({ do: 'grade' }).expect(400)
  await types({ do: 'hint:h1' }).expect(400)
  await ann.post(own, { do: 'run10' }).expect(303)
  assert.equal((await acts()).at(-1), 'ran')
})

test('consent ends by the learner, by the instructor, by the clock, and with the workshop', async () => {
  const { ines, act, seat, types, answers, pass, acts, ann, own } = await atWork()
  const allow = async () => {
    await ines.post(`${seat}/typing`, { do: 'offer' }).expect(303)
    await answers('allow-typing')
    await types().expect(303)
  }
  await allow()
  await answers('end-typing')
  await types().expect(403)
  await allow()
  await ines.post(`${seat}/typing`, { do: 'end' }).expect(303)
  await types().expect(403)
  await allow()
  pass(10 * minuteMs - 1)
  await types().expect(303)
  pass(1)
  await types().expect(403)
  assert.doesNotMatch((await ann.get(own)).text, /may type in your cluster for/)
  await allow()
  const before = (await acts()).length
  await act('pause').expect(303)
  assert.ok((await types()).status >= 400)
  await act('resume').expect(303)
  await act('close').expect(303)
  await types().expect(403)
  assert.equal((await acts()).length, before)
})

test('a hand may bring it along: whoever takes it may type, nobody else, until it is down', async () => {
  const { ines, ann, id, person, types, own, app, deps } = await atWork()
  await ann.post(`/w/${id}`, { do: 'hand', says: 'It is stuck', 'may-type': 'yes' }).expect(303)
  await types().expect(403)
  assert.match((await ines.get(`/w/${id}/wall`)).text, /you may type[\s\S]*It is stuck/)
  await ines.post(`/w/${id}/hands`, { do: `take:${person.id}` }).expect(303)
  await types().expect(303)
  assert.match((await ann.get(own)).text, /ines may type in your cluster/)
  // Another one who leads the same workshop has no part in it.
  const { instructor } = await import('./workshop-site.ts')
  const otto = await instructor({ app, deps } as never, 'otto')
  const workshop = (await deps.rooms.find(id))!
  const { learnerId } = (await deps.accounts.find('otto'))!
  await deps.storage.sittings.save({
    ...workshop,
    room: { ...workshop.room, coInstructors: [{ learnerId, name: 'Otto' }] },
  })
  await otto.get(`/w/${id}/seats/${person.id}`).expect(200)
  await otto.post(`/w/${id}/seats/${person.id}/typing`, { do: 'offer' }).expect(409)
  await otto.get(`/w/${id}/seats/${person.id}/desk/${(await deps.rooms.room(id)).steps[2]!.id}`).expect(403)
  await otto.post(`/w/${id}/seats/${person.id}/typing`, { do: 'end' }).expect(303)
  await types().expect(303)
  await ines.post(`/w/${id}/hands`, { do: `done:${person.id}` }).expect(303)
  await types().expect(403)
})

test('a helper who has come is allowed by a button, and a hand without the word allows nothing', async () => {
  const { ines, ann, id, person, types, own, answers } = await atWork()
  await ann.post(`/w/${id}`, { do: 'hand', says: '' }).expect(303)
  await ines.post(`/w/${id}/hands`, { do: `take:${person.id}` }).expect(303)
  await types().expect(403)
  assert.match((await ann.get(own)).text, /Let ines type for 10 minutes/)
  await answers('allow-typing')
  await types().expect(303)
  await ann.post(`/w/${id}`, { do: 'lower' }).expect(303)
  await types().expect(403)
})
