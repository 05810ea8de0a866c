/** Steps of a workshop that open by themselves: planned, and seen by those who take part. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planned } from './workshop-site.ts'

test('a step opens by itself on every side when its time has come', async () => {
  let nowMs = Date.UTC(2026, 2, 2, 9, 0, 0)
  const { ines, id, steps, joins, act, deps } = await planned({ now: () => nowMs })
  const rows = (await steps()).map((step) => step.id)
  const save = (opens: string[], minutes: string[]) =>
    ines.post(`/workshops/${id}`, { do: 'save', step: rows, minutes: ['10', '5', '5'], opens, 'opens-minute': minutes })
  assert.match((await save(['hold', 'time', 'after'], ['', '1.5', ''])).text, /after how many minutes step 2 opens/)
  await save(['hold', 'time', 'after'], ['', '20', '']).expect(303)
  assert.deepEqual(
    (await steps()).map(({ opens }) => opens),
    [undefined, { by: 'time', minute: 20 }, { by: 'after' }],
  )
  const ann = await joins('Ann')
  await act('open').expect(303)
  const { room } = (await deps.rooms.find(id))!
  const question = `/w/${id}/questions/pod/always`
  await ann.get(question).expect(423)
  assert.match((await ann.get(`/w/${id}`)).text, /opens 20 min after the beginning/)
  assert.match((await ann.get(`/p/${room.projectorToken}`)).text, /10 min left[\s\S]*opens in 20 min/)
  nowMs += 20 * 60_000
  await ann.get(question).expect(200)
  assert.match((await ines.get(`/w/${id}/wall`)).text, /opens when the step before is over/)
  assert.match((await ann.get(`/p/${room.projectorToken}`)).text, /5 min left[\s\S]*opens in 5 min/)
  await act('pause').expect(303)
  nowMs += 60 * 60_000
  await act('resume').expect(303)
  await ann.get(`/w/${id}/challenges/three-pods`).expect(423)
  nowMs += 5 * 60_000
  await ann.get(`/w/${id}/challenges/three-pods`).expect(200)
})

test('who looks on is told when a step opens by itself', async () => {
  const { ines, id, steps, act, deps } = await planned({ now: Date.now })
  const rows = (await steps()).map((step) => step.id)
  const told: number[] = []
  const stop = deps.rooms.follow(id, ({ acts }) => acts.length === 0 && told.push(1))
  await ines.post(`/workshops/${id}`, {
    do: 'save',
    step: rows,
    opens: ['hold', 'time', 'hold'],
    'opens-minute': ['', '0', ''],
  })
  await act('open').expect(303)
  for (let n = 0; n < 100 && told.length === 0; n++) await new Promise((done) => setTimeout(done, 20))
  stop()
  assert.equal((await deps.rooms.room(id)).open.size, 2)
})
