/** The lessons: a list by section, and each with its live demos. */
import type { Request, RequestHandler, Response } from 'express'
import type { Catalog, Demo, Lesson } from '../../catalog/types.ts'
import { contextOf, isHtmx } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import { type DemoModel, tryDemo, viewDemo } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { query, textField } from '../form.ts'
import { RecentRuns } from '../recent-runs.ts'
import { sectionTitles } from '../sections.ts'

export function lessonPages(deps: AppDeps): Record<'index' | 'show' | 'run', RequestHandler> {
  const recent = new RecentRuns()

  return {
    index: (req, res) => {
      deps.renderer.send(req, res, {
        template: 'lessons/index',
        title: 'Lessons',
        section: 'lessons',
        model: { sections: groupBySection([...deps.catalog().lessons.values()]), tracks: viewTracks(deps.catalog()) },
      })
    },

    show: (req, res) => {
      const lesson = getLesson(deps, req)
      const key = query(req, 'run')
      const outcome = recent.find(`${contextOf(res).learnerId}/${key}`)
      sendLesson(deps, req, res, lesson, (demo) => (outcome && key.startsWith(`${demo.id}-`) ? outcome : {}))
    },

    run: async (req, res) => {
      const lesson = getLesson(deps, req)
      const demo = findDemo(lesson, String(req.params.demo))
      if (!demo) throw notFound(`The demo "${req.params.demo}"`)
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
        sendLesson(deps, req, res, lesson, (other) => (other === demo ? outcome : {}), status)
        return
      }
      const key = `${demo.id}-${deps.newId()}`
      recent.keep(`${learnerId}/${key}`, outcome)
      res.redirect(303, `/lessons/${lesson.id}?run=${key}#demo-${demo.id}`)
    },
  }
}

function frame(lesson: Lesson) {
  return { title: lesson.title, section: 'lessons' as const }
}

function sendLesson(
  deps: AppDeps,
  req: Request,
  res: Response,
  lesson: Lesson,
  outcomeOf: (demo: Demo) => Parameters<typeof viewDemo>[2],
  status = 200,
): void {
  deps.renderer.send(req, res, {
    ...frame(lesson),
    template: 'lessons/page',
    status,
    model: viewLesson(deps, lesson, (demo) => viewDemo(demo, actionOf(lesson, demo), outcomeOf(demo))),
  })
}

function viewLesson(deps: AppDeps, lesson: Lesson, demoModel: (demo: Demo) => DemoModel) {
  const { lessons, questions, challenges } = deps.catalog()
  const ordered = inOrder([...lessons.values()])
  const place = ordered.findIndex(({ id }) => id === lesson.id)
  return {
    lesson,
    sectionTitle: sectionTitles[lesson.section],
    parts: lesson.parts.map((part) => ('demo' in part ? { demo: demoModel(part.demo) } : part)),
    questions: [...questions.values()].filter((question) => question.lesson.split('#')[0] === lesson.id),
    challenges: [...challenges.values()].filter(({ spec }) =>
      spec.topics.some((topic) => lesson.topics.includes(topic)),
    ),
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
  if (!lesson) throw notFound(`The lesson "${id}"`)
  return lesson
}

function findDemo(lesson: Lesson, id: string): Demo | undefined {
  for (const part of lesson.parts) if ('demo' in part && part.demo.id === id) return part.demo
  return undefined
}

function inOrder(lessons: Lesson[]): Lesson[] {
  const sections = Object.keys(sectionTitles)
  return lessons.sort(
    (a, b) => sections.indexOf(a.section) - sections.indexOf(b.section) || a.order - b.order || (a.id < b.id ? -1 : 1),
  )
}

/** Each track's steps with the title and address of what they lead to. */
function viewTracks(catalog: Catalog) {
  return [...catalog.tracks.values()].map((track) => ({
    title: track.title,
    summary: track.summary,
    steps: track.steps.map(({ kind, id }) => ({
      kind,
      href: `/${kind}s/${id}`,
      title: catalog[`${kind}s`].get(id)?.title ?? id,
    })),
  }))
}

function groupBySection(lessons: Lesson[]): { title: string; lessons: Lesson[] }[] {
  const ordered = inOrder(lessons)
  return [...new Set(ordered.map(({ section }) => section))].map((section) => ({
    title: sectionTitles[section],
    lessons: ordered.filter((lesson) => lesson.section === section),
  }))
}
