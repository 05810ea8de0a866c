/**
 * The terminal of a challenge: its lines act on the attempt as the buttons do, and count as they do. A line is run to its end at once,
 * in virtual time; the attempt's files lie in the home folder. Other files are the learner's own: they are kept beside the attempt, and are no part of it.
 */

import { inOrderOfWriting, patienceFor } from '../../../sim/forms.ts'
import { pinnedContent } from '../../grading/content-in-force.ts'
import { t } from '../../i18n/translate.ts'
import { KeptLately } from '../../kept-lately.ts'
import type { CommandSink, RunningLine } from '../../labs/sandboxes/types.ts'
import { actOn, attemptsOf } from '../../practice/act-on-attempt.ts'
import { editOf } from '../../practice/attempts.ts'
import { dailyTask } from '../../practice/daily-task.ts'
import { examTask } from '../../practice/exam-tasks.ts'
import { isSecret, itemsOf, locksOf, refuseLocked } from '../../practice/locks.ts'
import { missingMock } from '../../practice/mocks.ts'
import { openAttempt, openOrUnsaved, type Task, work, workOn } from '../../practice/open-attempt.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import type { Params } from '../../questions/params.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { practiceSeat, type Seat, type SeatId } from '../../seat.ts'
import { dayOfDaily } from '../../storage/daily-schema.ts'
import { homeFolder } from '../../terminal/shell.ts'
import type { TerminalClusters } from '../../terminal/terminals.ts'
import { givenAtOpening } from '../../workshops/orders.ts'
import type { AppDeps } from '../deps.ts'
import { readRefused } from '../refused.ts'
import { isTooLong, tooLongWords } from './file-length.ts'
import { originalFiles } from './workspace.ts'

/** What the terminal of a task is kept by, beside its seat. */
const taskKey = ({ challenge, exam }: Pick<Task, 'challenge' | 'exam'>): string =>
  exam ? `${challenge.id}/${exam.id}` : challenge.id

const tooMuchOfTheirOwn = (): string =>
  t(
    'your own files, apart from those of tasks, come to more than 512 KB; the last change lasts only as long as this shell. Remove files that you do not need with rm.',
  )

const keyPattern = /^challenge\/([\w-]+)\/([a-f0-9]+)\/([a-z0-9-]+)(?:\/([a-f0-9]+))?$/

/** Each seat and each exam have a shell of their own. */
export const taskTerminalKey = (
  { sittingId, participantId }: SeatId,
  { challenge, exam }: Pick<Task, 'challenge' | 'exam'>,
): string => `challenge/${sittingId}/${participantId}/${taskKey({ challenge, exam })}`
export const isChallengeTerminal = (key: string): boolean => keyPattern.test(key)

/** To who has started a shell and finds it ended. */
const nothingTyped =
  "podium: nothing can be typed into a program of a challenge. Say at once what it is to do: kubectl exec POD -- sh -c 'COMMANDS'\n"

/** For whoever watches: no key ends the line, so it has ended by itself. */
const watchedFor = (seconds: number): string =>
  `podium: stopped after ${seconds} s of the cluster's time, as Ctrl-C would have. Its clock stands between the lines of a challenge: watch again, or let time pass.\n`

const debugOrRun = /^kubectl(?:\s+(?:-n|--namespace)(?:\s+|=)\S+)*\s+(?:debug|run)\s/

/**
 * A line that would connect the keyboard to a container of its own, and wait for keys that nobody can press: the container is made, and nothing
 * is attached to it. One that goes with its line (`--rm`) has to be attached, and its program finds the end of its input at once.
 */
const mayDetach = (line: string): boolean => debugOrRun.test(line) && !/\s--(?:attach|rm)\b/.test(ownPart(line))
const detached = (line: string): string => `${ownPart(line)} --attach=false${line.slice(ownPart(line).length)}`
/** Before the program of the container. */
const ownPart = (line: string): string => /^.*?(?=\s--(?:\s|$))/s.exec(line)?.[0] ?? line

/** A line on a node that begins a program for its keys: of other lines none waits for any. */
const startsShell = (line: string): boolean =>
  /^(?:sudo\s+)?(?:(?:ba)?sh\s*$|(?:crictl|nsenter|ctr)\s.*(?:\s-(?:it|ti)\b|\s(?:ba)?sh\s*$))/.test(line.trim())

const nothing: RunningLine = { input: () => undefined, interrupt: () => undefined }

export function challengeTerminals(deps: AppDeps): TerminalClusters {
  const drawn = new KeptLately<Params>({ values: 5000, characters: 2_000_000 })
  const seatOfKey = async (sittingId: string, participantId: string, item: string): Promise<Seat> => {
    const practice = practiceSeat(participantId)
    if (sittingId === practice.sittingId) return practice
    const person = await deps.storage.participants.find(sittingId, participantId)
    if (!person?.learnerId) throw notFound(t('This workshop'))
    const { attempts } = await deps.journals.work({ sittingId, participantId })
    const given = givenAtOpening(await deps.rooms.room(sittingId), item, participantId, attempts)
    const pinned = (await deps.storage.sittings.find(sittingId))?.contentVersions[item]
    return {
      ...{ sittingId, participantId, learnerId: person.learnerId, seed: person.seed, given },
      ...(pinned === undefined ? {} : { pinned }),
    }
  }
  const read = async (key: string): Promise<{ seat: Seat; learnerId: string; task: Task }> => {
    const [, sittingId = '', participantId = '', id = '', exam] = keyPattern.exec(key) ?? []
    const seat = await seatOfKey(sittingId, participantId, `challenge:${id}`)
    const { learnerId } = seat
    const day = dayOfDaily(exam)
    if (day !== undefined) {
      const { dailies = [] } = await deps.journals.work(seat)
      const daily = dailies.find((one) => one.day === day && one.challengeId === id)
      if (!daily) throw new HttpProblem(404, t('This incident was not begun.'))
      refuseLocked(await locksOf(deps, learnerId), `challenge:${id}`)
      return { seat, learnerId, task: await dailyTask(deps, daily) }
    }
    if (exam !== undefined) {
      const mock = (await deps.journals.work(seat)).mocks.find((one) => one.id === exam)
      const place = mock?.tasks?.findIndex(({ challengeId }) => challengeId === id) ?? -1
      if (!mock || place < 0) throw missingMock('hands-on')
      if (!isSecret(mock, deps.now())) refuseLocked(await locksOf(deps, learnerId, { except: exam }), ...itemsOf(mock))
      return { seat, learnerId, task: await examTask(deps, mock, place) }
    }
    const challenge = deps.catalog().challenges.get(id)
    if (!challenge) throw new HttpProblem(404, `There is no challenge "${id}" any more.`)
    refuseLocked(await locksOf(deps, learnerId, { except: seat.sittingId }), `challenge:${challenge.id}`)
    return { seat, learnerId, task: { challenge: await pinnedContent(deps, seat, challenge) } }
  }
  const attemptOf = async (key: string) => {
    const { seat, learnerId, task } = await read(key)
    return { learnerId, ...(await openAttempt(deps, await takeSeat(deps, seat), task)) }
  }
  const filesOf = async (key: string): Promise<Record<string, string>> => {
    const { seat, learnerId, task } = await read(key)
    const { challenge, attempt } = await openOrUnsaved(deps, seat, task, await attemptsOf(deps, seat))
    // The files of the task hold what was drawn for this variant: it stays, and a line asks for it several times.
    const variant = `${challenge.hash}/${attempt.seed}`
    const params = drawn.find(variant) ?? (await work(deps, learnerId, challenge, attempt, { do: 'look' })).params
    drawn.keep(variant, params)
    const files = { ...originalFiles(challenge, params), ...attempt.drafts }
    return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${homeFolder}/${name}`, text]))
  }
  return {
    async begin(key, command, sink: CommandSink) {
      const refuse = (why: string): void => {
        sink.output('stderr', `podium: ${why}\n`)
        sink.done({ atMs: 0, doneMs: 0, exit: 1, stdout: '', stderr: '' })
      }
      // Nobody can type while a line runs: it has ended by the time that its output is seen.
      const { keyboard, ...typed } = { keyboard: undefined, ...command }
      const line =
        keyboard && typed.op === 'kubectl' && mayDetach(typed.line) ? { ...typed, line: detached(typed.line) } : typed
      const isForKeys = keyboard !== undefined && (typed.op !== 'node' || startsShell(typed.line))
      const isDetached = line !== typed
      const act = async () => {
        const { learnerId, challenge, attempt } = await attemptOf(key)
        return workOn(deps, learnerId, challenge, attempt, { do: 'command', command: line })
      }
      const worked = await act().catch((error: unknown) => {
        const refused = readRefused(error)
        if (!refused) throw error
        return { refusal: refused.message }
      })
      queueMicrotask(() => {
        if ('refusal' in worked) return refuse(worked.refusal)
        const { output } = worked.result
        if (!output) return refuse('the line was not run')
        for (const { stream, text } of inOrderOfWriting(output)) sink.output(stream, text)
        const isSilent = !output.stdout && !output.stderr
        if (isForKeys && output.exit === 0 && (isSilent || isDetached)) sink.output('stderr', nothingTyped)
        if (typed.op === 'kubectl' && output.exit === 130 && patienceFor(typed.line).isEndless)
          sink.output('stderr', watchedFor(Math.round((output.doneMs - output.atMs) / 1000)))
        sink.done(output)
      })
      return nothing
    },
    async complete(key, line, cursor) {
      const { seat, learnerId, task } = await read(key)
      const { challenge, attempt } = await openOrUnsaved(deps, seat, task, await attemptsOf(deps, seat))
      return (await work(deps, learnerId, challenge, attempt, { do: 'complete', line, cursor })).candidates ?? []
    },
    async find(key) {
      const { seat, task } = await read(key)
      const own = await deps.storage.taskTerminals.find(seat, taskKey(task))
      return { files: { ...own?.files, ...(await filesOf(key)) }, history: own?.history ?? [] }
    },
    latestFiles: filesOf,
    async save(key, { files, history }) {
      try {
        const { seat, task } = await read(key)
        const { challenge, attempt } = await attemptOf(key)
        const before = await filesOf(key)
        const texts: Record<string, string> = {}
        for (const name of Object.keys(challenge.spec.workspace.files)) {
          const text = files[`${homeFolder}/${name}`]
          if (typeof text === 'string' && text !== before[`${homeFolder}/${name}`]) texts[name] = text
        }
        if (isTooLong(Object.values({ ...attempt.drafts, ...texts }))) return tooLongWords()
        for (const [name, text] of Object.entries(texts)) {
          const known = before[`${homeFolder}/${name}`]
          // A tab may have saved while the line ran.
          await actOn(deps, attempt, (a) => editOf(a, name, text, a.drafts[name] !== known))
        }
        const own = Object.fromEntries(Object.entries(files).filter(([path]) => !Object.hasOwn(before, path)))
        const isKept = await deps.storage.taskTerminals.save(seat, taskKey(task), { files: own, history })
        return isKept ? undefined : tooMuchOfTheirOwn()
      } catch (error) {
        const refused = readRefused(error)
        if (!refused) throw error
        return refused.message
      }
    },
  }
}
