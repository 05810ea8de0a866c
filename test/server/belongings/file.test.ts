import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Belongings } from '../../../server/belongings/belongings.ts'
import { type FileRead, readFile, writeFile } from '../../../server/belongings/file.ts'
import { exportKey } from '../../../server/belongings/signature.ts'
import { toStored } from '../../../server/journal/stored.ts'
import { actsOfWork, type FoldedWork, workOfActs } from '../../../server/journal/work.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { shownResult } from '../../../server/storage/shown-result.ts'
import type {
  Answer,
  Attempt,
  Grading,
  Mock,
  MockItem,
  MockResult,
  MockTask,
  TaskResult,
} from '../../../server/storage/types.ts'
import type { LoggedCommand } from '../../../sim/index.ts'
import { aMock, anAnswer, anAttempt } from '../storage/contract.ts'

const id = (n: number) => n.toString(16).padStart(18, '0')
const owner = practiceSeat('bob')
const nowMs = 1_700_000_000_000
const key = exportKey('a secret of at least thirty-two characters')

const someTest = (over: object = {}) => ({
  ...{ id: 'three', title: 'Three', status: 'pass', points: 100, maxPoints: 100 },
  ...{ criteria: [], message: 'well', cause: [], causes: [] },
  ...over,
})

const someGrading: Grading = {
  atMs: 5,
  commands: 1,
  hintsOpened: [],
  proof: { sha256: 'f', seed: 's', contentHash: 'abc', engineVersion: '1' },
  result: {
    ...{ gradable: true, score: 100, maxScore: 100, passed: true, seed: 's', params: { n: 3 } },
    ...{ engineVersion: '1', contentHash: 'abc', virtualMs: 60_000, wallMs: 3, stateHash: 'f' },
    ...{ gates: [], commands: [], notSimulated: [] },
    tests: [someTest(), someTest({ id: 'secret', hidden: true })],
  } as never,
}

const someGradingShown = { ...someGrading, result: shownResult(someGrading.result) }

/** Commands as the site writes them into logs: from buttons, the terminal, kubectl, sessions. */
const commands: LoggedCommand['command'][] = [
  { op: 'apply', manifest: 'kind: Pod' },
  {
    op: 'kubectl',
    line: 'kubectl get pods',
    workplace: { directory: '/home', environment: { HOME: '/home' }, files: {} },
  },
  { op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } },
  { op: 'request', method: 'POST', url: '/api/v1/pods', headers: {}, body: '{}' },
  { op: 'session', number: 0, input: { act: 'write', data: { base64: 'AA==' } } },
  { op: 'create', manifest: 'kind: Pod', args: '--save-config' },
  {
    op: 'kubectl',
    line: 'kubectl edit pod a',
    edited: { before: 'a', after: 'b' },
    keyboard: { columns: 80, rows: 24 },
  },
  { op: 'fault', fault: { kind: 'join', node: { name: 'node-4', cpu: '2', memory: '4Gi', labels: { zone: 'a' } } } },
  { op: 'fault', fault: { kind: 'pod', namespace: 'default', name: 'a', act: 'kill' } },
  { op: 'fault', fault: { kind: 'component', component: 'kube-scheduler', state: 'stopped' } },
  { op: 'evict', selector: 'app=web', first: 'ready' },
  { op: 'staticPod', node: 'node-1', file: 'a.yaml', manifest: 'kind: Pod' },
  { op: 'hostFile', node: 'node-1', path: '/data' },
  { op: 'node', node: 'node-1', line: 'crictl ps', session: 'one', keyboard: { columns: 80, rows: 24 } },
  { op: 'outside', line: 'curl http://web', stdin: '' },
  { op: 'traffic', traffic: { name: 't', from: 'outside', url: 'http://web', perSecond: 5, seconds: 10 } },
  {
    op: 'openSession',
    session: {
      ...{ user: { name: 'kubernetes-admin', groups: ['system:masters'] }, namespace: 'default', pod: 'a' },
      ...{ kind: 'exec' as const, container: 'c', command: ['sh'], stdin: true, tty: true },
    },
  },
  { op: 'openSession', session: { user: { name: 'a', groups: [] }, namespace: 'd', pod: 'a', kind: 'port-forward' } },
  { op: 'input', number: 3, input: { act: 'resize', columns: 100, rows: 30 } },
  { op: 'session', number: 1, input: { act: 'connect', port: 80 } },
  { op: 'interrupt', number: 3 },
]

const someWork: FoldedWork = {
  answers: [anAnswer(id(1)), anAnswer(`${id(9)}-3`, { tookMs: 100, confidence: 'sure' })],
  studyBook: {
    read: [{ item: 'lesson:pod/life', atMs: 1 }],
    bookmarks: [{ item: 'challenge:crash-loop', atMs: 2 }],
    notes: [{ item: 'question:pod/always', text: 'mine', atMs: 3 }],
  },
  attempts: [
    anAttempt('ann', id(2), {
      gradings: [someGrading],
      drafts: { 'web.yaml': 'kind: Pod' },
      log: [{ atMs: 0, command: commands[0]! }],
    }),
  ],
  mocks: [
    aMock('ann', id(3), {
      items: [
        {
          ...{ questionId: 'pod/always', contentHash: 'abc', seed: 's', group: 'pod', given: ['a'], confidence: null },
          ...{ isFlagged: false, spentMs: 10, result: { verdict: 'right', score: 1, key: null, judged: null } },
        },
      ],
    }),
  ],
}

const some: Belongings = {
  acts: actsOfWork(someWork),
  sandboxes: [
    {
      ...{
        id: id(4),
        name: 'web',
        createdAtMs: 1,
        lastUsedAtMs: 2,
        engineVersion: '1',
        virtualMs: 1000,
        terminal: null,
      },
      options: { seed: 's', shape: { nodes: [{ name: 'node-1' }] }, startEpochMs: 1 },
      log: commands.map((command, n) => ({ atMs: n, command })),
    },
  ],
}

/** A file of before, which held work as it stood. */
const data = (): Record<string, never> => {
  const { acts: _, ...file } = JSON.parse(writeFile(some, { learner: { id: 'ann' } }))
  const attempts = someWork.attempts.map((attempt) => ({ ...attempt, gradings: [someGradingShown] }))
  return { ...file, ...JSON.parse(JSON.stringify({ ...someWork, attempts })), version: 3 }
}

const workOf = (read: Extract<FileRead, { belongings: unknown }>) => workOfActs(owner, read.belongings.acts)

function problemsOf(text: string) {
  const read = readFile(text, owner, nowMs, key)
  assert.ok('problems' in read, 'it was taken')
  return read.problems.map(({ at, what }) => `${at}: ${what}`)
}

test('what is written is read again, as the reader’s own, without the tests that are hidden', () => {
  const text = writeFile(some, { learner: { id: 'ann' } })
  assert.ok(!text.includes('secret'))
  const read = readFile(text, owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  const { attempts, mocks, ...rest } = workOf(read)
  assert.deepEqual(
    [attempts[0]!.participantId, attempts[0]!.sittingId, mocks[0]!.participantId],
    ['bob', 'practice-bob', 'bob'],
  )
  assert.deepEqual(rest, { answers: someWork.answers, studyBook: someWork.studyBook })
  assert.deepEqual(read.belongings.sandboxes, some.sandboxes)
  assert.deepEqual(
    attempts[0]!.gradings[0]!.result.tests.map((one) => one.id),
    ['three'],
  )
})

test('files of before are read: without a number, a study book, exams, or where a sandbox’s clock stood', () => {
  const { answers, attempts, sandboxes } = data() as never as FoldedWork & Belongings
  const old = {
    answers: answers.map(({ tookMs, ...answer }) => answer),
    attempts,
    sandboxes: sandboxes.map(({ virtualMs, terminal, engineVersion, ...sandbox }) => sandbox),
  }
  const read = readFile(JSON.stringify(old), owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.deepEqual(
    [read.belongings.sandboxes[0]!.virtualMs, workOf(read).answers[0]!.tookMs],
    [commands.length - 1, null],
  )
})

test('a file that was signed says whom it was made for, until anything of it is changed', () => {
  const maker = { learner: 'ann', account: 'ann', atMs: 5 }
  const text = writeFile(some, { learner: { id: 'ann' } }, { maker, key })
  const makerIn = (file: string, by = key) => {
    const read = readFile(file, owner, nowMs, by)
    assert.ok('belongings' in read, JSON.stringify(read))
    return read.maker
  }
  assert.deepEqual(makerIn(text), maker)
  // Its layout is nobody's business.
  assert.deepEqual(makerIn(JSON.stringify(JSON.parse(text))), maker)
  const changed = (change: (file: never) => void) => {
    const file = JSON.parse(text)
    change(file as never)
    return makerIn(JSON.stringify(file))
  }
  assert.equal(
    changed((f: { acts: { data: { score: number } }[] }) => (f.acts[0]!.data.score = 0)),
    null,
  )
  assert.equal(
    changed((f: { learner: { id: string } }) => (f.learner.id = 'bob')),
    null,
  )
  assert.equal(
    changed((f: { signature: { learner: string } }) => (f.signature.learner = 'bob')),
    null,
  )
  assert.equal(
    changed((f: { signature: { hmac: string } }) => (f.signature.hmac = 'x')),
    null,
  )
  assert.equal(
    changed((f: { signature?: unknown }) => delete f.signature),
    null,
  )
  assert.equal(makerIn(text, exportKey('another secret of at least thirty-two characters')), null)
})

const wrong: { name: string; change: (file: never) => void; want: RegExp }[] = [
  {
    name: 'a score over one',
    change: (f: { answers: { score: number }[] }) => (f.answers[1]!.score = 7),
    want: /^answers\[1\]\.score: .*1/,
  },
  {
    name: 'a grading with more points than there are',
    change: (f: { attempts: { gradings: { result: { score: number } }[] }[] }) =>
      (f.attempts[0]!.gradings[0]!.result.score = 101),
    want: /^attempts\[0\]\.gradings\[0\]\.result\.score: must not be more than can be earned/,
  },
  {
    name: 'a grading with a thousand million points',
    change: (f: { attempts: { gradings: { result: { score: number; maxScore: number } }[] }[] }) =>
      Object.assign(f.attempts[0]!.gradings[0]!.result, { score: 1e9, maxScore: 1 }),
    want: /^attempts\[0\]\.gradings\[0\]\.result\.score: /,
  },
  {
    name: 'a check with more points than it has',
    change: (f: { attempts: { gradings: { result: { tests: { points: number }[] } }[] }[] }) =>
      (f.attempts[0]!.gradings[0]!.result.tests[0]!.points = 101),
    want: /^attempts\[0\]\.gradings\[0\]\.result\.tests\[0\]\.points: must not be more/,
  },
  {
    name: 'an exam that lasts for days',
    change: (f: { mocks: { startedAtMs: number; endsAtMs: number }[] }) =>
      Object.assign(f.mocks[0]!, { startedAtMs: 1, endsAtMs: 10 * 24 * 3_600_000 }),
    want: /^mocks\[0\]\.endsAtMs: must be within a day after the start/,
  },
  {
    name: 'an id that leads elsewhere',
    change: (f: { attempts: { id: string }[] }) => (f.attempts[0]!.id = '../../x'),
    want: /^attempts\[0\]\.id: must be 18 digits/,
  },
  {
    name: 'a key with a slash',
    change: (f: { answers: { id: string }[] }) => (f.answers[0]!.id = 'a/b'),
    want: /^answers\[0\]\.id: /,
  },
  {
    name: 'a moment to come',
    change: (f: { answers: { atMs: number }[] }) => (f.answers[0]!.atMs = 9e15),
    want: /^answers\[0\]\.atMs: must not be in the future/,
  },
  {
    name: 'a command that there is not',
    change: (f: { attempts: { log: object[] }[] }) => f.attempts[0]!.log.push({ atMs: 1, command: { op: 'exec' } }),
    want: /^attempts\[0\]\.log\[1\]\.command/,
  },
  {
    name: 'traffic without a number',
    change: (f: { attempts: { log: object[] }[] }) =>
      f.attempts[0]!.log.push({
        atMs: 1,
        command: {
          op: 'traffic',
          traffic: { name: 't', from: 'outside', url: 'http://web', perSecond: '{{n}}', seconds: 1 },
        },
      }),
    want: /^attempts\[0\]\.log\[1\]\.command\.traffic\.perSecond: /,
  },
  {
    name: 'a log that goes back',
    change: (f: { sandboxes: { log: { atMs: number }[] }[] }) => (f.sandboxes[0]!.log[1]!.atMs = 90),
    want: /^sandboxes\[0\]\.log\[2\]\.atMs: must not be before/,
  },
  {
    name: 'a fault that there is not',
    change: (f: { attempts: { gradings: { result: { tests: { course?: unknown }[] } }[] }[] }) =>
      (f.attempts[0]!.gradings[0]!.result.tests[0]!.course = {
        ...{ fromMs: 0, endMs: 1, spans: [], deciding: { fromMs: 0, toMs: 1 } },
        faults: [{ kind: 'node', node: 'node-1', state: 'sideways' }],
      }),
    want: /^attempts\[0\]\.gradings\[0\]\.result\.tests\[0\]\.course\.faults\[0\]: /,
  },
  {
    name: 'tests that are no list',
    change: (f: { attempts: { gradings: { result: { tests: unknown } }[] }[] }) =>
      (f.attempts[0]!.gradings[0]!.result.tests = 'x'),
    want: /^attempts\[0\]\.gradings\[0\]\.result\.tests: /,
  },
  {
    name: 'a mark on another site',
    change: (f: { studyBook: { bookmarks: { item: string }[] } }) => (f.studyBook.bookmarks[0]!.item = 'https://x'),
    want: /^studyBook\.bookmarks\[0\]\.item: must name a lesson/,
  },
  {
    name: 'a fault that nobody gave in a workshop',
    change: (f: { attempts: { log: unknown[] }[] }) =>
      (f.attempts[0]!.log = [
        {
          atMs: 0,
          command: {
            op: 'fault',
            fault: { kind: 'node', node: 'node-1', state: 'down' },
            given: { id: 'x', dueMs: 0 },
          },
        },
      ]),
    want: /^attempts\[0\]\.log\[0\]\.command\.given: must not be there/,
  },
  { name: 'no answers at all', change: (f: { answers?: unknown }) => delete f.answers, want: /^answers: / },
  {
    name: 'a newer form',
    change: (f: { version: number }) => (f.version = 9),
    want: /^version: comes from a newer Podium/,
  },
  {
    name: 'a file of something else',
    change: (f: { podium: string }) => (f.podium = 'x'),
    want: /^podium: must be "data"/,
  },
]
for (const { name, change, want } of wrong)
  test(`${name} is told with its place`, () => {
    const file = data()
    change(file as never)
    const problems = problemsOf(JSON.stringify(file))
    assert.match(problems.join('\n'), new RegExp(want.source, 'm'))
  })

test('text that is no JSON is told with its place, a file that was cut off as such, and other JSON is told so', () => {
  assert.match(problemsOf(`{\n  "answers": [}, ${' '.repeat(90)}\n}`)[0]!, /^: is not JSON: .*'}', .*nswers": \[}, /)
  assert.match(problemsOf('{\n  "answers": [1 2]}')[0]!, /^: is not JSON: .* at line 2, column 17$/)
  assert.match(problemsOf(JSON.stringify(data()).slice(0, 900))[0]!, /ends too early/)
  assert.match(problemsOf('')[0]!, /is not JSON/)
  for (const text of ['null', '[]', '7', '"x"']) assert.ok(problemsOf(text).length > 0)
})

test('text that nests deeper than anything does is told so before it is parsed', () => {
  const brackets = '['.repeat(3_000_000)
  for (const text of [brackets, `{"answers":${brackets}`])
    assert.deepEqual(problemsOf(text), [': nests deeper than 500 levels'])
  assert.match(problemsOf(`"${brackets}"`)[0]!, /^: must be/)
  // Escapes, and very many of them; a quotation mark among them ends no string.
  assert.match(problemsOf(`"${'\\u0000'.repeat(3_000_000)}"`)[0]!, /^: must be/)
  assert.match(problemsOf(`"\\"${brackets}"`)[0]!, /^: must be/)
})

test('of very many problems the first are told, and their number', () => {
  const file = { ...data(), answers: Array.from({ length: 500 }, () => ({})) }
  const read = readFile(JSON.stringify(file), owner, nowMs, key)
  assert.ok('problems' in read && read.problems.length === 12 && read.count > 500)
})

test('names of fields that objects have by themselves change nothing', () => {
  const text = JSON.stringify(data()).replace('"drafts":{', '"drafts":{"__proto__":"x","constructor":"y",')
  const read = readFile(text, owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.equal(Object.getPrototypeOf(workOf(read).attempts[0]!.drafts), Object.prototype)
  assert.equal(({} as { polluted?: string }).polluted, undefined)
})

test('a file that is nested deeply, or holds very many of something, is refused without harm', () => {
  assert.ok(problemsOf(`${'['.repeat(100_000)}${']'.repeat(100_000)}`).length > 0)
  const many = { ...data(), mocks: Array.from({ length: 501 }, () => someWork.mocks[0]) }
  assert.match(problemsOf(JSON.stringify(many)).join('\n'), /^mocks: /m)
})

/** A field that is added to what is stored is missed here by the compiler until it is given, and by the test until files hold it. */
type Deep<T> = T extends readonly (infer Item)[]
  ? Deep<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Deep<Exclude<T[Key], undefined>> }
    : T

test('every field that is stored of answers, attempts and exams is in the file', () => {
  const origin = { from: 'learner' as const, atMs: 1 }
  const answer: Deep<Answer> = { ...anAnswer(id(1)), tookMs: 5, confidence: 'sure', origin }
  const grading: Omit<Deep<Grading>, 'result' | 'log'> & Pick<Required<Grading>, 'result' | 'log'> = {
    ...{ atMs: 1, commands: 1, clockMs: 5, hintsOpened: ['one'], log: [{ atMs: 0, command: commands[0]! }] },
    proof: { sha256: 'f', seed: 's', contentHash: 'abc', engineVersion: '1' },
    ...{ origin, verifiedAtMs: 2 },
    result: { ...someGrading.result, tests: [someTest() as never], problem: 'none' },
  }
  const attempt: Omit<Deep<Attempt>, 'log' | 'gradings' | 'before'> & Pick<Attempt, 'log' | 'gradings' | 'before'> = {
    ...anAttempt('bob', id(2), { sittingId: owner.sittingId, hintsOpened: ['one'], drafts: { f: 'x' } }),
    earlierDrafts: [{ file: 'f', text: 'before', atMs: 1 }],
    ...{ origin, mock: id(4) },
    log: [{ atMs: 0, command: commands[0]! }],
    before: { log: [{ atMs: 0, command: commands[0]! }], clockMs: 5, rewound: { by: 'ines', toMs: null } },
    gradings: [grading],
  }
  const item: Deep<Omit<MockItem, 'result'>> = {
    ...{ questionId: 'pod/always', contentHash: 'abc', seed: 's', group: 'pod', given: ['a'], confidence: 'sure' },
    ...{ isFlagged: true, spentMs: 10 },
  }
  const results: (MockResult | null)[] = [
    null,
    { verdict: 'partly', score: 0.5, key: 'k', judged: { held: [true], refused: 'r' } },
    { verdict: 'none', key: 'k' },
    { verdict: 'void', why: 'w', refusal: { text: 't', values: { n: 1 } } },
  ]
  const mock: Mock = {
    ...aMock('bob', id(3), { handedInAtMs: 2, origin, clock: { seenAtMs: 2, usedMs: 1 } }),
    items: results.map((result) => ({ ...item, result })),
  }
  const task: Deep<Omit<MockTask, 'result'>> = {
    ...{ challengeId: 'crash-loop', contentHash: 'abc', seed: 's', group: 'storage', isFlagged: true },
  }
  const taskResults: (TaskResult | null)[] = [
    null,
    { verdict: 'partly', score: 0.5, attempt: id(2), grading: 1 },
    { verdict: 'none' },
    { verdict: 'void', why: 'w', values: { n: 1 } },
  ]
  const handsOn: Mock = {
    ...aMock('bob', id(4), { kind: 'hands-on', handedInAtMs: 2, origin, items: [] }),
    tasks: taskResults.map((result) => ({ ...task, result })),
  }
  const all: FoldedWork = { ...someWork, answers: [answer], attempts: [attempt], mocks: [mock, handsOn] }
  const former = { ...data(), ...all }
  for (const text of [writeFile({ acts: actsOfWork(all), sandboxes: [] }, {}), JSON.stringify(former)]) {
    const read = readFile(text, owner, nowMs, key)
    assert.ok('belongings' in read, JSON.stringify(read))
    assert.deepEqual(workOf(read), all)
  }
})

// ---------- the journal ----------

const anAct = (over: object = {}) => ({
  ...{ id: 'a1', act: 'answered', v: 1, atMs: 5, item: 'question:pod/always', contentHash: 'abc' },
  data: {
    ...{
      answer: id(1),
      seed: 's',
      given: ['a'],
      confidence: null,
      tookMs: null,
      score: 1,
      verdict: 'right',
      topics: [],
    },
  },
  ...over,
})
const ofAttempt = (act: string, n: number, more: object = {}) => ({
  ...{ id: `x${n}`, act, v: 1, atMs: n, item: 'challenge:three-pods' },
  data: { attempt: id(7), ...more },
})
const opened = ofAttempt('opened', 1, { seed: 's', drafts: { f: '' }, earlierDrafts: [], hintsOpened: [] })
const journal = (acts: readonly unknown[]) => JSON.stringify({ podium: 'data', version: 4, acts })

test('a journal is written and read as it was done, act by act', () => {
  const acts = [
    opened,
    ofAttempt('edited', 2, { file: 'f', splices: [[0, 0, 'kind: Pod']], setsAside: false }),
    ofAttempt('ran', 3, { logged: { atMs: 0, command: commands[1] }, exit: 0, output: 'ff' }),
    ofAttempt('undid', 4),
    ofAttempt('hinted', 5, { hints: ['one'] }),
    ofAttempt('graded', 6, { commands: 0, hintsOpened: [], proof: null, result: someGrading.result }),
  ]
  const read = readFile(journal(acts), owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.deepEqual(JSON.parse(JSON.stringify(read.belongings.acts.map(toStored))), acts)
  const [attempt] = workOf(read).attempts
  assert.deepEqual([attempt!.drafts, attempt!.log, attempt!.hintsOpened], [{ f: 'kind: Pod' }, [], ['one']])
  const text = writeFile(read.belongings, { learner: { id: 'ann' }, sitting: undefined })
  assert.doesNotMatch(text, /secret/)
  assert.equal(text.split('\n').length, acts.length + 10, 'an act is a line')
})

const { participantId: _p, sittingId: _s, challengeId: _c, ...broughtContent } = anAttempt('ann', id(7))
const command = (atMs: number) => ({ logged: { atMs, command: commands[0] } })
const wrongActs = [
  {
    name: 'a score over one',
    acts: [anAct({ data: { ...anAct().data, score: 2 } })],
    want: /^acts\[0\]\.data\.score: /,
  },
  { name: 'no data', acts: [anAct({ data: undefined })], want: /^acts\[0\]\.data: is missing/ },
  { name: 'no act', acts: [7], want: /^acts\[0\]: must be/ },
  { name: 'an unknown act', acts: [anAct({ act: 'flew' })], want: /^acts\[0\]\.act: is not an act/ },
  { name: 'an act of a newer program', acts: [anAct({ v: 9 })], want: /^acts\[0\]\.v: comes from a newer Podium/ },
  {
    name: 'an act of the future',
    acts: [anAct({ atMs: nowMs * 2 })],
    want: /^acts\[0\]\.atMs: must not be in the future/,
  },
  { name: 'mark-up in its id', acts: [anAct({ id: '<b>' })], want: /^acts\[0\]\.id: must be letters/ },
  { name: 'mark-up in its item', acts: [anAct({ item: '<b>' })], want: /^acts\[0\]\.item: must name/ },
  {
    name: 'a command that there is not',
    acts: [opened, ofAttempt('ran', 2, { logged: { atMs: 0, command: { op: 'reboot' } } })],
    want: /^acts\[1\]\.data\.logged\.command/,
  },
  {
    name: 'commands that go back in time',
    acts: [opened, ofAttempt('ran', 2, command(9)), ofAttempt('ran', 3, command(1))],
    want: /^acts: hold commands of the attempt .* back in time/,
  },
  {
    name: 'a grading with more points than there are',
    acts: [
      opened,
      ofAttempt('graded', 2, {
        ...{ commands: 0, hintsOpened: [], proof: null },
        result: { ...someGrading.result, score: 101 },
      }),
    ],
    want: /^acts\[1\]\.data\.result\.score: must not be more/,
  },
  {
    name: 'more gradings of one attempt than there may be',
    acts: [
      opened,
      ...Array.from({ length: 501 }, (_, n) =>
        ofAttempt('graded', n + 2, { commands: 0, hintsOpened: [], proof: null, result: someGradingShown.result }),
      ),
    ],
    want: /^acts: hold more than 500 gradings/,
  },
  {
    name: 'a file that grows longer than one may be',
    acts: [
      opened,
      ...[1, 2].map((n) =>
        ofAttempt('edited', n + 1, { file: 'f', splices: [[0, 0, 'x'.repeat(200_000)]], setsAside: false }),
      ),
    ],
    want: /^acts: make a file of the attempt .* longer than 300000 characters/,
  },
  {
    name: 'the same attempt, brought along over and over',
    acts: Array.from({ length: 400 }, (_, n) => ({
      ...{ id: `b${n}`, act: 'attempt-brought', v: 1, atMs: n, item: 'challenge:three-pods' },
      data: { attempt: { ...broughtContent, drafts: { f: 'x'.repeat(2000) }, updatedAtMs: n } },
    })),
    want: /^acts: repeat the same steps far too often/,
  },
  {
    name: 'what takes far too long to go through',
    acts: [opened, ...Array.from({ length: 20_000 }, (_, n) => ofAttempt('ran', n + 2, command(n)))],
    want: /^acts: repeat the same steps far too often/,
  },
]
for (const { name, acts, want } of wrongActs)
  test(`in a journal, ${name} is told with its place`, () => {
    assert.match(problemsOf(journal(acts)).join('\n'), new RegExp(want.source, 'm'))
  })

test('an attempt that somebody typed on for an hour is read again', () => {
  const typed = Array.from({ length: 4000 }, (_, n) =>
    ofAttempt('edited', n + 2, { file: 'f', splices: [[0, 0, 'some more text ']], setsAside: false }),
  )
  const read = readFile(journal([opened, ...typed]), owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.equal(workOf(read).attempts[0]!.drafts.f!.length, 60_000)
})

test('acts of what was never begun come to nothing', () => {
  const stray = [ofAttempt('ran', 3, command(1)), ofAttempt('closed', 4, { why: 'gave-up' })]
  const said = { ...ofAttempt('mock-said', 5), data: { mock: id(8), place: 150, given: ['a'] } }
  const read = readFile(journal([...stray, said]), owner, nowMs, key)
  assert.ok('belongings' in read, JSON.stringify(read))
  assert.deepEqual([workOf(read).attempts, workOf(read).mocks], [[], []])
})
