/** A workshop keeps the content that it was opened with: everybody in it has the same, whatever becomes of it meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeOfFiles } from '../../../server/catalog/load.ts'
import { planned } from './workshop-site.ts'

const item = 'challenge:three-pods'

/** Open, with the step of the challenge open for all. */
async function opened() {
  const site = await planned()
  await site.act('open').expect(303)
  for (const { id } of await site.steps()) await site.act(`open-step:${id}`)
  const present = site.deps.catalog().challenges
  const challenge = present.get('three-pods')!
  const text = challenge.files['challenge.md']!.replace('**three**', '**FIVE**')
  const changed = challengeOfFiles('three-pods', { ...challenge.files, 'challenge.md': text })!
  return { ...site, challenge, changed, change: () => void present.set('three-pods', changed) }
}

test('a challenge that is fixed while a workshop is open stays as it is in it, for who comes later, too', async () => {
  const { id, joins, deps, challenge, changed, change } = await opened()
  const url = `/w/${id}/challenges/three-pods`
  const early = await joins('Early')
  assert.match((await early.get(url).expect(200)).text, /<strong>three<\/strong>/)
  change()
  assert.notEqual(changed.hash, challenge.hash)
  const late = await joins('Late')
  for (const one of [early, late]) assert.match((await one.get(url).expect(200)).text, /<strong>three<\/strong>/)
  // Outside of it the challenge is as it is now.
  assert.match((await late.get('/challenges/three-pods').expect(200)).text, /<strong>FIVE<\/strong>/)
  const { contentVersions } = (await deps.storage.sittings.find(id))!
  assert.equal(contentVersions[item], challenge.hash)
})

test('what becomes part of an open workshop is kept as it is then', async () => {
  const { id, ines, deps, changed, change, steps } = await opened()
  const { sittings } = deps.storage
  await sittings.update(id, (sitting) => {
    const { [item]: _, ...others } = sitting.contentVersions
    return { ...sitting, contentVersions: others }
  })
  change()
  await deps.rooms.act(id, 'owner', () => [{ act: 'planned', data: { title: 'Again', steps: [] } }])
  assert.equal((await sittings.find(id))!.contentVersions[item], undefined)
  assert.equal((await steps()).length, 0)
  await deps.rooms.act(id, 'owner', () => [
    { act: 'planned', data: { title: 'Again', steps: [{ id: 's9', title: 'Three', minutes: 5, item }] } },
  ])
  assert.equal((await sittings.find(id))!.contentVersions[item], changed.hash)
  await ines.get(`/workshops/${id}`).expect(200)
})
