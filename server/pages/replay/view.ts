/** What a replay's page shows of the way and of one moment of it. Pure. */
import type { CommandOutput } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { actKind, type KnownAct } from '../../journal/acts/registry.ts'
import type { LiveCheck } from '../../labs/types.ts'
import { lineOf } from '../../labs/views/command-line.ts'
import { type Doing, doingOf, milestonesOf, type ReplayPoint, type Turn } from '../../practice/replay.ts'
import { printedText } from '../../render/command-output.ts'
import { printClock } from '../clock.ts'
import { originalFiles } from '../desk/workspace.ts'
import { diffLines } from '../diff.ts'
import { printSpan } from '../time.ts'
import { sliderOf } from '../time-bar.ts'
import type { ReplayPlace } from './place.ts'

/** Rows of the list at most. */
const mostRows = 500
/** Characters of output that are shown. */
const mostOutput = 4000

const doingWords: Readonly<Record<Doing, () => string>> = {
  begin: () => t('Began'),
  look: () => t('Looked'),
  change: () => t('Changed'),
  wait: () => t('Waited'),
  edit: () => t('Edited'),
  undo: () => t('Took back'),
  hint: () => t('Hint'),
  grade: () => t('Graded'),
  fault: () => t('Fault'),
  other: () => '',
}

function wordsOf(act: KnownAct): string {
  if (act.act === 'ran' && act.data.logged) return lineOf(act.data.logged.command)
  const { text, values } = (
    actKind(act.act)!.words as (one: KnownAct) => { text: string; values?: Record<string, string | number> }
  )(act)
  return t(text, values)
}

export const viewCheck = ({ title, state, gate, message }: LiveCheck) => ({ title, state, gate, message })

/** How far it has come, and the way there. */
export function viewTimeline(
  { href, whose, back, challenge, pin }: ReplayPlace,
  points: readonly ReplayPoint[],
  at: number,
  turns: readonly Turn[],
  standings: readonly (readonly LiveCheck[])[],
) {
  const endMs = points.at(-1)!.axisMs
  const point = points[at]!
  const titles = new Map(standings.flat().map(({ id, title }) => [id, title]))
  const x = (ms: number): number => Math.round((ms / Math.max(1, endMs)) * 1000)
  const hrefAt = (n: number): string => `${href}?at=${points[n]!.axisMs}`
  const linkTo = (n: number | undefined) =>
    n === undefined ? undefined : { href: hrefAt(n), at: printWall(points[n]!.wallMs) }
  const groups = grouped(points)
  const here = groups.findIndex((group) => group.some((n) => n === at))
  const milestones = milestonesOf(points, turns)
  const from = Math.max(0, Math.min(here - mostRows / 2, groups.length - mostRows))
  return {
    href,
    whose,
    back,
    pin,
    title: challenge.title,
    locale: challenge.locale,
    atMs: point.axisMs,
    wall: printWall(point.wallMs),
    wallEnd: printWall(points.at(-1)!.wallMs),
    clock: printClock(point.attempt.clockMs),
    slider: sliderOf(
      point.axisMs,
      endMs,
      false,
      groups.map((group) => ({
        x: x(points[group.at(-1)!]!.axisMs),
        label: wordsOf(points[group.at(-1)!]!.act),
        locale: 'en' as const,
      })),
      { label: t('Moment of the work'), action: href, target: '#replay', isPushed: true },
    ),
    turns: turns.map(({ at: n, holds }) => ({ x: x(points[n]!.axisMs), holds })),
    pauses: points.flatMap(({ axisMs, pauseMs }) => (pauseMs > 0 ? [{ x: x(axisMs) }] : [])),
    previous: here > 0 ? linkTo(groups[here - 1]!.at(-1)) : undefined,
    next: here >= 0 && here + 1 < groups.length ? linkTo(groups[here + 1]!.at(-1)) : undefined,
    jumps: [
      { title: t('First diagnosis'), to: linkTo(milestones.diagnosis) },
      { title: t('First change that helped'), to: linkTo(milestones.hypothesis) },
      { title: t('First recovery'), to: linkTo(milestones.recovery) },
    ],
    left: groups.length - Math.min(groups.length, mostRows),
    rows: groups.slice(from, from + mostRows).map((group) => {
      const last = group.at(-1)!
      const shown = points[last]!
      const doing = doingOf(shown)
      return {
        href: hrefAt(last),
        isShown: group.includes(at),
        doing,
        word: doingWords[doing](),
        text: wordsOf(shown.act),
        isCommand: shown.act.act === 'ran' && shown.act.data.logged !== undefined,
        times: group.length,
        wall: printWall(shown.wallMs),
        clock: printClock(shown.attempt.clockMs),
        pause: printPause(group.reduce((sum, n) => sum + points[n]!.pauseMs, 0)),
        turns: turns
          .filter((turn) => group.includes(turn.at))
          .map(({ check, holds, by }) => ({
            title: titles.get(check) ?? check,
            holds,
            // What is seen while time passes was done before.
            by: by === undefined || by === turn(group, by) ? '' : wordsOf(points[by]!.act),
          })),
      }
    }),
  }
}

/** The place itself where it is one of the group. */
const turn = (group: readonly number[], by: number): number | undefined => (group.includes(by) ? by : undefined)

/** Saves of one file that follow each other are one row. */
function grouped(points: readonly ReplayPoint[]): number[][] {
  const groups: number[][] = []
  const fileOf = (n: number): string | undefined => {
    const { act } = points[n]!
    return act.act === 'edited' ? act.data.file : undefined
  }
  for (const n of points.keys()) {
    const group = groups.at(-1)
    const file = fileOf(n)
    if (group && file !== undefined && fileOf(group[0]!) === file && points[n]!.pauseMs === 0) group.push(n)
    else groups.push([n])
  }
  return groups
}

/** The files as they were; of the one that is shown also what was changed since the last command. */
export function viewFiles(
  challenge: Challenge,
  params: Readonly<Record<string, string | number>>,
  points: readonly ReplayPoint[],
  at: number,
  wanted: string,
) {
  const original = originalFiles(challenge, params)
  const filesAt = (n: number): Record<string, string> => ({ ...original, ...points[n]?.attempt.drafts })
  const now = filesAt(at)
  const edited = points.slice(0, at + 1).findLast(({ act }) => act.act === 'edited')?.act
  const name = Object.hasOwn(now, wanted)
    ? wanted
    : edited?.act === 'edited'
      ? edited.data.file
      : (Object.keys(now)[0] ?? '')
  const command = points.slice(0, at).findLastIndex(({ act }) => act.act === 'ran' && act.data.logged !== undefined)
  const lines = diffLines(filesAt(Math.max(0, command))[name] ?? '', now[name] ?? '')
  return {
    names: Object.keys(now).map((one) => ({ name: one, isShown: one === name })),
    name,
    text: now[name] ?? '',
    lines: lines.some(({ kind }) => kind === 'added' || kind === 'removed') ? lines : [],
  }
}

/** Lines that were run until then, and what the last of them said. */
export function viewTerminal(points: readonly ReplayPoint[], at: number, output?: CommandOutput) {
  const lines = points.slice(0, at + 1).flatMap(({ act }) => {
    const logged = act.act === 'ran' ? act.data.logged : undefined
    return logged ? [{ line: lineOf(logged.command), exit: (act.act === 'ran' && act.data.exit) || 0 }] : []
  })
  const said = output ? printedText(output) : ''
  return { lines: lines.slice(-12), said: said.slice(0, mostOutput), isCut: said.length > mostOutput }
}

const printPause = (ms: number): string => (ms === 0 ? '' : printSpan(ms))

/** `1:05:20` of the wall clock since the beginning. */
export function printWall(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  const minutes = `${Math.floor((seconds % 3600) / 60)}`
  return seconds >= 3600
    ? `${Math.floor(seconds / 3600)}:${two(Number(minutes))}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`
}
