/** The aggregates that Podium stores, an interface each. Pages and rooms know these, and no backend. */

import type { ClusterShape, Command, GradeResult, LoggedCommand } from '../../sim/index.ts'
import type { SeatId } from '../seat.ts'
import type { ExercisePlan, Invitation } from '../sittings/exercise-schema.ts'
import type { GivenRole } from '../sittings/roles.ts'
import type { AtsTests } from './ats-tests.ts'
import type { AuditEntry } from './audit-log.ts'
import type { Bus } from './bus.ts'
import type { DocumentUnreadable } from './documents.ts'
import type { Duels } from './duels.ts'
import type { Erasures } from './erasures.ts'
import type { Golf } from './golf.ts'
import type { Groups } from './groups.ts'
import type { CandidateIdentities, Heartbeats, HiringJobs } from './hiring.ts'
import type { Jobs } from './jobs.ts'
import type { Fence, Leases } from './leases.ts'
import type { LtiCourses } from './lti-courses.ts'
import type { LtiLines } from './lti-lines.ts'
import type { Origin } from './origin.ts'
import type { OutsideIdentities } from './outside-identities.ts'
import type { OwedGrading } from './owed-grading.ts'
import type { ScoreAct } from './scores.ts'
import type { StoredAct } from './stored-acts.ts'
import type { Streams } from './streams.ts'
import type { TaskTerminals } from './task-terminals.ts'
import type { UsedMarks } from './used-marks.ts'
import type { Notice, ToldNotices, Webhooks } from './webhooks.ts'

export type Confidence = 'sure' | 'fairly' | 'guess'

/** A browser's owner: anonymous, known by the cookie. */
export interface Learner {
  id: string
  createdAtMs: number
  /** Shortcut keys on the pages. */
  keysOff: boolean
}

/** What people take part in: a learner's own practice, a workshop, a hiring exercise. */
export interface Sitting {
  id: string
  kind: 'practice' | 'workshop' | 'hiring'
  title: string
  createdAtMs: number
  /** Who leads it; for practice the learner. */
  ownerLearnerId: string
  /** Questions, lessons and challenges in order (`challenge:crash-loop`); empty when everything is open. */
  items: string[]
  /** Content that is fixed for everybody in it: item -> content hash. */
  contentVersions: Record<string, string>
  /** The version of the simulator by which it was opened: processes that have that one answer for it, as long as there are some. */
  engine?: string
  /** The version of the grader by which it was opened, alike. */
  grader?: string
  clock: {
    opensAtMs: number | null
    closesAtMs: number | null
    /** Time for each participant from their own start. */
    durationMs: number | null
  }
  rules: {
    /** Each wrong pick of a multiple choice cancels a right one. */
    wrongPicksCancel: boolean
    showSolutions: 'at once' | 'after close' | 'never'
    maxAttempts: number | null
    hints: boolean
    /** Challenges are graded on so many further variants, of which nobody is told more than their number. */
    hiddenSeeds: number
  }
  retainUntilMs: number | null
  /** Of a workshop. What is done in its room stands in the stream of the sitting's id. */
  room?: {
    /** By which people come in. */
    code: string
    /** Whoever has it sees the projector's page, and nothing else. */
    projectorToken: string
    /** Who lead it beside the owner, under the names that they are shown by. */
    coInstructors: { learnerId: string; name: string }[]
    /** Links that make somebody a co-instructor, each good once. */
    invites: { sha256: string; untilMs: number }[]
    /** The ready-made workshop that it was made from: its guide goes along. */
    guide?: string
    /** The workshop that its owner tries out here, as somebody who takes part. */
    rehearsalOf?: string
  }
  /** Of a hiring exercise. What is done to it stands in the stream of the sitting's id. */
  exercise?: ExercisePlan
}

/** Items that a sitting keeps to itself while it is open: nobody practises on them meanwhile. */
export interface ItemLock {
  sittingId: string
  /** `question:pod/probes`, `challenge:crash-loop` */
  items: string[]
  /** Whom it holds for. */
  scope: 'participants' | 'everybody'
  /** Null until it is taken away. */
  untilMs: number | null
}

/** A person in a sitting. */
export interface Participant {
  id: string
  sittingId: string
  /** Null until an invited person has opened the invitation. */
  learnerId: string | null
  nickname: string
  joinedAtMs: number
  startedAtMs: number | null
  finishedAtMs: number | null
  /** Variants of this person's tasks are drawn from it. */
  seed: string
  timeMultiplier: number
  /** What was agreed to, and when. */
  consent: { text: string; atMs: number } | null
  /** Of the words by which somebody comes back on another device: SHA-256, in hex. */
  resumeHash?: string
  /** Of a candidate in a hiring exercise. */
  candidate?: Invitation
}

export interface Answer {
  id: string
  questionId: string
  contentHash: string
  /** Decides the variant. */
  seed: string
  given: string[]
  confidence: Confidence | null
  /** 0 to 1. */
  score: number
  /** Of the verdict: all right, partly, none. */
  verdict: 'right' | 'partly' | 'wrong'
  topics: string[]
  /** From the form to the answer; null when it is not known. */
  tookMs: number | null
  atMs: number
  origin?: Origin
}

export interface AnswerBook {
  participantId: string
  answers: Answer[]
}

export interface Grading {
  atMs: number
  /** How many commands were graded. */
  commands: number
  /** Where the attempt's clock stood when it was handed in; absent in those from before that was kept. */
  clockMs?: number
  /** Those commands, once the attempt's log has gone another way. */
  log?: LoggedCommand[]
  result: GradeResult
  /** Those that had been opened when it was graded. */
  hintsOpened: string[]
  /** Null for one that is older than proofs. */
  proof: GradingProof | null
  /** It was not graded here, and counts for nothing until it is. */
  origin?: Origin
  /** When it was graded here, of one that had been graded elsewhere before. */
  verifiedAtMs?: number
}

/** Binds a grading to what was handed to the grader. */
export interface GradingProof {
  /** Of the canonical bytes of the commands. */
  sha256: string
  seed: string
  contentHash: string
  engineVersion: string
}

export interface EarlierDraft {
  file: string
  text: string
  atMs: number
}

export interface BeforeRewind {
  log: LoggedCommand[]
  clockMs: number
  /** By whom and to where, as long as it stands so: null for the hand-over. */
  rewound?: { by: string; toMs: number | null }
}

/** One try of one challenge: the cluster is rebuilt from seed and log, so these are all that is kept of it. */
export interface Attempt {
  id: string
  participantId: string
  sittingId: string
  challengeId: string
  contentHash: string
  engineVersion: string
  seed: string
  createdAtMs: number
  updatedAtMs: number
  /** Commands, each at its virtual time after the hand-over. */
  log: LoggedCommand[]
  /** Where the virtual clock stands, after the hand-over. */
  clockMs: number
  /** The learner's files as last saved. */
  drafts: Record<string, string>
  /** Texts that gave way to others when two tabs wrote on the same file, the oldest first. */
  earlierDrafts: EarlierDraft[]
  hintsOpened: string[]
  gradings: Grading[]
  state: 'open' | 'closed'
  /** What it was before it was rewound, or before that was gone back to: nothing of either is lost. */
  before?: BeforeRewind
  /** The hands-on exam whose task it is; undefined in practice. */
  mock?: string
  origin?: Origin
}

/** What a learner marks and writes beside the content. Items are `lesson:pod/probes`, `question:…`, `challenge:…`. */
export interface StudyBook {
  /** Lessons that were read to their end. */
  read: { item: string; atMs: number }[]
  bookmarks: { item: string; atMs: number }[]
  notes: { item: string; text: string; atMs: number }[]
}

/** The track that somebody has made their own. */
export interface FollowedTrack {
  /** `track:cka` */
  item: string
  /** The day by which they want to be through, as 2026-05-31; null without one. */
  until: string | null
  sinceMs: number
}

/** A question of a mock exam or interview, and what was said to it. */
export interface MockItem {
  questionId: string
  contentHash: string
  /** Decides the variant. */
  seed: string
  /** What its result counts for: a domain of the exam, or a section. */
  group: string
  /** As it was saved last; empty when nothing was. */
  given: string[]
  confidence: Confidence | null
  isFlagged: boolean
  /** How long its page was open before something was sent from it. */
  spentMs: number
  /** Null until it is judged. */
  result: MockResult | null
}

/** `none`: nothing was answered. `void`: it could not be judged, for no fault of the learner's, and does not count. */
export type MockResult =
  | {
      verdict: 'right' | 'partly' | 'wrong'
      score: number
      /** What the simulator found, for the questions that it judges. */
      key: string | null
      judged: { held: boolean[]; refused: string } | null
    }
  | { verdict: 'none'; key: string | null }
  /** Texts for `t`; the refusal is the `{reason}` of the other. */
  | { verdict: 'void'; why: string; refusal?: { text: string; values: Record<string, string | number> } }

/** A challenge of a hands-on exam. */
export interface MockTask {
  challengeId: string
  /** Of the version that is worked on and graded, whatever becomes of the challenge meanwhile. */
  contentHash: string
  /** Decides the variant. */
  seed: string
  /** What its result counts for: a domain of the exam, or a kind of work. */
  group: string
  isFlagged: boolean
  /** Null until it is graded, after the end. */
  result: TaskResult | null
}

/**
 * `none`: nothing was done. `refused`: what was left of it cannot be graded, and earns nothing. `void`: it could not be graded, for no fault of
 * the learner's, and does not count.
 */
export type TaskResult =
  /** The score from 0 to 1; where the grading is found: the attempt, and its number from 1. */
  | { verdict: 'right' | 'partly' | 'wrong'; score: number; attempt: string; grading: number }
  | { verdict: 'none' }
  /** A text for `t`. */
  | { verdict: 'refused' | 'void'; why: string; values: Record<string, string | number> }

/** A mock exam, a hands-on exam or a mock interview: what was drawn, and how far it has come. */
export interface Mock {
  id: string
  participantId: string
  /** `hands-on`: an exam of tasks in clusters instead of questions. */
  kind: 'exam' | 'hands-on' | 'interview'
  /** Where its questions were drawn from: an exam, a section, or `all`. */
  pool: string
  /** `training`: verdicts at once and no clock. `exam`: as `timed`, with stricter scoring. Interviews are trained. */
  mode: 'training' | 'timed' | 'exam'
  /** Draws the questions and their variants. */
  seed: string
  startedAtMs: number
  /** Null without a clock. */
  endsAtMs: number | null
  /** How far its time had come when it was looked at last, and when that was: a clock that is set back gives none back. */
  clock?: { seenAtMs: number; usedMs: number }
  /** When it was handed in. One whose time is over is closed as well, without a word of it here. */
  handedInAtMs: number | null
  /** The place of the question or task that was looked at last, from 0. */
  current: number
  /** None in a hands-on exam. */
  items: MockItem[]
  /** Of a hands-on exam. */
  tasks?: MockTask[]
  origin?: Origin
}

/** Content as it was when somebody was examined on it, so that any grade can be computed again. */
export interface ContentVersion {
  hash: string
  /** `challenge:crash-loop` */
  item: string
  files: Record<string, string>
  firstUsedAtMs: number
}

/** A sandbox without its log: with it, everything that its cluster is rebuilt from. */
export interface SandboxRecord {
  id: string
  /** A learner. */
  owner: string
  name: string
  createdAtMs: number
  /** To within some minutes. */
  lastUsedAtMs: number
  /** Of the simulator that made its history. */
  engineVersion: string
  options: {
    seed: string
    shape: ClusterShape
    startEpochMs: number
    setup?: { commands: Command[]; settleMs: number }
  }
  /** Where the virtual clock stood at a moment of the wall clock, and how fast it goes since. */
  clock: { speed: number; wallMs: number; virtualMs: number }
  /** Names its log; another one after a reset. */
  logId: string
  /** The way in for kubectl. Of the secret only what tells it from others is kept: it is drawn from the nonce by a key that is elsewhere. */
  address: { nonce: string; sha256: string; expiresAtMs: number } | null
  /** Of the read-only link. */
  share: { nonce: string; sha256: string } | null
  branchOf: { id: string; atMs: number } | null
  /** Whose work it was copied from: it goes with that. */
  copyOf?: SeatId
  /** Where it stood when it last left memory. */
  checkpoint: { engineVersion: string; virtualMs: number; commands: number; stateHash: string } | null
  /** The engine that it was rebuilt by into another history than that which was seen. */
  changedBy: string | null
  /** Of the lease under which it was last written. */
  epoch?: number
}

/** What a learner has beside a sandbox or a task: the files and the history of its terminal. */
export interface TerminalRecord {
  /** By absolute path: text, or bytes in base64. */
  files: Record<string, string | { base64: string }>
  history: string[]
  /** Put there from outside of the shell, which has not taken them yet. */
  uploads?: Record<string, string | { base64: string }>
}

/** A passphrase as scrypt leaves it; bytes in base64. */
export interface HashedPassphrase {
  salt: string
  hash: string
  /** What it cost: 2 ^ `logN` rounds, blocks of `r` times 128 bytes, `p` in parallel. */
  logN: number
  r: number
  p: number
}

/** What a learner signs in with on other devices. */
export interface Account {
  /** In lower case; nobody else has it. */
  name: string
  learnerId: string
  createdAtMs: number
  passphrase: HashedPassphrase
  /** An address that a link sent there has confirmed. */
  mail: string | null
}

/**
 * The browsers in which a learner is signed in. A learner who has such a list is let in by it alone: the cookie of the anonymous time
 * opens nothing any more.
 */
export interface SignIns {
  learnerId: string
  account: string
  sessions: Session[]
}

export interface Session {
  /** Of the token in the browser's cookie. */
  sha256: string
  createdAtMs: number
  /** To within a day. */
  usedAtMs: number
  by: 'passphrase' | 'link' | 'provider'
}

/** What an account may do besides learning. */
export interface StaffMember {
  account: string
  /** Whose account it was then: a name that was given up and taken again has none of this. */
  learnerId: string
  roles: { role: GivenRole; by: string | null; atMs: number }[]
}

/** A link that signs in once, or that confirms an address. Of its token only the hash is kept. */
export interface SignInLink {
  sha256: string
  account: string
  /** The address that it confirms; null for one that signs in. */
  mail: string | null
  expiresAtMs: number
  isUsed: boolean
}

/** By name. */
export interface Accounts {
  find(name: string): Promise<Account | undefined>
  /** @returns false when the name is taken */
  create(account: Account): Promise<boolean>
  /** Changes it in one step. @throws Error when there is none. */
  update(name: string, change: (account: Account) => Account): Promise<Account>
  remove(name: string): Promise<void>
}

/** By learner. */
export interface SignInLists {
  find(learnerId: string): Promise<SignIns | undefined>
  update(learnerId: string, change: (list: SignIns | undefined) => SignIns): Promise<void>
  remove(learnerId: string): Promise<void>
}

/** By account. */
export interface StaffRecords {
  find(account: string): Promise<StaffMember | undefined>
  list(): Promise<StaffMember[]>
  update(account: string, change: (member: StaffMember | undefined) => StaffMember): Promise<StaffMember>
  remove(account: string): Promise<void>
}

/** By the hash of the token. */
export interface SignInLinks {
  /** Forgets those that were over at `beforeMs`. */
  keep(link: SignInLink, beforeMs: number): Promise<void>
  find(sha256: string): Promise<SignInLink | undefined>
  /** Uses it up, in one step. Undefined when it is not there, used, or over. */
  take(sha256: string, nowMs: number): Promise<SignInLink | undefined>
  removeOf(account: string): Promise<void>
}

/** Which account has a confirmed address, by the hash of the address. */
export interface AccountMails {
  find(sha256: string): Promise<string | undefined>
  /** @returns false when another account has it */
  claim(sha256: string, account: string): Promise<boolean>
  remove(sha256: string): Promise<void>
}

/** By the id of the sandbox. */
export interface TerminalRecords {
  find(sandboxId: string): Promise<TerminalRecord | undefined>
  save(sandboxId: string, record: TerminalRecord): Promise<void>
  /** Changes what is there by then. */
  update(sandboxId: string, change: (record: TerminalRecord | undefined) => TerminalRecord): Promise<void>
  remove(sandboxId: string): Promise<void>
}

export interface SandboxRecords {
  find(id: string): Promise<SandboxRecord | undefined>
  list(): Promise<SandboxRecord[]>
  listOfOwner(owner: string): Promise<SandboxRecord[]>
  /** What was copied from somebody's work. */
  listOfCopies(seat: SeatId): Promise<SandboxRecord[]>
  /** By the hash of what opens its API, or of its read-only link. */
  findByOpener(kind: 'address' | 'share', sha256: string): Promise<SandboxRecord | undefined>
  add(record: SandboxRecord): Promise<void>
  /** Enters the epoch of a lease that was taken. @returns the record as it is then; undefined when there is none. @throws LeaseLost */
  claim(id: string, epoch: number): Promise<SandboxRecord | undefined>
  /** @throws LeaseLost when it was written under a greater epoch, or removed */
  save(record: SandboxRecord): Promise<void>
  remove(id: string): Promise<void>
}

/** Commands of sandboxes, in segments: what is written is about as much as is added. One writer for a log at a time. */
export interface SandboxLogs {
  read(logId: string): Promise<LoggedCommand[]>
  /**
   * Adds at the end; durable when the promise resolves.
   * @param expected how many there are
   * @returns how many there are then
   * @throws LeaseLost; StreamMoved
   */
  append(logId: string, expected: number, commands: readonly LoggedCommand[], fence?: Fence): Promise<number>
  remove(logId: string): Promise<void>
}

export interface Learners {
  find(id: string): Promise<Learner | undefined>
  save(learner: Learner): Promise<void>
  remove(id: string): Promise<void>
}

export interface Sittings {
  find(id: string): Promise<Sitting | undefined>
  /** The workshop of that code. @param onUnreadable is told of damaged ones that may have it */
  ofCode(code: string, onUnreadable?: OnUnreadable): Promise<Sitting | undefined>
  /** The workshop whose projector has that token. */
  ofProjector(token: string): Promise<Sitting | undefined>
  /**
   * Those that are theirs, but for their own practice.
   * @param onUnreadable is told of damaged ones that are among them, or may be: the others are given
   * @throws DocumentUnreadable unless somebody is told
   */
  ofOwner(learnerId: string, onUnreadable?: OnUnreadable): Promise<Sitting[]>
  /** Those that they lead beside the owner. As `ofOwner`. */
  ofCoInstructor(learnerId: string, onUnreadable?: OnUnreadable): Promise<Sitting[]>
  /** Those that are kept until a date. */
  retained(): Promise<Sitting[]>
  /** The exercises of a job. As `ofOwner`. */
  ofJob(jobId: string, onUnreadable?: OnUnreadable): Promise<Sitting[]>
  /** Those of a kind, whoever has them. */
  ofKind(kind: 'workshop' | 'hiring'): Promise<Sitting[]>
  save(sitting: Sitting): Promise<void>
  /** Changes one that is there; nobody else's change comes between. @returns as it is afterwards */
  update(id: string, change: (sitting: Sitting) => Sitting): Promise<Sitting | undefined>
  remove(id: string): Promise<void>
}

/** By sitting. */
export interface ItemLocks {
  /**
   * @param onUnreadable is told of each that is damaged, whose key is its sitting's id: the others are given
   * @throws DocumentUnreadable unless somebody is told
   */
  list(onUnreadable?: OnUnreadable): Promise<ItemLock[]>
  save(lock: ItemLock): Promise<void>
  remove(sittingId: string): Promise<void>
}

export interface Participants {
  find(sittingId: string, id: string): Promise<Participant | undefined>
  /**
   * @param onUnreadable is told of each that is damaged, whose key is `sitting/seat`: the others are given
   * @throws DocumentUnreadable unless somebody is told
   */
  listOf(sittingId: string, onUnreadable?: OnUnreadable): Promise<Participant[]>
  /** Their seats in all sittings. */
  ofLearner(learnerId: string): Promise<Participant[]>
  /** Of an invitation. @param sha256 of its token @param onUnreadable is told of damaged ones that may have it */
  ofToken(sha256: string, onUnreadable?: OnUnreadable): Promise<Participant | undefined>
  save(participant: Participant): Promise<void>
  /** Changes one that is there; nobody else's change comes between. @returns as it is afterwards */
  update(sittingId: string, id: string, change: (person: Participant) => Participant): Promise<Participant | undefined>
  remove(sittingId: string, id: string): Promise<void>
}

/** By participant, from before journals. */
export interface Answers {
  find(participantId: string): Promise<readonly Answer[] | undefined>
  remove(participantId: string): Promise<void>
}

/** By participant, from before journals. */
export interface StudyBooks {
  find(participantId: string): Promise<StudyBook | undefined>
  remove(participantId: string): Promise<void>
}

/** Told of a document that waits for repair, and is left out. */
export type OnUnreadable = (error: DocumentUnreadable) => void

/** By participant and id, from before journals. */
export interface Attempts {
  /** @param onUnreadable is told of each that is damaged: the others are given */
  listOf(participantId: string, onUnreadable: OnUnreadable): Promise<Attempt[]>
  remove(participantId: string, id: string): Promise<void>
  /** Also those that are damaged. */
  removeOf(participantId: string): Promise<void>
}

/** By participant and id, from before journals. */
export interface Mocks {
  /** @param onUnreadable is told of each that is damaged: the others are given */
  listOf(participantId: string, onUnreadable: OnUnreadable): Promise<Mock[]>
  remove(participantId: string, id: string): Promise<void>
  /** Also those that are damaged. */
  removeOf(participantId: string): Promise<void>
}

export interface ContentVersions {
  find(hash: string): Promise<ContentVersion | undefined>
  /** Keeps the first of equal hashes. */
  keep(version: ContentVersion): Promise<void>
}

export interface Storage {
  learners: Learners
  accounts: Accounts
  staff: StaffRecords
  signIns: SignInLists
  signInLinks: SignInLinks
  accountMails: AccountMails
  outsideIdentities: OutsideIdentities
  ltiLines: LtiLines
  ltiCourses: LtiCourses
  atsTests: AtsTests
  usedMarks: UsedMarks
  sittings: Sittings
  itemLocks: ItemLocks
  participants: Participants
  answers: Answers
  /** What each seat did, in order. */
  journals: Streams<StoredAct>
  /** Of reviewers, by `sitting/seat`. */
  scores: Streams<ScoreAct>
  auditLog: Streams<AuditEntry>
  studyBooks: StudyBooks
  attempts: Attempts
  mocks: Mocks
  contentVersions: ContentVersions
  duels: Duels
  golf: Golf
  /** What was handed in and waits to be graded. */
  gradingsOwed: Jobs<OwedGrading>
  sandboxes: SandboxRecords
  sandboxLogs: SandboxLogs
  terminals: TerminalRecords
  taskTerminals: TaskTerminals
  hiringJobs: HiringJobs
  candidates: CandidateIdentities
  heartbeats: Heartbeats
  erasures: Erasures
  groups: Groups
  webhooks: Webhooks
  webhooksTold: ToldNotices
  /** What addresses are owed to be told. */
  webhooksOwed: Jobs<Notice>
  bus: Bus
  leases: Leases
  /** @throws Error when nothing can be written */
  healthy(): Promise<void>
  close(): Promise<void>
}
