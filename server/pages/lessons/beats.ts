/** A lesson's beats: at each place of it where something is asked, one question, for the reader to try what they have just read. Pure. */
import { withPlaces } from '../../catalog/beats.ts'
import type { Catalog, Lesson, LessonPart, Question } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { isCounted } from '../../practice/answer-facts.ts'
import type { Answer } from '../../storage/types.ts'

/** The question at the end of a section. */
export interface Beat {
  question: Pick<Question, 'id' | 'title' | 'type'> & { locale: Locale }
  /** It was answered right before: it is not asked again. */
  isDone: boolean
}

/** The parts of a lesson, and at each place where something is asked the first question that the reader has not answered right. */
export function withBeats(
  lesson: Lesson,
  catalog: Pick<Catalog, 'questions'>,
  answers: readonly Answer[],
): (LessonPart | { beat: Beat })[] {
  const right = new Set(
    answers.filter((one) => isCounted(one) && one.verdict === 'right').map(({ questionId }) => questionId),
  )
  return withPlaces(lesson, catalog).map((part) => {
    if (!('asked' in part)) return part
    const { id, title, type, locale } = part.asked.find((question) => !right.has(question.id)) ?? part.asked[0]!
    return { beat: { question: { id, title, type, locale }, isDone: right.has(id) } }
  })
}
