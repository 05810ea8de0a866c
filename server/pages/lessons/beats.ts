/** A lesson's beats: its sections, each with a question of its own at its end, for the reader to try what they have just read. Pure. */
import type { Catalog, Lesson, LessonPart, Question } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { isCounted } from '../../practice/answer-facts.ts'
import type { Answer } from '../../storage/types.ts'

/** The question at the end of a section. */
export interface Beat {
  question: { id: string; title: string; locale: Locale }
  /** It was answered right before: it is not asked again. */
  isDone: boolean
}

/** What is answered in a moment; other types have room on pages of their own. */
const quickTypes: ReadonlySet<Question['type']> = new Set([
  ...(['single', 'true-false', 'predict', 'multiple', 'numeric', 'short'] as const),
])

/**
 * The parts of a lesson, cut before each heading of the second level, and behind each section that a question is about that question: the first
 * that the reader has not answered right.
 */
export function withBeats(
  lesson: Lesson,
  { questions }: Pick<Catalog, 'questions'>,
  answers: readonly Answer[],
): (LessonPart | { beat: Beat })[] {
  const sectionOf = new Map<string, string>()
  let section = ''
  for (const { id, depth } of lesson.headings) {
    if (depth === 2) section = id
    sectionOf.set(id, section)
  }
  const asked = new Map<string, Question[]>()
  for (const question of questions.values()) {
    const [id, heading = ''] = question.lesson?.split('#') ?? []
    const place = id === lesson.id && quickTypes.has(question.type) ? sectionOf.get(heading) : undefined
    if (place) asked.set(place, [...(asked.get(place) ?? []), question])
  }
  const right = new Set(
    answers.filter((one) => isCounted(one) && one.verdict === 'right').map(({ questionId }) => questionId),
  )
  const beatOf = (place: string): { beat: Beat }[] => {
    const own = asked.get(place) ?? []
    const question = own.find(({ id }) => !right.has(id)) ?? own[0]
    if (!question) return []
    const { id, title, locale } = question
    return [{ beat: { question: { id, title, locale }, isDone: right.has(id) } }]
  }
  const parts: (LessonPart | { beat: Beat })[] = []
  let at = ''
  for (const part of lesson.parts) {
    if (!('html' in part)) {
      parts.push(part)
      continue
    }
    for (const html of part.html.split(/(?=<h2 id=")/)) {
      const [, heading] = /^<h2 id="([^"]+)"/.exec(html) ?? []
      if (heading !== undefined) {
        parts.push(...beatOf(at))
        at = heading
      }
      if (html.trim() !== '') parts.push({ html })
    }
  }
  return [...parts, ...beatOf(at)]
}
