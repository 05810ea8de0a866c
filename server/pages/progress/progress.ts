/** Progress: what is known, what is weak, and the learner's right to take or delete it all. */
import type { RequestHandler } from 'express'
import { takeCookie } from '../../accounts/cookies.ts'
import { t } from '../../i18n/translate.ts'
import { calibration, firstTries, topicProgress } from '../../progress/progress.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { factsOf } from '../answer-facts.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { practitionerOf, startPractice } from '../practice.ts'
import { printDay } from '../time.ts'
import { bestOf } from './view.ts'

export function progressPages(deps: AppDeps): Record<'show' | 'export' | 'remove' | 'keys', RequestHandler> {
  return {
    show: async (req, res) => {
      const { participantId } = practitionerOf(contextOf(res).learnerId)
      const answers = await deps.storage.answers.listOf(participantId)
      const attempts = await deps.storage.attempts.listOf(participantId)
      const catalog = deps.catalog()
      const facts = factsOf(answers, catalog)
      const tries = firstTries(facts)
      const lessons = [...catalog.lessons.values()].map((lesson) => {
        const questions = [...catalog.questions.values()].filter(({ lesson: at }) => at?.split('#')[0] === lesson.id)
        const right = new Set(answers.filter(({ verdict }) => verdict === 'right').map(({ questionId }) => questionId))
        return {
          id: lesson.id,
          locale: lesson.locale,
          title: lesson.title,
          questions: questions.length,
          right: questions.filter(({ id }) => right.has(id)).length,
        }
      })
      deps.renderer.send(req, res, {
        template: 'progress/page',
        title: t('Progress'),
        section: 'study',
        model: {
          isEmpty: answers.length === 0 && attempts.length === 0,
          answered: answers.length,
          right: tries.filter(({ verdict }) => verdict === 'right').length,
          tries: tries.length,
          lessons,
          topics: topicProgress(facts).map((row) => ({
            ...row,
            locale: catalog.topics.get(row.topic)?.locale,
            title: catalog.topics.get(row.topic)?.title ?? row.topic,
            percent: Math.round(row.level * 100),
          })),
          calibration: calibration(facts).map((row) => ({ ...row, percent: Math.round(row.right * 100) })),
          challenges: bestOf(attempts, catalog),
          recent: answers
            .slice(-12)
            .reverse()
            .map((answer) => ({
              href: `/questions/${answer.questionId}?answer=${answer.id}`,
              locale: catalog.questions.get(answer.questionId)?.locale,
              title: catalog.questions.get(answer.questionId)?.title,
              verdict: answer.verdict,
              at: printDay(answer.atMs),
            }))
            .filter(({ title }) => title !== undefined),
        },
      })
    },

    export: async (_req, res) => {
      const { participantId, sittingId } = practitionerOf(contextOf(res).learnerId)
      const [learner, sitting, participant, answers, studyBook, attempts, mocks] = await Promise.all([
        deps.storage.learners.find(participantId),
        deps.storage.sittings.find(sittingId),
        deps.storage.participants.find(sittingId, participantId),
        deps.storage.answers.listOf(participantId),
        deps.storage.studyBooks.find(participantId),
        deps.storage.attempts.listOf(participantId),
        deps.storage.mocks.listOf(participantId),
      ])
      const hidden = attempts.map((attempt) => ({
        ...attempt,
        gradings: attempt.gradings.map((grading) => ({
          ...grading,
          result: {
            ...grading.result,
            tests: grading.result.tests.filter((test) => !test.hidden),
            gates: grading.result.gates.filter((test) => !test.hidden),
          },
        })),
      }))
      const owned = await deps.sandboxes.list(contextOf(res).learnerId)
      const sandboxes = await Promise.all(
        owned.map(async ({ id, name, createdAtMs, lastUsedAtMs }) => ({
          id,
          name,
          createdAtMs,
          lastUsedAtMs,
          options: await deps.sandboxes.options(id),
          log: await deps.sandboxes.log(id),
        })),
      )
      res.attachment('podium-data.json').type('json')
      res.send(
        JSON.stringify(
          { learner, sitting, participant, answers, studyBook, attempts: hidden, mocks, sandboxes },
          null,
          2,
        ),
      )
    },

    remove: async (req, res) => {
      if (field(req, 'confirm') !== 'yes')
        throw new HttpProblem(
          422,
          t('Tick the box that says you want everything deleted, then press the button again.'),
        )
      const { participantId, sittingId } = practitionerOf(contextOf(res).learnerId)
      for (const { id } of await deps.sandboxes.list(contextOf(res).learnerId)) await deps.sandboxes.remove(id)
      await deps.storage.attempts.removeOf(participantId)
      await deps.storage.mocks.removeOf(participantId)
      await deps.storage.answers.removeOf(participantId)
      await deps.storage.studyBooks.remove(participantId)
      await deps.storage.participants.remove(sittingId, participantId)
      await deps.storage.sittings.remove(sittingId)
      await deps.storage.learners.remove(participantId)
      takeCookie(res, 'podium')
      redirectTo(req, res, '/progress')
    },

    keys: async (req, res) => {
      const { learnerId } = contextOf(res)
      await startPractice(deps, learnerId)
      const learner = await deps.storage.learners.find(learnerId)
      if (learner) await deps.storage.learners.save({ ...learner, keysOff: field(req, 'keys') !== 'on' })
      redirectTo(req, res, '/help')
    },
  }
}
