/** The audit log: what is done to its chain is found, and no name gets into it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { chainProblems, createAudit, parseAnchor, printAnchor, verifyChain } from '../../../server/hiring/audit.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import type { AuditEntry } from '../../../server/storage/audit-log.ts'
import { createLowdbStore } from '../../../server/storage/lowdb.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { program } from '../../support/programs.ts'

async function someEntries(count: number): Promise<AuditEntry[]> {
  const audit = createAudit(createStorage(createMemoryStore()).auditLog, () => 5)
  for (let n = 1; n <= count; n++) await audit.enter('learner-1', 'invited', { seat: `seat-${n}`, isLate: n % 2 === 0 })
  return audit.entries()
}
const entries = await someEntries(8)

const verdictOn = (given: readonly AuditEntry[], anchor?: Parameters<typeof verifyChain>[1]) => {
  const verdict = verifyChain(given, anchor)
  return verdict.isWhole ? 'whole' : [verdict.at, verdict.problem.text]
}

test('a chain as it was written is whole; those who enter at once stand one after the other', async () => {
  assert.equal(verdictOn([]), 'whole')
  assert.equal(verdictOn(entries), 'whole')
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
  const audit = createAudit(createStorage(createMemoryStore()).auditLog, () => 5)
  await Promise.all(Array.from({ length: 20 }, (_, n) => audit.enter('system', 'erased', { seat: `s${n}` })))
  const all = await audit.entries()
  assert.deepEqual([verdictOn(all), new Set(all.map(({ what }) => what.seat)).size], ['whole', 20])
})

test('the first entry that was altered, removed or put elsewhere is told', () => {
  const altered = entries.with(3, { ...entries[3]!, what: { seat: 'seat-9' } })
  assert.deepEqual(verdictOn(altered), [4, chainProblems.altered])
  assert.deepEqual(verdictOn(entries.toSpliced(2, 2)), [3, chainProblems.removed])
  assert.deepEqual(verdictOn(entries.slice(1)), [1, chainProblems.removed])
  const swapped = entries.with(1, entries[4]!).with(4, entries[1]!)
  assert.deepEqual(verdictOn(swapped), [2, chainProblems.misplaced])
  assert.deepEqual(verdictOn([...entries, entries[7]!]), [9, chainProblems.misplaced])
})

test('an entry that was written anew with a hash of its own does not lead to the next one', async () => {
  const others = await someEntries(2)
  const audit = createAudit(createStorage(createMemoryStore()).auditLog, () => 6)
  await audit.enter('learner-2', 'invited', { seat: 'seat-1' })
  const [forged] = await audit.entries()
  assert.deepEqual(verdictOn([forged!, ...others.slice(1)]), [2, chainProblems.rewritten])
})

test('with an anchor a cut end and a log that was written anew are found', async () => {
  const anchor = { seq: 8, hash: entries[7]!.hash }
  assert.equal(verdictOn(entries, anchor), 'whole')
  assert.equal(verdictOn(entries.slice(0, 7)), 'whole', 'nobody can tell without one')
  assert.deepEqual(verdictOn(entries.slice(0, 7), anchor), [8, chainProblems.cut])
  const audit = createAudit(createStorage(createMemoryStore()).auditLog, () => 6)
  for (let n = 0; n < 9; n++) await audit.enter('system', 'invited', {})
  assert.deepEqual(verdictOn(await audit.entries(), anchor), [8, chainProblems.otherAnchor])
  assert.deepEqual(parseAnchor(printAnchor(anchor)), anchor)
  for (const wrong of ['', '8', '0:ab', `x:${anchor.hash}`, `8:${anchor.hash}0`])
    assert.equal(parseAnchor(wrong), undefined)
})

test('whatever single thing is changed in an entry but the last, it is found', () => {
  const at = fc.nat(entries.length - 2)
  const change = fc.constantFrom<(entry: AuditEntry) => AuditEntry>(
    (entry) => ({ ...entry, atMs: entry.atMs + 1 }),
    (entry) => ({ ...entry, who: 'system' }),
    (entry) => ({ ...entry, act: 'revoked' }),
    (entry) => ({ ...entry, what: { ...entry.what, more: 1 } }),
    (entry) => ({ ...entry, hash: entry.hash.replace(/^./, (digit) => (digit === 'f' ? '0' : 'f')) }),
    (entry) => ({ ...entry, prevHash: entry.hash }),
    (entry) => ({ ...entry, seq: entry.seq + 1 }),
  )
  fc.assert(
    fc.property(at, change, (place, altered) => {
      const verdict = verifyChain(entries.with(place, altered(entries[place]!)))
      assert.deepEqual([verdict.isWhole, 'at' in verdict && verdict.at], [false, place + 1])
    }),
  )
})

test('no name, address or sentence gets in, and nothing is written then', async () => {
  const audit = createAudit(createStorage(createMemoryStore()).auditLog, () => 5)
  for (const words of ['Ann Lee', 'ann@example.com', '安', 'a'.repeat(121), ''])
    await assert.rejects(audit.enter('system', 'invited', { seat: words }), /takes ids alone/)
  await assert.rejects(audit.enter('Ann Lee', 'invited', {}), /takes ids alone/)
  await assert.rejects(audit.enter('system', 'Invited Ann', {}), /takes ids alone/)
  assert.deepEqual(await audit.entries(), [])
})

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program('scripts/audit.ts'), ...args], {
    encoding: 'utf8',
  })
  return { status, stderr, line: stdout === '' ? undefined : JSON.parse(stdout) }
}

test('the command finds what somebody did to the files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-audit-'))
  try {
    const storage = createStorage(await createLowdbStore({ folder }))
    const audit = createAudit(storage.auditLog, () => 5)
    for (let n = 1; n <= 70; n++) await audit.enter('learner-1', 'invited', { seat: `seat-${n}` })
    await storage.close()
    const whole = run('verify', '--data', folder)
    assert.deepEqual([whole.status, whole.line.entries, whole.line.whole, whole.line.at], [0, 70, true, null])
    assert.equal(run('verify', '--data', folder, '--anchor', whole.line.anchor).status, 0)
    const files = readdirSync(join(folder, 'audit', 'log')).sort()
    assert.equal(files.length, 2)
    const [first, last] = files.map((name) => join(folder, 'audit', 'log', name)) as [string, string]
    const text = readFileSync(first, 'utf8')
    writeFileSync(first, text.replace('seat-40', 'seat-41'))
    const altered = run('verify', '--data', folder)
    assert.deepEqual([altered.status, altered.line.at], [1, 40])
    assert.match(altered.line.why, /Entry 40 was altered/)
    writeFileSync(first, text)
    rmSync(last)
    const cut = run('verify', '--data', folder, '--anchor', whole.line.anchor)
    assert.deepEqual([cut.status, cut.line.at], [1, 65])
    rmSync(first)
    assert.equal(run('verify', '--data', folder, '--anchor', whole.line.anchor).line.at, 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a log whose first part is gone is told, and so is how the command is used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podium-audit-'))
  try {
    const storage = createStorage(await createLowdbStore({ folder }))
    const audit = createAudit(storage.auditLog, () => 5)
    for (let n = 1; n <= 70; n++) await audit.enter('learner-1', 'invited', { seat: `seat-${n}` })
    await storage.close()
    rmSync(join(folder, 'audit', 'log', readdirSync(join(folder, 'audit', 'log')).sort()[0]!))
    const { status, line } = run('verify', '--data', folder)
    assert.deepEqual([status, line.whole], [1, false])
    assert.equal(run('mend', '--data', folder).status, 2)
    assert.match(run('verify', '--anchor', 'x').stderr, /usage: npm run audit/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
