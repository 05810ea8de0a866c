/** Receipts: the same bytes for the same work, the same grade from them anywhere, and what was done to them told in words. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isTurn } from '../../../scripts/turn.mjs'
import { computeAgain, judgeAgain, readContent } from '../../../scripts/verify/compute-again.ts'
import type { Challenge } from '../../../server/catalog/types.ts'
import {
  type AnsweredQuestion,
  compareAnswers,
  compareGrades,
  type GradedChallenge,
  publicKeyOf,
  type Receipt,
  type ReceiptChallenge,
  type ReceiptQuestion,
  readReceipt,
  receiptKey,
  receiptOf,
  receiptProblems,
  verdicts,
} from '../../../server/hiring/receipts.ts'
import { gradeOnAll } from '../../../server/labs/tasks/hidden-seeds.ts'
import { challengeRuns } from '../../../server/labs/tasks/runs.ts'
import { grade } from '../../../server/labs/tasks/work.ts'
import { canonical } from '../../../server/storage/canonical.ts'
import type { LoggedCommand } from '../../../sim/index.ts'
import { projectCatalog } from '../../support/content.ts'
import { program } from '../../support/programs.ts'
import { aGrade } from '../fake-labs.ts'

const key = receiptKey('a secret of at least thirty-two characters')
const folder = mkdtempSync(join(tmpdir(), 'podium-receipts-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const { challenges } = await projectCatalog()
/** All but the last tests are of such. */
type OfChallenges = Omit<Receipt, 'tasks'> & { tasks: ReceiptChallenge[] }
const forCandidate = { about: { candidate: 'Candidate 7F' }, hasContent: false, hasPoints: true }

/** The last command of a solution is left out of every other one, so that there is something to lose. */
async function workOf(id: string, n: number): Promise<LoggedCommand[]> {
  const [run] = await challengeRuns('content', id, 'solutions')
  const log = run!.logFor(challenges.get(id)!.spec, `seed-${n}`)
  return n % 2 === 0 ? log : log.slice(0, -1)
}

async function gradedTask(
  { id, spec, hash, files }: Challenge,
  n: number,
  hiddenSeeds: string[] = [],
): Promise<GradedChallenge> {
  const log = await workOf(id, n)
  const seed = `seed-${n}`
  const result = await gradeOnAll(grade, { spec, contentHash: hash, seed, log }, hiddenSeeds)
  return { task: `challenge:${id}`, seed, hiddenSeeds, log, result, files }
}

/** As `npm run verify` prints it. */
function verify(receipt: string, ...args: string[]) {
  const file = join(folder, 'receipt.json')
  writeFileSync(file, receipt)
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program('scripts/verify.ts'), file, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    cwd: process.cwd(),
  })
  return {
    status,
    stderr,
    lines: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  }
}

/** Quick ones from all over the content. */
const ten = [...challenges.values()]
  .filter(({ spec }) => spec.observeSeconds <= 300)
  .filter((_, n) => n % 7 === 0)
  .slice(0, 10)

/** Half of them by turns of the commits. */
const chosen = ten.filter((_, n) => isTurn(n, 2, process.env.RECORDED))

test('challenges from all over the content, graded twice, give the same bytes, and the command computes the same grades in another process', async () => {
  assert.ok(chosen.length >= 5)
  const made = async () => {
    const tasks: GradedChallenge[] = []
    for (const [n, challenge] of chosen.entries())
      tasks.push(await gradedTask(challenge, n, n === 3 ? ['hidden-1'] : []))
    return tasks
  }
  const [first, second] = [await made(), await made()]
  const receipt = receiptOf(first, forCandidate, key)
  assert.equal(receiptOf(second, forCandidate, key), receipt)
  assert.equal(new Set(first.map(({ result }) => result.passed)).size, 2)

  const { status, lines, stderr } = verify(receipt)
  assert.deepEqual(
    lines,
    first.map(({ task, result: { score } }) => ({ task, graded: score, recomputed: score, same: true, why: '' })),
  )
  assert.deepEqual([status, stderr.includes(publicKeyOf(key))], [0, true])
})

const [one] = ten as [Challenge]
const graded = await gradedTask(one, 0)
const whole = receiptOf([graded], { ...forCandidate, hasContent: true }, key)
const bare = receiptOf([graded], forCandidate, key)

test('what a candidate gets holds no check, no word of the grader and no content; without points no points either', () => {
  const closed = receiptOf([graded], { ...forCandidate, hasPoints: false }, key)
  for (const text of [bare, closed]) {
    for (const { id, title, expected, message } of [...graded.result.tests, ...graded.result.gates])
      for (const secret of [title, expected, message === 'as it has to be' ? undefined : message, `"${id}"`])
        if (secret) assert.equal(text.includes(JSON.stringify(secret).slice(1, -1)), false, secret)
    for (const file of Object.values(one.files)) assert.equal(text.includes(JSON.stringify(file)), false)
  }
  const [task] = (JSON.parse(closed) as OfChallenges).tasks
  assert.deepEqual(Object.keys(task!.grade).sort(), ['sha256', 'stateHash'])
  assert.equal(closed.includes('"score"'), false)
  assert.deepEqual(verify(closed).lines, [
    { task: graded.task, graded: null, recomputed: graded.result.score, same: true, why: '' },
  ])
})

test('content comes from the receipt, a folder, or a file of kept versions; another version is told by its hash', async () => {
  const written = (name: string, value: unknown): string => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(value))
    return path
  }
  const { hash, files } = one
  const kept = { item: graded.task, hash, files, firstUsedAtMs: 1 }
  const nothing = written('nothing.json', [{ item: 'challenge:nothing', files: {} }])
  const changed = { ...kept, files: { ...files, 'challenge.yaml': `${files['challenge.yaml']}\n#` } }
  const computed = (receipt: string, path: string) => computeAgain(taskOf(receipt), readContent(path))
  const wanted = { result: graded.result }
  assert.deepEqual(await computed(whole, nothing), wanted)
  assert.deepEqual(await computed(bare, 'content'), wanted)
  assert.deepEqual(await computed(bare, written('kept.json', [changed, kept])), wanted)
  const missing = await computed(bare, nothing)
  assert.match('problem' in missing ? missing.problem : '', /There is no challenge:/)
  const other = await computed(bare, written('changed.json', changed))
  assert.match('problem' in other ? other.problem : '', new RegExp(`receipt names ${hash}`))
  assert.throws(() => readContent(folder), /no folder "challenges"/)
  assert.throws(() => readContent(written('other.json', { a: 1 })), /holds no content/)
})

function taskOf(text: string): ReceiptChallenge {
  const read = readReceipt(text)
  return 'receipt' in read ? (read.receipt.tasks[0] as ReceiptChallenge) : assert.fail(read.problem.text)
}

const problemOf = (text: string, publicKey?: string) => {
  const read = readReceipt(text, publicKey)
  return 'problem' in read ? read.problem.text : undefined
}
const altered = (change: (receipt: OfChallenges) => void): string => {
  const receipt = JSON.parse(bare) as OfChallenges
  change(receipt)
  return JSON.stringify(receipt)
}

test('a receipt that was cut, damaged, altered or signed by somebody else is told in words', () => {
  assert.equal(problemOf(bare), undefined)
  assert.equal(problemOf(JSON.stringify(JSON.parse(bare), null, 2)), undefined, 'spaces are no alteration')
  assert.equal(problemOf(bare, publicKeyOf(key)), undefined)
  for (const length of [1, 10, Math.floor(bare.length / 2), bare.length - 2])
    assert.equal(problemOf(bare.slice(0, length)), receiptProblems.cut, `cut at ${length}`)
  assert.equal(problemOf(bare.replace('"about"', 'about')), receiptProblems.damaged)
  assert.equal(problemOf(''), receiptProblems.damaged)
  for (const none of ['null', '[]', '3', '{}', '{"podiumReceipt":1}'])
    assert.equal(problemOf(none), receiptProblems.none)
  assert.equal(problemOf(altered((r) => void Object.assign(r, { podiumReceipt: 2 }))), receiptProblems.newer)
  assert.equal(
    problemOf(altered((r) => void Object.assign(r.tasks[0]!.grade.points!, { score: 100.5 }))),
    receiptProblems.altered,
  )
  assert.equal(problemOf(altered((r) => void r.tasks[0]!.log.pop())), receiptProblems.altered)
  assert.equal(
    problemOf(altered((r) => void Object.assign(r.tasks[0]!, { task: 'challenge:../../etc' }))),
    receiptProblems.none,
  )
  assert.equal(problemOf(altered((r) => void Object.assign(r, { more: 1 }))), receiptProblems.none)
  const other = receiptKey('another secret of thirty-two characters')
  assert.equal(problemOf(bare, publicKeyOf(other)), receiptProblems.foreignKey)
  assert.notEqual(publicKeyOf(other), publicKeyOf(key))
  // Somebody who reckons the hash anew, but has no key.
  const forged = altered((receipt) => {
    receipt.tasks[0]!.grade.points!.score = 99
    const { sha256: _, signature: __, ...rest } = receipt
    receipt.sha256 = sha256Of(rest)
  })
  assert.equal(problemOf(forged), receiptProblems.unsigned)
  const deep = `${bare.slice(0, -2)},"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  assert.equal([receiptProblems.none, receiptProblems.damaged].includes(problemOf(deep)!), true)
})

test('a log that was altered under its own hash, and a key that is none, are told', () => {
  const receipt = JSON.parse(bare) as OfChallenges
  const signedAnew = (change: (receipt: OfChallenges) => void) => {
    const copy = structuredClone(receipt)
    change(copy)
    const { sha256: _, signature: __, ...rest } = copy
    return JSON.stringify({ ...rest, sha256: sha256Of(rest), signature: copy.signature })
  }
  assert.equal(problemOf(signedAnew((r) => void r.tasks[0]!.log.push(r.tasks[0]!.log[0]!))), receiptProblems.alteredLog)
  assert.equal(
    problemOf(signedAnew((r) => void Object.assign(r.signature, { publicKey: 'f'.repeat(64) }))),
    receiptProblems.unsigned,
  )
})

test('commands that nothing can run, and points that were not earned, are told, and end nothing', async () => {
  const log = [{ atMs: 0, command: { op: 'no-such-thing' } }] as unknown as LoggedCommand[]
  const worth = graded.result.score
  const claimed = { ...graded, result: { ...graded.result, score: worth - 1 } }
  const { status, lines } = verify(receiptOf([{ ...graded, log }, claimed, graded], forCandidate, key))
  assert.deepEqual(
    [status, lines.map(({ graded: said, recomputed, same }) => [said, recomputed, same])],
    [
      1,
      [
        [worth, null, false],
        [worth - 1, worth, false],
        [worth, worth, true],
      ],
    ],
  )
  assert.match(lines[0].why, /cannot be graded/)
  assert.match(lines[1].why, new RegExp(`earns ${worth} points where the receipt says ${worth - 1}`))
})

test('another engine or grader is named, and counts as the same where it comes to the same', async () => {
  const [task, { result }] = [taskOf(bare), graded]
  assert.deepEqual(compareGrades(task, result), { isSame: true, why: undefined })
  const agreed = compareGrades({ ...task, engine: '0.1.0' }, result)
  assert.deepEqual(
    [agreed.isSame, agreed.why?.text, agreed.why?.values?.engine],
    [true, verdicts.sameElsewhere, '0.1.0'],
  )
  const parted = compareGrades({ ...task, grader: '0' }, { ...result, stateHash: 'f' })
  assert.deepEqual([parted.isSame, parted.why?.text], [false, verdicts.differsElsewhere])
  assert.equal(compareGrades(task, { ...result, stateHash: 'f' }).why?.text, verdicts.otherRun)
  assert.equal(compareGrades(task, { ...result, score: 1 }).why?.text, verdicts.otherPoints)
  assert.equal(compareGrades(task, { ...result, notSimulated: ['x'] }).why?.text, verdicts.otherWords)
  const { graderVersion: _, ...former } = result
  assert.equal(compareGrades(task, former).isSame, true)
})

test('a receipt does not depend on how long grading took, or on the order of fields', () => {
  const result = aGrade({ contentHash: '0123456789abcdef' })
  const of = (over: object) => receiptOf([{ ...graded, result: { ...result, ...over } }], forCandidate, key)
  assert.equal(of({ wallMs: 1 }), of({ wallMs: 2 }))
  assert.equal(of(Object.fromEntries(Object.entries(result).reverse())), of({}))
  assert.notEqual(of({ score: 1 }), of({}))
})

test('answers to questions are judged again, those too in which the simulator has a part', async () => {
  const { questions } = await projectCatalog()
  const ofType = (type: string) => [...questions.values()].find((question) => question.type === type)!
  const single = ofType('single')
  const { options } = single.data as { options: { id: string; correct: boolean }[] }
  const multiple = ofType('multiple')
  const many = multiple.data as { options: { id: string; correct: boolean }[] }
  const fix = ofType('fix')
  const answer = (question: typeof single, given: string[], judged: AnsweredQuestion['judged']): AnsweredQuestion => ({
    ...{ task: `question:${question.id}`, seed: 's/1', given, wrongPicksCancel: true },
    ...{ contentHash: question.hash, engineVersion: '1', judged },
  })
  const right = { verdict: 'right', score: 1 } as const
  const wrong = { verdict: 'wrong', score: 0 } as const
  const answers = [
    answer(single, [options.find(({ correct }) => correct)!.id], right),
    answer(single, [options.find(({ correct }) => !correct)!.id], wrong),
    // With all picked, each wrong one cancels a right one: by the rules of practice it would be worth more.
    answer(
      multiple,
      many.options.map(({ id }) => id),
      {
        verdict: 'wrong',
        score:
          Math.max(0, 2 * many.options.filter(({ correct }) => correct).length - many.options.length) /
          many.options.filter(({ correct }) => correct).length,
      },
    ),
    answer(fix, [(fix.data as { solution: string }).solution], right),
    answer(ofType('predict'), [], wrong),
  ]
  const read = readReceipt(receiptOf(answers, forCandidate, key))
  const tasks = 'receipt' in read ? read.receipt.tasks : assert.fail(read.problem.text)
  const content = readContent('content')
  for (const [n, task] of tasks.entries()) {
    if (!('given' in task)) assert.fail('it is a question')
    const again = await judgeAgain(task, content)
    assert.deepEqual('judged' in again ? again.judged.score : again.problem, answers[n]!.judged.score, task.task)
    if (n === 2) continue
    assert.deepEqual(compareAnswers(task, 'judged' in again ? again.judged : right), { isSame: true, why: undefined })
    assert.equal(compareAnswers(task, { verdict: 'partly', score: 0.5 }).why?.text, verdicts.otherAnswer)
  }
  const missing = await judgeAgain({ ...(tasks[0] as ReceiptQuestion), contentHash: '0'.repeat(16) }, content)
  assert.match('problem' in missing ? missing.problem : '', /another version/)
  // Of a question nothing is said of the verdict without the points: there are too few for a hash to hide one.
  const closed = receiptOf(answers, { ...forCandidate, hasPoints: false }, key)
  assert.equal(/verdict|judged|score|right|wrong"/.test(closed.replaceAll('wrongPicksCancel', '')), false)
  const { lines, status } = verify(receiptOf([graded, ...answers.slice(0, 2)], forCandidate, key))
  assert.deepEqual(
    [status, lines.map(({ graded: said, same }) => [said, same])],
    [
      0,
      [
        [graded.result.score, true],
        [1, true],
        [0, true],
      ],
    ],
  )
})

test('the command says how it is used, and fails for a file that is not there', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...program('scripts/verify.ts'), ...args], { encoding: 'utf8' })
  for (const args of [
    ['a', '--key', 'short'],
    ['a', '--nonsense'],
  ]) {
    const { status, stderr } = run(...args)
    assert.equal(status, 2)
    assert.match(stderr, /usage: npm run --silent verify/)
  }
  const { status, stdout } = run(join(folder, 'nowhere.json'))
  assert.deepEqual([status, stdout], [2, ''])
})

function sha256Of(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}
