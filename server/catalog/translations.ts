/**
 * The content in other languages. A translation lies beside its original (`pod-phases.zh.md` beside `pod-phases.md`) and holds texts
 * alone: scenarios, keys and checks are the original's. It says in `of` which version of the original it translates. What is missing
 * or older than its original is shown in the original language.
 */
import { z } from 'zod'
import { isLocale, type Locale, locales, original, runInLocale } from '../i18n/locale.ts'
import { compareTexts, type Misfit, overlay, type TextPath } from '../i18n/overlay.ts'
import { questionType } from '../questions/registry.ts'
import { findHeadingIds, findHeadings, findUnheadedTables, renderMarkdown, renderSegments } from '../render/markdown.ts'
import { challengeTextPaths, textOfChallenge } from './challenge-texts.ts'
import { exerciseTexts } from './exercises.ts'
import { translateOldNotes } from './old-notes.ts'
import { type Problem, readYaml, splitFrontMatter } from './source.ts'
import { readStatement, splitAtDebrief } from './statement.ts'
import type {
  Catalog,
  Challenge,
  Lesson,
  LessonPart,
  Question,
  ReadyMadeExercise,
  Topic,
  Track,
  WorkshopPlan,
} from './types.ts'
import { findUnseenTexts, unshownIn } from './unseen-texts.ts'
import { versionOf } from './version.ts'
import { withGuide, workshopTexts } from './workshops.ts'

export interface Translation {
  locale: Locale
  catalog: Catalog
  /** What is translated, is not yet, and was before its original changed; paths without `content/`. */
  current: string[]
  missing: string[]
  outdated: string[]
}

/** The content in that language, as far as there is such a thing. */
export function catalogIn(catalog: Catalog, locale: Locale): Catalog {
  return catalog.translations?.get(locale) ?? catalog
}

/** Where the texts of a lesson's blocks are. */
export const blockTexts: Readonly<Record<'scenario' | 'explorer' | 'diagram', readonly TextPath[]>> = {
  scenario: ['title', 'predict'],
  explorer: ['title', 'presets.*.name'],
  diagram: ['title', 'groups.*.label', 'nodes.*.label', 'nodes.*.note', 'edges.*.label'],
}

/** A translation of each language, made of the catalog's items and the files beside them. */
export function readTranslations(
  catalog: Catalog,
  files: ReadonlyMap<string, string>,
  problems: Problem[],
): Translation[] {
  const others = locales.filter((locale) => locale !== original)
  const translations = others.map((locale) => runInLocale(locale, () => translate(catalog, files, locale, problems)))
  for (const path of files.keys()) {
    const [, name, locale] = /^(.+)\.([^./]+)\.(?:md|yaml)$/.exec(path) ?? []
    if (name === undefined || (/^challenges\//.test(path) && !/^challenges\/[^/]+\/challenge$/.test(name))) continue
    const complain = (message: string) => problems.push({ file: `content/${path}`, line: 1, message })
    if (!isLocale(locale) || locale === original)
      complain(`"${locale}" is none of the languages of translations: ${others.join(', ')}`)
    else if (!files.has(path.replace(`.${locale}.`, '.'))) complain('there is no original beside it')
  }
  return translations
}

function translate(
  catalog: Catalog,
  files: ReadonlyMap<string, string>,
  locale: Locale,
  problems: Problem[],
): Translation {
  const translation: Translation = { locale, catalog: { ...catalog }, current: [], missing: [], outdated: [] }
  const each = <T extends { id: string }>(
    items: ReadonlyMap<string, T>,
    pathOf: (id: string) => string,
    read: (item: T, source: Source, problems: Problem[]) => T | undefined,
    textOf = (_item: T, page: string): string => page,
  ): Map<string, T> =>
    new Map(
      [...items].map(([id, item]): [string, T] => {
        const path = pathOf(id)
        const own = path.replace(/\.md$/, `.${locale}.md`)
        const [before, text] = [files.get(path), files.get(own)]
        if (before === undefined || text === undefined) {
          translation.missing.push(path)
          return [id, item]
        }
        const found: Problem[] = []
        const source = readSource(`content/${own}`, text, found)
        if (source && source.of !== versionOf(textOf(item, before))) {
          translation.outdated.push(path)
          return [id, item]
        }
        const made = source && read(item, { ...source, before }, found)
        problems.push(...found)
        if (!made || found.length > 0) return [id, item]
        translation.current.push(path)
        return [id, { ...made, locale }]
      }),
    )
  Object.assign(translation.catalog, {
    lessons: each(catalog.lessons, (id) => `lessons/${id}.md`, translateLesson),
    questions: each(catalog.questions, (id) => `questions/${id}.md`, translateQuestion),
    challenges: each(
      catalog.challenges,
      (id) => `challenges/${id}/challenge.md`,
      translateChallenge,
      ({ texts }, page) => textOfChallenge(page, texts),
    ),
    tracks: each(catalog.tracks, (id) => `tracks/${id}.md`, translateTrack),
    workshops: each(catalog.workshops, (id) => `workshops/${id}.md`, translateWorkshop),
    exercises: each(catalog.exercises, (id) => `exercises/${id}.md`, translateExercise),
    oldNotes: translateOldNotes(catalog.oldNotes, files, locale, translation, problems),
    topics: translateTopics(catalog.topics, files, translation, problems),
  })
  return translation
}

interface Source {
  file: string
  of: string
  /** The front matter without `of`. */
  fields: Record<string, unknown>
  body: string
  bodyLine: number
  lineOf(path: readonly PropertyKey[]): number
  /** The text of the original's file. */
  before: string
}

function readSource(file: string, text: string, problems: Problem[]): Omit<Source, 'before'> | undefined {
  const split = splitFrontMatter(text)
  if (!split) {
    problems.push({ file, line: 1, message: 'the file must start with front matter between two lines of ---' })
    return undefined
  }
  const schema = z.looseObject({ of: z.string('must be the version of the original, in quotation marks') })
  const read = readYaml(split.yaml, schema, { file, line: split.yamlLine }, problems)
  if (!read) return undefined
  for (const line of findUnheadedTables(split.body, split.bodyLine))
    problems.push({ file, line, message: 'each column of a table needs a heading, for those who hear the page' })
  const { of, ...fields } = read.value
  return { file, of, fields, body: split.body, bodyLine: split.bodyLine, lineOf: read.lineOf }
}

function tell(source: Pick<Source, 'file' | 'lineOf'>, misfits: readonly Misfit[], problems: Problem[]): void {
  for (const { path, message } of misfits)
    problems.push({ file: source.file, line: source.lineOf(path), message: `${path.join('.') || 'file'}: ${message}` })
}

function compareBodies(source: Source, before: string, own: string, problems: Problem[]): void {
  for (const message of compareTexts(before, own))
    problems.push({ file: source.file, line: source.bodyLine, message: `the text ${message}` })
}

function translateLesson(lesson: Lesson, source: Source, problems: Problem[]): Lesson | undefined {
  const { title, summary } = lesson
  const { value, misfits } = overlay({ title, summary }, source.fields, ['title', 'summary'])
  tell(source, misfits, problems)
  compareBodies(source, splitFrontMatter(source.before)!.body, source.body, problems)
  const segments = renderSegments(source.body, Object.keys(blockTexts), source.bodyLine, findHeadingIds(lesson.parts))
  const blocks = lesson.parts.filter((part) => !('html' in part))
  const parts: LessonPart[] = []
  let place = 0
  for (const segment of segments) {
    if ('html' in segment) parts.push(segment)
    else {
      const block = blocks[place++]
      if (block) parts.push(translateBlock(block, segment, source.file, problems))
    }
  }
  return { ...lesson, ...value, parts, headings: findHeadings(segments) }
}

function translateBlock(
  block: LessonPart,
  { fence, body, line }: { fence: string; body: string; line: number },
  file: string,
  problems: Problem[],
): LessonPart {
  const read = readYaml(body, z.looseObject({}), { file, line }, problems)
  if (!read) return block
  const lay = <T extends { id: string }>(given: T): T => {
    const texts = blockTexts[fence as keyof typeof blockTexts]
    const { value, misfits } = overlay(given, { ...read.value }, texts)
    if (read.value.id !== given.id)
      misfits.push({ path: ['id'], message: `must be "${given.id}", the block that stands here in the original` })
    tell({ file, lineOf: read.lineOf }, misfits, problems)
    return value
  }
  if ('demo' in block) return { demo: lay(block.demo) }
  if ('explorer' in block) return { explorer: lay(block.explorer) }
  return 'diagram' in block ? { diagram: lay(block.diagram) } : block
}

function translateQuestion(question: Question, source: Source, problems: Problem[]): Question | undefined {
  const { title } = question
  const type = questionType(question.type)
  const fields = { title, ...(question.data as object) }
  const { value, misfits } = overlay(fields, source.fields, ['title', ...type.texts])
  tell(source, misfits, problems)
  const [prompt, explanation] = source.body.split(/^## Explanation[ \t]*$/m)
  if (explanation === undefined) {
    problems.push({
      file: source.file,
      line: source.bodyLine,
      message: 'a line "## Explanation" must follow the prompt',
    })
    return undefined
  }
  compareBodies(source, question.prompt, prompt!, problems)
  compareBodies(source, question.explanation, explanation, problems)
  if (misfits.length > 0) return undefined
  const { title: ownTitle, ...own } = value
  const data = type.afterTranslation?.(question.data, own) ?? own
  for (const [field, message] of type.check(data))
    problems.push({ file: source.file, line: source.lineOf([field]), message: `${field}: ${message}` })
  for (const { path, message } of findUnseenTexts(type, data as object))
    problems.push({ file: source.file, line: source.lineOf(path), message: `${path.join('.')}: ${message}` })
  for (const message of unshownIn(source.body)) problems.push({ file: source.file, line: source.bodyLine, message })
  return { ...question, title: ownTitle, data, prompt: prompt!.trim(), explanation: explanation.trim() }
}

function translateChallenge(challenge: Challenge, source: Source, problems: Problem[]): Challenge | undefined {
  const { title, summary, texts, spec } = challenge
  const { value, misfits } = overlay({ title, summary, ...texts }, source.fields, [
    ...['title', 'summary'],
    ...challengeTextPaths,
  ])
  tell(source, misfits, problems)
  const [before, debriefBefore] = splitAtDebrief(splitFrontMatter(source.before)!.body)
  const [statement, debrief] = splitAtDebrief(source.body)
  compareBodies(source, before, statement, problems)
  compareBodies(source, debriefBefore, debrief, problems)
  const asked = readStatement(statement, spec.checks)
  for (const message of asked.problems) problems.push({ file: source.file, line: source.bodyLine, message })
  const { title: ownTitle, summary: ownSummary, ...ownTexts } = value
  return { ...challenge, title: ownTitle, summary: ownSummary, statement: asked.text, debrief, texts: ownTexts }
}

function translateTrack(track: Track, source: Source, problems: Problem[]): Track {
  const { title, summary } = track
  const { value, misfits } = overlay({ title, summary }, source.fields, ['title', 'summary'])
  tell(source, misfits, problems)
  compareBodies(source, splitFrontMatter(source.before)!.body, source.body, problems)
  return { ...track, ...value, about: renderMarkdown(source.body) }
}

function translateWorkshop(plan: WorkshopPlan, source: Source, problems: Problem[]): WorkshopPlan {
  const { title, summary, steps } = plan
  const { value, misfits } = overlay({ title, summary, steps }, source.fields, workshopTexts)
  tell(source, misfits, problems)
  compareBodies(source, splitFrontMatter(source.before)!.body, source.body, problems)
  return withGuide({ ...plan, ...value }, source.file, source.body, source.bodyLine, problems)
}

function translateExercise(exercise: ReadyMadeExercise, source: Source, problems: Problem[]): ReadyMadeExercise {
  const { title, summary, sections, rubric } = exercise
  const { value, misfits } = overlay({ title, summary, sections, rubric }, source.fields, exerciseTexts)
  tell(source, misfits, problems)
  compareBodies(source, splitFrontMatter(source.before)!.body, source.body, problems)
  return { ...exercise, ...value, about: renderMarkdown(source.body) }
}

/** `topics.zh.yaml` maps ids to titles. */
function translateTopics(
  topics: ReadonlyMap<string, Topic>,
  files: ReadonlyMap<string, string>,
  translation: Translation,
  problems: Problem[],
): Map<string, Topic> {
  const name = `topics.${translation.locale}.yaml`
  const text = files.get(name)
  const at = { file: `content/${name}`, line: 1 }
  const read = text === undefined ? undefined : readYaml(text, z.record(z.string(), z.string().min(1)), at, problems)
  for (const id of Object.keys(read?.value ?? {}))
    if (!topics.has(id)) problems.push({ ...at, line: read!.lineOf([id]), message: `${id}: there is no such topic` })
  return new Map(
    [...topics].map(([id, topic]) => {
      const title = read?.value[id]
      ;(title === undefined ? translation.missing : translation.current).push(`topics.yaml: ${id}`)
      return [id, title === undefined ? topic : { ...topic, title, locale: translation.locale }]
    }),
  )
}
