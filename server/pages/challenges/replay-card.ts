/**
 * A solved run as a picture that plays by itself for six seconds: Pods come, become ready and go along the virtual time, and the checks turn
 * green. Standing still, as where motion is not wanted, it shows the end. Nothing in it but shapes, texts and CSS. Pure.
 */

import { escapeHtml } from '../../escape-html.ts'
import type { FilmedNode, FilmedPod, RunFilm } from '../../labs/types.ts'
import { printClock } from '../clock.ts'

export interface ReplayCard {
  title: string
  /** Such as: 3 commands, solved in 1:12.0. */
  result: string
  /** What the reference took; empty where nobody knows. */
  reference: string
  film: RunFilm
  /** In virtual milliseconds: from each moment on it held or did not. Without turns it was tried at the end. */
  checks: { title: string; turns: { atMs: number; holds: boolean }[] }[]
  commandsMs: readonly number[]
  /** In the reader's language, whose tag is `lang`. */
  words: {
    lang: string
    /** The whole picture in a sentence. */
    about: string
    checks: string
    ready: string
    waiting: string
    failing: string
    /** Pods without a node. */
    noNode: string
    commands: string
    /** `+3` and the like is put before it. */
    more: string
    end: string
  }
}

const width = 840
const height = 470
/** Of the six seconds; for the rest the end stands. */
const playedMs = 5000

/** What is drawn at most, so that a card stays a card: some 40 KB. */
const most = { nodes: 6, pods: 48, turns: 8, checks: 8, commands: 24 }

export function renderReplayCard(card: ReplayCard): string {
  const { words } = card
  const axis = axisOf(card)
  const styles = new Styles(axis)
  const stage = [...drawNodes(card, styles), ...drawChecks(card, styles), ...drawAxis(card, axis, styles)].join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d" lang="${escapeHtml(words.lang)}">
<title id="t">${asText(card.title)}</title>
<desc id="d">${asText(words.about)}</desc>
<style>${look}${styles.text()}</style>
<rect class="paper" width="${width}" height="${height}" rx="10"/>
<path class="mark" transform="translate(32 24)" d="M2 21v-7h6v7zM9 21V4h6v17zM16 21V10h6v11z"/>
${line(62, 42, 'brand', 'Podium')}
${line(32, 84, 'title', shortened(card.title, 46))}
${line(32, 112, 'said', shortened([card.result, card.reference].filter(Boolean).join(' · '), 96))}
${stage}
</svg>
`
}

/** In the response's Content-Security-Policy they are the only ones that hold. */
export const stylesOf = (svg: string): string => /<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? ''

// ---------- time ----------

/** From 0 to 100: where a virtual moment stands in the play. Short waits pass nearly as they were, long ones are cut short. */
type Axis = (atMs: number) => number

function axisOf({ film, checks, commandsMs }: ReplayCard): Axis {
  const moments = [
    ...film.pods.flatMap(({ turns }) => turns.map(({ atMs }) => atMs)),
    ...film.nodes.flatMap(({ turns }) => turns.map(({ atMs }) => atMs)),
    ...checks.flatMap(({ turns }) => turns.map(({ atMs }) => atMs)),
    ...commandsMs,
  ]
  const inOrder = [...new Set([0, ...moments.filter((ms) => ms > 0 && ms < film.endMs), film.endMs])].sort(
    (a, b) => a - b,
  )
  const until = [0]
  for (let n = 1; n < inOrder.length; n++) until.push(until[n - 1]! + Math.sqrt(inOrder[n]! - inOrder[n - 1]!))
  const whole = until.at(-1)! || 1
  return (atMs) => {
    const n = inOrder.findIndex((ms) => ms >= Math.min(atMs, film.endMs))
    // The first and the last part of the play stand still, so that one sees what there was and what came of it.
    return Math.round(4 + (until[Math.max(0, n)]! / whole) * 92)
  }
}

/** The animations, each once however many shapes it moves, by what it does. */
class Styles {
  readonly #names = new Map<string, string>()
  readonly axis: Axis
  constructor(axis: Axis) {
    this.axis = axis
  }

  /** @param steps what holds from a share of the play on; the last stays */
  classOf(steps: readonly { at: number; css: string }[]): string {
    const last = steps.at(-1)
    const frames = steps
      .flatMap(({ at, css }, n) => {
        const next = steps[n + 1]?.at
        const from = n === 0 ? 0 : at
        if (next === undefined) return [`${from}%,100%{${css}}`]
        // A share of the play for the change itself.
        return from >= next ? [] : [`${from}%,${Math.max(from, next - 0.9).toFixed(1)}%{${css}}`]
      })
      .join('')
    const body = `${last?.css ?? ''}|${frames}`
    const known = this.#names.get(body) ?? `a${this.#names.size}`
    this.#names.set(body, known)
    return known
  }

  text(): string {
    const all = [...this.#names].map(([body, name]) => ({
      name,
      still: body.split('|')[0]!,
      frames: body.split('|')[1]!,
    }))
    const still = all.map(({ name, still }) => `.${name}{${still}}`).join('')
    const moving = all
      .map(({ name, frames }) => `@keyframes ${name}{${frames}}.${name}{animation:${name} ${playedMs}ms linear both}`)
      .join('')
    return `${still}@media (prefers-reduced-motion:no-preference){${moving}@keyframes go{from{transform:translateX(0)}to{transform:translateX(var(--way))}}.hand{animation:go ${playedMs}ms linear both}}`
  }
}

// ---------- nodes and Pods ----------

const board = { x: 32, y: 136, width: 500, height: 236 }
/** From large to small: the first with room for all is taken. */
const chips = [
  { width: 58, height: 46, gap: 10 },
  { width: 42, height: 34, gap: 8 },
  { width: 27, height: 22, gap: 6 },
]
type Chip = (typeof chips)[number]

function drawNodes({ film, words }: ReplayCard, styles: Styles): string[] {
  const nodes = film.nodes.slice(0, most.nodes)
  const columns = nodes.length <= 1 ? 1 : nodes.length <= 4 ? 2 : 3
  const rows = Math.max(1, Math.ceil(nodes.length / columns))
  const stays = film.pods
    .flatMap((pod) => staysOf(pod, film.endMs))
    // Between two pictures nobody sees it wait.
    .filter(({ node, fromMs, untilMs }) => node !== '' || styles.axis(untilMs) - styles.axis(fromMs) > 1)
    .sort((a, b) => a.fromMs - b.fromMs)
  const waitingRow = stays.some(({ node }) => node === '') ? 46 : 0
  const cell = {
    width: (board.width - (columns - 1) * 12) / columns,
    height: (board.height - waitingRow - (rows - 1) * 12) / rows,
  }
  const placesWith = (chip: Chip): Map<string, Place> =>
    new Map([
      ...nodes.map(({ name }, n): [string, Place] => [
        name,
        {
          ...{ chip, x: xOf(n) + 12, y: yOf(n) + 34 },
          perRow: Math.max(1, Math.floor((cell.width - 24 + chip.gap) / (chip.width + chip.gap))),
          rows: Math.max(1, Math.floor((cell.height - 44 + chip.gap) / (chip.height + chip.gap))),
        },
      ]),
      ['', { chip: chips[2]!, x: board.x + 130, y: board.y + board.height - 30, perRow: 11, rows: 1 }],
    ])
  const xOf = (n: number) => board.x + (n % columns) * (cell.width + 12)
  const yOf = (n: number) => board.y + Math.floor(n / columns) * (cell.height + 12)
  const tried = chips.map((chip) => place(stays, placesWith(chip)))
  const placed = tried.find(({ left }) => left === 0) ?? tried.at(-1)!
  return [
    ...nodes.map((node, n) => drawNode(node, { x: xOf(n), y: yOf(n), ...cell }, styles)),
    ...(waitingRow > 0 ? [line(board.x, board.y + board.height - 14, 'small', words.noNode)] : []),
    ...placed.at.map(({ stay, place, slot }) => drawStay(stay, place, slot, styles)),
    ...(placed.left > 0 ? [line(board.x, board.y + board.height + 16, 'small', `+${placed.left} ${words.more}`)] : []),
  ]
}

interface Place {
  chip: Chip
  x: number
  y: number
  perRow: number
  rows: number
}

function drawNode(
  node: FilmedNode,
  at: { x: number; y: number; width: number; height: number },
  styles: Styles,
): string {
  const nodeLooks = { ready: '', failing: 'stroke:var(--failing);stroke-dasharray:6 4', gone: 'opacity:.25' }
  const turns = lastOf(node.turns, most.turns).map(({ atMs, is }) => ({ at: styles.axis(atMs), css: nodeLooks[is] }))
  const moved = turns.length > 1 || turns.some(({ css }) => css !== '') ? ` ${styles.classOf(turns)}` : ''
  return (
    `<rect class="node${moved}" x="${round(at.x)}" y="${round(at.y)}" width="${round(at.width)}" height="${round(at.height)}" rx="6"/>` +
    line(at.x + 12, at.y + 22, 'small', shortened(node.name, Math.floor(at.width / 8)))
  )
}

/** Each Pod on each of its nodes: in the lowest slot that is free while it is there. What has no slot is counted, by its Pod. */
function place(stays: readonly Stay[], places: ReadonlyMap<string, Place>) {
  const taken = new Map<string, number[]>()
  // Those that are there at the end are what the still picture shows: they go first where there are too many.
  const kept = new Set([...stays].sort((a, b) => b.untilMs - a.untilMs).slice(0, most.pods))
  const at: { stay: Stay; place: Place; slot: number }[] = []
  for (const stay of stays) {
    const own = places.get(stay.node)
    const slots = taken.get(stay.node) ?? []
    taken.set(stay.node, slots)
    const free = slots.findIndex((untilMs) => untilMs <= stay.fromMs)
    const slot = free < 0 ? slots.length : free
    if (!kept.has(stay) || !own || slot >= own.perRow * own.rows) continue
    slots[slot] = stay.untilMs
    at.push({ stay, place: own, slot })
  }
  const seen = new Set(at.map(({ stay }) => stay.pod))
  return { at, left: new Set(stays.map(({ pod }) => pod)).size - seen.size }
}

interface Stay {
  pod: FilmedPod
  node: string
  fromMs: number
  /** Infinite for one that is there at the end. */
  untilMs: number
  turns: { atMs: number; is: FilmedPod['turns'][number]['is'] }[]
}

/** The parts of a Pod's life by the node that it has: first none, mostly. */
function staysOf(pod: FilmedPod, endMs: number): Stay[] {
  const stays: Stay[] = []
  for (const { atMs, is, node } of pod.turns) {
    const last = stays.at(-1)
    if (last && (is === 'gone' || last.node !== node)) last.untilMs = atMs
    if (is === 'gone') break
    if (!last || last.node !== node)
      stays.push({ pod, node, fromMs: atMs, untilMs: Number.POSITIVE_INFINITY, turns: [{ atMs, is }] })
    else last.turns.push({ atMs, is })
  }
  return stays.filter(({ fromMs, untilMs }) => fromMs < endMs && untilMs > Math.max(0, fromMs))
}

const hidden = 'opacity:0'
const looks: Record<FilmedPod['turns'][number]['is'], string> = {
  ready: 'fill:var(--ready);stroke:var(--ready)',
  done: 'fill:var(--quiet);stroke:var(--quiet)',
  waiting: 'fill:none;stroke:var(--waiting);stroke-dasharray:4 3',
  failing: 'fill:none;stroke:var(--failing);stroke-width:3',
  ending: 'fill:none;stroke:var(--quiet);stroke-dasharray:2 3;opacity:.6',
  gone: hidden,
}

function drawStay({ fromMs, untilMs, turns }: Stay, { chip, ...at }: Place, slot: number, styles: Styles): string {
  const x = at.x + (slot % at.perRow) * (chip.width + chip.gap)
  const y = at.y + Math.floor(slot / at.perRow) * (chip.height + chip.gap)
  const { axis } = styles
  const [from, until] = [axis(fromMs), axis(untilMs)]
  const isBrief = Number.isFinite(untilMs) && until <= from
  // A stay that would pass within one picture is seen for one.
  const end = isBrief ? from + 1 : until
  const around = (steps: { at: number; css: string }[]) => [
    ...(fromMs > 0 ? [{ at: 0, css: hidden }] : []),
    ...steps,
    ...(Number.isFinite(untilMs) ? [{ at: end, css: hidden }] : []),
  ]
  const told = lastOf(turns, most.turns).map(({ atMs, is }) => ({ at: Math.max(from, axis(atMs)), is }))
  const shape = styles.classOf(around(told.map(({ at, is }) => ({ at, css: looks[is] }))))
  const cross = told.some(({ is }) => is === 'failing')
    ? `<path class="cross ${styles.classOf(
        around(told.map(({ at, is }) => ({ at, css: is === 'failing' ? 'opacity:1' : hidden }))),
      )}" d="M${round(x + chip.width / 2 - 5)} ${round(y + chip.height / 2 - 5)}l10 10m0-10l-10 10"/>`
    : ''
  return `<rect class="pod ${shape}" x="${round(x)}" y="${round(y)}" width="${chip.width}" height="${chip.height}" rx="5"/>${cross}`
}

// ---------- checks ----------

const list = { x: 566, y: 136, step: 27, width: 27 }

function drawChecks({ checks, words }: ReplayCard, styles: Styles): string[] {
  const shown = checks.slice(0, most.checks)
  const lines = shown.length <= 4 ? 2 : 1
  let y = list.y + 34
  const drawn = shown.map(({ title, turns }) => {
    const told = lastOf(turns, most.turns)
    const steps = told.map(({ atMs, holds }) => ({ at: styles.axis(atMs), css: holds ? 'opacity:1' : hidden }))
    const endsWell = told.at(-1)?.holds === true
    // What only the end could tell turns green there.
    const all = endsWell
      ? steps
      : [...(steps.length > 0 ? steps : [{ at: 0, css: hidden }]), { at: 97, css: 'opacity:1' }]
    const text = wrapped(title, list.width, lines)
    const check =
      `<circle class="ring" cx="${list.x + 8}" cy="${y - 5}" r="8"/>` +
      `<g class="${styles.classOf(all)}"><circle class="held" cx="${list.x + 8}" cy="${y - 5}" r="8"/>` +
      `<path class="tick" d="M${list.x + 4} ${y - 5}l3 3.4 5-6.4"/></g>` +
      text.map((part, n) => line(list.x + 26, y + n * 19, 'text', part)).join('')
    y += list.step + (text.length - 1) * 19
    return check
  })
  const left = checks.length - shown.length
  if (left > 0) drawn.push(line(list.x + 26, y, 'small', `+${left}`))
  return [line(list.x, list.y + 8, 'small', words.checks), ...drawn]
}

// ---------- the axis ----------

const track = { x: 32, y: 408, width: 776 }

/** Pixels between two clocks above the track, from middle to middle. */
const clockGap = 64

/** The clocks of commands and of turns of the checks, as many as there is room for: the track is shorter where nothing happens, so it has to tell. */
function drawClocks({ commandsMs, checks, film }: ReplayCard, placeOf: (atMs: number) => number): string[] {
  const moments = [...commandsMs, ...checks.flatMap(({ turns }) => turns.map(({ atMs }) => atMs))]
  let free = track.x + clockGap / 2
  return [...new Set(moments)]
    .filter((ms) => ms > 0 && ms < film.endMs)
    .sort((a, b) => a - b)
    .flatMap((ms) => {
      const x = placeOf(ms)
      if (x < free || x > track.x + track.width - clockGap / 2) return []
      free = x + clockGap
      return [`<text class="small" x="${x}" y="${track.y - 14}" text-anchor="middle">${printClock(ms)}</text>`]
    })
}

function drawAxis(card: ReplayCard, axis: Axis, styles: Styles): string[] {
  const { commandsMs, words, film } = card
  const xOf = (share: number) => round(track.x + (share / 100) * track.width)
  const ticks = commandsMs
    .filter((ms) => ms <= film.endMs)
    .slice(0, most.commands)
    .map((ms) => {
      const at = axis(ms)
      const seen = styles.classOf([
        { at: 0, css: 'opacity:.35' },
        { at, css: 'opacity:1' },
      ])
      return `<path class="command ${seen}" d="M${xOf(at)} ${track.y - 7}v14"/>`
    })
  const legend = [
    ['ready', words.ready],
    ['waiting', words.waiting],
    ['failing', words.failing],
  ] as const
  let x = track.x
  const told = legend.map(([tone, word]) => {
    const at = x
    x += 44 + widthOf(word) * 7
    const cross = tone === 'failing' ? `<path class="cross" d="M${at + 5.5} ${track.y + 33}l6 6m0-6l-6 6"/>` : ''
    const shape = `<rect class="pod is-${tone}" x="${at}" y="${track.y + 29}" width="17" height="14" rx="3"/>`
    return `${shape}${cross}${line(at + 24, track.y + 41, 'small', word)}`
  })
  return [
    `<path class="track" d="M${track.x} ${track.y}h${track.width}"/>`,
    ...drawClocks(card, (ms) => xOf(axis(ms))),
    ...ticks,
    `<circle class="hand" cx="${track.x}" cy="${track.y}" r="6"/>`,
    ...told,
    `<path class="command" d="M${x} ${track.y + 29}v14"/>`,
    line(x + 10, track.y + 41, 'small', words.commands),
    `<text class="small" x="${track.x + track.width}" y="${track.y + 41}" text-anchor="end">${asText(words.end)}</text>`,
  ]
}

// ---------- drawing ----------

/** Light and dark are designed apart, as those of the site. */
const look =
  'svg{--paper:#fcfbf8;--raised:#fff;--ink:#20252d;--quiet:#5b616c;--rule:#d8d5cd;--accent:#135e55;--ready:#1d6a43;--waiting:#7d5600;--failing:#b3261e;--on:#fff;--way:776px}' +
  '@media (prefers-color-scheme:dark){svg{--paper:#14181f;--raised:#1b2028;--ink:#e5e2db;--quiet:#a9acb0;--rule:#39404b;--accent:#6fd3c5;--ready:#7fd6a2;--waiting:#efc46a;--failing:#ff9183;--on:#0f1a15}}' +
  'text{fill:var(--ink);font-family:"Source Sans 3",system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}' +
  '.paper{fill:var(--paper);stroke:var(--rule)}.mark{fill:var(--accent)}.brand{font-size:17px;font-weight:600}.title{font-size:28px;font-weight:600}' +
  '.said{font-size:17px;fill:var(--quiet)}.text{font-size:15px}.small{font-size:13px;fill:var(--quiet)}' +
  '.node{fill:var(--raised);stroke:var(--rule);stroke-width:1.5}.pod{stroke-width:2}.cross{fill:none;stroke:var(--failing);stroke-width:2.5;stroke-linecap:round}' +
  '.ring{fill:none;stroke:var(--quiet);stroke-width:1.5}.held{fill:var(--ready)}.tick{fill:none;stroke:var(--on);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}' +
  '.track{stroke:var(--rule);stroke-width:4;stroke-linecap:round}.command{stroke:var(--accent);stroke-width:3;stroke-linecap:round}' +
  '.hand{fill:var(--accent);stroke:var(--paper);stroke-width:2;transform:translateX(var(--way))}' +
  '.is-ready{fill:var(--ready);stroke:var(--ready)}.is-waiting{fill:none;stroke:var(--waiting);stroke-dasharray:4 3}.is-failing{fill:none;stroke:var(--failing)}'

const line = (x: number, y: number, name: string, text: string): string =>
  `<text class="${name}" x="${round(x)}" y="${round(y)}">${asText(text)}</text>`

/** What is no character of XML would make the picture none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is searched for
const asText = (text: string): string => escapeHtml(text.replace(/[\u0000-\u001f\ud800-\udfff\ufffe\uffff]/gu, ' '))

const round = (value: number): number => Math.round(value * 10) / 10

/** The last of them, and the first, which says how it began. */
const lastOf = <T>(turns: readonly T[], count: number): T[] =>
  turns.length <= count ? [...turns] : [turns[0]!, ...turns.slice(-(count - 1))]

/** A Chinese character is about as wide as two Latin ones. */
const widthOf = (text: string): number => [...text].reduce((sum, c) => sum + (c.codePointAt(0)! > 0x2e80 ? 2 : 1), 0)

/** Broken at spaces, and between Chinese characters; the last line is cut short. */
function wrapped(text: string, width: number, lines: number): string[] {
  const words = text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s?|\s/gu) ?? [text]
  const made = ['']
  for (const word of words) {
    if (made.length < lines && made.at(-1) !== '' && widthOf((made.at(-1)! + word).trimEnd()) > width) made.push('')
    made[made.length - 1] += word
  }
  return made.map((one) => shortened(one.trim(), width))
}

function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let so = ''
  for (const c of text) {
    if (widthOf(so) + widthOf(c) > width - 1) break
    so += c
  }
  return `${so.trimEnd()}…`
}
