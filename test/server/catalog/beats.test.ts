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
    headings.map((heading, n) => [`q${n}`, { id: `q${n}`, type: 'single', lesson: heading } as Question]),
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

test('a question is asked where the text below its heading ends', () => {
  const lesson = lessonOf('Begin.\n\n## One\na\n\n### Part\nb\n\n### Next\nc\n\n## Two\nd', 'e\n\n## Three\nf')
  assert.deepEqual(shown(lesson, about('pod/it#part', 'pod/it#two', 'pod/it#one', 'pod/it', 'pod/other#three')), [
    ...['Begin.', 'One a', '? q2', 'Part b', '? q0', 'Next c', 'Two d', 'demo', 'e', '? q1', 'Three f'],
  ])
})

test('of several questions about one text the sooner answered come first', () => {
  const lesson = lessonOf('## One\na\n\n### Part\nb')
  const { questions } = about('pod/it#one', 'pod/it#one', 'pod/it#part')
  questions.set('q0', { ...questions.get('q0')!, type: 'match' })
  questions.set('q2', { ...questions.get('q2')!, type: 'open' })
  assert.deepEqual(shown(lesson, { questions }), ['One a', '? q1 q0', 'Part b'])
})

test('the words between two things to do are counted, without what is folded, code, and what to practise', () => {
  const lesson = lessonOf(
    '## One\nThree words here\n\n:::fold What is looked up\nnot these five words here\n:::\n\n```yaml\nkind: Pod\n```',
    'x `a b`, **c**\n\n- [Do this](/questions/pod/it), now.\n- It ends.\n\n| one | two |\n|---|---|\n| three | — |\n\n## Two\n\n## Three\nlast',
  )
  const counted = (...headings: string[]) =>
    stretchesOf(lesson, about(...headings)).map(({ heading, words }) => `${heading} ${words}`)
  assert.deepEqual(counted(), ['one 4', 'one 12'])
  assert.deepEqual(counted('pod/it#one', 'pod/it#three'), ['one 4', 'one 9', 'two 3'])
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
