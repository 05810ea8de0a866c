/** The cluster of a seat as it is shown to everybody: replayed from its seed and log beside the learner's own, and nameless. */
import type { Work } from '../../journal/journals.ts'
import { workOfActs } from '../../journal/work.ts'
import { LabRefusal } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { type OpenWork, openOrUnsaved, work } from '../../practice/open-attempt.ts'
import type { Participant } from '../../storage/types.ts'
import type { Step } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import type { AppDeps } from '../deps.ts'
import { bareLine, withoutNames } from './nameless.ts'
import { seatIn } from './seat-in.ts'

/** A virtual moment of the work up to an act of its journal: whatever is undone later, it stays the same. */
export interface PastMoment {
  act: string
  atMs: number
}

/** Of the lines that were run, so many fit on a screen. */
const mostLines = 8

/** A seat's open work at a challenge step; undefined when it is no challenge, or its owner, or that moment, is gone. */
export async function openWorkAt(
  deps: AppDeps,
  workshop: Pick<Workshop, 'id'>,
  person: Participant,
  step: Step | undefined,
  past?: PastMoment,
): Promise<OpenWork | undefined> {
  const [kind, id = ''] = (step?.item ?? '').split(':')
  const challenge = kind === 'challenge' ? deps.catalog().challenges.get(id) : undefined
  if (!challenge) return undefined
  const seat = seatIn(workshop, person)
  const attempts = past ? await attemptsAt(deps, seat, past.act) : (await deps.journals.work(seat)).attempts
  return attempts && openOrUnsaved(deps, seat, { challenge }, attempts)
}

async function attemptsAt(
  deps: AppDeps,
  seat: Parameters<typeof workOfActs>[0],
  actId: string,
): Promise<Work['attempts'] | undefined> {
  const acts = await deps.journals.acts(seat)
  const at = acts.findIndex(({ id }) => id === actId)
  return at < 0 ? undefined : workOfActs(seat, acts.slice(0, at + 1)).attempts
}

/**
 * The picture of that work, without anybody's name, files and comments.
 * @param who looks: it is their patience @param names of everybody in the workshop @param atMs a moment that is over; the present unless told
 */
export async function picture(
  deps: AppDeps,
  who: string,
  names: readonly string[],
  { challenge, attempt }: OpenWork,
  atMs?: number,
) {
  const untilMs = atMs === undefined ? attempt.clockMs : Math.min(atMs, attempt.clockMs)
  const known = JSON.stringify(challenge.spec)
  const lines = attempt.log
    .filter((entry) => entry.atMs <= untilMs)
    .slice(-mostLines)
    .map((entry) => ({
      at: printClock(entry.atMs),
      line: withoutNames(bareLine(lineOf(entry.command)), names, known),
    }))
  try {
    const { view } = await work(deps, who, challenge, attempt, {
      do: 'look',
      ...(untilMs < attempt.clockMs ? { atMs: untilMs } : {}),
    })
    const shown = withoutNames(view, names, known)
    return { view: shown, summary: summaryOf(shown), at: printClock(untilMs), lines, problem: '' }
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error
    return { view: undefined, summary: '', at: printClock(untilMs), lines, problem: error.message }
  }
}
