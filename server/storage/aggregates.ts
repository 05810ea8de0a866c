/** Builds the aggregates over a store. How each is keyed, and the schema of its documents, stands here. */
import { z } from 'zod'
import type { ClusterShape, Command, LoggedCommand } from '../../sim/index.ts'
import type { SeatId } from '../seat.ts'
import { exerciseSchema, invitationSchema } from '../sittings/exercise-schema.ts'
import { givenRoles } from '../sittings/roles.ts'
import { createAtsTests } from './ats-tests.ts'
import { attemptSchema, loggedCommand } from './attempt-schema.ts'
import { auditKind } from './audit-log.ts'
import { type DocumentKind, findAll } from './documents.ts'
import { createDuels } from './duels.ts'
import { createErasures } from './erasures.ts'
import { createGolf } from './golf.ts'
import { createGroups } from './groups.ts'
import { createCandidateIdentities, createHeartbeats, createHiringJobs } from './hiring.ts'
import { LeaseLost } from './leases.ts'
import { createLtiCourses } from './lti-courses.ts'
import { createLtiLines } from './lti-lines.ts'
import { confidence, mockSchema } from './mock-schema.ts'
import { origin } from './origin.ts'
import { createOutsideIdentities } from './outside-identities.ts'
import { owedGradingKind } from './owed-grading.ts'
import { scoreKind } from './scores.ts'
import type { Store } from './store.ts'
import { journalKind } from './stored-acts.ts'
import type { StreamKind, Streams } from './streams.ts'
import { createTaskTerminals } from './task-terminals.ts'
import { terminalSchema } from './terminal-schema.ts'
import type {
  Account,
  Answer,
  AnswerBook,
  Attempt,
  ContentVersion,
  ItemLock,
  Learner,
  Mock,
  Participant,
  SandboxLogs,
  SandboxRecord,
  SignInLink,
  SignIns,
  Sitting,
  StaffMember,
  Storage,
  StudyBook,
  TerminalRecord,
} from './types.ts'
import { createUsedMarks } from './used-marks.ts'
import { createToldNotices, createWebhooks, noticeKind } from './webhooks.ts'

const ms = z.number()
const id = z.string().min(1)

const learnerKind: DocumentKind<Learner> = {
  name: 'learners',
  version: 1,
  upgrades: [],
  schema: z.object({ id, createdAtMs: ms, keysOff: z.boolean() }),
}

const accountKind: DocumentKind<Account> = {
  name: 'accounts',
  version: 1,
  upgrades: [],
  schema: z.object({
    name: id,
    learnerId: id,
    createdAtMs: ms,
    passphrase: z.object({ salt: z.string(), hash: z.string(), logN: z.int(), r: z.int(), p: z.int() }),
    mail: z.string().nullable(),
  }),
}

const staffKind: DocumentKind<StaffMember> = {
  name: 'staff',
  version: 1,
  upgrades: [],
  schema: z.object({
    account: id,
    learnerId: id,
    roles: z.array(z.object({ role: z.enum(givenRoles), by: z.string().nullable(), atMs: ms })),
  }),
}

const signInsKind: DocumentKind<SignIns> = {
  name: 'sign-ins',
  version: 1,
  upgrades: [],
  schema: z.object({
    learnerId: id,
    account: id,
    sessions: z.array(
      z.object({ sha256: z.string(), createdAtMs: ms, usedAtMs: ms, by: z.enum(['passphrase', 'link', 'provider']) }),
    ),
  }),
}

const signInLinkKind: DocumentKind<SignInLink> = {
  name: 'sign-in-links',
  version: 1,
  upgrades: [],
  indexes: { account: ({ account }) => [account] },
  schema: z.object({
    sha256: z.string(),
    account: id,
    mail: z.string().nullable(),
    expiresAtMs: ms,
    isUsed: z.boolean(),
  }),
}

const accountMailKind: DocumentKind<{ account: string }> = {
  name: 'account-mails',
  version: 1,
  upgrades: [],
  schema: z.object({ account: id }),
}

const sittingKind: DocumentKind<Sitting> = {
  name: 'sittings',
  version: 5,
  // 1: everything was graded on the variant that was worked on.
  // 2: there were no workshops.
  // 3: nobody could lead one beside its owner.
  // 4: there were no hiring exercises.
  upgrades: [
    (sitting) => ({ ...(sitting as Sitting), rules: { ...(sitting as Sitting).rules, hiddenSeeds: 0 } }),
    (sitting) => sitting,
    (sitting) => {
      const { room } = sitting as Sitting
      return room ? { ...(sitting as Sitting), room: { ...room, coInstructors: [], invites: [] } } : sitting
    },
    (sitting) => sitting,
  ],
  indexes: {
    code: ({ room }) => (room ? [room.code] : []),
    projector: ({ room }) => (room ? [room.projectorToken] : []),
    owner: ({ kind, ownerLearnerId }) => (kind === 'practice' ? [] : [ownerLearnerId]),
    coInstructor: ({ room }) => (room?.coInstructors ?? []).map(({ learnerId }) => learnerId),
    retained: ({ retainUntilMs }) => (retainUntilMs === null ? [] : ['until']),
    job: ({ exercise }) => (exercise ? [exercise.jobId] : []),
    kind: ({ kind }) => (kind === 'practice' ? [] : [kind]),
  },
  schema: z.object({
    id,
    kind: z.enum(['practice', 'workshop', 'hiring']),
    title: z.string(),
    createdAtMs: ms,
    ownerLearnerId: id,
    items: z.array(z.string()),
    contentVersions: z.record(z.string(), z.string()),
    engine: z.string().optional(),
    grader: z.string().optional(),
    clock: z.object({ opensAtMs: ms.nullable(), closesAtMs: ms.nullable(), durationMs: ms.nullable() }),
    rules: z.object({
      wrongPicksCancel: z.boolean(),
      showSolutions: z.enum(['at once', 'after close', 'never']),
      maxAttempts: z.number().nullable(),
      hints: z.boolean(),
      hiddenSeeds: z.int().min(0).max(10),
    }),
    retainUntilMs: ms.nullable(),
    room: z
      .object({
        code: z.string(),
        projectorToken: z.string(),
        coInstructors: z.array(z.object({ learnerId: id, name: z.string() })),
        invites: z.array(z.object({ sha256: z.string(), untilMs: ms })),
        ...{ guide: z.string().optional(), rehearsalOf: id.optional() },
      })
      .optional(),
    exercise: exerciseSchema.optional(),
  }),
}

const itemLockKind: DocumentKind<ItemLock> = {
  name: 'item-locks',
  version: 1,
  upgrades: [],
  schema: z.object({
    sittingId: id,
    items: z.array(id),
    scope: z.enum(['participants', 'everybody']),
    untilMs: ms.nullable(),
  }),
}

const participantKind: DocumentKind<Participant> = {
  name: 'participants',
  version: 2,
  // 1: there were no candidates.
  upgrades: [(person) => person],
  indexes: {
    learner: ({ learnerId }) => (learnerId === null ? [] : [learnerId]),
    token: ({ candidate }) => (candidate ? [candidate.tokenSha256] : []),
  },
  schema: z.object({
    id,
    sittingId: id,
    learnerId: id.nullable(),
    nickname: z.string(),
    joinedAtMs: ms,
    startedAtMs: ms.nullable(),
    finishedAtMs: ms.nullable(),
    seed: z.string(),
    timeMultiplier: z.number(),
    consent: z.object({ text: z.string(), atMs: ms }).nullable(),
    resumeHash: z.string().optional(),
    candidate: invitationSchema.optional(),
  }),
}

const answerSchema: z.ZodType<Answer> = z.object({
  id,
  questionId: id,
  contentHash: z.string(),
  seed: z.string(),
  given: z.array(z.string()),
  confidence,
  score: z.number().min(0).max(1),
  verdict: z.enum(['right', 'partly', 'wrong']),
  topics: z.array(z.string()),
  tookMs: ms.nullable(),
  atMs: ms,
  origin,
})

const answerKind: DocumentKind<AnswerBook> = {
  name: 'answers',
  version: 2,
  // 1: nobody noted how long an answer took.
  upgrades: [
    (book) => ({
      ...(book as AnswerBook),
      answers: (book as AnswerBook).answers.map((answer) => ({ ...answer, tookMs: null })),
    }),
  ],
  schema: z.object({ participantId: id, answers: z.array(answerSchema) }),
}

const studyBookKind: DocumentKind<StudyBook> = {
  name: 'study-books',
  version: 1,
  upgrades: [],
  schema: z.object({
    read: z.array(z.object({ item: id, atMs: ms })),
    bookmarks: z.array(z.object({ item: id, atMs: ms })),
    notes: z.array(z.object({ item: id, text: z.string(), atMs: ms })),
  }),
}

const attemptKind: DocumentKind<Attempt> = {
  name: 'attempts',
  version: 3,
  // 1: a grading did not say which commands exactly it was of. 2: the last text of a file was the only one.
  upgrades: [
    (attempt) => ({
      ...(attempt as Attempt),
      gradings: (attempt as Attempt).gradings.map((grading) => ({ ...grading, proof: null })),
    }),
    (attempt) => ({ ...(attempt as Attempt), earlierDrafts: [] }),
  ],
  schema: attemptSchema,
}

const mockKind: DocumentKind<Mock> = {
  name: 'mocks',
  version: 1,
  upgrades: [],
  schema: mockSchema,
}

const contentVersionKind: DocumentKind<ContentVersion> = {
  name: 'content-versions',
  version: 1,
  upgrades: [],
  schema: z.object({ hash: id, item: id, files: z.record(z.string(), z.string()), firstUsedAtMs: ms }),
}

const clusterShape = z.custom<ClusterShape>(
  (value) => typeof value === 'object' && value !== null && 'nodes' in value,
  'is not the shape of a cluster',
)
const command = z.custom<Command>(
  (value) => typeof value === 'object' && value !== null && 'op' in value,
  'is not a command',
)

const sandboxKind: DocumentKind<SandboxRecord> = {
  name: 'sandboxes',
  version: 1,
  upgrades: [],
  schema: z.object({
    id,
    owner: id,
    name: z.string(),
    createdAtMs: ms,
    lastUsedAtMs: ms,
    engineVersion: z.string(),
    options: z.object({
      seed: z.string(),
      shape: clusterShape,
      startEpochMs: ms,
      setup: z.object({ commands: z.array(command), settleMs: ms }).optional(),
    }),
    clock: z.object({ speed: z.number(), wallMs: ms, virtualMs: ms }),
    logId: id,
    address: z.object({ nonce: z.string(), sha256: z.string(), expiresAtMs: ms }).nullable(),
    share: z.object({ nonce: z.string(), sha256: z.string() }).nullable(),
    branchOf: z.object({ id, atMs: ms }).nullable(),
    copyOf: z.object({ sittingId: id, participantId: id }).optional(),
    checkpoint: z
      .object({ engineVersion: z.string(), virtualMs: ms, commands: z.number(), stateHash: z.string() })
      .nullable(),
    changedBy: z.string().nullable(),
    epoch: z.int().min(0).optional(),
  }),
  indexes: {
    owner: ({ owner }) => [owner],
    copyOf: ({ copyOf }) => (copyOf ? [seatText(copyOf)] : []),
    address: ({ address }) => (address ? [address.sha256] : []),
    share: ({ share }) => (share ? [share.sha256] : []),
  },
}

const seatText = ({ sittingId, participantId }: SeatId): string => `${sittingId} ${participantId}`

const terminalKind: DocumentKind<TerminalRecord> = {
  name: 'terminals',
  version: 1,
  upgrades: [],
  schema: terminalSchema,
}

const sandboxLogKind: StreamKind<LoggedCommand> = {
  name: 'sandbox-logs',
  version: 2,
  // 1: its entries were called commands.
  upgrades: [
    (segment) => {
      const { first, commands } = segment as { first: number; commands: LoggedCommand[] }
      return { first, entries: commands }
    },
  ],
  entry: loggedCommand,
  // What is replayed after a gap would be another history.
  toleratesGaps: false,
}

export function createStorage(store: Store): Storage {
  const learners = store.documents(learnerKind)
  const accounts = store.documents(accountKind)
  const staff = store.documents(staffKind)
  const signIns = store.documents(signInsKind)
  const links = store.documents(signInLinkKind)
  const accountMails = store.documents(accountMailKind)
  const sittings = store.documents(sittingKind)
  const itemLocks = store.documents(itemLockKind)
  const participants = store.documents(participantKind)
  const books = store.documents(answerKind)
  const studyBooks = store.documents(studyBookKind)
  const attempts = store.documents(attemptKind)
  const mocks = store.documents(mockKind)
  const versions = store.documents(contentVersionKind)
  const sandboxes = store.documents(sandboxKind)
  const terminals = store.documents(terminalKind)
  return {
    learners: {
      find: (key) => learners.find(key),
      save: async (learner) => void (await learners.update(learner.id, () => learner)),
      remove: (key) => learners.remove(key),
    },
    accounts: {
      find: (name) => accounts.find(name),
      create: async (account) => {
        const stored = await accounts.update(account.name, (known) => known ?? account)
        return stored.learnerId === account.learnerId && stored.passphrase.salt === account.passphrase.salt
      },
      update: (name, change) =>
        accounts.update(name, (account) => {
          if (!account) throw new Error(`account ${name} does not exist`)
          return change(account)
        }),
      remove: (name) => accounts.remove(name),
    },
    staff: {
      find: (account) => staff.find(account),
      list: async () => findAll(staff, await staff.keys(), () => undefined),
      update: (account, change) => staff.update(account, change),
      remove: (account) => staff.remove(account),
    },
    signIns: {
      find: (learnerId) => signIns.find(learnerId),
      update: async (learnerId, change) => void (await signIns.update(learnerId, change)),
      remove: (learnerId) => signIns.remove(learnerId),
    },
    signInLinks: {
      keep: async (link, beforeMs) => {
        for (const key of await links.keys()) {
          const [known] = await findAll(links, [key], () => undefined)
          if (known && known.expiresAtMs < beforeMs) await links.remove(key)
        }
        await links.update(link.sha256, () => link)
      },
      find: (sha256) => links.find(sha256),
      take: async (sha256, nowMs) => {
        if (!(await links.find(sha256))) return undefined
        let taken: SignInLink | undefined
        await links.update(sha256, (link) => {
          if (!link) throw new Error('a link was removed while it was used')
          taken = link.isUsed || link.expiresAtMs <= nowMs ? undefined : link
          return { ...link, isUsed: link.isUsed || taken !== undefined }
        })
        return taken
      },
      removeOf: async (account) => {
        // One that waits for repair lets nobody in.
        for (const key of await links.keysBy('account', account)) await links.remove(key)
      },
    },
    accountMails: {
      find: async (sha256) => (await accountMails.find(sha256))?.account,
      claim: async (sha256, account) =>
        (await accountMails.update(sha256, (known) => known ?? { account })).account === account,
      remove: (sha256) => accountMails.remove(sha256),
    },
    outsideIdentities: createOutsideIdentities(store),
    ltiLines: createLtiLines(store),
    ltiCourses: createLtiCourses(store),
    atsTests: createAtsTests(store),
    usedMarks: createUsedMarks(store),
    sittings: {
      find: (key) => sittings.find(key),
      ofCode: async (code, onUnreadable) => {
        const [key] = await sittings.keysBy('code', code, onUnreadable)
        return key === undefined ? undefined : sittings.find(key)
      },
      ofProjector: async (token) => {
        const [key] = await sittings.keysBy('projector', token)
        return key === undefined ? undefined : sittings.find(key)
      },
      ofOwner: async (learnerId, onUnreadable) =>
        findAll(sittings, await sittings.keysBy('owner', learnerId, onUnreadable), onUnreadable),
      ofCoInstructor: async (learnerId, onUnreadable) =>
        findAll(sittings, await sittings.keysBy('coInstructor', learnerId, onUnreadable), onUnreadable),
      // What waits for repair is not removed meanwhile, and keeps nobody from removing the others.
      retained: async () => findAll(sittings, await sittings.keysBy('retained', 'until'), () => undefined),
      ofJob: async (jobId, onUnreadable) =>
        findAll(sittings, await sittings.keysBy('job', jobId, onUnreadable), onUnreadable),
      ofKind: async (kind) => findAll(sittings, await sittings.keysBy('kind', kind), () => undefined),
      save: async (sitting) => void (await sittings.update(sitting.id, () => sitting)),
      update: async (key, change) => {
        if (!(await sittings.find(key))) return undefined
        return sittings.update(key, (sitting) => {
          if (!sitting) throw new Error(`the sitting ${key} was removed`)
          return change(sitting)
        })
      },
      remove: (key) => sittings.remove(key),
    },
    itemLocks: {
      list: async (onUnreadable) => findAll(itemLocks, await itemLocks.keys(), onUnreadable),
      save: async (lock) => void (await itemLocks.update(lock.sittingId, () => lock)),
      remove: (key) => itemLocks.remove(key),
    },
    participants: {
      find: (sittingId, key) => participants.find(`${sittingId}/${key}`),
      listOf: async (sittingId, onUnreadable) =>
        findAll(participants, await participants.keys(sittingId), onUnreadable),
      ofLearner: async (learnerId) => findAll(participants, await participants.keysBy('learner', learnerId)),
      ofToken: async (sha256, onUnreadable) => {
        const [key] = await participants.keysBy('token', sha256, onUnreadable)
        return key === undefined ? undefined : participants.find(key)
      },
      save: async (person) => void (await participants.update(`${person.sittingId}/${person.id}`, () => person)),
      update: async (sittingId, key, change) => {
        if (!(await participants.find(`${sittingId}/${key}`))) return undefined
        return participants.update(`${sittingId}/${key}`, (person) => {
          if (!person) throw new Error(`the participant ${key} was removed`)
          return change(person)
        })
      },
      remove: (sittingId, key) => participants.remove(`${sittingId}/${key}`),
    },
    answers: {
      find: async (participantId) => (await books.find(participantId))?.answers,
      remove: (participantId) => books.remove(participantId),
    },
    journals: store.streams(journalKind),
    scores: store.streams(scoreKind),
    auditLog: store.streams(auditKind),
    studyBooks: {
      find: (participantId) => studyBooks.find(participantId),
      remove: (participantId) => studyBooks.remove(participantId),
    },
    attempts: {
      listOf: async (participantId, onUnreadable) =>
        findAll(attempts, await attempts.keys(participantId), onUnreadable),
      remove: (participantId, key) => attempts.remove(`${participantId}/${key}`),
      removeOf: async (participantId) => {
        for (const key of await attempts.keys(participantId)) await attempts.remove(key)
      },
    },
    mocks: {
      listOf: async (participantId, onUnreadable) => findAll(mocks, await mocks.keys(participantId), onUnreadable),
      remove: (participantId, key) => mocks.remove(`${participantId}/${key}`),
      removeOf: async (participantId) => {
        for (const key of await mocks.keys(participantId)) await mocks.remove(key)
      },
    },
    duels: createDuels(store),
    golf: createGolf(store),
    gradingsOwed: store.jobs(owedGradingKind),
    contentVersions: {
      find: (hash) => versions.find(hash),
      keep: async (version) => {
        if (!(await versions.find(version.hash))) await versions.update(version.hash, (known) => known ?? version)
      },
    },
    sandboxes: {
      find: (key) => sandboxes.find(key),
      // The store itself tells of those that wait for repair.
      list: async () => findAll(sandboxes, await sandboxes.keys(), () => undefined),
      listOfOwner: async (owner) => findAll(sandboxes, await sandboxes.keysBy('owner', owner), () => undefined),
      listOfCopies: async (seat) =>
        findAll(sandboxes, await sandboxes.keysBy('copyOf', seatText(seat)), () => undefined),
      async findByOpener(kind, sha256) {
        const [key] = await sandboxes.keysBy(kind, sha256)
        return key === undefined ? undefined : sandboxes.find(key)
      },
      add: async (record) => void (await sandboxes.update(record.id, () => record)),
      async claim(id, epoch) {
        // What is not there is not made by it.
        if (!(await sandboxes.find(id))) return undefined
        return sandboxes.update(id, (before) => {
          if (!before || (before.epoch ?? 0) > epoch) throw new LeaseLost(`sandbox ${id}`)
          return { ...before, epoch }
        })
      },
      async save(record) {
        await sandboxes.update(record.id, (before) => {
          if (!before || (before.epoch ?? 0) > (record.epoch ?? 0)) throw new LeaseLost(`sandbox ${record.id}`)
          return record
        })
      },
      remove: (key) => sandboxes.remove(key),
    },
    sandboxLogs: sandboxLogs(store.streams(sandboxLogKind)),
    terminals: {
      find: (key) => terminals.find(key),
      save: async (key, record) => void (await terminals.update(key, () => record)),
      update: async (key, change) => void (await terminals.update(key, change)),
      remove: (key) => terminals.remove(key),
    },
    taskTerminals: createTaskTerminals(store),
    hiringJobs: createHiringJobs(store),
    candidates: createCandidateIdentities(store),
    heartbeats: createHeartbeats(store),
    erasures: createErasures(store),
    groups: createGroups(store),
    webhooks: createWebhooks(store),
    webhooksTold: createToldNotices(store),
    webhooksOwed: store.jobs(noticeKind),
    bus: store.bus,
    leases: store.leases,
    healthy: () => store.healthy(),
    close: () => store.close(),
  }
}

function sandboxLogs(logs: Streams<LoggedCommand>): SandboxLogs {
  return {
    read: async (logId) => (await logs.read(logId)).map(({ entry }) => entry),
    append: (logId, expected, commands, fence) => logs.append(logId, expected, commands, fence),
    remove: (logId) => logs.remove(logId),
  }
}
