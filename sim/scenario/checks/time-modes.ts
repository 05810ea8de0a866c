/** Time modes: from "when did it hold" to "did it hold as it had to". */
import { said } from '../../engine/said.ts'
import type { CheckWhen } from '../types.ts'

/** From this moment on the assertion held, or did not, until the next span. Sorted; the first begins with the run. */
export interface Span {
  fromMs: number
  holds: boolean
}

export interface TimedVerdict {
  holds: boolean
  firstPassAtMs?: number
  firstFailAtMs?: number
  /** In words, when it does not hold. */
  why?: string
}

/**
 * @param lastCommandMs `eventually` and `stable` count from here: a learner may take any time to type
 * @param endMs the end of the observation
 */
export function judge(when: CheckWhen, spans: readonly Span[], lastCommandMs: number, endMs: number): TimedVerdict {
  const firstPassAtMs = spans.find((span) => span.holds)?.fromMs
  const firstFailAtMs = spans.find((span) => !span.holds)?.fromMs
  const told = { firstPassAtMs, firstFailAtMs }
  switch (when.mode) {
    case 'settled': {
      const holds = spans.at(-1)?.holds ?? false
      const lost = !holds && firstPassAtMs !== undefined ? spans.at(-1)?.fromMs : undefined
      return {
        holds,
        ...told,
        ...(lost === undefined ? {} : { firstFailAtMs: lost, why: said`it held until ${seconds(lost)}` }),
      }
    }
    case 'eventually': {
      const limit = lastCommandMs + when.withinSeconds * 1000
      // What the last command itself ended did not hold after it.
      const pass = spans.some(
        ({ holds, fromMs }, i) => holds && fromMs <= limit && (spans[i + 1]?.fromMs ?? Infinity) > lastCommandMs,
      )
      // Nobody looked further than the observation went.
      const watched = Math.round((Math.min(limit, Math.max(endMs, lastCommandMs)) - lastCommandMs) / 1000)
      return pass
        ? { holds: true, ...told }
        : { holds: false, ...told, why: said`it did not hold within ${watched} s of the last command` }
    }
    case 'always':
    case 'never': {
      const wanted = when.mode === 'always'
      const from = (when.fromSeconds ?? 0) * 1000
      const to = when.toSeconds === undefined ? endMs : when.toSeconds * 1000
      const broken = overlaps(spans, endMs).find(
        ({ span, toMs }) => span.holds !== wanted && toMs > from && span.fromMs < to,
      )
      if (!broken) return { holds: true, ...told }
      const at = Math.max(broken.span.fromMs, from)
      return {
        holds: false,
        ...told,
        firstFailAtMs: at,
        why: wanted ? said`it stopped holding at ${seconds(at)}` : said`it happened at ${seconds(at)}`,
      }
    }
    case 'stable': {
      const limit = lastCommandMs + when.withinSeconds * 1000
      const enough = overlaps(spans, endMs).some(({ span, toMs }) => {
        const start = Math.max(span.fromMs, lastCommandMs)
        return span.holds && start <= limit && toMs - start >= when.forSeconds * 1000
      })
      return enough
        ? { holds: true, ...told }
        : { holds: false, ...told, why: said`it never held for ${when.forSeconds} s without a break` }
    }
    case 'once': {
      const found = overlaps(spans, endMs).some(
        ({ span, toMs }) => span.holds && toMs - span.fromMs >= when.forSeconds * 1000,
      )
      return found
        ? { holds: true, ...told }
        : { holds: false, ...told, why: said`at no time did it hold for ${when.forSeconds} s without a break` }
    }
  }
}

/** The part of a run that decides, as `judge` looks at it. */
export function decidingPart(
  when: CheckWhen,
  run: { fromMs: number; lastCommandMs: number; endMs: number },
): { fromMs: number; toMs: number } {
  const { fromMs, lastCommandMs, endMs } = run
  const within = (ms: number): number => Math.min(Math.max(ms, fromMs), endMs)
  switch (when.mode) {
    case 'settled':
      return { fromMs: endMs, toMs: endMs }
    case 'eventually':
      return { fromMs: lastCommandMs, toMs: within(lastCommandMs + when.withinSeconds * 1000) }
    case 'stable':
      return { fromMs: lastCommandMs, toMs: within(lastCommandMs + (when.withinSeconds + when.forSeconds) * 1000) }
    case 'always':
    case 'never':
      return {
        fromMs: within((when.fromSeconds ?? 0) * 1000),
        toMs: when.toSeconds === undefined ? endMs : within(when.toSeconds * 1000),
      }
    case 'once':
      return { fromMs, toMs: endMs }
  }
}

/** Holds where all hold. */
export function allHold(courses: readonly (readonly Span[])[]): Span[] {
  const moments = [...new Set(courses.flatMap((spans) => spans.map(({ fromMs }) => fromMs)))].sort((a, b) => a - b)
  const merged: Span[] = []
  for (const fromMs of moments) {
    const holds = courses.every((spans) => spans.findLast((span) => span.fromMs <= fromMs)?.holds ?? false)
    if (merged.at(-1)?.holds !== holds) merged.push({ fromMs, holds })
  }
  return merged
}

const overlaps = (spans: readonly Span[], endMs: number): { span: Span; toMs: number }[] =>
  spans.map((span, i) => ({ span, toMs: spans[i + 1]?.fromMs ?? Math.max(endMs, span.fromMs) }))

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
