// Damaged documents of workshops close what cannot be known without them, in words, and nothing is written in their place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitor } from '../support.ts'
import { comesBack, onFolder } from './damaged-site.ts'
import { planned } from './workshop-site.ts'

const closed = /cannot be read\. Nothing has been overwritten, and it is kept for repair/

/** A workshop that goes on, with two who take part, on a folder. */
async function site() {
  const place = await onFolder()
  const whole = await planned({ storage: place.storage })
  await whole.act('open')
  const [ada, bo] = [await whole.joins('Ada'), await whole.joins('Bo')]
  const damaged = async (paths: readonly string[], text?: string) => {
    const again = await place.damaged(paths, {}, text)
    const back = (one: Parameters<typeof comesBack>[1]) => comesBack(again, one)
    return { ...again, back, ines: await back(whole.ines), ada: await back(ada), bo: await back(bo) }
  }
  return { ...whole, place, ada, bo, damaged }
}

test('a damaged journal of a workshop closes it for everybody, and nothing is written behind it', async () => {
  const { place, id, code, damaged } = await site()
  const again = await damaged([`journals/${id}/000000000.json`], '{')
  for (const path of [`/w/${id}/wall`, `/w/${id}/report`, `/workshops/${id}`, `/j/${code}`])
    assert.match((await again.ines.get(path).expect(500)).text, closed, path)
  assert.match((await again.ada.get(`/w/${id}`).expect(500)).text, closed)
  assert.match((await again.ines.post(`/workshops/${id}/act`, { do: 'open' }).expect(500)).text, closed)
  assert.match((await again.bo.post(`/j/${code}`, { nickname: 'Cy', do: 'join' }).expect(500)).text, closed)
  const list = (await again.ines.get('/workshops').expect(200)).text
  assert.match(list, /What happened in a workshop or an exercise/)
  await place.stop()
  assert.deepEqual(Object.keys(await place.files(`journals/${id}`)), [`journals/${id}/000000000.json.corrupt-1`])
  await place.end()
})

test('a damaged seat is left out of the wall and the report, which say so, and gets nobody another one', async () => {
  const { place, deps, id, code, ada, damaged } = await site()
  const seats = await deps.storage.participants.listOf(id)
  const own = seats.find(({ nickname }) => nickname === 'Ada')!
  const again = await damaged([`participants/${id}/${own.id}.json`])
  for (const path of [`/w/${id}/wall`, `/w/${id}/report`, `/workshops`]) {
    const { text } = await again.ines.get(path).expect(200)
    assert.match(text, /shown without: The seat of a participant or a candidate\. Nothing has been overwritten/, path)
    if (path !== '/workshops') assert.match(text, /Bo/, path)
  }
  assert.match((await again.ada.get(`/w/${id}`).expect(500)).text, closed)
  assert.match((await again.ada.get(`/j/${code}`).expect(500)).text, closed)
  assert.match((await again.ada.post(`/j/${code}`, { nickname: 'Ada two', do: 'join' }).expect(500)).text, closed)
  // Another device, with the words of the seat: it is not known whose they are.
  const device = await again.back(await visitor(again.app))
  assert.match((await device.post(`/j/${code}`, { words: ada.words, do: 'back' }).expect(500)).text, closed)
  await again.bo.get(`/w/${id}`).expect(200)
  await place.end()
})

test('lists and the code say of a damaged workshop that it may be meant', async () => {
  const { place, id, code, damaged } = await site()
  const again = await damaged([`sittings/${id}.json`])
  assert.match(
    (await again.ines.get('/workshops').expect(200)).text,
    /A workshop or an exercise whose owner is unknown/,
  )
  assert.match(
    (await again.ada.get(`/j/${code}`).expect(404)).text,
    /among those of this server that cannot be read \(1\)/,
  )
  assert.match(
    (await again.ada.post('/j', { code }).expect(404)).text,
    /among those of this server that cannot be read \(1\)/,
  )
  for (const path of [`/w/${id}`, `/w/${id}/wall`])
    assert.match((await again.ines.get(path).expect(500)).text, closed, path)
  await place.end()
})
