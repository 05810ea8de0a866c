/** What every storage backend must do. Each backend's test file runs all of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { LeaseLost } from '../../../server/storage/leases.ts'
import type { Store } from '../../../server/storage/store.ts'
import type {
  Account,
  Answer,
  Attempt,
  Learner,
  Mock,
  Participant,
  SandboxRecord,
  SignInLink,
  Storage,
} from '../../../server/storage/types.ts'
import type { LoggedCommand } from '../../../sim/index.ts'

export const aLearner = (id: string): Learner => ({ id, createdAtMs: 1, keysOff: false })

export const anAnswer = (id: string, over: Partial<Answer> = {}): Answer => ({
  id,
  questionId: 'pod/restart',
  contentHash: 'abc',
  seed: 's',
  given: ['a'],
  confidence: null,
  score: 1,
  verdict: 'right',
  topics: ['restart-policy'],
  tookMs: null,
  atMs: 5,
  ...over,
})

export const anAttempt = (participantId: string, id: string, over: Partial<Attempt> = {}): Attempt => ({
  id,
  participantId,
  sittingId: 'practice-1',
  challengeId: 'crash-loop',
  contentHash: 'abc',
  engineVersion: '1',
  seed: 's',
  createdAtMs: 1,
  updatedAtMs: 1,
  log: [],
  clockMs: 0,
  drafts: {},
  earlierDrafts: [],
  hintsOpened: [],
  gradings: [],
  state: 'open',
  ...over,
})

export const aMock = (participantId: string, id: string, over: Partial<Mock> = {}): Mock => ({
  id,
  participantId,
  kind: 'exam',
  pool: 'cka',
  mode: 'timed',
  seed: 's',
  startedAtMs: 1,
  endsAtMs: 9,
  handedInAtMs: null,
  current: 0,
  items: [],
  ...over,
})

export const aParticipant = (sittingId: string, id: string): Participant => ({
  id,
  sittingId,
  learnerId: null,
  nickname: '',
  joinedAtMs: 1,
  startedAtMs: null,
  finishedAtMs: null,
  seed: 's',
  timeMultiplier: 1,
  consent: null,
})

export const aSandbox = (id: string, over: Partial<SandboxRecord> = {}): SandboxRecord => ({
  id,
  owner: 'ann',
  name: 'mine',
  createdAtMs: 1,
  lastUsedAtMs: 2,
  engineVersion: '1',
  options: { seed: 's', shape: { nodes: [{ name: 'node-1' }] }, startEpochMs: 1 },
  clock: { speed: 1, wallMs: 1, virtualMs: 0 },
  logId: `${id}.0`,
  address: null,
  share: null,
  branchOf: null,
  checkpoint: null,
  changedBy: null,
  ...over,
})

const anAccount = (name: string, learnerId: string): Account => ({
  name,
  learnerId,
  createdAtMs: 1,
  passphrase: { salt: learnerId, hash: 'x', logN: 10, r: 8, p: 1 },
  mail: null,
})

const aLink = (sha256: string, over: Partial<SignInLink> = {}): SignInLink => ({
  sha256,
  account: 'ann',
  mail: null,
  expiresAtMs: 100,
  isUsed: false,
  ...over,
})

const lines = (from: number, to: number): LoggedCommand[] =>
  Array.from({ length: to - from }, (_, n) => ({ atMs: from + n, command: { op: 'kubectl', line: `get ${from + n}` } }))

export function testStorageContract(name: string, open: () => Promise<{ store: Store; dispose(): Promise<void> }>) {
  const withStore = async (act: (storage: Storage) => Promise<void>) => {
    const { store, dispose } = await open()
    const storage = createStorage(store)
    try {
      await act(storage)
    } finally {
      await storage.close()
      await dispose()
    }
  }

  test(`${name} gives back what was saved, and undefined for what was not`, () =>
    withStore(async (storage) => {
      assert.equal(await storage.learners.find('nobody'), undefined)
      await storage.learners.save(aLearner('ann'))
      assert.deepEqual(await storage.learners.find('ann'), aLearner('ann'))
    }))

  test(`${name} gives an account's name to one alone, and again when the account is gone`, () =>
    withStore(async (storage) => {
      const made = await Promise.all(['a', 'b', 'c'].map((id) => storage.accounts.create(anAccount('ann', id))))
      assert.deepEqual(made, [true, false, false])
      assert.equal((await storage.accounts.find('ann'))?.learnerId, 'a')
      await storage.accounts.remove('ann')
      assert.equal(await storage.accounts.create(anAccount('ann', 'd')), true)
      await assert.rejects(
        storage.accounts.update('nobody', (account) => account),
        /account nobody does not exist/,
      )
    }))

  test(`${name} gives a link to one of many who use it at once, and to nobody when it is over`, () =>
    withStore(async (storage) => {
      await storage.signInLinks.keep(aLink('one'), 0)
      const taken = await Promise.all([1, 2, 3].map(() => storage.signInLinks.take('one', 99)))
      assert.equal(taken.filter((link) => link !== undefined).length, 1)
      assert.equal((await storage.signInLinks.find('one'))?.isUsed, true)
      await storage.signInLinks.keep(aLink('two'), 0)
      assert.equal(await storage.signInLinks.take('two', 100), undefined)
      assert.equal(await storage.signInLinks.take('none', 1), undefined)
      await storage.signInLinks.keep(aLink('three', { expiresAtMs: 300, account: 'bob' }), 200)
      assert.equal(await storage.signInLinks.find('two'), undefined)
      await storage.signInLinks.removeOf('ann')
      assert.equal((await storage.signInLinks.find('three'))?.account, 'bob')
    }))

  test(`${name} gives an address to the first account that claims it`, () =>
    withStore(async (storage) => {
      const claims = await Promise.all(['ann', 'bob', 'ann'].map((who) => storage.accountMails.claim('hash', who)))
      assert.deepEqual(claims, [true, false, true])
      await storage.accountMails.remove('hash')
      assert.equal(await storage.accountMails.find('hash'), undefined)
    }))

  test(`${name} changes a learner's list of browsers in one step`, () =>
    withStore(async (storage) => {
      const session = (sha256: string) => ({ sha256, createdAtMs: 1, usedAtMs: 1, by: 'link' as const })
      await Promise.all(
        ['a', 'b', 'c'].map((sha256) =>
          storage.signIns.update('ann', (list) => ({
            learnerId: 'ann',
            account: 'ann',
            sessions: [...(list?.sessions ?? []), session(sha256)],
          })),
        ),
      )
      assert.deepEqual(
        (await storage.signIns.find('ann'))?.sessions.map(({ sha256 }) => sha256),
        ['a', 'b', 'c'],
      )
      await storage.signIns.remove('ann')
      assert.equal(await storage.signIns.find('ann'), undefined)
    }))

  test(`${name} changes a document in one step, so that nothing of two who do so at once is lost`, () =>
    withStore(async ({ terminals }) => {
      const lines = Array.from({ length: 50 }, (_, n) => `get pods ${n}`)
      const type = (line: string) =>
        terminals.update('box', (known) => ({ files: {}, history: [...(known?.history ?? []), line] }))
      await Promise.all(lines.map(type))
      assert.deepEqual((await terminals.find('box'))?.history, lines)
    }))

  test(`${name} leaves a document alone when the change throws, and the changes beside it happen`, () =>
    withStore(async ({ terminals }) => {
      const type = () => terminals.update('box', (known) => ({ files: {}, history: [...(known?.history ?? []), 'ls'] }))
      const results = await Promise.allSettled([
        type(),
        terminals.update('box', () => {
          throw new Error('no')
        }),
        type(),
      ])
      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      assert.equal((await terminals.find('box'))?.history.length, 2)
    }))

  test(`${name} removes one person's documents and no other's`, () =>
    withStore(async (storage) => {
      for (const person of ['ann', 'bob']) {
        await storage.terminals.save(person, { files: {}, history: [person] })
        await storage.sandboxes.add(aSandbox(person))
      }
      await storage.terminals.remove('ann')
      await storage.sandboxes.remove('ann')
      assert.equal(await storage.terminals.find('ann'), undefined)
      assert.deepEqual((await storage.terminals.find('bob'))?.history, ['bob'])
      assert.deepEqual(
        (await storage.sandboxes.list()).map(({ id }) => id),
        ['bob'],
      )
    }))

  test(`${name} keeps sittings of every room and the people in them`, () =>
    withStore(async (storage) => {
      for (const kind of ['practice', 'workshop', 'hiring'] as const) {
        const sitting = {
          id: `${kind}-1`,
          kind,
          title: kind,
          createdAtMs: 1,
          ownerLearnerId: 'ann',
          items: ['challenge:crash-loop'],
          contentVersions: { 'challenge:crash-loop': 'abc' },
          clock: { opensAtMs: null, closesAtMs: 9, durationMs: 3_600_000 },
          rules: {
            wrongPicksCancel: true,
            showSolutions: 'after close' as const,
            maxAttempts: 2,
            hints: false,
            hiddenSeeds: 0,
          },
          retainUntilMs: null,
        }
        await storage.sittings.save(sitting)
        assert.deepEqual(await storage.sittings.find(sitting.id), sitting)
      }
      const person = {
        id: 'p1',
        sittingId: 'workshop-1',
        learnerId: null,
        nickname: 'Ann',
        joinedAtMs: 1,
        startedAtMs: null,
        finishedAtMs: null,
        seed: 's',
        timeMultiplier: 1.5,
        consent: { text: 'I agree', atMs: 2 },
      }
      await storage.participants.save(person)
      assert.deepEqual(await storage.participants.listOf('workshop-1'), [person])
      assert.deepEqual(await storage.participants.listOf('hiring-1'), [])
    }))

  test(`${name} keeps jobs, their exercises, and candidates apart from who they are`, () =>
    withStore(async (storage) => {
      const job = {
        ...{ id: 'j1', ownerLearnerId: 'ann', title: 'Platform engineer', contact: 'Ann, ann@example.org' },
        ...{ retentionDays: 180, reviewers: [{ learnerId: 'bob', name: 'Bob' }], createdAtMs: 1, archivedAtMs: null },
        invites: [{ sha256: 'aa', untilMs: 5 }],
      }
      await storage.hiringJobs.save(job)
      assert.deepEqual(await storage.hiringJobs.find('j1'), job)
      assert.deepEqual(await storage.hiringJobs.ofOwner('ann'), [job])
      assert.deepEqual(await storage.hiringJobs.ofReviewer('bob'), [job])
      assert.deepEqual(await storage.hiringJobs.ofReviewer('ann'), [])
      const moved = await storage.hiringJobs.update('j1', (one) => ({ ...one, ownerLearnerId: 'cid' }))
      assert.deepEqual([moved, await storage.hiringJobs.ofOwner('ann')], [{ ...job, ownerLearnerId: 'cid' }, []])
      assert.equal(await storage.hiringJobs.update('j2', (one) => one), undefined)
      const sitting = {
        ...{ id: 'h1', kind: 'hiring' as const, title: 'First round', createdAtMs: 1, ownerLearnerId: 'ann' },
        ...{ items: ['challenge:x'], contentVersions: {}, retainUntilMs: null },
        clock: { opensAtMs: null, closesAtMs: null, durationMs: 60_000 },
        rules: {
          ...{ wrongPicksCancel: false, showSolutions: 'never' as const, maxAttempts: null, hints: false },
          hiddenSeeds: 1,
        },
        exercise: {
          ...{ jobId: 'j1', sections: [{ id: 's1', title: 'Fix', items: ['challenge:x'] }], aiPolicy: 'none' as const },
          rubric: [{ id: 'diagnosis', title: 'Diagnosis', anchors: ['1', '2', '3', '4', '5'] }],
          ...{ passBar: 60, showsChecks: false, readyMade: 'junior' },
        },
      }
      await storage.sittings.save(sitting)
      assert.deepEqual(await storage.sittings.ofJob('j1'), [sitting])
      assert.deepEqual(await storage.sittings.ofKind('hiring'), [sitting])
      assert.deepEqual(await storage.sittings.ofKind('workshop'), [])
      const person = {
        ...{ id: 'c1', sittingId: 'h1', learnerId: null, nickname: '', joinedAtMs: 1, startedAtMs: null },
        ...{ finishedAtMs: null, seed: 's', timeMultiplier: 1.5, consent: null },
        candidate: {
          ...{ blindName: 'Candidate 7F', tokenSha256: 'abc', opensAtMs: null, untilMs: 9, language: 'zh' as const },
          revokedAtMs: null,
        },
      }
      await storage.participants.save(person)
      assert.deepEqual(await storage.participants.ofToken('abc'), person)
      assert.equal(await storage.participants.ofToken('abd'), undefined)
      const bound = await storage.participants.update('h1', 'c1', (one) => ({ ...one, learnerId: 'kim' }))
      assert.deepEqual(await storage.participants.ofLearner('kim'), [bound])
      const who = { id: 'c1', sittingId: 'h1', name: '<b>Kim</b>', mail: 'kim@example.org' }
      await storage.candidates.save(who)
      assert.deepEqual(await storage.candidates.ofSitting('h1'), [who])
      await storage.candidates.remove('c1')
      assert.equal(await storage.candidates.find('c1'), undefined)
      assert.equal(await storage.heartbeats.last(), undefined)
      await storage.heartbeats.beat(7)
      assert.equal(await storage.heartbeats.last(), 7)
    }))

  test(`${name} keeps the first of equal content versions`, () =>
    withStore(async (storage) => {
      const version = { hash: 'abc', item: 'challenge:x', files: { 'challenge.md': 'text' }, firstUsedAtMs: 1 }
      await storage.contentVersions.keep(version)
      await storage.contentVersions.keep({ ...version, firstUsedAtMs: 2 })
      assert.equal((await storage.contentVersions.find('abc'))?.firstUsedAtMs, 1)
    }))

  for (const key of ['../ann', 'a/b/c/d', '', '.hidden', 'a b', 'a\0'])
    test(`${name} refuses the key ${JSON.stringify(key)}`, () =>
      withStore(async (storage) => {
        await assert.rejects(async () => storage.learners.find(key), /is not a document key/)
      }))

  test(`${name} lists every sandbox, and forgets one that is removed`, () =>
    withStore(async (storage) => {
      for (const id of ['b', 'a']) await storage.sandboxes.add(aSandbox(id))
      await storage.sandboxes.save(aSandbox('a', { name: 'other' }))
      assert.deepEqual(await storage.sandboxes.list(), [aSandbox('a', { name: 'other' }), aSandbox('b')])
      await storage.sandboxes.remove('a')
      assert.equal(await storage.sandboxes.find('a'), undefined)
      assert.deepEqual(await storage.sandboxes.list(), [aSandbox('b')])
    }))

  test(`${name} finds sandboxes by whose they are, what they are copies of, and what opens them`, () =>
    withStore(async ({ sandboxes }) => {
      const copyOf = { sittingId: 's1', participantId: 'p1' }
      const address = { nonce: 'n', sha256: 'ha', expiresAtMs: 9 }
      await sandboxes.add(aSandbox('a', { owner: 'ann', copyOf }))
      await sandboxes.add(aSandbox('b', { owner: 'ann', address }))
      await sandboxes.add(aSandbox('c', { owner: 'bob', share: { nonce: 'n', sha256: 'hs' } }))
      const idsOf = (records: SandboxRecord[]) => records.map(({ id }) => id)
      assert.deepEqual(idsOf(await sandboxes.listOfOwner('ann')), ['a', 'b'])
      assert.deepEqual(idsOf(await sandboxes.listOfCopies(copyOf)), ['a'])
      assert.deepEqual(idsOf(await sandboxes.listOfCopies({ ...copyOf, sittingId: 's2' })), [])
      assert.equal((await sandboxes.findByOpener('address', 'ha'))?.id, 'b')
      assert.equal((await sandboxes.findByOpener('share', 'hs'))?.id, 'c')
      assert.equal(await sandboxes.findByOpener('share', 'ha'), undefined)
      await sandboxes.save(aSandbox('b', { owner: 'bob', address: null }))
      assert.deepEqual(idsOf(await sandboxes.listOfOwner('bob')), ['b', 'c'])
      assert.equal(await sandboxes.findByOpener('address', 'ha'), undefined)
    }))

  test(`${name} writes a sandbox under no older lease than it was written under, and none that was removed`, () =>
    withStore(async ({ sandboxes }) => {
      await assert.rejects(sandboxes.save(aSandbox('a')), LeaseLost)
      assert.equal(await sandboxes.claim('a', 3), undefined)
      await sandboxes.add(aSandbox('a'))
      assert.equal((await sandboxes.claim('a', 3))?.epoch, 3)
      for (const epoch of [undefined, 2])
        await assert.rejects(sandboxes.save(aSandbox('a', { name: 'late', ...(epoch ? { epoch } : {}) })), LeaseLost)
      await assert.rejects(sandboxes.claim('a', 2), LeaseLost)
      await sandboxes.save(aSandbox('a', { name: 'newer', epoch: 3 }))
      assert.deepEqual(await sandboxes.find('a'), aSandbox('a', { name: 'newer', epoch: 3 }))
      await sandboxes.remove('a')
      await assert.rejects(sandboxes.save(aSandbox('a', { epoch: 3 })), LeaseLost)
      assert.equal(await sandboxes.find('a'), undefined)
    }))

  test(`${name} gives back a log as it was added, over many segments, and no other's`, () =>
    withStore(async (storage) => {
      const { sandboxLogs } = storage
      assert.deepEqual(await sandboxLogs.read('a.0'), [])
      for (let from = 0; from < 300; from += 7) await sandboxLogs.append('a.0', from, lines(from, from + 7))
      await sandboxLogs.append('a.1', 0, lines(0, 2))
      assert.equal(await sandboxLogs.append('a.0', 301, []), 301)
      assert.deepEqual(await sandboxLogs.read('a.0'), lines(0, 301))
      await sandboxLogs.remove('a.0')
      assert.deepEqual(await sandboxLogs.read('a.0'), [])
      assert.deepEqual(await sandboxLogs.read('a.1'), lines(0, 2))
    }))

  test(`${name} begins another segment behind a large command, and keeps the order of many`, () =>
    withStore(async ({ sandboxLogs }) => {
      const large: LoggedCommand = { atMs: 0, command: { op: 'apply', manifest: 'x'.repeat(100_000) } }
      for (let n = 0; n < 12; n++) await sandboxLogs.append('a.0', n, [large])
      await sandboxLogs.append('a.0', 12, lines(1, 3))
      assert.deepEqual(await sandboxLogs.read('a.0'), [...Array(12).fill(large), ...lines(1, 3)])
    }))

  test(`${name} keeps the files of a terminal, bytes among them, until the sandbox goes`, () =>
    withStore(async ({ terminals }) => {
      const record = { files: { '/home/learner/a': 'text\n', '/tmp/b': { base64: 'AP8=' } }, history: ['ls', 'cat a'] }
      assert.equal(await terminals.find('a'), undefined)
      await terminals.save('a', { files: {}, history: [] })
      await terminals.save('a', record)
      assert.deepEqual(await terminals.find('a'), record)
      await terminals.remove('a')
      assert.equal(await terminals.find('a'), undefined)
    }))

  test(`${name} holds whatever text and number JSON does`, () =>
    withStore(async ({ terminals, learners }) => {
      const odd = [
        '\u0000',
        '\ud800',
        '\udfff x',
        '\\u0000',
        '"',
        '\u2028',
        '\u{1F600}',
        '期望状态',
        '\\',
        'x'.repeat(300_000),
      ]
      const record = { files: Object.fromEntries(odd.map((text) => [`/${text.slice(0, 50)}`, text])), history: odd }
      await terminals.save('odd', record)
      assert.deepEqual(await terminals.find('odd'), record)
      const numbers = [Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53 + 2, -1e21, 0.1]
      for (const [n, createdAtMs] of numbers.entries())
        await learners.save({ id: `n${n}`, createdAtMs, keysOff: false })
      for (const [n, createdAtMs] of numbers.entries())
        assert.equal((await learners.find(`n${n}`))?.createdAtMs, createdAtMs)
    }))
}
