/** The question as somebody was asked: when it was answered, the exercise was opened or the exam drawn, whatever became of it since. */
import { catalogIn } from '../catalog/translations.ts'
import type { Catalog, Question } from '../catalog/types.ts'
import { currentLocale, type Locale, locales, original, runInLocale } from '../i18n/locale.ts'
import type { Seat } from '../seat.ts'
import type { MockItem, Storage } from '../storage/types.ts'

type Kept = { storage: Pick<Storage, 'contentVersions'> }

/** As it was read: its text alone would be read otherwise by another program. */
const fileIn = (locale: Locale): string => (locale === original ? 'question.json' : `question.${locale}.json`)

type Keeping = Kept & { catalog(): Catalog; now(): number }

/** Keeps the question as it is now, in each language that it has. @returns its content hash; undefined when it is not in the content */
export async function keepQuestion(deps: Keeping, id: string): Promise<string | undefined> {
  const texts = locales.flatMap((locale) => {
    const question = runInLocale(locale, () => catalogIn(deps.catalog(), locale).questions.get(id))
    return question?.locale === locale ? [{ locale, question }] : []
  })
  const hash = texts[0]?.question.hash
  if (hash === undefined) return undefined
  const files = Object.fromEntries(texts.map(({ locale, question }) => [fileIn(locale), JSON.stringify(question)]))
  await deps.storage.contentVersions.keep({ hash, item: `question:${id}`, files, firstUsedAtMs: deps.now() })
  return hash
}

/** The question as a seat has it. @param present undefined when it is not in the content any more */
export const pinnedQuestion = async (
  deps: Kept,
  { pinned }: Pick<Seat, 'pinned'>,
  id: string,
  present: Question | undefined,
): Promise<Question | undefined> =>
  pinned === undefined ? present : ((await questionOf(deps, id, present, pinned)) ?? present)

/** The question of that content hash, in the reader's language where it was kept in that: the present one, or what was kept of a former one. */
export async function questionOf(
  { storage }: Kept,
  id: string,
  present: Question | undefined,
  hash: string,
): Promise<Question | undefined> {
  if (present?.hash === hash) return present
  const kept = await storage.contentVersions.find(hash)
  if (kept?.item !== `question:${id}`) return undefined
  const text = kept.files[fileIn(currentLocale())] ?? kept.files[fileIn(original)]
  const question = text === undefined ? undefined : (JSON.parse(text) as Question)
  return question?.id === id && question.hash === hash ? question : undefined
}

/**
 * The content with the questions of an exam as they were when they were drawn. One that was not kept (by programs that kept none) is as
 * it is today, or not there.
 */
export async function contentOfMock(
  deps: Kept & { catalog(): Catalog },
  { items }: { items: readonly Pick<MockItem, 'questionId' | 'contentHash'>[] },
): Promise<Catalog> {
  const catalog = deps.catalog()
  const changed = items.filter(({ questionId, contentHash }) => catalog.questions.get(questionId)?.hash !== contentHash)
  if (changed.length === 0) return catalog
  const former = await Promise.all(
    changed.map(({ questionId, contentHash }) =>
      questionOf(deps, questionId, catalog.questions.get(questionId), contentHash),
    ),
  )
  const questions = new Map(catalog.questions)
  for (const question of former) if (question) questions.set(question.id, question)
  return { ...catalog, questions }
}
