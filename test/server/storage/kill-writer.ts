/** Writes without end, and prints what was acknowledged. Started and killed by kill.test.ts. */
import { writeSync } from 'node:fs'
import { actOfAnswer } from '../../../server/journal/folds/answers.ts'
import { createJournals } from '../../../server/journal/journals.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'

const [folder, round] = process.argv.slice(2) as [string, string]
// Checkpoints all the time, so that kills meet them.
const storage = createStorage(
  await createLowdbStore({ folder, limits: { settleAfterMs: 5, segmentBytes: 30_000, patchedFromCharacters: 300 } }),
)

const seatOf = (person: string) => ({ sittingId: `practice-${person}`, participantId: person })
const journals = createJournals({ storage, now: Date.now })

async function answer(person: string): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${round}-${n}`
    const answer = {
      id,
      questionId: 'pod/restart',
      contentHash: 'abc',
      seed: 's'.repeat(200),
      given: ['a'],
      confidence: null,
      score: 1,
      verdict: 'right',
      topics: [],
      tookMs: null,
      atMs: n,
    } as const
    await journals.write(seatOf(person), () => [actOfAnswer({ ...answer, given: ['a'], topics: [] })])
    writeSync(1, `answer ${person} ${id}\n`)
  }
}

async function attempt(person: string): Promise<never> {
  const id = `a${round}`
  const item = 'challenge:crash-loop'
  await journals.write(seatOf(person), () => [
    {
      ...{ act: 'opened', item, contentHash: 'abc', engineVersion: '1' },
      data: { attempt: id, seed: 's', drafts: {}, earlierDrafts: [], hintsOpened: [] },
    },
  ])
  for (let n = 1; ; n++) {
    await journals.write(seatOf(person), () => [
      { act: 'ran', item, virtualMs: n, data: { attempt: id } },
      { act: 'edited', item, data: { attempt: id, file: 'file', text: 'x'.repeat(n % 5000), setsAside: false } },
    ])
    writeSync(1, `attempt ${person} ${id} ${n}\n`)
  }
}

async function command(log: string): Promise<never> {
  for (let n = (await storage.sandboxLogs.read(log)).length; ; n++) {
    await storage.sandboxLogs.append(log, n, [{ atMs: n, command: { op: 'kubectl', line: `get pods ${n}` } }])
    writeSync(1, `command ${log} ${n}\n`)
  }
}

async function terminal(sandbox: string): Promise<never> {
  for (let n = 0; ; n++) {
    await storage.terminals.remove(sandbox)
    await storage.terminals.save(sandbox, { files: {}, history: [`${round} ${n}`] })
    writeSync(1, `terminal ${sandbox} ${round} ${n}\n`)
  }
}

await Promise.all([
  answer('ann'),
  answer('ann'),
  answer('bob'),
  attempt('ann'),
  attempt('bob'),
  command('box.0'),
  terminal('box'),
])
