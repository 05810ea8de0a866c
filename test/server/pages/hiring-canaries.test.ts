/** A crawl over all routes as a candidate: no check, solution, key or reason of what the exercise asks is in any byte that they get. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTurn } from '../../../scripts/turn.mjs'
import { closeWhatIsDue } from '../../../server/practice/closing-exercise.ts'
import { siteMap } from '../../../server/routes.ts'
import { until } from '../../support/until.ts'
import { aGrade } from '../fake-labs.ts'
import { visitor } from '../support.ts'
import { clock, hiring } from './hiring-site.ts'

/** Planted in the fixture: expressions of checks, texts of hints, reasons and explanations of questions; and the solution's own words. */
const canaries = /KEYCHECK|KEYWHY|KEYEXPLANATION|HINTTEXT|CAUSEHINT|KEYSOLUTION|KEYWRONG|KEYDEBRIEF/

test('the canaries are there to be found', async () => {
  const { app, catalog } = await hiring()
  const { files } = catalog.challenges.get('three-pods')!
  assert.match(JSON.stringify(files), /KEYCHECK[\s\S]*HINTTEXT/)
  const guest = await visitor(app)
  const { text } = await guest.post('/questions/pod/always/answer', { answer: 'b', v: '1' }).redirects(1)
  assert.match(text, /KEYWHY/, 'told in practice')
})

test('a candidate gets none of them, by any route, while the exercise is open', async () => {
  const time = clock()
  const site = await hiring({ now: time.now })
  const { deps, app, act, id, exercise, job } = site
  await act('open')
  const link = await site.invites('Kim')
  const other = await site.invites('Otto Other')
  const token = link.slice(3)
  const kim = await visitor(app)
  await kim.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  await kim.post(`${link}/start`).expect(303)
  await kim.post(`${link}/challenges/three-pods`, { do: 'kubectl', line: 'get pods' }).expect(303)
  time.pass(2)
  await kim.post(`${link}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
  // What they left is graded already, with a reason that is not theirs to see.
  site.labs.next.grade = aGrade({ passed: false, tests: aGrade().tests.map((one) => ({ ...one, message: 'KEYWHY' })) })
  await closeWhatIsDue({ ...deps, onError: (error) => assert.fail(String(error)) }, new Set())
  const seat = (await site.seats()).find(({ learnerId }) => learnerId !== null)
  const attempt = (await deps.journals.work({ sittingId: id, participantId: seat!.id })).attempts[0]!.id
  const seatId = { sittingId: id, participantId: seat!.id }
  const gradings = async () => (await deps.journals.work(seatId)).attempts[0]!.gradings.length
  await until(async () => (await gradings()) === 1, 'a grading')
  // Each place that an address can name, as a candidate knows it or could guess it.
  const values: Record<string, readonly string[]> = {
    token: [token, other.slice(3)],
    section: ['pod'],
    slug: ['always'],
    id: ['three-pods', id, job.split('/').at(-1)!],
    attempt: [attempt],
    number: ['1'],
    n: ['1', seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()],
    sitting: [id],
    seat: [seat!.id],
  }
  const namesOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const filled = (path: string): string[] =>
    namesOf(path).reduce(
      (paths, name) =>
        paths.flatMap((one) => (values[name] ?? ['none']).map((value) => one.replace(`:${name}`, value))),
      [path],
    )
  const map = siteMap(deps)
  const items = [
    '/questions/pod/always',
    '/questions/pod/always/answer',
    '/challenges/three-pods',
    '/challenges/three-pods/draft',
  ]
  const under = map.filter(({ path }) => /^\/(questions|challenges|lessons|study|runs|golf|progress|daily)/.test(path))
  const paths = [
    ...map.filter(({ path }) => !/\/live$|\/pace$/.test(path)).flatMap(({ path }) => filled(path)),
    // The same pages under the link, and under the practice of it.
    ...[link, `${link}/practice`].flatMap((place) =>
      under.flatMap(({ path }) => filled(path).map((one) => place + one)),
    ),
    ...items.flatMap((path) => [
      `${link}${path}?answer=1`,
      `${link}${path}?v=2`,
      `${link}${path}?at=1`,
      `${path}?in=lesson`,
    ]),
    ...['/search?q=three', '/progress/export', '/editor/kinds', '/static/generated/editor.js'],
  ]
  const pressed = [
    'grade',
    'hint:h1',
    'hint:h2',
    'give-up',
    'show',
    'mark',
    'variant',
    'play',
    'settle',
    'answer',
    'apply',
    'save',
  ]
  let read = 0
  const check = (path: string, { text = '', headers }: { text?: string; headers: Record<string, unknown> }) => {
    assert.doesNotMatch(text + JSON.stringify(headers), canaries, path)
    // Neither who the others are.
    assert.doesNotMatch(text, /Otto Other/, path)
    read++
  }
  // Each as a page or as a part of one, the other way with another commit.
  const asPage = (n: number): boolean => isTurn(n, 2, process.env.CRAWL)
  const asPart = (n: number): boolean => asPage(n + 1)
  for (const [n, path] of [...new Set(paths)].entries()) {
    if (asPage(n)) check(path, await kim.get(path))
    if (asPart(n)) check(`htmx ${path}`, await kim.agent.get(path).set('HX-Request', 'true'))
  }
  const acts = paths.filter((path) => /three-pods|pod\/always/.test(path) && !path.includes('?'))
  for (const [n, path] of [...new Set(acts)].entries())
    for (const [m, button] of pressed.entries()) {
      const fields = {
        do: button,
        answer: 'b',
        check: 'ready',
        level: '1',
        file: 'web.yaml',
        content: 'kind: Pod',
        line: 'get pods',
      }
      if (asPage(n + m)) check(`${button} ${path}`, await kim.post(path, fields))
      if (asPart(n + m)) check(`htmx ${button} ${path}`, await kim.htmx(path, fields))
    }
  check('hand in', await kim.post(`${link}/hand-in`))
  check('done', await kim.get(`${link}/done`))
  check('own export', await kim.get('/progress/export'))
  await kim.get(exercise).expect(403)
  assert.ok(read > 600, String(read))
})
