import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, visitor } from '../support.ts'

const nextOf = (text: string) => /class="next-up"[\s\S]*?class="button is-primary" href="([^"]+)"/.exec(text)?.[1]
const sectionsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/href="\/\w+\?section=(\w+)" class="domain"[\s\S]*?<span class="num">(\d+\/\d+)<\/span>/g)].map(
      ([, id, count]) => [id, count],
    ),
  )

test('the list of questions leads on to the easiest that is not right yet, then to what is due, and counts by section', async () => {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const { app, catalog } = await createTestApp({ now: () => nowMs })
  const guest = await visitor(app)
  const { text } = await guest.get('/questions').expect(200)
  const all = [...catalog.questions.values()]
  const least = Math.min(...all.map(({ difficulty }) => difficulty))
  const first = nextOf(text)!.replace('/questions/', '')
  assert.equal(catalog.questions.get(first)!.difficulty, least)
  const inPods = all.filter(({ section }) => section === 'pod').length
  assert.equal(sectionsOf(text).pod, `0/${inPods}`)

  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
  const answered = (await guest.get('/questions').expect(200)).text
  assert.equal(sectionsOf(answered).pod, `1/${inPods}`)
  assert.match(nextOf(answered)!, /^\/questions\/pod\/(?!always$)/)
  const filtered = (await guest.get('/questions?section=pod').expect(200)).text
  assert.equal(nextOf(filtered), undefined)
  assert.match(filtered, /section=pod" class="domain" data-domain="pod" aria-current="true"/)

  nowMs += 90 * 86_400_000
  assert.equal(nextOf((await guest.get('/questions').expect(200)).text), '/study/review/next')
})

test('the list of lessons leads on from the lesson that was read last, and from the first for somebody new', async () => {
  const { app, catalog } = await createTestApp()
  const guest = await visitor(app)
  const seen: string[] = []
  for (let next = nextOf((await guest.get('/lessons')).text); next; next = nextOf((await guest.get('/lessons')).text)) {
    seen.push(next.replace('/lessons/', ''))
    await guest.post('/study/read', { item: `lesson:${seen.at(-1)}`, on: 'yes' }).expect(303)
  }
  assert.deepEqual([...new Set(seen)].sort(), [...catalog.lessons.keys()].sort())
})

test('the list of challenges counts what is passed by section', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const before = sectionsOf((await guest.get('/challenges').expect(200)).text)
  const [[section, count]] = Object.entries(before) as [[string, string]]
  assert.match(count, /^0\/[1-9]/)
  await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  const after = sectionsOf((await guest.get('/challenges').expect(200)).text)
  assert.equal(after[section], count.replace(/^0/, '1'))
})
