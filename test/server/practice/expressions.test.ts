// Nothing that learners can get holds the expression of a check: it is the key.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTurn } from '../../../scripts/turn.mjs'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import type { Challenge } from '../../../server/catalog/types.ts'
import { fillText } from '../../../server/questions/params.ts'
import type { Assertion, TestResult } from '../../../sim/index.ts'
import { projectCatalog } from '../../support/content.ts'
import { exported } from '../exported.ts'
import { aGrade } from '../fake-labs.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

const expressionIn = (assertion: Assertion | undefined): string | undefined =>
  assertion && 'cel' in assertion
    ? assertion.cel
    : assertion && 'traffic' in assertion
      ? assertion.traffic.cel
      : undefined

const paramsOf = ({ spec }: Challenge) =>
  Object.fromEntries(
    Object.entries(spec.params).map(([name, param]) => [name, 'oneOf' in param ? param.oneOf[0]! : param.int.min]),
  )

/** As the grader wrote it where an author had left an expression without words. */
function withKeys(challenge: Challenge): { tests: TestResult[]; keys: string[] } {
  const params = paramsOf(challenge)
  const keys: string[] = []
  const keyOf = (assertion: Assertion | undefined, title: string) => {
    const text = expressionIn(assertion)
    if (text === undefined) return title
    keys.push(text, fillText(text, params))
    return fillText(text, params)
  }
  const tests = challenge.spec.checks.map(
    ({ id, title, points, assert: asserted, criteria = [] }): TestResult => ({
      ...{ id, title, status: 'fail', points: 0, maxPoints: points, message: '', cause: [], causes: [] },
      expected: keyOf(asserted, title),
      criteria: criteria.map((one) => ({
        ...{ id: one.id, title: one.title, status: 'fail', points: 0, maxPoints: one.points },
        expected: keyOf(one.assert, one.title),
      })),
    }),
  )
  return { tests, keys }
}

/** As it stands in HTML, in JSON, and by itself. */
const forms = (key: string): string[] => [
  key,
  JSON.stringify(key).slice(1, -1),
  key
    .replaceAll('&', '&amp;')
    .replaceAll("'", '&#39;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;'),
]

for (const [name, load, parts] of [
  ['the fixture', () => loadCatalogOrThrow(fixtureFolder), 1],
  ['a third of the content, another with each commit', projectCatalog, 3],
] as const)
  test(`no page and no file holds an expression of a check, of ${name}`, async () => {
    const catalog = await load()
    const { app, labs } = await createTestApp({ catalog: () => catalog })
    const guest = await visitor(app)
    const told: string[] = []
    const keys: string[] = []
    for (const [n, challenge] of [...catalog.challenges.values()].entries()) {
      if (!isTurn(n, parts, process.env.CRAWL)) continue
      const graded = withKeys(challenge)
      keys.push(...graded.keys)
      labs.next.grade = aGrade({ tests: graded.tests, passed: false, score: 0, params: paramsOf(challenge) })
      const address = `/challenges/${challenge.id}`
      told.push((await guest.get(address).expect(200)).text)
      const sent = await guest.post(address, { do: 'grade' }).expect(303)
      told.push((await guest.get(sent.headers.location!).expect(200)).text)
    }
    assert.ok(keys.length > 0)
    for (const path of ['/challenges', '/progress', '/progress/export'])
      told.push((await guest.get(path).expect(200)).text)
    const all = told.join('\n')
    assert.deepEqual(
      keys.filter((key) => forms(key).some((form) => all.includes(form))),
      [],
    )
  })

test('the points of checks that are not shown cannot be reckoned from those that are, on pages and in the file', async () => {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const seen = aGrade().tests[0]!
  labs.next.grade = aGrade({
    ...{ score: 61, maxScore: 100, passed: false },
    tests: [
      { ...seen, points: 40, maxPoints: 40 },
      { ...seen, id: 'other', status: 'fail', points: 0, maxPoints: 40 },
      { ...seen, id: 'secret', hidden: true, status: 'fail', points: 21, maxPoints: 37 },
    ],
    gates: [{ ...seen, id: 'trap', hidden: true, points: 0, maxPoints: 7 }],
  })
  const page = (await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)).headers.location!
  const { text } = await guest.get(page).expect(200)
  assert.match(text, /<strong>50<\/strong> of 100 points/)
  assert.match(text, /There are further checks/)
  assert.match((await guest.get('/challenges')).text, /best 50/)
  const { result } = exported((await guest.get('/progress/export')).text).attempts[0].gradings[0]
  assert.deepEqual([result.score, result.maxScore, result.passed], [40, 80, false])
  assert.doesNotMatch(JSON.stringify(result), /secret|trap/)
})
