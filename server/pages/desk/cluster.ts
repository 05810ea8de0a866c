/** The cluster on a desk, with the bar of time under it: now, on the way, or at a moment that is over. Pure. */
import { wordsOfCommand } from '../../../sim/forms.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { ClusterView } from '../../labs/types.ts'
import type { Attempt } from '../../storage/types.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import { marksOver, sliderOf, type TimeBar } from '../time-bar.ts'

export interface ClusterModel {
  view: ClusterView | undefined
  /** In a sentence, for who does not see the picture. */
  summary: string
  /** Of a moment that is over: that it is one. */
  note: string
  /** Why the moment cannot be shown. */
  problem: string
  time: TimeBar
}

/** What is shown: the present, a picture on the way to it, or the past. */
export type Tense = 'now' | 'playing' | 'then'

/** Of the desk's page. */
export const clusterId = '#challenge-cluster'

/**
 * @param href of the desk's page @param file that is in its editor
 * @param shown the cluster, and the virtual time that it is shown at
 */
export function viewCluster(
  { href, file }: { href: string; file: string },
  { log, clockMs: nowMs }: Pick<Attempt, 'log' | 'clockMs'>,
  shown: { clockMs: number; view: ClusterView },
  tense: Tense,
): ClusterModel {
  const isPast = tense === 'then'
  const { clockMs: atMs, view } = shown
  const endMs = isPast ? nowMs : atMs
  const marks = marksOver(
    endMs,
    log.map(({ atMs: doneMs, command }) => ({ atMs: doneMs, words: wordsOfCommand(command) })),
  )
  return {
    view,
    summary: summaryOf(view),
    note: isPast
      ? t('You are looking at the cluster as it was at {clock}; nothing can change it any more.', {
          clock: printClock(atMs),
        })
      : '',
    problem: '',
    time: {
      clock: printClock(atMs),
      endClock: printClock(endMs),
      atMs: Math.floor(atMs),
      endMs: Math.floor(endMs),
      isPast,
      speed: 0,
      state: stateOf(tense, view, endMs),
      slider: sliderOf(atMs, endMs, false, marks, {
        action: href,
        kept: file ? [{ name: 'file', value: file }] : [],
        target: clusterId,
        isPushed: false,
      }),
      speeds: [],
      buttons: isPast ? [] : buttons,
      does: isPast ? undefined : { form: 'workspace' },
      back: isPast ? { href: backTo(href, file), target: clusterId } : undefined,
      branch: undefined,
      mayPlay: !isPast,
    },
  }
}

/** The present, in place of a moment that is over. */
export const backTo = (href: string, file = ''): string =>
  `${href}?at=now${file ? `&file=${encodeURIComponent(file)}` : ''}`

function stateOf(tense: Tense, view: ClusterView, endMs: number): string {
  if (tense === 'then') return t('in the past · now {clock}', { clock: printClock(endMs) })
  if (tense === 'playing') return t('playing')
  return view.isSettled ? t('settled · time waits for you') : t('time waits for you')
}

const buttons: TimeBar['buttons'] = [
  { id: 'step', value: 'step', label: msg('Step<hidden> to the next event</hidden>') },
  { id: 'run10', value: 'run10', label: msg('Run {n} s'), values: { n: 10 } },
  { id: 'run60', value: 'run60', label: msg('Run {n} s'), values: { n: 60 } },
  { id: 'settle', value: 'settle', label: msg('Run until settled') },
]
