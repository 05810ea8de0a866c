/** Where a lesson asks, and how much there is to read between two things to do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  beatStatistics,
  findLongStretches,
  longestAtMost,
  stretchesOf,
  withPlaces,
} from '../../../server/catalog/beats.ts'
import type { Catalog, Lesson, LessonPart, Question } from '../../../server/catalog/types.ts'
import { findHeadings, renderSegments } from '../../../server/render/markdown.ts'

const demo = { demo: { id: 'run' } } as unknown as LessonPart

/** A lesson of these texts, with a demo between each two. */
function lessonOf(...texts: string[]): Lesson {
  const segments = texts.map((text) => renderSegments(text, []))
  const parts = segments.flatMap((own, n): LessonPart[] => [...(n > 0 ? [demo] : []), ...(own as LessonPart[])])
  return { id: 'pod/it', parts, headings: findHeadings(segments.flat()) } as unknown as Lesson
}

const about = (...headings: string[]): Pick<Catalog, 'questions'> => ({
  questions: new Map(
    headings.map((heading, n) => [
      `q${n}`,
      { id: `q${n}`, type: heading.startsWith('slow') ? 'match' : 'single', lesson: heading } as Question,
    ]),
  ),
})

const shown = (lesson: Lesson, catalog: Pick<Catalog, 'questions'>): string[] =>
  withPlaces(lesson, catalog).map((part) => {
    if ('asked' in part) return `? ${part.asked.map(({ id }) => id).join(' ')}`
    return 'html' in part
      ? part.html
          .replace(/<[^>]+>/g, ' ')
          .trim()
          .replace(/\s+/g, ' ')
      : 'demo'
  })

test('a question is asked where the section of its heading ends, with what is below it', () => {
  const lesson = lessonOf('Begin.\n\n## One\na\n\n### Part\nb\n\n### Next\nc\n\n## Two\nd', 'e\n\n## Three\nf')
  assert.deepEqual(shown(lesson, about('pod/it#part', 'pod/it#two', 'pod/it#one', 'pod/it', 'pod/other#three')), [
    ...['Begin.', 'One a Part b', '? q0', 'Next c', '? q2', 'Two d', 'demo', 'e', '? q1', 'Three f'],
  ])
})

test('what ends at one place is asked at one place, the most specific first', () => {
  const lesson = lessonOf('## One\na\n\n### Part\nb\n\n### Next\nc')
  assert.deepEqual(shown(lesson, about('pod/it#one', 'pod/it#next')), ['One a Part b Next c', '? q1 q0'])
})

test('the words between two things to do are counted, without what is folded and without code', () => {
  const lesson = lessonOf(
    '## One\nThree words here\n\n:::fold What is looked up\nnot these five words here\n:::\n\n```yaml\nkind: Pod\n```',
    'x `a b`, **c**\n\n| one | two |\n|---|---|\n| three | — |\n\n## Two\n\n## Three\nlast',
  )
  const counted = (...headings: string[]) =>
    stretchesOf(lesson, about(...headings)).map(({ heading, words }) => `${heading} ${words}`)
  assert.deepEqual(counted(), ['one 4', 'one 10'])
  assert.deepEqual(counted('pod/it#one', 'pod/it#three'), ['one 4', 'one 7', 'two 3'])
})

test('a lesson that has too much to read at once is a problem, which says where it begins', () => {
  const lesson = lessonOf(`## One\n${'word '.repeat(longestAtMost)}`)
  const catalog = { lessons: new Map([[lesson.id, lesson]]), questions: new Map() } as unknown as Catalog
  assert.deepEqual(
    findLongStretches(catalog).map(({ file, message }) => `${file}: ${message.split(' without')[0]}`),
    [`content/lessons/pod/it.md: ${longestAtMost + 1} words from "#one" on`],
  )
  const shorter = { ...catalog, ...about('pod/it#one') }
  assert.equal(findLongStretches(shorter).length, 1, 'a question at the end cuts nothing')
  assert.deepEqual(beatStatistics(catalog), {
    stretches: 1,
    over200: 1,
    longest: [{ lesson: 'pod/it', heading: 'one', words: longestAtMost + 1 }],
  })
})
