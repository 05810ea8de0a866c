/** Loads everything under content/, and tells all that is wrong with it at once. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { explorerType } from '../explorers/registry.ts'
import { original } from '../i18n/locale.ts'
import { type QuestionTypeName, questionType } from '../questions/registry.ts'
import type { Diagram } from '../render/diagram.ts'
import {
  findBadFolds,
  findHeadings,
  findUnheadedTables,
  renderMarkdown,
  renderSegments,
  slugOf,
} from '../render/markdown.ts'
import { challengeTextsOf } from './challenge-texts.ts'
import { debriefProblems } from './debrief.ts'
import { checkExercises, readExercise } from './exercises.ts'
import { readHandsOn } from './hands-on.ts'
import { readOldNotes } from './old-notes.ts'
import {
  type ChallengeYaml,
  challengeFields,
  challengeSpecOf,
  challengeYaml,
  demoBlock,
  diagramBlock,
  explorerBlock,
  lessonFields,
  movedFile,
  questionFields,
  sections,
  topicsFile,
  trackFields,
} from './schemas.ts'
import { ContentError, type Problem, readYaml, splitFrontMatter } from './source.ts'
import { readStatement, splitAtDebrief } from './statement.ts'
import { readTranslations, type Translation } from './translations.ts'
import { type ContentTree, readTree } from './tree.ts'
import type { Catalog, Challenge, Demo, Explorer, Lesson, LessonPart, Question, Section, Track } from './types.ts'
import { findUnseenTexts, unshownIn } from './unseen-texts.ts'
import { checkWorkshops, readWorkshop } from './workshops.ts'

export interface LoadedCatalog {
  catalog: Catalog
  problems: Problem[]
  translations: Translation[]
}

/**
 * @param folders each adds to those before it, and replaces nothing of theirs
 * @throws ContentError that lists every problem with file and line
 */
export async function loadCatalogOrThrow(folders: string | readonly string[]): Promise<Catalog> {
  return loadTreeOrThrow(readTree([folders].flat()))
}

/** @throws ContentError that lists every problem with file and line. */
export function loadTreeOrThrow(tree: ContentTree): Catalog {
  const { catalog, problems } = loadTree(tree)
  if (problems.length > 0) throw new ContentError(problems)
  return catalog
}

/** Whatever could be read, and every problem. Paths are given as `content/…`; of further folders as they lie there. */
export async function loadCatalog(folders: string | readonly string[]): Promise<LoadedCatalog> {
  return loadTree(readTree([folders].flat()))
}

function loadTree({ files, places: lying, problems: found }: ContentTree): LoadedCatalog {
  const problems: Problem[] = [...found]
  const catalog: Catalog = {
    topics: new Map(),
    lessons: new Map(),
    questions: new Map(),
    challenges: new Map(),
    tracks: new Map(),
    workshops: new Map(),
    exercises: new Map(),
    oldNotes: [],
    handsOn: {},
  }
  for (const [path, text] of files)
    for (const [n, line] of text.split('\n').entries())
      if (/\bTODO\b/.test(line))
        problems.push({ file: `content/${path}`, line: n + 1, message: `to be written: ${line.trim().slice(0, 80)}` })
  const topics = files.get('topics.yaml')
  if (topics !== undefined) {
    const read = readYaml(topics, topicsFile, { file: 'content/topics.yaml', line: 1 }, problems)
    for (const [n, topic] of (read?.value ?? []).entries()) {
      const line = read!.lineOf([n])
      if (catalog.topics.has(topic.id))
        problems.push({ file: 'content/topics.yaml', line, message: `id: "${topic.id}" is used twice` })
      catalog.topics.set(topic.id, { ...topic, locale: original, line })
    }
  }

  for (const [path, text] of files) {
    if (!places.test(path))
      problems.push({ file: `content/${path}`, line: 1, message: 'nothing reads a file of this name here' })
    const [, kind, section, slug] = /^(lessons|questions)\/([^/]+)\/([^/.]+)\.md$/.exec(path) ?? []
    if (kind && section && slug) {
      const source = { file: `content/${path}`, text, id: `${section}/${slug}`, section }
      if (!(sections as readonly string[]).includes(section))
        problems.push({
          file: source.file,
          line: 1,
          message: `folder "${section}" is not one of ${sections.join(', ')}`,
        })
      else if (kind === 'lessons') keep(catalog.lessons, readLesson(source, problems))
      else keep(catalog.questions, readQuestion(source, problems))
    }
    const [, trackSlug] = /^tracks\/([^/.]+)\.md$/.exec(path) ?? []
    const [, workshopSlug] = /^workshops\/([^/.]+)\.md$/.exec(path) ?? []
    if (workshopSlug) keep(catalog.workshops, readWorkshop(`content/${path}`, text, workshopSlug, problems))
    const [, exerciseSlug] = /^exercises\/([^/.]+)\.md$/.exec(path) ?? []
    if (exerciseSlug) keep(catalog.exercises, readExercise(`content/${path}`, text, exerciseSlug, problems))
    if (trackSlug) keep(catalog.tracks, readTrack(`content/${path}`, text, trackSlug, problems))
  }
  catalog.workshops = new Map([...catalog.workshops].sort(([, a], [, b]) => a.order - b.order))
  catalog.exercises = new Map([...catalog.exercises].sort(([, a], [, b]) => a.order - b.order))
  catalog.tracks = new Map([...catalog.tracks].sort(([, a], [, b]) => a.order - b.order))
  for (const id of challengeIds(files)) keep(catalog.challenges, readChallenge(id, files, problems))
  catalog.moved = readMoved(catalog, files, problems)
  catalog.oldNotes = readOldNotes(files, catalog, problems)
  catalog.handsOn = readHandsOn(files, catalog, problems)
  checkReferences(catalog, files, problems)
  const translations = readTranslations(catalog, files, problems)
  catalog.translations = new Map(translations.map((translation) => [translation.locale, translation.catalog]))
  for (const problem of problems) problem.file = lying.get(problem.file) ?? problem.file
  problems.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line))
  return { catalog, problems, translations }
}

/** Where there is something to read; what translations are called is looked at with them. */
const places =
  /^(?:moved\.yaml|words\.yaml|hands-on\.yaml|(?:old-notes|topics)(?:\.[^./]+)?\.yaml|(?:lessons|questions)\/[^/]+\/[^/]+\.md|(?:tracks|workshops|exercises)\/[^/]+\.md|challenges\/.+)$/

interface Source {
  file: string
  text: string
  id: string
  section: string
}

function keep<T extends { id: string }>(map: Map<string, T>, value: T | undefined): void {
  if (value) map.set(value.id, value)
}

/** What of a lesson the page draws itself. */
const drawnFences = ['scenario', 'explorer', 'diagram']

function readParts<T>(file: string, text: string, schema: z.ZodType<T>, problems: Problem[]) {
  const split = splitFrontMatter(text)
  if (!split) {
    problems.push({ file, line: 1, message: 'the file must start with front matter between two lines of ---' })
    return undefined
  }
  for (const line of findUnheadedTables(split.body, split.bodyLine))
    problems.push({ file, line, message: 'each column of a table needs a heading, for those who hear the page' })
  for (const fold of findBadFolds(split.body, drawnFences, split.bodyLine)) problems.push({ file, ...fold })
  const read = readYaml(split.yaml, schema, { file, line: split.yamlLine }, problems)
  return read && { ...split, value: read.value, lineOf: read.lineOf }
}

function readLesson({ file, text, id, section }: Source, problems: Problem[]): Lesson | undefined {
  const read = readParts(file, text, lessonFields, problems)
  if (!read) return undefined
  if (read.value.section !== section)
    problems.push({
      file,
      line: read.lineOf(['section']),
      message: `section "${read.value.section}" is not its folder`,
    })
  const segments = renderSegments(read.body, drawnFences, read.bodyLine)
  const parts: LessonPart[] = []
  const ids = new Set<string>()
  for (const segment of segments) {
    if ('html' in segment) parts.push(segment)
    else if (segment.fence === 'diagram') {
      const diagram = readDiagram(file, segment.body, segment.line, problems)
      if (!diagram) continue
      if (ids.has(diagram.id)) problems.push({ file, line: segment.line, message: `id: "${diagram.id}" is used twice` })
      ids.add(diagram.id)
      parts.push({ diagram })
    } else if (segment.fence === 'explorer') {
      const explorer = readExplorer(file, segment.body, segment.line, problems)
      if (!explorer) continue
      if (parts.some((part) => 'explorer' in part))
        problems.push({ file, line: segment.line, message: 'a lesson holds one explorer at most' })
      parts.push({ explorer })
    } else {
      const demo = readDemo(file, segment.body, segment.line, problems)
      if (!demo) continue
      if (ids.has(demo.id)) problems.push({ file, line: segment.line, message: `id: "${demo.id}" is used twice` })
      ids.add(demo.id)
      parts.push({ demo })
    }
  }
  return {
    ...read.value,
    id,
    locale: original,
    section: section as Section,
    parts,
    headings: findHeadings(segments),
    hash: hashOf({ [file]: text }),
  }
}

function readDemo(file: string, body: string, line: number, problems: Problem[]): Demo | undefined {
  const read = readYaml(body, demoBlock, { file, line }, problems)
  if (!read) return undefined
  const demo = { ...read.value, line }
  if (demo.edit !== undefined && demo.steps[demo.edit]?.apply === undefined)
    problems.push({ file, line: read.lineOf(['edit']), message: `edit: step ${demo.edit} applies no manifest` })
  const manifest = demo.edit === undefined ? undefined : demo.steps[demo.edit]?.apply
  const lines = new Set(manifest?.split('\n').map((text) => text.trim()))
  for (const mark of demo.mark ?? [])
    if (!lines.has(mark))
      problems.push({
        file,
        line: read.lineOf(['mark']),
        message: `mark: "${mark}" is not a line of the manifest that may be changed`,
      })
  if (demo.show.includes('sequence') && !demo.sequence)
    problems.push({
      file,
      line: read.lineOf(['show']),
      message: 'show: sequence needs `sequence: pods/NAMESPACE/NAME`',
    })
  return demo
}

function readDiagram(file: string, body: string, line: number, problems: Problem[]): Diagram | undefined {
  const read = readYaml(body, diagramBlock, { file, line }, problems)
  if (!read) return undefined
  const before = problems.length
  const { nodes, groups, edges } = read.value
  const complain = (path: (string | number)[], message: string) =>
    problems.push({ file, line: read.lineOf(path), message })
  const known = { nodes: nodes.map(({ id }) => id), groups: groups.map(({ id }) => id) }
  for (const [field, ids] of Object.entries(known))
    if (new Set(ids).size !== ids.length) complain([field], `${field}: ids must differ`)
  for (const [field, parts] of Object.entries({ nodes, groups }))
    for (const [n, { in: outer }] of parts.entries())
      if (outer !== undefined && !known.groups.includes(outer))
        complain([field, n], `${field}: there is no group "${outer}"`)
  const isWithin = (group: string, outer: string | undefined, steps = 0): boolean =>
    outer !== undefined &&
    (outer === group ||
      (steps < groups.length && isWithin(group, groups.find(({ id }) => id === outer)?.in, steps + 1)))
  for (const [n, { id, in: outer }] of groups.entries())
    if (isWithin(id, outer)) complain(['groups', n], `groups: "${id}" is within itself`)
  for (const [n, edge] of edges.entries())
    for (const end of [edge.from, edge.to])
      if (!known.nodes.includes(end)) complain(['edges', n], `edges: there is no node "${end}"`)
  return problems.length > before ? undefined : read.value
}

function readExplorer(file: string, body: string, line: number, problems: Problem[]): Explorer | undefined {
  const read = readYaml(body, explorerBlock, { file, line }, problems)
  if (!read) return undefined
  const type = explorerType(read.value.id)
  for (const [n, { name, settings }] of read.value.presets.entries()) {
    const complain = (control: string, message: string) =>
      problems.push({ file, line: read.lineOf(['presets', n]), message: `presets: "${name}": ${control}: ${message}` })
    for (const control of Object.keys(settings))
      if (!Object.hasOwn(type.fields, control))
        complain(control, `is not one of the controls ${Object.keys(type.fields).join(', ')}`)
    for (const [control, problem] of Object.entries(type.read(settings).problems)) complain(control, problem)
  }
  return { ...read.value, line }
}

/** A question from the text of its file. @returns undefined for one that cannot be read */
export function questionOfText(id: string, text: string): Question | undefined {
  const [section = ''] = id.split('/')
  return readQuestion({ file: `content/questions/${id}.md`, text, id, section }, [])
}

function readQuestion({ file, text, id, section }: Source, problems: Problem[]): Question | undefined {
  const told: Problem[] = []
  const kind = readParts(file, text, questionFields, told)
  if (!kind) {
    problems.push(...told)
    return undefined
  }
  const type = questionType(kind.value.type as QuestionTypeName)
  // Once the type is known the whole front matter is read again, strictly.
  const read = readParts(file, text, questionFields.extend(type.fields).strict(), problems)
  if (!read) return undefined
  const common = kind.value
  const data = Object.fromEntries(Object.entries(read.value).filter(([field]) => field in type.fields))
  for (const [field, message] of type.check(data))
    problems.push({ file, line: read.lineOf([field]), message: `${field}: ${message}` })
  for (const { path, message } of findUnseenTexts(type, data))
    problems.push({ file, line: read.lineOf(path), message: `${path.join('.')}: ${message}` })
  for (const message of unshownIn(read.body)) problems.push({ file, line: read.bodyLine, message })
  if (!common.lesson && !common.sources)
    problems.push({ file, line: 1, message: 'a question names a lesson or sources' })
  const [prompt, explanation] = read.body.split(/^## Explanation[ \t]*$/m)
  if (explanation === undefined)
    problems.push({ file, line: read.bodyLine, message: 'a line "## Explanation" must follow the prompt' })
  return {
    id,
    locale: original,
    section: section as Section,
    ...common,
    type: common.type as QuestionTypeName,
    data,
    prompt: prompt!.trim(),
    explanation: (explanation ?? '').trim(),
    hash: hashOf({ [file]: text }),
  }
}

function readTrack(file: string, text: string, id: string, problems: Problem[]): Track | undefined {
  const read = readParts(file, text, trackFields, problems)
  if (!read) return undefined
  const steps = read.value.steps.map((step) => {
    const [kind, target] = step.split(':') as ['lesson' | 'question' | 'challenge', string]
    return { kind, id: target }
  })
  const { order, title, summary, days } = read.value
  const about = renderMarkdown(read.body)
  return { id, locale: original, order, title, summary, about, ...(days === undefined ? {} : { days }), steps }
}

function challengeIds(files: ReadonlyMap<string, string>): string[] {
  const ids = [...files.keys()].map((path) => /^challenges\/([^/]+)\//.exec(path)?.[1]).filter((id) => id !== undefined)
  return [...new Set(ids)].sort()
}

/**
 * A challenge as it was once. What authors are asked for today was not asked for then, and is none of its problems.
 * @param files by path within the challenge's folder, as `Challenge.files` has them. @returns undefined when they cannot be read
 */
export function challengeOfFiles(id: string, files: Readonly<Record<string, string>>): Challenge | undefined {
  const tree = new Map(Object.entries(files).map(([path, text]) => [`challenges/${id}/${path}`, text]))
  return readChallenge(id, tree, [])
}

function readChallenge(id: string, files: ReadonlyMap<string, string>, problems: Problem[]): Challenge | undefined {
  const folder = `challenges/${id}/`
  const own = Object.fromEntries([...files].filter(([path]) => path.startsWith(folder)))
  const [text, yaml] = [own[`${folder}challenge.md`], own[`${folder}challenge.yaml`]]
  for (const name of ['challenge.md', 'challenge.yaml'])
    if (own[folder + name] === undefined)
      problems.push({ file: `content/${folder}${name}`, line: 1, message: 'the file is missing' })
  if (text === undefined || yaml === undefined) return undefined
  const page = readParts(`content/${folder}challenge.md`, text, challengeFields, problems)
  const spec = readYaml(yaml, challengeYaml, { file: `content/${folder}challenge.yaml`, line: 1 }, problems)
  if (!page || !spec) return undefined
  const points = spec.value.checks.filter(({ gate }) => !gate).reduce((sum, check) => sum + check.points, 0)
  if (points !== 100)
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(['checks']),
      message: `checks: points add up to ${points} instead of 100`,
    })
  for (const path of unworded(spec.value.checks))
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(path),
      message: `${path.join('.')}: a CEL expression needs a message that says in words what is expected`,
    })
  const hidden = Object.keys(spec.value.params).filter((name) => spec.value.params[name]!.hidden)
  const shown = Object.entries(own).filter(
    ([path]) => /\/challenge(?:\.[^./]+)?\.md$/.test(path) || path.startsWith(`${folder}start/`),
  )
  for (const name of hidden)
    for (const [path, contents] of [...shown, ['challenge.yaml', toldIn(spec.value)] as const])
      if (new RegExp(`\\{\\{\\s*${name}\\s*\\}\\}`).test(contents))
        problems.push({
          file: `content/${folder}challenge.yaml`,
          line: spec.lineOf(['params', name]),
          message: `params.${name}: is hidden, and ${path} names it where learners read`,
        })
  for (const [path, problem] of tooLong(spec.value))
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(path),
      message: `${path.join('.')}: ${problem}`,
    })
  for (const [name, later] of lookedAhead(spec.value.let))
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(['let', name]),
      message: `let.${name}: uses ${later}, which is named after it`,
    })
  for (const name of unusedLets(spec.value))
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(['let', name]),
      message: `let.${name}: is used by no check`,
    })
  const start = Object.fromEntries(
    Object.entries(own)
      .filter(([path]) => path.startsWith(`${folder}start/`))
      .map(([path, contents]) => [path.slice(`${folder}start/`.length), contents]),
  )
  for (const [path, message] of unanswerable(spec.value.checks, start))
    problems.push({
      file: `content/${folder}challenge.yaml`,
      line: spec.lineOf(path),
      message: `${path.join('.')}: ${message}`,
    })
  const [statement, debrief] = splitAtDebrief(page.body)
  const asked = readStatement(statement, spec.value.checks)
  for (const message of [...asked.problems, ...debriefProblems(debrief)])
    problems.push({ file: `content/${folder}challenge.md`, line: 1, message })
  const challenge = challengeSpecOf(spec.value, { id, title: page.value.title, files: start })
  const graded = Object.fromEntries(
    Object.entries(own)
      .filter(
        ([path]) => !/^(?:(?:solutions|wrong)\/|freedoms\.yaml$|challenge\.[^.]+\.md$)/.test(path.slice(folder.length)),
      )
      .map(([path, contents]) => [path.slice(folder.length), contents]),
  )
  return {
    id,
    locale: original,
    title: page.value.title,
    summary: page.value.summary,
    statement: asked.text,
    debrief,
    spec: challenge,
    texts: challengeTextsOf(challenge, spec.value.mistakes),
    hash: hashOf(graded),
    files: graded,
  }
}

/** Answers that no learner could give, or that could not be judged by themselves. */
function unanswerable(
  checks: ChallengeYaml['checks'],
  start: Readonly<Record<string, string>>,
): [path: (string | number)[], message: string][] {
  return checks.flatMap(({ assert, criteria = [] }, i): [(string | number)[], string][] => {
    const file = assert && 'answer' in assert ? assert.answer.file : undefined
    return [
      ...(file !== undefined && start[file] === undefined
        ? [[['checks', i], `the answer is read from ${file}, and there is no start/${file} to write it into`] as const]
        : []),
      ...(criteria.some((one) => 'answer' in one.assert)
        ? [[['checks', i, 'criteria'], 'an answer is a check of its own, not a part of one'] as const]
        : []),
    ].map(([path, message]) => [[...path], message])
  })
}

/** Of a check, or of something that is named: whoever reviews it has to see at once what it asks. */
const mostOfExpression = 600
/** Of a check with all the names that it uses: whoever reviews it reads those as well. */
const mostOfCheck = 1_200

function tooLong({ let: lets, checks }: ChallengeYaml): [path: (string | number)[], problem: string][] {
  const asked = checks.flatMap(({ assert, criteria = [] }, i): [(string | number)[], string][] => [
    ...(assert && 'cel' in assert ? [[['checks', i, 'assert'], assert.cel] as [string[], string]] : []),
    ...criteria.flatMap((part, n): [(string | number)[], string][] =>
      'cel' in part.assert ? [[['checks', i, 'criteria', n, 'assert'], part.assert.cel]] : [],
    ),
  ])
  const named = Object.entries(lets).map(([name, text]): [(string | number)[], string] => [['let', name], text])
  return [
    ...[...named, ...asked]
      .filter(([, text]) => text.length > mostOfExpression)
      .map(([path, { length }]): [(string | number)[], string] => [
        path,
        `a CEL expression of ${length} characters, and at most ${mostOfExpression} can be read: give its parts names under let`,
      ]),
    ...asked
      .map(([path, text]) => [path, lengthWithLets(text, lets)] as const)
      .filter(([, length]) => length > mostOfCheck)
      .map(([path, length]): [(string | number)[], string] => [
        path,
        `a CEL expression of ${length} characters with the names that it uses, and at most ${mostOfCheck} can be read: make two checks of it`,
      ]),
  ]
}

/** The expression, and once each of those that it uses by name, directly or by another. */
function lengthWithLets(text: string, lets: ChallengeYaml['let']): number {
  const used = new Set<string>()
  const look = (within: string): void => {
    for (const [name, own] of Object.entries(lets)) {
      if (used.has(name) || !usesName(within, name)) continue
      used.add(name)
      look(own)
    }
  }
  look(text)
  return [...used].reduce((sum, name) => sum + lets[name]!.length, text.length)
}

/** Names whose expression uses one that comes later, which is not known by then. */
function lookedAhead(lets: ChallengeYaml['let']): [name: string, later: string][] {
  const names = Object.keys(lets)
  return names.flatMap((name, i) => {
    const later = names.slice(i + 1).find((other) => usesName(lets[name]!, other))
    return later === undefined ? [] : [[name, later]]
  })
}

/** A field, or a word in a text, is not the name. */
const usesName = (text: string, name: string): boolean => new RegExp(`(?<![.'\\w])${name}\\b`).test(text)

/** Names that no expression uses. */
function unusedLets({ let: lets, checks }: ChallengeYaml): string[] {
  const expressions = checks
    .flatMap(({ assert, criteria = [] }) => [assert, ...criteria.map((part) => part.assert)])
    .flatMap((one) => (one && 'cel' in one ? [one.cel] : []))
  return Object.keys(lets).filter((name) => {
    const others = Object.entries(lets).flatMap(([other, text]) => (other === name ? [] : [text]))
    return ![...expressions, ...others].some((text) => usesName(text, name))
  })
}

/** What of `challenge.yaml` learners read. */
function toldIn({ checks, hints, mistakes }: ChallengeYaml): string {
  const wordsOf = (assertion: ChallengeYaml['checks'][number]['assert']): unknown =>
    assertion && 'cel' in assertion
      ? assertion.message
      : assertion && 'traffic' in assertion
        ? assertion.traffic.message
        : assertion
  const told = checks.map(({ title, why, assert, criteria = [] }) => [
    ...[title, why, wordsOf(assert)],
    criteria.map((criterion) => [criterion.title, wordsOf(criterion.assert)]),
  ])
  return JSON.stringify([told, hints.map(({ text }) => text), mistakes.map(({ text }) => text)])
}

/** Where expressions stand that nobody has put into words: a learner whose check fails is told nothing else of them. */
function unworded(checks: ChallengeYaml['checks']): (string | number)[][] {
  const isUnworded = (assertion: ChallengeYaml['checks'][number]['assert']): boolean => {
    if (!assertion) return false
    const { message } =
      'cel' in assertion ? assertion : 'traffic' in assertion ? assertion.traffic : { message: 'none' }
    return !message?.trim()
  }
  return checks.flatMap((check, n) => [
    ...(isUnworded(check.assert) ? [['checks', n, 'assert']] : []),
    ...(check.criteria ?? []).flatMap((criterion, m) =>
      isUnworded(criterion.assert) ? [['checks', n, 'criteria', m, 'assert']] : [],
    ),
  ])
}

/** `moved.yaml` maps former names of items to those of today, so that what learners keep stays with its item. */
function readMoved(catalog: Catalog, files: ReadonlyMap<string, string>, problems: Problem[]): Map<string, string> {
  const at = { file: 'content/moved.yaml', line: 1 }
  const text = files.get('moved.yaml')
  const read = text === undefined ? undefined : readYaml(text, movedFile, at, problems)
  const isThere = (name: string) => {
    const [kind, id] = name.split(':') as ['lesson' | 'question' | 'challenge', string]
    return catalog[`${kind}s`].has(id)
  }
  const moved = Object.entries(read?.value ?? {})
  for (const [before, now] of moved) {
    const complain = (message: string) =>
      problems.push({ ...at, line: read!.lineOf([before]), message: `${before}: ${message}` })
    if (before.split(':')[0] !== now.split(':')[0]) complain(`becomes ${now}, which is of another kind`)
    else if (isThere(before)) complain('is there under this name')
    else if (!isThere(now)) complain(`"${now}" does not exist`)
  }
  return new Map(moved)
}

function checkReferences(catalog: Catalog, files: ReadonlyMap<string, string>, problems: Problem[]): void {
  const lineOf = (path: string, needle: string) => {
    const lines = (files.get(path) ?? '').split('\n')
    return (
      Math.max(
        0,
        lines.findIndex((line) => line.includes(needle)),
      ) + 1
    )
  }
  const complain = (path: string, needle: string, message: string) =>
    problems.push({ file: `content/${path}`, line: lineOf(path, needle), message })
  const tagged: [path: string, topics: readonly string[]][] = [
    ...[...catalog.lessons.values()].map(({ id, topics }): [string, string[]] => [`lessons/${id}.md`, topics]),
    ...[...catalog.questions.values()].map(({ id, topics }): [string, string[]] => [`questions/${id}.md`, topics]),
    ...[...catalog.challenges.values()].map(({ id, spec }): [string, string[]] => [
      `challenges/${id}/challenge.yaml`,
      spec.topics,
    ]),
  ]
  for (const [path, topics] of tagged)
    for (const topic of topics)
      if (!catalog.topics.has(topic)) complain(path, topic, `topics: "${topic}" is not in content/topics.yaml`)
  for (const question of catalog.questions.values()) {
    if (!question.lesson) continue
    const [id, heading] = question.lesson.split('#')
    const lesson = catalog.lessons.get(id!)
    const path = `questions/${question.id}.md`
    if (!lesson) complain(path, 'lesson:', `lesson: "${id}" does not exist`)
    else if (heading && !lesson.headings.some((known) => known.id === heading || known.id === slugOf(heading)))
      complain(
        path,
        'lesson:',
        `lesson: "${id}" has no heading "${heading}"; it has ${lesson.headings.map((h) => h.id).join(', ')}`,
      )
  }
  for (const track of catalog.tracks.values())
    for (const { kind, id } of track.steps)
      if (!catalog[`${kind}s`].has(id))
        complain(`tracks/${track.id}.md`, `${kind}:${id}`, `steps: ${kind} "${id}" does not exist`)
  checkWorkshops(catalog, complain)
  checkExercises(catalog, complain)
}

/** Sixteen hexadecimal digits over paths and contents. */
function hashOf(files: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256')
  for (const path of Object.keys(files).sort()) hash.update(`${path}\0${files[path]}\0`)
  return hash.digest('hex').slice(0, 16)
}
