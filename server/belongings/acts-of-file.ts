/** The acts of a file, read strictly: each in the form of its kind, and all of them as what they come to. */
import { z } from 'zod'
import { t } from '../i18n/translate.ts'
import { actKind, type KnownAct } from '../journal/acts/registry.ts'
import { ActUnreadable, fromStored } from '../journal/stored.ts'
import { workOfActs } from '../journal/work.ts'
import type { Seat } from '../seat.ts'
import { mostEarlierDrafts } from '../storage/earlier-drafts.ts'
import type { StoredAct } from '../storage/stored-acts.ts'
import { words } from './file-words.ts'
import {
  answerId,
  confidence,
  count,
  formsAt,
  given,
  id,
  item,
  log,
  mark,
  most,
  ownLogged,
  share,
  spanMs,
  text,
  virtualMs,
} from './forms.ts'
import { subjectOf } from './union.ts'

interface Issue {
  path: readonly PropertyKey[]
  message: string
}

export type FileActs = { acts: readonly KnownAct[] } | { issues: readonly Issue[] }

export function actsOfFile(data: unknown, owner: Seat, nowMs: number): FileActs {
  const frame = z.object({ acts: z.array(z.unknown()).max(most.acts) }).safeParse(data, { error: words })
  if (!frame.success) return { issues: frame.error.issues }
  const forms = actForms(nowMs)
  const issues: Issue[] = []
  const acts = frame.data.acts.flatMap((one, n): KnownAct[] => {
    const read = readAct(one, forms)
    if ('act' in read) return [read.act]
    issues.push(...read.issues.map(({ path, message }) => ({ path: ['acts', n, ...path], message })))
    return []
  })
  if (issues.length === 0) issues.push(...issuesTogether(acts, owner))
  return issues.length > 0 ? { issues } : { acts }
}

type Forms = ReturnType<typeof actForms>

function readAct(one: unknown, { envelope, dataOf }: Forms): { act: KnownAct } | { issues: readonly Issue[] } {
  const read = envelope.safeParse(one, { error: words })
  if (!read.success) return { issues: read.error.issues }
  const stored = read.data as StoredAct
  const kind = actKind(stored.act)
  if (!kind) return { issues: [{ path: ['act'], message: t('is not an act that this program knows') }] }
  let act: KnownAct
  try {
    act = fromStored(stored)
  } catch (error) {
    if (!(error instanceof ActUnreadable)) throw error
    // Its own form says where it is wrong; of a newer version there is none.
    const own =
      stored.v > kind.version
        ? undefined
        : dataOf[stored.act as KnownAct['act']].safeParse(stored.data, { error: words })
    return {
      issues: own?.error?.issues.map((issue) => ({ ...issue, path: ['data', ...issue.path] })) ?? [
        { path: ['v'], message: t('comes from a newer Podium than this one') },
      ],
    }
  }
  const form = dataOf[act.act].safeParse(act.data, { error: words })
  return form.success
    ? { act: { ...act, data: form.data } as KnownAct }
    : { issues: form.error.issues.map((issue) => ({ ...issue, path: ['data', ...issue.path] })) }
}

/** The data of each kind of act, with bounds. */
function actForms(nowMs: number) {
  const { atMs, origin, attemptContent, gradingContent, mockContent, result, taskResult } = formsAt(nowMs)
  const ofAttempt = z.object({ attempt: id })
  const ofMock = z.object({ mock: id })
  const ofDay = z.object({ day: z.iso.date() })
  const place = z.int().min(0).max(200)
  const brought = z.object({ mock: mockContent })
  const dataOf = {
    read: z.object({}),
    bookmarked: z.object({ isOn: z.boolean() }),
    noted: z.object({ text: text(100_000) }),
    followed: z.object({ isOn: z.boolean(), until: z.iso.date().nullable() }),
    answered: z.object({
      ...{ answer: answerId, seed: mark, given, confidence, tookMs: spanMs.nullable(), score: share },
      verdict: z.enum(['right', 'partly', 'wrong']),
      key: text(300_000).optional(),
      topics: z.array(mark).max(50),
    }),
    opened: ofAttempt.extend({
      seed: mark,
      drafts: z.record(mark, text(300_000)),
      earlierDrafts: z.array(z.object({ file: mark, text: text(300_000), atMs })).max(mostEarlierDrafts),
      hintsOpened: z.array(mark).max(500),
      mock: id.optional(),
    }),
    ran: ofAttempt.extend({
      logged: ownLogged.optional(),
      exit: z.number().optional(),
      output: mark.optional(),
    }),
    edited: ofAttempt.extend({
      file: mark,
      text: text(300_000).optional(),
      splices: z
        .array(z.tuple([count, count, text(300_000)]))
        .max(10_000)
        .optional(),
      setsAside: z.boolean(),
    }),
    'set-aside': ofAttempt.extend({ file: mark, text: text(300_000) }),
    undid: ofAttempt,
    faulted: ofAttempt.extend({ logged: ownLogged }),
    'fault-withdrawn': ofAttempt.extend({ fault: mark }),
    rewound: ofAttempt.extend({ toMs: virtualMs.nullable() }),
    returned: ofAttempt,
    closed: ofAttempt.extend({ why: z.enum(['reset', 'variant', 'again', 'gave-up']) }),
    hinted: ofAttempt.extend({ hints: z.array(mark).max(500) }),
    graded: gradingContent.extend({ attempt: id }),
    verified: gradingContent.extend({ attempt: id, gradedAtMs: atMs }),
    shared: ofAttempt.extend({ grading: z.int().min(1).max(most.gradings), isOn: z.boolean() }),
    'daily-began': ofDay.extend({ seed: mark }),
    'daily-seen': ofDay.extend({ usedMs: spanMs }),
    'daily-handed-in': ofDay.extend({ of: id, sha256: mark, usedMs: spanMs }),
    'daily-brought': z.object({
      daily: ofDay.extend({
        ...{ challengeId: mark, contentHash: mark, seed: mark, startedAtMs: atMs },
        clock: z.object({ seenAtMs: atMs, usedMs: spanMs }),
        handIns: z.array(z.object({ attempt: id, sha256: mark, usedMs: spanMs })).max(most.handIns),
      }),
    }),
    'attempt-brought': z.object({ attempt: attemptContent }),
    'mock-began': brought,
    'mock-brought': brought,
    'mock-said': ofMock.extend({
      ...{ place, given: given.optional(), confidence: confidence.optional(), flag: z.boolean().optional() },
      ...{ spentMs: spanMs.optional(), current: place.optional() },
    }),
    'mock-judged': ofMock.extend({ place, given, confidence, result }),
    'mock-seen': ofMock.extend({ usedMs: spanMs }),
    'mock-handed-in': ofMock,
    'mock-removed': ofMock,
    'task-graded': ofMock.extend({ place, result: taskResult }),
    // A file holds somebody's own practice, which is no exercise.
    ...{ consented: z.never(), declined: z.never(), practised: z.never(), started: z.never(), back: z.never() },
    ...{ 'on-break': z.never(), 'handed-in': z.never(), credited: z.never(), multiplied: z.never() },
    'time-asked': z.never(),
  } satisfies Record<KnownAct['act'], z.ZodType>
  const envelope = z.object({
    id: z.string().regex(/^[\w.-]{1,200}$/, { error: () => t('must be letters, digits, "." and "-"') }),
    ...{ act: mark, v: z.int().min(1), atMs, origin },
    ...{ item: item.optional(), contentHash: mark.optional(), engineVersion: mark.optional() },
    virtualMs: virtualMs.optional(),
    by: mark.optional(),
    data: z.unknown().optional(),
  })
  return { envelope, dataOf: dataOf as Record<KnownAct['act'], z.ZodType> }
}

/** What is wrong with all of them together. */
function issuesTogether(acts: readonly KnownAct[], owner: Seat): Issue[] {
  if (costOf(acts) > mostCost) return [{ path: ['acts'], message: t('repeat the same steps far too often') }]
  const { attempts, mocks, dailies = [] } = workOfActs(owner, acts)
  const issues: Issue[] = []
  const told = (message: string): void => void issues.push({ path: ['acts'], message })
  if (attempts.length > most.attempts) told(t('hold more than {most} attempts', { most: most.attempts }))
  if (mocks.length > most.mocks) told(t('hold more than {most} mock exams and interviews', { most: most.mocks }))
  if (dailies.length > most.dailies) told(t('hold more than {most} daily incidents', { most: most.dailies }))
  for (const { day, handIns } of dailies)
    if (handIns.length > most.handIns)
      told(t('hand in the incident of {day} more than {most} times', { day, most: most.handIns }))
  for (const attempt of attempts) {
    if (attempt.gradings.length > most.gradings)
      told(t('hold more than {most} gradings of the attempt {id}', { most: most.gradings, id: attempt.id }))
    if (Object.values(attempt.drafts).some((draft) => draft.length > most.draft))
      told(t('make a file of the attempt {id} longer than {most} characters', { id: attempt.id, most: most.draft }))
    if (!log.safeParse(attempt.log).success)
      told(t('hold commands of the attempt {id} that go back in time', { id: attempt.id }))
  }
  return issues
}

/** What folding may cost, in nanoseconds or so: each page that shows the work does it, if it is not in memory. */
const mostCost = 300_000_000

/** Of an attempt or exam, what the acts on it so far come to. */
interface Folded {
  commands: number
  gradings: number
  /** Of the text of each file. */
  text: Map<string, number>
  characters: number
}

/** About what it costs to fold them: an act goes over what there is already of its attempt or exam. */
function costOf(acts: readonly KnownAct[]): number {
  const known = new Map<string, Folded>()
  let cost = 0
  for (const act of acts) {
    const subject = subjectOf(act)
    if (subject === undefined) continue
    const before = known.get(subject)
    const so = before ?? { commands: 0, gradings: 0, text: new Map<string, number>(), characters: 0 }
    known.set(subject, so)
    cost += costOfOne(act, so, before !== undefined)
    so.characters += charactersOf(act.data)
  }
  return cost
}

/** Adds to what there is so far. */
function costOfOne(act: KnownAct, so: Folded, isKnown: boolean): number {
  switch (act.act) {
    // The log is copied.
    case 'ran':
      return 3 * so.commands++
    // A text is written anew.
    case 'edited': {
      const { file, text: whole, splices = [] } = act.data
      const inserted = splices.reduce((sum, [, , part]) => sum + part.length, 0)
      const length = whole?.length ?? (so.text.get(file) ?? 0) + inserted
      so.text.set(file, length)
      return 0.2 * length + 100 * splices.length
    }
    // What came in whole is compared with what there is.
    case 'attempt-brought':
    case 'mock-began':
    case 'mock-brought':
      return isKnown ? 30 * (so.characters + charactersOf(act.data)) : 0
    case 'graded':
    case 'verified':
      return 10 * so.gradings++
    default:
      return 1000
  }
}

/** In their text, counted without writing it. */
function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 4
  let sum = 2
  for (const part of Object.values(value)) sum += 4 + charactersOf(part)
  return sum
}
