/** Which browser has a candidate's seat: the first that agrees to the rules, and another one by words that were told then. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Storage } from '../storage/types.ts'
import type { Candidate } from './candidates.ts'

const hashOfWords = ({ id }: Pick<Candidate, 'id'>, typed: string): string => {
  const words = typed
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  return createHash('sha256')
    .update(`${id} ${words.join(' ')}`)
    .digest('hex')
}

/** @returns false when another browser has it */
export async function bindSeat(
  deps: { storage: Pick<Storage, 'participants' | 'learners'>; now(): number },
  { sittingId, id }: Candidate,
  learnerId: string,
  words: string,
): Promise<boolean> {
  const { participants, learners } = deps.storage
  if (!(await learners.find(learnerId))) await learners.save({ id: learnerId, createdAtMs: deps.now(), keysOff: false })
  const resumeHash = hashOfWords({ id }, words)
  const bound = await participants.update(sittingId, id, (person) =>
    person.learnerId === null || person.learnerId === learnerId ? { ...person, learnerId, resumeHash } : person,
  )
  return bound?.learnerId === learnerId
}

/** Whether those are the words that were told for the seat. */
export function isSameWords(seat: Candidate, typed: string): boolean {
  if (seat.resumeHash === undefined) return false
  return timingSafeEqual(Buffer.from(seat.resumeHash, 'hex'), Buffer.from(hashOfWords(seat, typed), 'hex'))
}
