/** Ready-made workshops: looked at, begun from, led with their guide; and copies of one's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitor } from '../support.ts'
import { instructor, planned } from './workshop-site.ts'

const begun = async () => {
  const site = await planned()
  const made = await site.ines.post('/workshops/new', { from: 'first-day' }).expect(303)
  return { ...site, address: made.headers.location!, made: made.headers.location!.split('/').at(-1)! }
}

test('a ready-made workshop is read with its guide before it is made', async () => {
  const { ines, app } = await planned()
  assert.match(
    (await ines.get('/workshops').expect(200)).text,
    /href="\/workshops\/plans\/first-day"[\s\S]*A day for all/,
  )
  const { text } = await ines.get('/workshops/plans/first-day').expect(200)
  assert.match(text, /0:00–0:10[\s\S]*Hello to all[\s\S]*KEYGUIDE[\s\S]*0:15–0:35[\s\S]*Goes wrong/)
  await ines.get('/workshops/plans/none').expect(404)
  await ines.post('/workshops/new', { from: 'none' }).expect(404)
  const guest = await visitor(app)
  await guest.get('/workshops/plans/first-day').expect(403)
})

test('one that is made from it has its steps, polls, times and guide', async () => {
  const { ines, address, made, deps, joins, id } = await begun()
  const { title, steps } = await deps.rooms.room(made)
  assert.equal(title, 'A first day')
  assert.deepEqual(
    steps.map(({ id: step, item, minutes, opens, poll }) => [
      step,
      item,
      minutes,
      opens,
      poll?.isAnonymous,
      poll?.own?.text,
    ]),
    [
      ['hello', undefined, 10, undefined, undefined, undefined],
      ['vote', 'question:pod/always', 5, { by: 'after' }, false, undefined],
      ['practice', 'challenge:three-pods', 20, { by: 'time', minute: 30 }, undefined, undefined],
      ['opinion', undefined, 5, undefined, true, 'Was it good?'],
    ],
  )
  const guide = (await ines.get(`${address}/guide`).expect(200)).text
  assert.match(guide, /KEYGUIDE/)
  assert.match((await ines.get(`/w/${made}/wall`).expect(200)).text, new RegExp(`href="${address}/guide"`))
  const plain = (await ines.get(`/workshops/${id}/guide`).expect(200)).text
  assert.match(plain, /0:00–/)
  assert.doesNotMatch(plain, /KEYGUIDE/)
  const ann = await joins('Ann')
  await ann.get(`${address}/guide`).expect(403)
})

test('a workshop of one’s own is duplicated with its guide and without its people and votes; nobody else’s is', async () => {
  const site = await begun()
  const { ines, made, address, deps } = site
  await ines.post(`${address}/act`, { do: 'open' }).expect(303)
  await ines.post(`/w/${made}/polls/vote/lead`, { do: 'open' }).expect(303)
  const { location } = (await ines.post('/workshops/new', { copy: made }).expect(303)).headers
  const copied = await deps.rooms.room(location!.split('/').at(-1)!)
  assert.deepEqual(
    [copied.title, copied.life.state, copied.polls.size, copied.open.size],
    ['A first day (copy)', 'draft', 0, 0],
  )
  assert.deepEqual(copied.steps, (await deps.rooms.room(made)).steps)
  assert.match((await ines.get(`${location}/guide`).expect(200)).text, /KEYGUIDE/)
  const otto = await instructor(site, 'otto')
  await otto.post('/workshops/new', { copy: made }).expect(404)
  await otto.get(`${address}/guide`).expect(404)
})
