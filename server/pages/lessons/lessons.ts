/** The lessons: a list by section, and each with its live demos. */
import type { Request, RequestHandler, Response } from 'express'
import { challengesByLevel, questionsByLevel } from '../../catalog/order.ts'
import type { Catalog, Demo, Explorer, Lesson } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { KeptLately } from '../../kept-lately.ts'
import { latestVerdicts } from '../../practice/answer-facts.ts'
import type { Done } from '../../practice/next-steps.ts'
import { trackStepsOf } from '../../practice/track-steps.ts'
import { layOutDiagram } from '../../render/diagram.ts'
import { contextOf, isHtmx } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { NextOfList } from '../beside-list.ts'
import { type DemoModel, type DemoOutcome, tryDemo, viewDemo } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { doneOf } from '../done.ts'
import { type ExplorerModel, explore, RecentPodRuns } from '../explorer-view.ts'
import { query, textField } from '../form.ts'
import { marksOf } from '../marks.ts'
import { oldNotesOf } from '../old-note-links.ts'
import { marksScript, scriptsOf, timeScripts } from '../scripts.ts'
import { sectionIds, sectionTitle } from '../sections.ts'
import { workOf } from '../work.ts'
import { withBeats } from './beats.ts'
import { coverOf, createCovers } from './covers.ts'

/** For runs that a plain form asked for, until the page that shows them is fetched. */
const roomForRuns = { values: 200, characters: 8 << 20 }

export function lessonPages(deps: AppDeps): Record<'index' | 'show' | 'cover' | 'run', RequestHandler> {
  const recent = new KeptLately<DemoOutcome>(roomForRuns)
  const podRuns = new RecentPodRuns()
  const covers = createCovers(deps.labs)
  const exploreFor = async (req: Request, res: Response, lesson: Lesson): Promise<ExplorerModel | undefined> => {
    const explorer = findExplorer(lesson)
    if (!explorer) return undefined
    const given = Object.fromEntries(
      Object.entries(req.query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
    const isAsked = given.explorer === explorer.id
    const { learnerId } = contextOf(res)
    return explore(deps.labs, learnerId, explorer, `/lessons/${lesson.id}`, isAsked ? given : {}, podRuns)
  }

  return {
    index: async (req, res) => {
      const { studyBook: book } = await workOf(deps, res)
      const read = new Set(book.read.map(({ item }) => item))
      deps.renderer.send(req, res, {
        template: 'lessons/index',
        title: t('Lessons'),
        section: 'lessons',
        model: {
          sections: groupBySection([...deps.catalog().lessons.values()]),
          read,
          next: nextLesson([...deps.catalog().lessons.values()], read),
          tracks: viewTracks(deps.catalog()),
          hasOldNotes: deps.catalog().oldNotes.length > 0,
        },
      })
    },

    show: async (req, res) => {
      const lesson = getLesson(deps, req)
      const explorer = await exploreFor(req, res, lesson)
      if (explorer && isHtmx(req) && query(req, 'explorer') === explorer.id) {
        if (explorer.betterHref) res.setHeader('HX-Replace-Url', explorer.betterHref)
        const part = { template: 'explorer/explorer', partial: 'explorer/explorer' }
        deps.renderer.send(req, res, { ...frame(lesson), ...part, status: explorer.status, model: { explorer } })
        return
      }
      if (explorer?.betterHref) {
        res.redirect(303, explorer.betterHref)
        return
      }
      const key = query(req, 'run')
      const outcome = recent.find(`${contextOf(res).learnerId}/${key}`)
      // A lesson is there to be read, also while its explorer has to wait. Settings that cannot be run are told as such.
      const status = explorer && query(req, 'explorer') === explorer.id ? explorer.status : 200
      const outcomeOf = (demo: Demo) => (outcome && key.slice(0, key.lastIndexOf('-')) === demo.id ? outcome : {})
      await sendLesson(deps, req, res, lesson, { outcomeOf, explorer, status })
    },

    cover: async (req, res) => {
      const lesson = getLesson(deps, req)
      const cover = await covers.of(lesson)
      // What the address names does not change.
      const isNamed = query(req, 'v') === lesson.hash
      res.setHeader('Cache-Control', isNamed ? 'public, max-age=31536000, immutable' : 'no-cache')
      res.type('image/svg+xml').send(cover)
    },

    run: async (req, res) => {
      const lesson = getLesson(deps, req)
      const demo = findDemo(lesson, String(req.params.demo))
      if (!demo) throw notFound(t('The demo "{name}"', { name: String(req.params.demo) }))
      const manifest = demo.edit === undefined ? undefined : textField(req, 'manifest')
      const { learnerId } = contextOf(res)
      const edited = manifest === undefined ? undefined : { step: demo.edit!, manifest }
      const outcome = await tryDemo(
        () => deps.labs.runDemo(learnerId, { demo, seed: `${lesson.id}/${demo.id}`, edited }),
        manifest,
      )
      if (isHtmx(req) || outcome.problem) {
        const model = viewDemo(demo, actionOf(lesson, demo), outcome)
        const status = outcome.problem ? 422 : 200
        if (isHtmx(req)) {
          deps.renderer.send(req, res, {
            ...frame(lesson),
            template: 'demo/demo',
            partial: 'demo/demo',
            status,
            model: { demo: model },
          })
          return
        }
        const outcomeOf = (other: Demo) => (other === demo ? outcome : {})
        await sendLesson(deps, req, res, lesson, { outcomeOf, explorer: await exploreFor(req, res, lesson), status })
        return
      }
      const key = `${demo.id}-${deps.newId()}`
      recent.keep(`${learnerId}/${key}`, outcome)
      res.redirect(303, `/lessons/${lesson.id}?run=${key}#demo-${demo.id}-result`)
    },
  }
}

function frame(lesson: Lesson) {
  return { title: lesson.title, section: 'lessons' as const }
}

async function sendLesson(
  deps: AppDeps,
  req: Request,
  res: Response,
  lesson: Lesson,
  shown: { outcomeOf: (demo: Demo) => DemoOutcome; explorer: ExplorerModel | undefined; status: number },
): Promise<void> {
  const { outcomeOf, explorer, status } = shown
  const done = await doneOf(deps, res)
  const { book } = done
  const view = viewLesson(deps, lesson, done, explorer, (demo) =>
    viewDemo(demo, actionOf(lesson, demo), outcomeOf(demo)),
  )
  const isOrdered = view.parts.some((part) => 'beat' in part && part.beat.question.type === 'order')
  const isMarked = lesson.parts.some((part) => 'demo' in part && part.demo.mark)
  deps.renderer.send(req, res, {
    ...frame(lesson),
    template: 'lessons/page',
    status,
    scripts: [...timeScripts, ...(isOrdered ? scriptsOf('order') : []), ...(isMarked ? [marksScript] : [])],
    model: {
      ...view,
      isRead: book.read.some(({ item }) => item === `lesson:${lesson.id}`),
      marks: marksOf(book, `lesson:${lesson.id}`, `/lessons/${lesson.id}`),
      oldNotes: oldNotesOf(deps.catalog(), `lesson:${lesson.id}`),
      onTracks: trackStepsOf(deps.catalog(), `lesson:${lesson.id}`, done),
    },
  })
}

function viewLesson(
  deps: AppDeps,
  lesson: Lesson,
  { answers, passed }: Done,
  explorer: ExplorerModel | undefined,
  demoModel: (demo: Demo) => DemoModel,
) {
  const { lessons, questions, challenges } = deps.catalog()
  const latest = latestVerdicts(answers)
  const ordered = inOrder([...lessons.values()])
  const place = ordered.findIndex(({ id }) => id === lesson.id)
  return {
    lesson,
    cover: coverOf(lesson),
    sectionTitle: sectionTitle(lesson.section),
    parts: withBeats(lesson, { questions }, answers).map((part) => {
      if ('demo' in part) return { demo: demoModel(part.demo) }
      if ('diagram' in part) {
        const { id, title } = part.diagram
        return { diagram: { id, title, picture: layOutDiagram(part.diagram) } }
      }
      return 'explorer' in part ? { explorer } : part
    }),
    questions: questionsByLevel(questions.values())
      .filter((question) => question.lesson?.split('#')[0] === lesson.id)
      .map(({ id, title, locale, difficulty }) => ({ id, title, locale, difficulty, latest: latest.get(id) })),
    challenges: challengesByLevel(challenges.values())
      .filter(({ spec }) => spec.topics.some((topic) => lesson.topics.includes(topic)))
      .map(({ id, title, locale, summary, spec: { difficulty, minutes } }) => ({
        ...{ id, title, locale, summary, difficulty, minutes },
        isPassed: passed.has(id),
      })),
    previous: ordered[place - 1],
    next: ordered[place + 1],
  }
}

function actionOf(lesson: Lesson, demo: Demo): string {
  return `/lessons/${lesson.id}/demos/${demo.id}`
}

function getLesson(deps: AppDeps, req: Request): Lesson {
  const id = `${req.params.section}/${req.params.slug}`
  const lesson = deps.catalog().lessons.get(id)
  if (!lesson) throw notFound(t('The lesson "{name}"', { name: id }))
  return lesson
}

function findDemo(lesson: Lesson, id: string): Demo | undefined {
  for (const part of lesson.parts) if ('demo' in part && part.demo.id === id) return part.demo
  return undefined
}

function findExplorer(lesson: Lesson): Explorer | undefined {
  for (const part of lesson.parts) if ('explorer' in part) return part.explorer
  return undefined
}

function inOrder(lessons: Lesson[]): Lesson[] {
  const sections = sectionIds
  return lessons.sort(
    (a, b) => sections.indexOf(a.section) - sections.indexOf(b.section) || a.order - b.order || (a.id < b.id ? -1 : 1),
  )
}

/** Each track with what its steps lead to. */
function viewTracks(catalog: Catalog) {
  return [...catalog.tracks.values()].map((track) => ({
    id: track.id,
    title: track.title,
    locale: track.locale,
    summary: track.summary,
    steps: track.steps.length,
  }))
}

/** On from the lesson that was read last in their order; the first for somebody new. */
function nextLesson(lessons: Lesson[], read: ReadonlySet<string>): NextOfList | undefined {
  const ordered = inOrder(lessons)
  const isRead = ({ id }: Lesson): boolean => read.has(`lesson:${id}`)
  const last = ordered.findLastIndex(isRead)
  const next = ordered.find((lesson, n) => n > last && !isRead(lesson)) ?? ordered.find((lesson) => !isRead(lesson))
  if (!next) return undefined
  const { id, title, locale, summary, minutes } = next
  return { href: `/lessons/${id}`, title, locale, about: summary, isOfContent: true, action: t('Begin'), minutes }
}

function groupBySection(lessons: Lesson[]) {
  const ordered = inOrder(lessons)
  return [...new Set(ordered.map(({ section }) => section))].map((section) => ({
    id: section,
    title: sectionTitle(section),
    lessons: ordered
      .filter((lesson) => lesson.section === section)
      .map((lesson) => ({ ...lesson, cover: coverOf(lesson) })),
  }))
}
