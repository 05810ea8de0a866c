/** What a durable change of a document costs in the lowdb backend: processor time, file operations, changes a second, and the time of a start. */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actOfAnswer } from '../server/journal/folds/answers.ts'
import { actOfAttempt } from '../server/journal/folds/attempts.ts'
import { createJournals, type Journals } from '../server/journal/journals.ts'
import type { SeatId } from '../server/seat.ts'
import { createStorage } from '../server/storage/aggregates.ts'
import { createLowdbStore } from '../server/storage/lowdb.ts'
import type { Answer, Attempt } from '../server/storage/types.ts'

const seatOf = (who: string): SeatId => ({ sittingId: `practice-${who}`, participantId: who })

const answer = (id: string): Answer => ({
  id,
  questionId: 'pod/restart',
  contentHash: 'abc',
  seed: 'a seed of the usual length',
  given: ['a'],
  confidence: null,
  score: 1,
  verdict: 'right',
  topics: ['restart-policy', 'pod-lifecycle'],
  tookMs: 20_000,
  atMs: 1_760_000_000_000,
})

/** An attempt of the usual size: some 20 KB of commands and files. */
const attempt = (who: string): Attempt => ({
  id: 'a1',
  participantId: who,
  sittingId: 'practice',
  challengeId: 'crash-loop',
  contentHash: 'abc',
  engineVersion: '1',
  seed: 's',
  createdAtMs: 1,
  updatedAtMs: 1,
  log: Array.from({ length: 100 }, (_, n) => ({
    atMs: n * 1000,
    command: { op: 'kubectl', line: `kubectl get pods --selector app=web-${n} --output wide` },
  })),
  clockMs: 0,
  drafts: { 'deployment.yaml': '# a line of the file of a learner\n'.repeat(250) },
  hintsOpened: [],
  gradings: [],
  earlierDrafts: [],
  state: 'open',
})

/** Each learner answers 30 questions beforehand; then answers and drafts alternate. */
export async function benchStorage(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  const operations = countOperations()
  for (const parallel of [1, 32, 200]) {
    const folder = await fs.mkdtemp(join(tmpdir(), 'podium-bench-storage-'))
    const storage = createStorage(await createLowdbStore({ folder }))
    const journals = createJournals({ storage, now: Date.now })
    const people = Array.from({ length: parallel }, (_, n) => `learner-${n}`)
    await Promise.all(
      people.map(async (who) => {
        await journals.add(
          seatOf(who),
          Array.from({ length: 30 }, (_, n) => actOfAnswer(answer(`before-${n}`))),
        )
        await journals.add(seatOf(who), [actOfAttempt(attempt(who))])
      }),
    )
    const writes = parallel === 1 ? 400 : 4000
    const taken: number[] = []
    const cpu = process.cpuUsage()
    const operationsBefore = operations()
    const startMs = performance.now()
    await Promise.all(
      people.map(async (who) => {
        for (let n = 0; n < writes / parallel; n++) {
          const beginMs = performance.now()
          await change(journals, who, n)
          taken.push(performance.now() - beginMs)
        }
      }),
    )
    const seconds = (performance.now() - startMs) / 1000
    // What is put off until the end belongs to the price of a change.
    await storage.close()
    const { user, system } = process.cpuUsage(cpu)
    taken.sort((a, b) => a - b)
    figures[`perSecond${parallel}`] = taken.length / seconds
    figures[`p95Ms${parallel}`] = taken[Math.floor(taken.length * 0.95)]!
    figures[`cpuMs${parallel}`] = (user + system) / 1000 / taken.length
    figures[`operations${parallel}`] = (operations() - operationsBefore) / taken.length
    await fs.rm(folder, { recursive: true })
  }
  for (const learners of [1000, 10_000]) figures[`startMs${learners}`] = await startWith(learners)
  return figures
}

async function change(journals: Journals, who: string, n: number): Promise<void> {
  if (n % 2 === 0) {
    await journals.write(seatOf(who), () => [actOfAnswer(answer(`answer-${n}`))])
    return
  }
  // A line that is typed into a file of 8 KB.
  await journals.write(seatOf(who), () => [
    {
      ...{ act: 'edited', item: 'challenge:crash-loop' },
      data: { attempt: 'a1', file: 'deployment.yaml', splices: [[n, 0, 'x']], setsAside: false },
    },
  ])
}

/** From opening a folder of so many learners to the first of them read. */
async function startWith(learners: number): Promise<number> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'podium-bench-storage-'))
  await fs.mkdir(join(folder, 'answers'))
  await fs.mkdir(join(folder, 'learners'))
  const answers = Array.from({ length: 30 }, (_, n) => answer(`before-${n}`))
  for (let n = 0; n < learners; n++) {
    const id = `learner-${n}`
    const learner = { schemaVersion: 1, data: { id, createdAtMs: 1, keysOff: false } }
    await fs.writeFile(join(folder, 'learners', `${id}.json`), JSON.stringify(learner))
    const book = { schemaVersion: 2, data: { participantId: id, answers } }
    await fs.writeFile(join(folder, 'answers', `${id}.json`), JSON.stringify(book))
  }
  const startMs = performance.now()
  const storage = createStorage(await createLowdbStore({ folder }))
  await createJournals({ storage, now: Date.now }).work(seatOf('learner-0'))
  const ms = performance.now() - startMs
  await storage.close()
  await fs.rm(folder, { recursive: true })
  return ms
}

/** Counts what goes to the file system through promises: a hop to one of libuv's threads each, or more. */
function countOperations(): () => number {
  let count = 0
  const counted = (target: object, names: readonly string[]) => {
    const functions = target as Record<string, (...given: unknown[]) => unknown>
    for (const name of names) {
      const original = functions[name]!
      functions[name] = function (this: unknown, ...given: unknown[]) {
        count++
        return original.apply(this, given)
      }
    }
  }
  const { open } = fs
  counted(fs, ['open', 'mkdir', 'rename', 'rm', 'unlink', 'readdir', 'readFile', 'access'])
  syncBuiltinESMExports()
  void open(process.execPath).then(async (handle) => {
    counted(Object.getPrototypeOf(handle), ['write', 'writeFile', 'sync', 'datasync', 'truncate', 'close'])
    await handle.close()
  })
  return () => count
}
