/** Invitations: a seat in an exercise, and a link that leads to it. Of the link's token only the hash is kept. */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import type { Invitation } from '../sittings/exercise-schema.ts'
import type { OnUnreadable, Storage } from '../storage/types.ts'
import { type Candidate, isCandidate } from './candidates.ts'
import type { Exercise, Exercises } from './exercises.ts'

/** Of one exercise. */
const mostCandidates = 500
/** Of one file. */
const mostLines = 200
const longestName = 100

/** Whom somebody invites, and on what terms. */
export interface Terms {
  opensAtMs: number | null
  untilMs: number
  /** 1 to 3. */
  multiplier: number
  language: Invitation['language']
}

export interface Person {
  name: string
  /** Empty without one. */
  mail: string
}

export type BadLine = { line: number; why: 'name' | 'mail' | 'twice' | 'columns' }

/**
 * The people of a file: a name and an address a line, with or without a line of headings, separated by commas, semicolons or tabs.
 * @returns undefined when it is no such file
 */
export function readPeople(text: string): { people: (Person & { line: number })[]; bad: BadLine[] } | undefined {
  let rows: { record: string[]; info: { lines: number } }[]
  try {
    rows = parse(text, {
      ...{ bom: true, trim: true, relax_column_count: true, skip_empty_lines: true, info: true },
      ...{ delimiter: [',', ';', '\t'], to: mostLines + 2 },
    }) as unknown as typeof rows
  } catch {
    return undefined
  }
  const bad: BadLine[] = []
  const seen = new Set<string>()
  const people = rows.flatMap(({ record, info: { lines: line } }, n): (Person & { line: number })[] => {
    const [first = '', second = ''] = record
    if (n === 0 && !second.includes('@') && !first.includes('@') && record.length > 1) return []
    if (record.length > 2 && record.slice(2).some((cell) => cell !== '')) return fail(line, 'columns')
    const person = readPerson(first, second)
    if ('why' in person) return fail(line, person.why)
    const key = person.mail.toLowerCase() || person.name.toLowerCase()
    if (seen.has(key)) return fail(line, 'twice')
    seen.add(key)
    return [{ ...person, line }]
  })
  return people.length > mostLines ? undefined : { people, bad }

  function fail(line: number, why: BadLine['why']): [] {
    bad.push({ line, why })
    return []
  }
}

/** What was typed as a name and an address. */
export function readPerson(typedName: string, typedMail: string): Person | { why: 'name' | 'mail' } {
  const name = typedName
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  const mail = typedMail.trim()
  if (name === '' || [...name].length > longestName) return { why: 'name' }
  if (mail !== '' && (mail.length > 200 || !/^[^\s@<>"',;]+@[^\s@<>"',;]+\.[^\s@<>"',;]+$/u.test(mail)))
    return { why: 'mail' }
  return { name, mail }
}

const tokenPattern = /^[a-f0-9]{32}$/
const newToken = (): string => randomBytes(16).toString('hex')
/** By which an invitation is found. */
export const hashOfToken = (token: string): string => createHash('sha256').update(`invitation ${token}`).digest('hex')

export interface InvitationDeps {
  storage: Pick<Storage, 'participants' | 'candidates'>
  exercises: Pick<Exercises, 'act' | 'find'>
  now(): number
}

/**
 * A seat for that person.
 * @param by the learner who invites
 * @param id of the seat, where somebody knows it before; whoever was killed in the middle calls again with the same
 * @returns the token of its link, told here and nowhere else; undefined when there are as many as there may be
 */
export async function invite(
  deps: InvitationDeps,
  exercise: Exercise,
  by: string,
  person: Person,
  { opensAtMs, untilMs, multiplier, language }: Terms,
  id = randomBytes(9).toString('hex'),
): Promise<{ seat: Candidate; token: string } | undefined> {
  const { participants, candidates } = deps.storage
  let damaged = 0
  const people = (await participants.listOf(exercise.id, () => damaged++)).filter(isCandidate)
  if (people.length + damaged >= mostCandidates) return undefined
  const token = newToken()
  const seat: Candidate = {
    ...{ id, sittingId: exercise.id, learnerId: null, nickname: '', joinedAtMs: deps.now() },
    ...{ startedAtMs: null, finishedAtMs: null, consent: null, timeMultiplier: multiplier },
    // Variants of their own: what one of them tells helps nobody else.
    seed: randomBytes(6).toString('hex'),
    candidate: {
      ...{ blindName: drawBlindName(new Set(people.map((one) => one.candidate.blindName)), damaged > 0) },
      ...{ tokenSha256: hashOfToken(token), opensAtMs, untilMs, language, revokedAtMs: null },
    },
  }
  // Who it is comes first: a seat of nobody could not be told from others.
  await candidates.save({ id, sittingId: exercise.id, ...person })
  await participants.save(seat)
  await deps.exercises.act(exercise.id, by, () => [{ act: 'invited', data: { seat: id } }])
  return { seat, token }
}

/** Without letters and digits that look alike. */
const letters = 'ABCDEFGHJKMNPQRTUVWXYZ'
const digits = '2346789'

/** `Candidate 7F`; longer where those are taken. @param isAnyDamaged a seat whose name is not known now has one, of those */
function drawBlindName(taken: ReadonlySet<string>, isAnyDamaged: boolean): string {
  const one = (from: string) => from[randomInt(from.length)]!
  const tail = (tries: number) => (isAnyDamaged ? one(letters) + one(letters) : tries > 20 ? one(digits) : '')
  for (let tries = 0; ; tries++) {
    const name = `Candidate ${one(digits)}${one(letters)}${tail(tries)}`
    if (!taken.has(name)) return name
  }
}

/**
 * The seat that a link leads to; undefined when it leads nowhere (any more).
 * @param onUnreadable is told of damaged seats, of which one may be it
 */
export async function seatOfToken(
  { storage, exercises }: Pick<InvitationDeps, 'storage' | 'exercises'>,
  token: string,
  onUnreadable?: OnUnreadable,
): Promise<{ exercise: Exercise; seat: Candidate } | undefined> {
  if (!tokenPattern.test(token)) return undefined
  const seat = await storage.participants.ofToken(hashOfToken(token), onUnreadable)
  const exercise = seat && (await exercises.find(seat.sittingId))
  return seat && exercise && isCandidate(seat) ? { exercise, seat } : undefined
}

/**
 * Another link with another window; the one before leads nowhere any more, and the browser that had the seat does not have it: the first that
 * agrees by the new link does. @returns the new token
 */
export async function renew(
  deps: InvitationDeps,
  seat: Candidate,
  by: string,
  { opensAtMs, untilMs }: Pick<Terms, 'opensAtMs' | 'untilMs'>,
): Promise<string> {
  const token = newToken()
  await deps.storage.participants.update(seat.sittingId, seat.id, ({ resumeHash: _, ...person }) => ({
    ...{ ...person, learnerId: null },
    candidate: { ...seat.candidate, opensAtMs, untilMs, tokenSha256: hashOfToken(token), revokedAtMs: null },
  }))
  await deps.exercises.act(seat.sittingId, by, () => [{ act: 'renewed', data: { seat: seat.id } }])
  return token
}

/** Takes an invitation back: its link says so. */
export async function revoke(deps: InvitationDeps, seat: Candidate, by: string): Promise<void> {
  const atMs = deps.now()
  await deps.storage.participants.update(seat.sittingId, seat.id, (person) => ({
    ...person,
    candidate: { ...seat.candidate, ...person.candidate, revokedAtMs: person.candidate?.revokedAtMs ?? atMs },
  }))
  await deps.exercises.act(seat.sittingId, by, () => [{ act: 'revoked', data: { seat: seat.id } }])
}
