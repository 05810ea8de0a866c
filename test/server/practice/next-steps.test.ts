import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { factsOf } from '../../../server/practice/answer-facts.ts'
import { topicSteps } from '../../../server/practice/next-steps.ts'
import { anAnswer } from '../storage/contract.ts'
import { fixtureFolder } from '../support.ts'

test('what to do next looks at each answer once, however many topics there are', async () => {
  const { topics, questions, ...rest } = await loadCatalogOrThrow(fixtureFolder)
  const [topic] = topics.values()
  const names = Array.from({ length: 50 }, (_, n) => `topic-${n}`)
  const catalog = {
    ...rest,
    lessons: new Map(),
    topics: new Map(names.map((id) => [id, { ...topic!, id }])),
    questions: new Map([...questions].map(([id, question]) => [id, { ...question, topics: names }])),
  }
  const ids = [...questions.keys()]
  const all = Array.from({ length: 200 }, (_, n) =>
    anAnswer(String(n), { questionId: ids[n % ids.length]!, seed: String(n), topics: names }),
  )
  let looks = 0
  const answers = new Proxy(all, {
    get: (list, name) => {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks++
      return Reflect.get(list, name)
    },
  })
  const steps = topicSteps(
    catalog,
    { answers, book: { read: [], bookmarks: [], notes: [] }, passed: new Set() },
    factsOf(all, catalog),
  )
  assert.equal(steps.length, 50)
  assert.equal(looks, all.length)
})
