/** Hiring exercises: sittings that belong to a job. What is done to one lies in the stream of its id, above the journals of its candidates. */
import { randomBytes } from 'node:crypto'
import { rulesOfPractice } from '../seats/standing.ts'
import { StreamMoved } from '../storage/streams.ts'
import { createTurns } from '../storage/turns.ts'
import type { OnUnreadable, Sitting, Storage } from '../storage/types.ts'
import { afterAct, type Course, newCourse } from './exercise.ts'
import { type ExerciseAct, type NewExerciseAct, readExerciseAct, toStoredAct } from './exercise-acts.ts'

/** A sitting that is an exercise. */
export type Exercise = Sitting & { exercise: NonNullable<Sitting['exercise']> }

/** What a new exercise begins with. */
export interface ExerciseDraft {
  title: string
  minutes: number
  plan: Omit<Exercise['exercise'], 'jobId'>
}

export interface Exercises {
  /** Of a job, by whoever hires for it. */
  create(jobId: string, owner: string, draft: ExerciseDraft): Promise<Exercise>
  find(id: string): Promise<Exercise | undefined>
  /** The latest first, without rehearsals. @param onUnreadable is told of damaged ones that are among them, or may be */
  ofJob(jobId: string, onUnreadable?: OnUnreadable): Promise<Exercise[]>
  rehearsalsOf(exercise: Exercise): Promise<Exercise[]>
  /** All that are stored, rehearsals too. */
  all(): Promise<Exercise[]>
  /** Changes its plan; nobody else's change comes between. */
  update(id: string, change: (exercise: Exercise) => Exercise): Promise<Exercise | undefined>
  /** @throws DocumentUnreadable when some of what was done to it waits for repair: it would be in a state that it is not in */
  course(id: string): Promise<Course>
  /** @throws DocumentUnreadable */
  acts(id: string): Promise<ExerciseAct[]>
  /**
   * Does what is decided on the exercise as it stands, all of it or nothing. Durable when it resolves.
   * @param by the learner who does it
   * @param decide is pure, since it may be asked again
   * @throws DocumentUnreadable as `course` does: nothing is written behind a damaged part
   */
  act(id: string, by: string, decide: (course: Course) => readonly NewExerciseAct[]): Promise<Course>
}

/** So many courses are kept in memory. */
const mostKept = 200

/** @param deps.now milliseconds since 1970 */
export function createExercises(deps: { storage: Pick<Storage, 'sittings' | 'journals'>; now(): number }): Exercises {
  const { storage, now } = deps
  const { sittings, journals: streams } = storage
  const inTurn = createTurns()
  const kept = new Map<string, { seq: number; course: Course }>()

  const current = async (id: string): Promise<{ seq: number; course: Course }> => {
    const head = await streams.head(id)
    const cached = kept.get(id)
    // One that was removed begins anew.
    let known = cached && cached.seq <= head ? cached : { seq: 0, course: newCourse }
    if (head > known.seq) {
      const news = await streams.read(id, known.seq)
      const acts = news.flatMap(({ entry }) => readExerciseAct(entry) ?? [])
      known = { seq: head, course: acts.reduce(afterAct, known.course) }
    }
    kept.delete(id)
    kept.set(id, known)
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break
      kept.delete(oldest)
    }
    return known
  }
  const asExercise = (sitting: Sitting | undefined): Exercise | undefined =>
    sitting?.kind === 'hiring' && sitting.exercise ? (sitting as Exercise) : undefined
  const listed = (found: readonly Sitting[]): Exercise[] =>
    found
      .flatMap((one) => asExercise(one) ?? [])
      .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1))

  return {
    async create(jobId, owner, { title, minutes, plan }) {
      const exercise: Exercise = {
        id: randomBytes(9).toString('hex'),
        kind: 'hiring',
        title,
        createdAtMs: now(),
        ownerLearnerId: owner,
        items: itemsOf(plan),
        contentVersions: {},
        clock: { opensAtMs: null, closesAtMs: null, durationMs: minutes * 60_000 },
        rules: { ...rulesOfPractice, hints: false, showSolutions: 'never', hiddenSeeds: 1 },
        retainUntilMs: null,
        exercise: { ...plan, jobId },
      }
      await sittings.save(exercise)
      return exercise
    },
    find: async (id) => asExercise(await sittings.find(id)),
    ofJob: async (jobId, onUnreadable) =>
      listed(await sittings.ofJob(jobId, onUnreadable)).filter(({ exercise }) => !exercise.rehearsalOf),
    rehearsalsOf: async ({ id, exercise: { jobId } }) =>
      listed(await sittings.ofJob(jobId)).filter(({ exercise }) => exercise.rehearsalOf === id),
    all: async () => listed(await sittings.ofKind('hiring')),
    update: async (id, change) =>
      asExercise(
        await sittings.update(id, (sitting) => {
          const exercise = asExercise(sitting)
          if (!exercise) throw new Error(`${id} is not an exercise`)
          const changed = change(exercise)
          return { ...changed, items: itemsOf(changed.exercise) }
        }),
      ),
    course: async (id) => (await current(id)).course,
    acts: async (id) => (await streams.read(id)).flatMap(({ entry }) => readExerciseAct(entry) ?? []),
    act: (id, by, decide) =>
      inTurn(id, async () => {
        for (;;) {
          const { seq, course } = await current(id)
          const acts = decide(course).map(
            ({ act, data }) =>
              ({ id: randomBytes(9).toString('hex'), atMs: now(), act, data: { ...data, by } }) as ExerciseAct,
          )
          if (acts.length === 0) return course
          try {
            await streams.append(id, seq, acts.map(toStoredAct))
          } catch (error) {
            if (!(error instanceof StreamMoved)) throw error
            continue
          }
          return (await current(id)).course
        }
      }),
  }
}

/** What it asks, in order. */
const itemsOf = ({ sections }: Pick<Exercise['exercise'], 'sections'>): string[] =>
  sections.flatMap(({ items }) => items)
