/**
 * A lesson's beats: where in it a question is asked, and how much there is to read between two things to do. Pure.
 * A question is asked where the text below its heading ends, which is at the next heading, of whichever level.
 */
import type { Problem } from './source.ts'
import type { Catalog, Lesson, LessonPart, Question } from './types.ts'

/** What may be asked at a place of a lesson: one of them is enough. */
export interface Place {
  asked: readonly Question[]
}

/** Prose without anything to do in between. */
export interface Stretch {
  lesson: string
  /** The heading under which it begins; none at the start of the lesson. */
  heading: string
  words: number
}

/** What is answered in a moment, and what takes longer and is asked where there is nothing else. Others have pages of their own. */
const quickTypes: readonly Question['type'][] = ['single', 'true-false', 'predict', 'multiple', 'numeric', 'short']
const askedTypes: readonly Question['type'][] = [...quickTypes, 'order', 'match', 'spot']

/** The parts of a lesson, cut before each heading of the second level and where something is asked. */
export function withPlaces(lesson: Lesson, { questions }: Pick<Catalog, 'questions'>): (LessonPart | Place)[] {
  const about = questionsByHeading(lesson, questions)
  let open = ''
  const ending = (): Place[] => {
    const asked = about.get(open)
    return asked ? [{ asked }] : []
  }
  const parts: (LessonPart | Place)[] = []
  for (const part of lesson.parts) {
    if (!('html' in part)) {
      parts.push(part)
      continue
    }
    for (const [n, html] of part.html.split(/(?=<h[23] id=")/).entries()) {
      const [, level, id = ''] = /^<h([23]) id="([^"]+)"/.exec(html) ?? []
      if (level !== undefined) {
        parts.push(...ending())
        open = id
      }
      const last = parts.at(-1)
      if (level === '3' && n > 0 && last && 'html' in last) parts[parts.length - 1] = { html: last.html + html }
      else if (html.trim() !== '') parts.push({ html })
    }
  }
  return [...parts, ...ending()]
}

function questionsByHeading(lesson: Lesson, questions: Catalog['questions']): Map<string, Question[]> {
  const about = new Map<string, Question[]>()
  for (const question of questions.values()) {
    const [id, heading] = question.lesson?.split('#') ?? []
    if (id !== lesson.id || !heading || !askedTypes.includes(question.type)) continue
    about.set(heading, [...(about.get(heading) ?? []), question])
  }
  const isSlow = ({ type }: Question): number => Number(!quickTypes.includes(type))
  for (const asked of about.values()) asked.sort((a, b) => isSlow(a) - isSlow(b))
  return about
}

/** What a lesson has to read between two things to do: a demo, an explorer, a question; in its order, without the empty ones. */
export function stretchesOf(lesson: Lesson, catalog: Pick<Catalog, 'questions'>): Stretch[] {
  const stretches: Stretch[] = []
  let heading = ''
  let stretch: Stretch = { lesson: lesson.id, heading, words: 0 }
  for (const part of withPlaces(lesson, catalog)) {
    if ('diagram' in part) continue
    if ('html' in part) {
      const [first] = headingsIn(part.html)
      if (stretch.words === 0) stretch.heading = first ?? heading
      stretch.words += wordsIn(part.html)
      heading = headingsIn(part.html).at(-1) ?? heading
      continue
    }
    stretches.push(stretch)
    stretch = { lesson: lesson.id, heading, words: 0 }
  }
  return [...stretches, stretch].filter(({ words }) => words > 0)
}

const headingsIn = (html: string): string[] => [...html.matchAll(/<h[23] id="([^"]+)"/g)].map(([, id]) => id!)

/** A point of a list that leads to a question, a challenge or a sandbox: what to practise. */
const exercise = /<li>(?:(?!<li>|<\/li>)[\s\S])*?href="\/(?:questions|challenges|sandboxes|raft)\b[\s\S]*?<\/li>/g
const folded = /<details class="folded">[\s\S]*?<\/details>/g
const code = /<pre[\s>][\s\S]*?<\/pre>/g

/** Words of prose, tables and headings: not what is opened by whoever wants it, nor code, nor a list of what to practise. */
function wordsIn(html: string): number {
  const read = [folded, code, exercise].reduce((rest, what) => rest.replace(what, ' '), html)
  const text = read.replace(/<\/?(?:p|li|td|th|tr|h\d|ul|ol|table|div|aside|blockquote|br)\b[^>]*>/g, ' ')
  return text
    .replace(/<[^>]+>/g, '')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length
}

export interface BeatStatistics {
  stretches: number
  over200: number
  longest: Stretch[]
}

/** The most words that a lesson has without anything to do in between. */
export const longestAtMost = 200

/** Of all lessons, with the ten longest. */
export function beatStatistics(catalog: Catalog): BeatStatistics {
  const all = [...catalog.lessons.values()].flatMap((lesson) => stretchesOf(lesson, catalog))
  const byLength = all.toSorted((a, b) => b.words - a.words)
  return {
    stretches: all.length,
    over200: all.filter(({ words }) => words > 200).length,
    longest: byLength.slice(0, 10),
  }
}

/** Where a lesson has too much to read at once. */
export function findLongStretches(catalog: Catalog): Problem[] {
  return [...catalog.lessons.values()]
    .flatMap((lesson) => stretchesOf(lesson, catalog))
    .filter(({ words }) => words > longestAtMost)
    .map(({ lesson, heading, words }) => ({
      file: `content/lessons/${lesson}.md`,
      line: 1,
      message: `${words} words from ${heading ? `"#${heading}"` : 'the start'} on without anything to do: at most ${longestAtMost}. Ask a question behind a heading (\`lesson: ${lesson}#heading\`), or fold what is looked up`,
    }))
}
