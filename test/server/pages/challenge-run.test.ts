import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { stylesOf } from '../../../server/pages/challenges/replay-card.ts'
import { openRun } from '../../../server/practice/shared-runs.ts'
import { practiceSeat } from '../../../server/seat.ts'
import type { CheckCourse, CheckSpec, Command, GradeResult, LoggedCommand, TestResult } from '../../../sim/index.ts'
import { aGrade, aView } from '../fake-labs.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

const url = '/challenges/three-pods'
const look: Command = { op: 'kubectl', line: 'kubectl get pods' }
const change = (atMs: number): LoggedCommand => ({
  atMs,
  command: { op: 'kubectl', line: 'kubectl scale deployment web --replicas=3' },
})

const spans = (...turns: [number, boolean][]): CheckCourse['spans'] =>
  turns.map(([fromMs, holds]) => ({ fromMs, holds }))
const course = (over: Partial<CheckCourse>): CheckCourse => ({
  fromMs: 0,
  endMs: 60_000,
  spans: [],
  deciding: { fromMs: 60_000, toMs: 60_000 },
  ...over,
})
const result = (id: string, over: Partial<TestResult>): TestResult => ({
  id,
  title: `Check ${id}`,
  status: 'pass',
  points: 20,
  maxPoints: 20,
  criteria: [],
  message: '',
  cause: [],
  causes: [],
  ...over,
})

/** One held and was lost, one came to hold, one is tried at the end, one looked on after a fault, one was not looked at, one is hidden. */
const graded: GradeResult = aGrade({
  passed: false,
  score: 20,
  virtualMs: 60_000,
  tests: [
    result('lost', {
      status: 'fail',
      firstFailAtMs: 30_000.4,
      course: course({ spans: spans([0, false], [5000, true], [30_000.4, false]) }),
    }),
    result('came', { course: course({ spans: spans([0, false], [12_345.6, true]) }) }),
    result('asked', { course: course({ isTriedAtEnd: true }) }),
    result('survives', {
      status: 'fail',
      firstFailAtMs: 72_000,
      course: course({
        fromMs: 60_000,
        endMs: 90_000,
        spans: spans([60_000, true], [72_000, false]),
        faults: [{ kind: 'node', node: 'node-1', state: 'down' }],
      }),
    }),
    result('blocked', { status: 'skipped' }),
    result('secret', {
      title: 'HIDDEN CHECK',
      hidden: true,
      course: course({ spans: spans([0, true], [41_000, false]) }),
    }),
    result('trap', {
      title: 'HIDDEN TRAP',
      hidden: true,
      course: course({ faults: [{ kind: 'node', node: 'node-9', state: 'down' }], spans: spans([60_000, true]) }),
    }),
  ],
  gates: [result('alone', { course: course({ spans: spans([0, true], [20_000, false]) }) })],
})

async function opened(next: GradeResult = graded) {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const given: CheckSpec['given'] = [{ kind: 'node', node: 'node-1', state: 'down' }]
  const { checks } = catalog.challenges.get('three-pods')!.spec
  checks.push({ ...checks[0]!, id: 'survives', given }, { ...checks[0]!, id: 'trap', given, hidden: true })
  const { app, labs } = await createTestApp({ catalog: () => catalog })
  const guest = await visitor(app)
  await guest.post(url, { do: 'run10' })
  await guest.post(url, { do: 'kubectl', line: 'scale deployment web --replicas=3' })
  labs.next.grade = next
  const sent = await guest.post(url, { do: 'grade' }).expect(303)
  return { app, labs, guest, page: sent.headers.location! }
}

const wordsOf = (text: string) =>
  text
    .slice(text.indexOf('id="run"'))
    .replace(/<svg[\s\S]*?<\/svg>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll(' :', ':')

test('the result shows the whole run: lanes, the commands on the axis, the verdict’s moment', async () => {
  const { guest, labs, page } = await opened()
  const { text } = await guest.get(page).expect(200)
  const words = wordsOf(text)
  for (const part of [
    '✕ Check lost held before, and is lost since 0:30.0',
    '✓ Check came has held since 0:12.3',
    'Check asked tried at the end: passed',
    'It was judged on a run that went on after yours, with faults: node node-1 goes down.',
    'Check blocked not looked at',
    '✕ Check alone broken since 0:20.0',
    '1:00.0 of 1:00.0',
    '0:10.0 You kubectl scale deployment web --replicas=3',
    'Check lost: lost',
  ])
    assert.ok(words.includes(part), `${part}\n${words}`)
  const asked = labs.calls.at(-1)!
  assert.equal(asked.method, 'moment')
  const { log, after, atMs, stateHash } = asked.request as Record<string, unknown>
  assert.deepEqual([(log as unknown[]).length, after, atMs, stateHash], [1, undefined, undefined, '0123456789abcdef'])
})

test('lanes are drawn where they belong on the axis', async () => {
  const { guest, page } = await opened()
  const { text } = await guest.get(page)
  const lane = text.slice(text.indexOf('Check lost', text.indexOf('id="run"')))
  assert.deepEqual(
    [
      ...lane
        .slice(0, lane.indexOf('</svg>'))
        .matchAll(/<rect x="([^"]+)" width="([^"]+)".*? class="lane-span is-(\w+)/g),
    ].map(([, x, width, tone]) => [x, width, tone]),
    [
      ['0.00%', '8.33%', 'waiting'],
      ['8.33%', '41.67%', 'ready'],
      ['50.00%', '50.00%', 'failing'],
    ],
  )
})

test('?at= shows the cluster of that moment and which checks held then', async () => {
  const { guest, labs, page } = await opened()
  labs.next.moment = { view: aView({ pods: [], unscheduled: [] }) }
  const { text } = await guest.get(`${page}?at=12.346`).expect(200)
  const words = wordsOf(text)
  for (const part of [
    'At 0:12.3: 3 of 3 checks hold. Nodes: 1 ready. Pods: none.',
    '✓ Check lost has held since 0:05.0',
    '✓ Check alone kept',
    'Check Check came: holds',
    'The cluster at 0:12.3',
    'There are no Pods.',
  ])
    assert.ok(words.includes(part), `${part}\n${words}`)
  assert.equal((labs.calls.at(-1)!.request as { atMs: number }).atMs, 12_346)
  assert.match(text, /id="run-previous" name="at" value="10"/)
  assert.match(text, /id="run-next" name="at" value="20"/)
  // The heading of the page leaves the focus to the moment.
  assert.doesNotMatch(text, /data-focus/)
})

test('a moment beyond the end is the end, and there the way on is closed', async () => {
  const { guest, page } = await opened()
  const { text } = await guest.get(`${page}?at=9999`).expect(200)
  assert.match(wordsOf(text), /1:00\.0 of 1:00\.0/)
  assert.match(text, /id="run-next"[^>]* aria-disabled="true"/)
})

test('from a failed check a link leads to the moment it broke, in the run it broke in', async () => {
  const { guest, page } = await opened()
  const { text } = await guest.get(page)
  const links = [...text.matchAll(/<a href="([^"]+)">Jump to the moment it broke</g)].map(([, href]) => href)
  assert.deepEqual(links, [`${page}?at=30.001#run`, `${page}?after=survives&amp;at=72#run`])
})

test('?after= goes on with the faults of a check, and draws the verdict in between', async () => {
  const { guest, labs, page } = await opened()
  labs.next.moment = {
    endMs: 90_000,
    happenings: [
      { what: 'fault', atMs: 60_000, fault: { kind: 'node', node: 'node-1', state: 'down' } },
      { what: 'loss', atMs: 61_000, untilMs: 64_000, url: 'http://web/', sent: 30, failed: 7 },
      {
        what: 'event',
        atMs: 70_000.2,
        type: 'Warning',
        reason: 'NodeNotReady',
        object: 'Pod/web-1',
        message: 'Node is not ready',
      },
    ],
  }
  const { text } = await guest.get(`${page}?after=survives&at=71`).expect(200)
  const words = wordsOf(text)
  for (const part of [
    '✓ Check survives holds',
    'Check lost decided by then',
    '1:00.0 Run The verdict is due. 1:00.0 Fault node node-1 goes down',
    '7 of 30 requests to http://web/ are lost until 1:04.0',
    '1:10.0 Event Pod/web-1: NodeNotReady, Node is not ready',
    '1:11.0 of 1:30.0',
  ])
    assert.ok(words.includes(part), `${part}\n${words}`)
  assert.match(text, /class="lane-verdict"/)
  assert.match(text, /name="after" value="survives"/)
  assert.equal((labs.calls.at(-1)!.request as { after: string }).after, 'survives')
})

test('by script the run alone is sent', async () => {
  const { guest, labs, page } = await opened()
  const before = labs.calls.length
  const { text } = await guest.get(`${page}?at=5`).set('HX-Request', 'true').expect(200)
  assert.match(text.trim(), /^<section class="run" id="run"/)
  assert.deepEqual(
    labs.calls.slice(before).map(({ method }) => method),
    ['moment'],
  )
})

test('a grading that somebody wrote leads to no faults of a hidden check, and an endless run to no endless axis', async () => {
  const shown = graded.tests.map((test) => ({
    ...test,
    hidden: false,
    course: test.course && {
      ...test.course,
      endMs: 3e10,
      spans: Array.from({ length: 9000 }, (_, n) => ({ fromMs: n * 1000, holds: n % 2 === 0 })),
    },
  }))
  const { guest, page } = await opened({ ...graded, virtualMs: 3e10, tests: shown })
  await guest.get(`${page}?after=trap`).expect(404)
  const { text } = await guest.get(`${page}?after=survives`).expect(200)
  assert.match(text, /Only its first 625 turns are drawn/)
  assert.ok((text.match(/<text /g) ?? []).length < 20)
})

test('nothing tells of hidden checks: no lane, no turn, no run of their own', async () => {
  const { guest, page } = await opened()
  const { text } = await guest.get(`${page}?at=45`).expect(200)
  assert.doesNotMatch(text, /HIDDEN|0:41|node-9/)
  await guest.get(`${page}?after=trap`).expect(404)
})

for (const at of ['soon', '-1', '1e3', '1.2345', '99999999', '12,5', '0x10'])
  test(`a moment that is no number of seconds is refused: ${at}`, async () => {
    const { guest, page } = await opened()
    const { text } = await guest.get(`${page}?at=${encodeURIComponent(at)}`).expect(400)
    assert.match(text, /number of seconds since the hand-over/)
  })

test('an unknown number, an unknown check, one without faults, and somebody else’s run are not found', async () => {
  const { app, guest, page } = await opened()
  for (const path of [page.replace(/1$/, '2'), page.replace(/1$/, '0'), page.replace(/1$/, 'x')])
    await guest.get(`${path}?at=5`).expect(404)
  for (const after of ['none', 'lost', 'blocked']) await guest.get(`${page}?after=${after}`).expect(404)
  await (await visitor(app)).get(`${page}?at=5`).expect(404)
})

test('a cluster that cannot be run again leaves the lanes to be read', async () => {
  const { guest, labs, page } = await opened()
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting.')
  const { text } = await guest.get(`${page}?at=12`).expect(200)
  assert.match(wordsOf(text), /Check lost has held since 0:05\.0/)
  assert.match(text, /cannot be shown\. Many simulations are waiting\./)
})

test('another run than the graded one is told', async () => {
  const { guest, labs, page } = await opened()
  assert.doesNotMatch((await guest.get(page)).text, /has changed since this grading/)
  labs.next.moment = { isGradedRun: false }
  assert.match((await guest.get(page)).text, /has changed since this grading/)
})

test('a grading from before courses were kept says so; one that was refused has no run', async () => {
  const older = await opened(aGrade())
  assert.match((await older.guest.get(older.page)).text, /older than its timeline/)
  const refused = await opened(aGrade({ gradable: false, problem: 'Not graded: too much.', tests: [] }))
  assert.doesNotMatch((await refused.guest.get(refused.page).expect(200)).text, /id="run"/)
})

test('a run is shown to whoever has its link, and to nobody when the sharing is ended', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods -o WIDEWORD' }).expect(303)
  const graded = await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)
  const result = graded.headers.location!
  const linkIn = (text: string) => /value="http:\/\/[^/"]+(\/runs\/[A-Za-z0-9_-]+)"/.exec(text)?.[1]
  assert.equal(linkIn((await guest.get(result).expect(200)).text), undefined)
  const stranger = await visitor(app)
  await stranger.post(`${result}/share`, { on: 'yes' }).expect(404)
  await guest.post(`${result}/share`, { on: 'yes' }).expect(303).expect('Location', `${result}#share`)
  const link = linkIn((await guest.get(result)).text)!
  const { text } = await stranger.get(link).expect(200)
  assert.match(text, /get pods -o WIDEWORD/)
  assert.match(text, /Try it yourself/)
  const learnerId = /podium=([0-9a-f]+)/.exec(guest.cookie)![1]!
  assert.ok(!text.includes(learnerId), 'it does not say whose it is')
  assert.ok(!link.includes(Buffer.from(learnerId).toString('base64url').slice(0, 12)))
  // Whoever is sent to a moment sees the cluster first, everybody else what was done.
  assert.match(text, /WIDEWORD[\s\S]*id="run"/)
  assert.match(
    (await stranger.get(`${link}?at=12.5`).expect(200)).text,
    /id="run"[\s\S]*class="transcript[\s\S]*WIDEWORD/,
  )
  // Twice is once; a link that is bent a little is none; one of another server neither.
  await guest.post(`${result}/share`, { on: 'yes' }).expect(303)
  assert.equal(linkIn((await guest.get(result)).text), link)
  const bent = `${link.slice(0, -4)}${link.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`
  for (const name of [bent, '/runs/x', `/runs/${'A'.repeat(80)}`, '/runs/__proto__', `${link}AAAA`])
    await stranger.get(name).expect(404)
  assert.equal(openRun('another secret of thirty-two characters!', link.slice('/runs/'.length)), undefined)
  await guest.post(`${result}/share`, { on: 'no' }).expect(303)
  await stranger.get(link).expect(404)
  assert.deepEqual((await deps.journals.work(practiceSeat(learnerId))).shared, undefined)
})

test('what is shared is locked for who is asked it just now, and goes with its learner', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'get pods' }).expect(303)
  const result = (await guest.post('/challenges/three-pods', { do: 'grade' }).expect(303)).headers.location!
  await guest.post(`${result}/share`, { on: 'yes' }).expect(303)
  const link = /(\/runs\/[A-Za-z0-9_-]+)"/.exec((await guest.get(result)).text)![1]!
  const candidate = await visitor(app)
  await candidate.post('/study/hands-on', { pool: 'cka', size: 'short', mode: 'timed', seed: '' }).expect(303)
  await candidate.get(link).expect(423)
  await guest.post('/progress/delete', { confirm: 'yes' })
  await (await visitor(app)).get(link).expect(404)
})

const passed = aGrade({
  virtualMs: 60_000,
  tests: [
    result('ready', { title: 'Pods <b>ready</b>', course: course({ spans: spans([0, false], [12_000, true]) }) }),
  ],
})

test('who has passed has a card of the run: of their own, on every page that tells the verdict', async () => {
  const { guest, labs, page } = await opened(passed)
  labs.next.solutions = [
    { name: 'long', about: '', files: {}, steps: [], log: [change(0), change(5), change(9)] },
    { name: 'short', about: '', files: {}, steps: [], log: [{ atMs: 0, command: look }, change(1000)] },
  ]
  const { text } = await guest.get(page).expect(200)
  assert.ok(text.includes(`src="${page}/card.svg"`), 'on the result')
  assert.ok(text.includes('download="podium-replay.svg"'))
  assert.ok((await guest.get(url)).text.includes(`src="${page}/card.svg"`), 'on the desk')
  const card = await guest
    .get(`${page}/card.svg`)
    .expect(200)
    .expect('Content-Type', /^image\/svg\+xml/)
  const svg = String(card.body)
  assert.match(svg, />1 command, solved at 0:12\.0 · reference: 1 command, solved at 0:12\.0</)
  assert.match(svg, />Pods &#60;b&#62;ready&#60;\/b&#62;</)
  // Its own styles and nothing else may work in it.
  const hash = createHash('sha256').update(stylesOf(svg)).digest('base64')
  assert.equal(
    card.headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'`,
  )
  assert.equal(card.headers['cross-origin-resource-policy'], 'same-origin')
  // Looked at again, no cluster is run again.
  const before = labs.calls.length
  await guest.get(`${page}/card.svg`).expect(200)
  assert.equal(labs.calls.length, before)
  const chinese = await guest.get(`${page}/card.svg`).set('Accept-Language', 'zh-CN').expect(200)
  assert.match(String(chinese.body), /1 条命令，于 0:12\.0 解决/)
})

test('a run that was not passed has no card, and nobody has another one’s', async () => {
  const { guest, page } = await opened()
  assert.ok(!(await guest.get(page)).text.includes('card.svg'))
  await guest.get(`${page}/card.svg`).expect(404)
  const other = await opened(passed)
  await other.guest.get(`${other.page}/card.svg`).expect(200)
  await (await visitor(other.app)).get(`${other.page}/card.svg`).expect(404)
  for (const bent of ['/9/card.svg', '/0/card.svg', '/x/card.svg'])
    await other.guest.get(other.page.replace(/\/1$/, bent)).expect(404)
})

test('the card of a shared run is for whoever has the link, on any site, until the sharing ends', async () => {
  const { app, guest, page } = await opened(passed)
  const stranger = await visitor(app)
  await guest.post(`${page}/share`, { on: 'yes' }).expect(303)
  const link = /value="http:\/\/[^/"]+(\/runs\/[A-Za-z0-9_-]+)"/.exec((await guest.get(page)).text)![1]!
  assert.ok((await stranger.get(link)).text.includes(`src="${link}/card.svg"`))
  const card = await stranger.get(`${link}/card.svg`).expect(200)
  assert.equal(card.headers['cross-origin-resource-policy'], 'cross-origin')
  assert.ok(!String(card.body).includes(/podium=([0-9a-f]+)/.exec(guest.cookie)![1]!))
  await stranger.get(`${link}A/card.svg`).expect(404)
  await guest.post(`${page}/share`, { on: 'no' }).expect(303)
  await stranger.get(`${link}/card.svg`).expect(404)
})

test('a simulator that is busy leaves the reference out, and a film that cannot be made is told', async () => {
  const { guest, labs, page } = await opened(passed)
  labs.solutions = async () => {
    throw new LabRefusal(503, 'busy')
  }
  assert.match(String((await guest.get(`${page}/card.svg`).expect(200)).body), />1 command, solved at 0:12\.0</)
  const other = await opened(passed)
  other.labs.next.refusal = new LabRefusal(503, 'busy')
  await other.guest.get(`${other.page}/card.svg`).expect(503)
})
