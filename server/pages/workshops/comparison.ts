/** Clusters of several seats at one step: each as it is, and where it parts from the first. */
import { t } from '../../i18n/translate.ts'
import { type Compared, LabRefusal, type Parted } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { mayChangeCluster } from '../../practice/changing-command.ts'
import type { OpenWork } from '../../practice/open-attempt.ts'
import type { Attempt, Participant } from '../../storage/types.ts'
import { nicknamesIn } from '../../workshops/people.ts'
import type { Step } from '../../workshops/room-acts.ts'
import type { Workshop } from '../../workshops/rooms.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { bareLine, withoutNames } from './nameless.ts'
import { openWorkAt, picture } from './shown-cluster.ts'

const letters = ['A', 'B', 'C', 'D']

type Side = { person: Participant; open: OpenWork }

/** @param who looks: it is their patience */
export async function compare(
  deps: AppDeps,
  who: string,
  workshop: Pick<Workshop, 'id'>,
  step: Step,
  seats: readonly string[],
) {
  const people = await deps.storage.participants.listOf(workshop.id, () => undefined)
  const names = await nicknamesIn(deps, workshop.id)
  const sides: Side[] = []
  for (const seat of seats) {
    const person = people.find(({ id }) => id === seat)
    const open = person && (await openWorkAt(deps, workshop, person, step))
    if (person && open) sides.push({ person, open })
  }
  const [first, ...others] = sides
  const clusters = await Promise.all(
    sides.map(async ({ person, open }, n) => ({
      ...(await picture(deps, who, names, open)),
      letter: letters[n]!,
      seat: person.id,
      nickname: person.nickname,
    })),
  )
  const partings = await Promise.all(others.map((other, n) => part(deps, who, names, first!, other, letters[n + 1]!)))
  return { clusters, partings }
}

/** Where the second parts from the first, in words. */
async function part(deps: AppDeps, who: string, names: readonly string[], first: Side, second: Side, letter: string) {
  const [a, b] = [first.open, second.open]
  const between = t('A and {letter}', { letter })
  if (a.challenge.hash !== b.challenge.hash)
    return { between, problem: t('They work on different versions of this challenge.'), at: '', sides: [], note: '' }
  const { seed } = a.attempt
  const note =
    b.attempt.seed === seed
      ? ''
      : t('{letter} works on another variant. Its commands were run on that of A.', { letter })
  try {
    const compared = await deps.labs.divergence(who, {
      spec: a.challenge.spec,
      seed,
      runs: [runOf(a.attempt), runOf(b.attempt)],
    })
    return { between, problem: '', note, ...tell(compared, names, [first, second], ['A', letter]) }
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error
    return { between, problem: error.message, at: '', sides: [], note }
  }
}

const runOf = ({ log, clockMs }: Attempt) => ({ log, clockMs })

function tell(
  { atMs, untilMs, parted }: Compared,
  names: readonly string[],
  sides: [Side, Side],
  between: [string, string],
) {
  if (atMs === undefined)
    return { at: '', sides: [t('The same up to {clock}, as far as both have come.', { clock: printClock(untilMs) })] }
  return {
    at: printClock(atMs),
    sides: sides.map(({ open }, n) => {
      const own = (text: string): string => withoutNames(text, names, JSON.stringify(open.challenge.spec))
      return own(tellSide(between[n]!, open.attempt, atMs, parted[n]))
    }),
  }
}

/** `B: kubectl scale … changed Deployment/web (spec.replicas: 3 → 5).` */
function tellSide(letter: string, { log }: Attempt, atMs: number, parted: Parted | undefined): string {
  if (!parted) {
    const next = log.find((entry) => entry.atMs > atMs)
    return next
      ? t('{letter}: nothing happens then. Its next command is {line}, at {clock}.', {
          ...{ letter, line: bareLine(lineOf(next.command)), clock: printClock(next.atMs) },
        })
      : t('{letter}: nothing happens then, and no command follows.', { letter })
  }
  const entry = log.findLast((one) => one.atMs <= atMs && (one.command.op === 'fault' || mayChangeCluster(one.command)))
  const fields = parted.fields.map(({ field, from, to }) => `${field}: ${from || '–'} → ${to || '–'}`).join(', ')
  const values = { letter, object: parted.object, line: entry ? bareLine(lineOf(entry.command)) : '' }
  const what = fields ? `${tellEvent(parted, values)} (${fields})` : tellEvent(parted, values)
  return `${what}.`
}

function tellEvent({ type }: Parted, values: { letter: string; object: string; line: string }): string {
  if (values.line === '')
    return {
      ADDED: t('{letter}: {object} appears by itself', values),
      MODIFIED: t('{letter}: {object} changes by itself', values),
      DELETED: t('{letter}: {object} goes by itself', values),
    }[type]
  return {
    ADDED: t('{letter}: {line} creates {object}', values),
    MODIFIED: t('{letter}: {line} changes {object}', values),
    DELETED: t('{letter}: {line} deletes {object}', values),
  }[type]
}
