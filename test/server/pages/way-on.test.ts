/** Where somebody who is new, or done with a page, is led: one way on, and it stands first. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { projectCatalog } from '../../support/content.ts'
import { aGrade } from '../fake-labs.ts'
import { createTestApp, visitor } from '../support.ts'
import { planned } from './workshop-site.ts'

/** The buttons that lead, by their words. */
const primaries = (html: string): string[] =>
  [...html.matchAll(/<(a|button)[^>]*class="button is-primary"[^>]*>(.*?)<\/\1>/gs)].map(([, , inside]) =>
    inside!
      .replace(/<[^>]+>/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  )

test('the home page offers the challenge that the first track comes to first, and no exam task', async () => {
  const catalog = await projectCatalog()
  const { app } = await createTestApp({ catalog: () => catalog })
  const { text } = await (await visitor(app)).get('/').expect(200)
  const [, id] = /href="\/challenges\/([\w-]+)">[^<]*Try a challenge/.exec(text)!
  const first = [...catalog.tracks.values()][0]!.steps.find(({ kind }) => kind === 'challenge')!
  assert.equal(id, first.id)
  assert.notEqual(catalog.challenges.get(id!)!.spec.style, 'task')
})

test('at the end of a lesson one button leads: that of the track it begins', async () => {
  const guest = await visitor((await createTestApp()).app)
  const { text } = await guest.get('/lessons/pod/restarts').expect(200)
  const end = text.slice(text.indexOf('class="lesson-end"'))
  assert.equal(primaries(end).length, 1)
  assert.match(end.slice(end.indexOf('on-tracks')), /is-primary/)
  assert.doesNotMatch(end, /class="lesson-read"/)
})

test('a challenge that is passed leads on along its track, and to the list where nothing is left of it', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  labs.next.grade = aGrade()
  const { location } = (await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)).headers
  const led = async () => primaries((await guest.get(location!.split('#')[0]!).expect(200)).text)
  assert.match((await led())[0]!, /^Read: /)
  await guest.post('/study/read', { item: 'lesson:pod/restarts', back: '/' }).expect(303)
  assert.match((await led())[0]!, /^Answer: /)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  assert.deepEqual(await led(), ['All challenges'])
})

test('a task without files says what to do instead of showing an empty editor', async () => {
  const catalog = await projectCatalog()
  const { app } = await createTestApp({ catalog: () => catalog })
  const guest = await visitor(app)
  const shown = async (id: string) => (await guest.get(`/challenges/${id}`).expect(200)).text
  assert.match(await shown('back-to-an-earlier-revision'), /There is no file to edit here/)
  assert.doesNotMatch(await shown('one-letter'), /There is no file to edit here/)
})

test('who may not lead workshops yet is led to an account, and who may is not', async () => {
  const { ines, app } = await planned()
  const guest = await visitor(app)
  assert.match((await guest.get('/workshops').expect(200)).text, /href="\/account"[^>]*><span>Make an account first/)
  assert.doesNotMatch((await ines.get('/workshops').expect(200)).text, /Make an account first|Give the admin this name/)
})
