// Damaged documents of workshops close what cannot be known without them, in words, and nothing is written in their place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
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
})
