/**
 * The cover of a lesson: the run of its first demo, without words. Each Pod is a bar that begins and ends as its states did, and each
 * line that was typed a mark below. Pure, so that the same run gives the same picture.
 */
import type { Section } from '../../catalog/types.ts'
import type { DemoRun, TimelineRow, Tone } from '../../labs/types.ts'

const width = 480
const height = 270
const margin = 28
/** Where the lines that were typed are marked. */
const typedY = 236
const mostRows = 14

/** The hue of each section in oklch: static/css/domains.css has the same. */
export const hues: Readonly<Record<Section, number>> = {
  architecture: 262,
  pod: 195,
  workloads: 145,
  scheduling: 78,
  networking: 232,
  storage: 48,
  security: 12,
  operations: 310,
}

const tones: Readonly<Record<Tone, string>> = {
  ready: 'on',
  waiting: 'mid',
  failing: 'bad',
  ending: 'out',
  done: 'low',
}

/** @param run of the demo; none for a lesson that has none @param seconds that it took */
export function drawCover(section: Section, run: Pick<DemoRun, 'timeline' | 'steps'> | undefined, seconds = 1): string {
  const xOf = (at: number): number =>
    round(margin + (Math.min(Math.max(at, 0), seconds) / seconds) * (width - 2 * margin))
  const steps = run?.steps ?? []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">`,
    `<style>${styleOf(hues[section])}</style>`,
    `<path class="bg" d="M0 0h${width}v${height}H0z"/>`,
    ...[0, 1, 2, 3, 4, 5, 6].map((n) => `<path class="grid" d="M${xOf((n * seconds) / 6)} 20v${typedY - 20}"/>`),
    ...bars(rowsOf(run?.timeline ?? []), xOf),
    `<path class="axis" d="M${margin} ${typedY}h${width - 2 * margin}"/>`,
    ...steps.map(({ atSeconds, exit }) => {
      const x = xOf(atSeconds)
      return `<circle class="${exit === 0 ? 'typed' : 'typed bad'}" cx="${x}" cy="${typedY}" r="6"/>`
    }),
    '</svg>',
  ].join('')
}

/** Those that tell most, in the order in which they began. */
function rowsOf(rows: readonly TimelineRow[]): readonly TimelineRow[] {
  const most = [...rows].sort((a, b) => b.spans.length - a.spans.length).slice(0, mostRows)
  return rows.filter((row) => most.includes(row))
}

function bars(rows: readonly TimelineRow[], xOf: (at: number) => number): string[] {
  const room = typedY - 48
  const pitch = Math.min(46, room / Math.max(1, rows.length))
  const thick = round(pitch * 0.58)
  const top = 28 + (room - pitch * rows.length) / 2
  return rows.flatMap(({ spans }, n) =>
    spans.map(({ fromSeconds, toSeconds, tone }) => {
      const x = xOf(fromSeconds)
      const wide = Math.max(3, round(xOf(toSeconds) - x - 1.5))
      const y = round(top + n * pitch + (pitch - thick) / 2)
      return `<rect class="${tones[tone]}" x="${x}" y="${y}" width="${wide}" height="${thick}" rx="${round(Math.min(4, wide / 2))}"/>`
    }),
  )
}

function styleOf(hue: number): string {
  const set = (colours: Record<string, string>): string =>
    Object.entries(colours)
      .map(([name, colour]) => `--${name}:oklch(${colour})`)
      .join(';')
  const light = { bg: `95% .03 ${hue}`, on: `55% .11 ${hue}`, mid: `82% .07 ${hue}`, low: `70% .03 ${hue}` }
  const dark = { bg: `26% .035 ${hue}`, on: `74% .11 ${hue}`, mid: `46% .07 ${hue}`, low: `55% .03 ${hue}` }
  return [
    `svg{${set({ ...light, bad: '60% .17 27' })}}`,
    `@media(prefers-color-scheme:dark){svg{${set({ ...dark, bad: '68% .15 27' })}}}`,
    '.bg{fill:var(--bg)}.on{fill:var(--on)}.mid{fill:var(--mid)}.low{fill:var(--low)}.bad{fill:var(--bad)}',
    '.out{fill:none;stroke:var(--on);stroke-width:1.5}.grid,.axis{stroke:var(--mid);stroke-width:1;opacity:.5}',
    '.axis{stroke-width:2;opacity:1}.typed{stroke:var(--bg);stroke-width:2}.typed:not(.bad){fill:var(--on)}',
  ].join('')
}

const round = (n: number): number => Math.round(n * 10) / 10
