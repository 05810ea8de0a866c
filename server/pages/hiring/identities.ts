/** Who candidates are: the one place of the pages that reads it, and each reading is entered in the audit log first. */
import type { CandidateIdentity } from '../../storage/hiring.ts'
import type { AppDeps } from '../deps.ts'

type Deps = Pick<AppDeps, 'storage' | 'audit'>

/** Of all candidates of an exercise. @param by a learner's id */
export async function readNames({ storage, audit }: Deps, exercise: string, by: string): Promise<CandidateIdentity[]> {
  const people = await storage.candidates.ofSitting(exercise)
  if (people.length > 0) await audit.enter(by, 'names-read', { exercise, candidates: people.length })
  return people
}

/** Of one. */
export async function readName(
  { storage, audit }: Deps,
  { id, sittingId }: { id: string; sittingId: string },
  by: string,
): Promise<CandidateIdentity | undefined> {
  const person = await storage.candidates.find(id)
  if (person) await audit.enter(by, 'name-read', { exercise: sittingId, candidate: id })
  return person
}
