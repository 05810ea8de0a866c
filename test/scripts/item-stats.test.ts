/** `npm run item-stats`: from a data folder to lines. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createJournals } from '../../server/journal/journals.ts'
import { practiceSeat } from '../../server/seat.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import type { Sitting } from '../../server/storage/types.ts'
import { program } from '../support/programs.ts'

const itemStats = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program('scripts/item-stats.ts'), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, CONTENT_DIR: './test/server/fixtures/content' },
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

const answered = (question: string, n: number, given: string, score: number, atMs: number) => ({
  ...{ act: 'answered' as const, item: `question:${question}`, contentHash: 'h', id: `${question}-${n}-${atMs}`, atMs },
  data: {
    ...{ answer: `${question}-${n}-${atMs}`, seed: 's', given: [given], confidence: null, tookMs: 1000 * (n + 1) },
    ...{ score, verdict: score === 1 ? ('right' as const) : ('wrong' as const), topics: [] },
  },
})

const anExercise: Sitting = {
  ...{ id: 'exercise', kind: 'hiring', title: 'On call', createdAtMs: 1, ownerLearnerId: 'boss' },
  items: ['question:pod/claim', 'question:pod/always'],
  contentVersions: {},
  clock: { opensAtMs: null, closesAtMs: null, durationMs: null },
  rules: { wrongPicksCancel: false, showSolutions: 'never', maxAttempts: null, hints: false, hiddenSeeds: 0 },
  retainUntilMs: null,
}

test('first tries of practice and of an exercise become a line an item, and nothing is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-item-stats-'))
  try {
    const storage = createStorage(await createLowdbStore({ folder }))
    const journals = createJournals({ storage, now: () => 5 })
    for (let n = 0; n < 24; n++) {
      const learner = `learner-${String(n).padStart(2, '0')}-abcdef`
      await journals.add(practiceSeat(learner), [
        answered('pod/claim', n, n < 12 ? 'false' : 'true', n < 12 ? 1 : 0, 10),
        answered('pod/claim', n, 'false', 1, 20),
        answered('pod/always', n, n < 6 ? 'a' : 'b', n < 6 ? 1 : 0, 10),
      ])
    }
    await storage.sittings.save(anExercise)
    await journals.add({ sittingId: 'exercise', participantId: 'seat-1' }, [answered('pod/claim', 90, 'false', 1, 30)])
    await storage.groups.saveCounts({
      sittingId: 'exercise',
      all: { people: 100, selected: 50 },
      tables: [
        {
          question: 'age',
          groups: [
            { group: 'under40', people: 50, selected: 30 },
            { group: 'over40', people: 40, selected: 12 },
          ],
        },
      ],
    })
    const locked = itemStats('--data', folder)
    assert.deepEqual([locked.status, locked.lines], [1, []])
    assert.match(locked.stderr, /is in use by process/)
    await storage.close()
    const filesOf = () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')])
    const before = filesOf()

    const { status, lines, stderr } = itemStats('--data', folder)
    assert.deepEqual([status, stderr], [0, ''])
    assert.deepEqual(filesOf(), before)
    const fairness = lines.pop()
    assert.deepEqual(
      [
        fairness.fairness,
        fairness.sitting,
        fairness.people,
        fairness.groups.map((group: { ratio?: number; reading: string }) => [group.ratio, group.reading]),
      ],
      [
        'age',
        'exercise',
        100,
        [
          [undefined, 'reference'],
          [0.5, 'clearly less'],
        ],
      ],
    )
    assert.deepEqual(
      lines.map(({ item, n }) => [item, n]),
      [
        ['question:pod/always', 24],
        ['question:pod/claim', 25],
      ],
    )
    const [always, claim] = lines
    assert.deepEqual(Object.keys(claim), [
      ...[
        'item',
        'n',
        'facility',
        'itemTotal',
        'upperLower',
        'p50Ms',
        'p90Ms',
        'options',
        'hints',
        'notReached',
        'flags',
      ],
    ])
    assert.deepEqual([always.facility, always.notReached], [0.25, 1 / 25])
    assert.deepEqual([claim.facility, claim.p50Ms, claim.flags], [13 / 25, 13_000, ['few people']])
    assert.deepEqual(
      claim.options.map(({ id, isRight }: { id: string; isRight: boolean }) => [id, isRight]),
      [
        ['true', false],
        ['false', true],
      ],
    )

    const one = itemStats('--data', folder, '--sitting', 'exercise')
    assert.deepEqual(
      one.lines.slice(0, 2).map(({ item, n, facility, flags }) => [item, n, facility, flags]),
      [
        ['question:pod/always', 0, null, []],
        ['question:pod/claim', 1, null, ['suppressed']],
      ],
    )
    const elsewhere = itemStats('--data', folder, '--content', 'test/server/fixtures/nothing')
    assert.deepEqual([elsewhere.lines[1].n, elsewhere.lines[1].options], [25, null])
    assert.match(elsewhere.stderr, /There are no questions in/)
    const none = itemStats('--data', folder, '--sitting', 'nowhere')
    assert.deepEqual([none.status, none.lines], [1, []])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a folder that is not there is not made, and an option that is none is told', () => {
  const folder = join(tmpdir(), 'podium-item-stats-nowhere')
  const { status, stderr } = itemStats('--data', folder)
  assert.deepEqual([status, stderr.includes(folder)], [1, true])
  assert.throws(() => readdirSync(folder))
  const wrong = itemStats('--folder', 'x')
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /usage: npm run/)
})
