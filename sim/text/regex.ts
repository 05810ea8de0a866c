/**
 * Matches POSIX regular expressions in time that grows with the text and no faster: all ways to match are followed at once.
 * Only back references need to try one way after the other; then, and for very long texts, the work is limited.
 */

import { charge, chargeText } from '../engine/work.ts'
import { type Assertion, isWordChar, type Node, parseRegex, RegexError } from './regex-parse.ts'

export { RegexError } from './regex-parse.ts'

export interface RegexOptions {
  isExtended?: boolean
  /**
   * Groups of Perl that capture nothing or only look around have their meaning, and of several matches from one place that one counts
   * which a search finds first that tries one way after the other; by POSIX it is the longest.
   */
  isPerl?: boolean
  ignoresCase?: boolean
  isFixed?: boolean
  /** Only whole lines, or whole words. */
  scope?: 'line' | 'word'
}

export interface RegexMatch {
  index: number
  end: number
  /** What the whole and each group matched. */
  groups: readonly (string | undefined)[]
}

type Step =
  | { op: 'char'; accepts: (char: string) => boolean }
  /** Goes on at `to`, and at `or` when that fails. */
  | { op: 'split'; to: number; or: number }
  | { op: 'jump'; to: number }
  | { op: 'save'; slot: number }
  | { op: 'assert'; what: Assertion }
  | { op: 'reference'; number: number }
  | { op: 'look'; regex: Regex; isBehind: boolean; isNegated: boolean }
  /** Goes on only if something was matched since the last time here. */
  | { op: 'progress'; slot: number }
  | { op: 'match' }

/** Of computing: to begin, and to tell what matched. */
const stepsOfMatch = 3
const mostSteps = 6000
/** Copied, and thrown away later. */
const slotsPerStep = 16
/** Turns that one expression may take until it is told to begin again; some seconds of them at most. */
const mostWork = 30_000_000

/** Parses and compiles. Throws RegexError. */
export function compileRegex(pattern: string, options: RegexOptions = {}): Regex {
  const plain = options.isFixed && !options.scope && !options.ignoresCase ? pattern : undefined
  const { node, groups } = options.isFixed
    ? {
        node: { kind: 'sequence', nodes: [...pattern].map((char): Node => ({ kind: 'char', char })) } as Node,
        groups: 0,
      }
    : parseRegex(pattern, options.isExtended ?? false, options.isPerl ?? false)
  const around = (what: Assertion, after: Assertion): Node => ({
    kind: 'sequence',
    nodes: [{ kind: 'assert', what }, node, { kind: 'assert', what: after }],
  })
  const whole =
    options.scope === 'line'
      ? around('line-start', 'line-end')
      : options.scope === 'word'
        ? around('no-word-before', 'no-word-after')
        : node
  return new Regex(whole, {
    groups,
    ignoresCase: options.ignoresCase ?? false,
    takesFirst: options.isPerl ?? false,
    literal: plain ?? literalOf(whole, options),
  })
}

/** Into what is repeated first, or past it. */
const splitOf = (isLazy: boolean, into: number, past: number): Step =>
  isLazy ? { op: 'split', to: past, or: into } : { op: 'split', to: into, or: past }

/** The text of an expression without anything special. */
function literalOf(node: Node, options: RegexOptions): string | undefined {
  if (options.ignoresCase) return undefined
  if (node.kind === 'char') return node.char
  if (node.kind !== 'sequence' || node.nodes.length === 0) return undefined
  let text = ''
  for (const each of node.nodes) {
    if (each.kind !== 'char') return undefined
    text += each.char
  }
  return text
}

interface RegexParts {
  groups: number
  ignoresCase: boolean
  takesFirst: boolean
  literal: string | undefined
}

export class Regex {
  private readonly steps: Step[] = []
  private readonly slots: number
  private readonly ignoresCase: boolean
  private readonly takesFirst: boolean
  private readonly literal: string | undefined
  private readonly needsBacktracking: boolean
  private readonly isAnchored: boolean
  private progressSlots = 0
  private work = 0

  constructor(node: Node, { groups, ignoresCase, takesFirst, literal }: RegexParts) {
    this.ignoresCase = ignoresCase
    this.takesFirst = takesFirst
    this.literal = literal
    this.emit({ op: 'save', slot: 0 })
    this.slots = 2 * (groups + 1)
    this.compile(node)
    this.emit({ op: 'save', slot: 1 })
    this.emit({ op: 'match' })
    this.needsBacktracking = this.steps.some(({ op }) => op === 'reference')
    const first = this.steps[1]
    this.isAnchored = first.op === 'assert' && first.what === 'line-start'
  }

  /** What it did so far does not count any more: the next text is another one. */
  again(): this {
    this.work = 0
    return this
  }

  test(text: string): boolean {
    if (this.literal === undefined) return this.exec(text) !== undefined
    chargeText(text.length)
    return text.includes(this.literal)
  }

  /** The leftmost match from there on, of those the longest, or the first. Throws RegexError when it takes too long. */
  exec(text: string, from = 0): RegexMatch | undefined {
    if (this.literal !== undefined) {
      const index = text.indexOf(this.literal, from)
      charge(stepsOfMatch)
      chargeText((index < 0 ? text.length : index) - from)
      return index < 0 ? undefined : { index, end: index + this.literal.length, groups: [this.literal] }
    }
    charge(stepsOfMatch)
    const found = this.needsBacktracking ? this.tryInTurn(text, from) : this.tryAtOnce(text, from)
    if (!found) return undefined
    const groups: (string | undefined)[] = []
    for (let slot = 0; slot < this.slots; slot += 2)
      groups.push(found[slot] >= 0 && found[slot + 1] >= 0 ? text.slice(found[slot], found[slot + 1]) : undefined)
    return { index: found[0], end: found[1], groups }
  }

  /** All matches that do not overlap. */
  *matches(text: string): Generator<RegexMatch> {
    let from = 0
    let lastEnd = -1
    while (from <= text.length) {
      const match = this.exec(text, from)
      if (!match) return
      const isEmpty = match.end === match.index
      // An empty match right after another one is part of it.
      if (!isEmpty || match.index !== lastEnd) yield match
      lastEnd = match.end
      from = isEmpty ? match.end + 1 : match.end
    }
  }

  private emit(step: Step): number {
    if (this.steps.length >= mostSteps) throw new RegexError('Regular expression too big')
    return this.steps.push(step) - 1
  }

  private compile(node: Node): void {
    if (node.kind === 'char') {
      const wanted = this.ignoresCase ? node.char.toLowerCase() : node.char
      this.emit({
        op: 'char',
        accepts: this.ignoresCase ? (char) => char.toLowerCase() === wanted : (char) => char === wanted,
      })
    } else if (node.kind === 'set') {
      const { accepts } = node
      this.emit({
        op: 'char',
        accepts: this.ignoresCase
          ? (char) => accepts(char) || accepts(char.toLowerCase()) || accepts(char.toUpperCase())
          : accepts,
      })
    } else if (node.kind === 'assert') this.emit({ op: 'assert', what: node.what })
    else if (node.kind === 'reference') this.emit({ op: 'reference', number: node.number })
    else if (node.kind === 'look') {
      const end: Node = { kind: 'assert', what: 'line-end' }
      const looked: Node = node.isBehind ? { kind: 'sequence', nodes: [node.node, end] } : node.node
      // A group in it captures nothing: it has slots of its own.
      const { ignoresCase, takesFirst } = this
      const regex = new Regex(looked, { groups: this.slots / 2, ignoresCase, takesFirst, literal: undefined })
      this.emit({ op: 'look', regex, isBehind: node.isBehind, isNegated: node.isNegated })
    } else if (node.kind === 'sequence') for (const each of node.nodes) this.compile(each)
    else if (node.kind === 'group') {
      this.emit({ op: 'save', slot: 2 * node.number })
      this.compile(node.node)
      this.emit({ op: 'save', slot: 2 * node.number + 1 })
    } else if (node.kind === 'either') {
      const jumps: number[] = []
      for (const [index, each] of node.nodes.entries()) {
        const isLast = index === node.nodes.length - 1
        const split = isLast ? -1 : this.emit({ op: 'split', to: this.steps.length + 1, or: 0 })
        this.compile(each)
        if (isLast) continue
        jumps.push(this.emit({ op: 'jump', to: 0 }))
        this.steps[split] = { op: 'split', to: split + 1, or: this.steps.length }
      }
      for (const jump of jumps) this.steps[jump] = { op: 'jump', to: this.steps.length }
    } else {
      for (let n = 0; n < node.least; n++) this.compile(node.node)
      if (node.most === Number.POSITIVE_INFINITY) {
        const slot = this.progressSlots++
        const split = this.emit({ op: 'split', to: 0, or: 0 })
        this.compile(node.node)
        this.emit({ op: 'progress', slot })
        this.emit({ op: 'jump', to: split })
        this.steps[split] = splitOf(node.isLazy, split + 1, this.steps.length)
        return
      }
      const splits: number[] = []
      for (let n = node.least; n < node.most; n++) {
        splits.push(this.emit({ op: 'split', to: 0, or: 0 }))
        this.compile(node.node)
      }
      for (const split of splits) this.steps[split] = splitOf(node.isLazy, split + 1, this.steps.length)
    }
  }

  private charge(): void {
    charge(1)
    if (++this.work > mostWork) throw new RegexError('Regular expression too complex')
  }

  private holds(what: Assertion, text: string, at: number): boolean {
    if (what === 'line-start') return at === 0
    if (what === 'line-end') return at === text.length
    const before = isWordChar(text[at - 1])
    const after = isWordChar(text[at])
    if (what === 'word-edge') return before !== after
    if (what === 'no-word-edge') return before === after
    if (what === 'no-word-before') return !before
    if (what === 'no-word-after') return !after
    return what === 'word-start' ? !before && after : before && !after
  }

  /** What stands right there, or right before it: as much work as a search of its own. */
  private sees({ regex, isBehind, isNegated }: Extract<Step, { op: 'look' }>, text: string, at: number): boolean {
    const isFound = isBehind ? regex.test(text.slice(0, at)) : regex.again().tryAtOnce(text, at, true) !== undefined
    this.work += regex.work
    regex.again()
    return isFound !== isNegated
  }

  /**
   * Follows all ways at once, character by character; of two ways to one place the better is kept.
   * @param isOnlyThere a match begins at `from` and nowhere else
   */
  private tryAtOnce(text: string, from: number, isOnlyThere = false): readonly number[] | undefined {
    const { steps } = this
    type Thread = { pc: number; slots: readonly number[] }
    let current: Thread[] = []
    let next: Thread[] = []
    let best: readonly number[] | undefined
    const seenAt = new Int32Array(steps.length).fill(-1)
    const add = (list: Thread[], start: number, startSlots: readonly number[], at: number): void => {
      const pending: Thread[] = [{ pc: start, slots: startSlots }]
      for (let thread = pending.pop(); thread; thread = pending.pop()) {
        const { pc, slots } = thread
        if (seenAt[pc] === at) continue
        seenAt[pc] = at
        this.charge()
        const step = steps[pc]
        if (step.op === 'jump') pending.push({ pc: step.to, slots })
        else if (step.op === 'progress') pending.push({ pc: pc + 1, slots })
        else if (step.op === 'split') pending.push({ pc: step.or, slots }, { pc: step.to, slots })
        else if (step.op === 'save') {
          charge(slots.length / slotsPerStep)
          pending.push({ pc: pc + 1, slots: slots.with(step.slot, at) })
        } else if (step.op === 'assert') {
          if (this.holds(step.what, text, at)) pending.push({ pc: pc + 1, slots })
        } else if (step.op === 'look') {
          if (this.sees(step, text, at)) pending.push({ pc: pc + 1, slots })
        } else list.push(thread)
      }
    }
    const none = new Array<number>(this.slots).fill(-1)
    for (let at = from; at <= text.length; at++) {
      charge(1)
      if (!best && (!this.isAnchored || at === 0) && (!isOnlyThere || at === from)) add(current, 0, none, at)
      if (current.length === 0 && (best || this.isAnchored || isOnlyThere)) break
      const char = text[at]
      for (const { pc, slots } of current) {
        if (best && slots[0] > best[0]) continue
        const step = steps[pc]
        if (step.op === 'match') {
          if (this.takesFirst) {
            // What stands behind it in the row would have been tried later.
            best = slots
            break
          }
          if (!best || slots[0] < best[0] || slots[1] > best[1]) best = slots
        } else if (step.op === 'char' && at < text.length && step.accepts(char)) add(next, pc + 1, slots, at + 1)
      }
      ;[current, next] = [next, current]
      next.length = 0
    }
    return best
  }

  /** Tries one way after the other; for back references. */
  private tryInTurn(text: string, from: number): readonly number[] | undefined {
    const { steps } = this
    for (let start = from; start <= text.length; start++) {
      const empty = new Array<number>(this.slots + this.progressSlots).fill(-1)
      const pending: { pc: number; at: number; slots: readonly number[] }[] = [{ pc: 0, at: start, slots: empty }]
      for (let way = pending.pop(); way; way = pending.pop()) {
        let { pc, at, slots } = way
        for (;;) {
          this.charge()
          const step = steps[pc]
          if (step.op === 'match') return slots
          if (step.op === 'char') {
            if (at >= text.length || !step.accepts(text[at])) break
            at++
          } else if (step.op === 'assert') {
            if (!this.holds(step.what, text, at)) break
          } else if (step.op === 'look') {
            if (!this.sees(step, text, at)) break
          } else if (step.op === 'save') {
            charge(slots.length / slotsPerStep)
            slots = slots.with(step.slot, at)
          } else if (step.op === 'progress') {
            if (slots[this.slots + step.slot] === at) break
            charge(slots.length / slotsPerStep)
            slots = slots.with(this.slots + step.slot, at)
          } else if (step.op === 'reference') {
            const group = text.slice(slots[2 * step.number], slots[2 * step.number + 1])
            const there = text.slice(at, at + group.length)
            if (
              slots[2 * step.number + 1] < 0 ||
              (this.ignoresCase ? there.toLowerCase() !== group.toLowerCase() : there !== group)
            )
              break
            at += group.length
          } else {
            if (step.op === 'split') pending.push({ pc: step.or, at, slots })
            pc = step.to
            continue
          }
          pc++
        }
      }
    }
    return undefined
  }
}
