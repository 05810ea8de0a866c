/** Covers of lessons: drawn when they are first asked for, from a run of the lesson's own demo, and kept as long as the lesson is the same. */
import type { Demo, Lesson } from '../../catalog/types.ts'
import type { Labs } from '../../labs/types.ts'
import { drawCover } from './draw-cover.ts'

/** Who they are computed for: nobody in particular waits behind them. */
const who = 'covers'

/** Where the cover of a lesson is. */
export const coverOf = ({ id, hash }: Pick<Lesson, 'id' | 'hash'>): string => `/lessons/${id}/cover.svg?v=${hash}`

export interface Covers {
  /** @throws LabRefusal when there is too much to do just now */
  of(lesson: Lesson): Promise<string>
}

export function createCovers(labs: Pick<Labs, 'runDemo'>): Covers {
  const kept = new Map<string, { hash: string; cover: Promise<string> }>()
  return {
    of(lesson) {
      const key = `${lesson.locale}/${lesson.id}`
      const known = kept.get(key)
      if (known?.hash === lesson.hash) return known.cover
      const cover = draw(labs, lesson)
      kept.set(key, { hash: lesson.hash, cover })
      // Whoever asks next tries again.
      cover.catch(() => kept.get(key)?.cover === cover && kept.delete(key))
      return cover
    },
  }
}

/** Of the first demo that has Pods, or else of the first. */
async function draw(labs: Pick<Labs, 'runDemo'>, lesson: Lesson): Promise<string> {
  const demos = lesson.parts.flatMap((part) => ('demo' in part ? [part.demo] : []))
  const run = (demo: Demo) => labs.runDemo(who, { demo, seed: `${lesson.id}/${demo.id}` })
  for (const demo of demos) {
    const shown = await run(demo)
    if (shown.timeline.length > 0 || demo === demos.at(-1)) return drawCover(lesson.section, shown, demo.duration)
  }
  return drawCover(lesson.section, undefined)
}
