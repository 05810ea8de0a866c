/** Progress: what is known and what is weak. */
import type { RequestHandler } from 'express'
import { type Exam, exams } from '../../catalog/exams.ts'
import type { Catalog } from '../../catalog/types.ts'
import { examGroups, taskGroups } from '../../exams/pools.ts'
import { t } from '../../i18n/translate.ts'
import { attemptsOf } from '../../practice/act-on-attempt.ts'
import { factsOf, isCounted, uncountedTold } from '../../practice/answer-facts.ts'
import { passedOf, topicSteps } from '../../practice/next-steps.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { isVerifiable, verify } from '../../practice/verify.ts'
import { badgeConditions, badgesOf, daysOfPractice } from '../../progress/badges.ts'
import { examProgress } from '../../progress/domains.ts'
import { calibration, firstTries } from '../../progress/progress.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import type { AppDeps } from '../deps.ts'
import { field } from '../form.ts'
import { printDay } from '../time.ts'
import { workOf } from '../work.ts'
import { bestOf } from './view.ts'

/** Gradings that one press of the button computes again. */
const verifiedAtOnce = 5

export function progressPages(deps: AppDeps): Record<'show' | 'keys' | 'verify', RequestHandler> {
  return {
    show: async (req, res) => {
      const { answers, attempts, studyBook: book } = await workOf(deps, res)
      const catalog = deps.catalog()
      const counted = answers.filter(isCounted)
      const facts = factsOf(counted, catalog)
      const tries = firstTries(facts)
      const right = new Set(counted.filter(({ verdict }) => verdict === 'right').map(({ questionId }) => questionId))
      const lessons = [...catalog.lessons.values()].map((lesson) => {
        const questions = [...catalog.questions.values()].filter(({ lesson: at }) => at?.split('#')[0] === lesson.id)
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
          uncounted: uncountedTold(answers),
          right: tries.filter(({ verdict }) => verdict === 'right').length,
          tries: tries.length,
          lessons,
          exams: viewExams(catalog, right),
          badges: viewBadges(catalog, right, passedOf(attempts)),
          days: daysOfPractice(
            [
              ...answers.map(({ atMs }) => atMs),
              ...attempts.flatMap(({ gradings }) => gradings.map(({ atMs }) => atMs)),
              ...book.read.map(({ atMs }) => atMs),
            ],
            deps.now(),
          ),
          topicsAbout: t(
            'Each answer is weighted by how hard the question is and by what guessing would earn. The result is the share of questions of level 3 that you would be likely to get right.',
          ),
          topics: topicSteps(catalog, { answers, book, passed: passedOf(attempts) }, facts),
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
              isCounted: isCounted(answer),
              at: printDay(answer.atMs),
            }))
            .filter(({ title }) => title !== undefined),
        },
      })
    },

    /** Some at a time: each is a run of a cluster. */
    verify: async (req, res) => {
      const { learnerId } = contextOf(res)
      const { challenges } = deps.catalog()
      const attempts = await attemptsOf(deps, contextOf(res).seat)
      const waiting = attempts.flatMap((attempt) => {
        const challenge = challenges.get(attempt.challengeId)
        return attempt.gradings.flatMap((grading, n) =>
          challenge && isVerifiable(grading, challenge) ? [{ attempt, challenge, number: n + 1 }] : [],
        )
      })
      for (const { attempt, challenge, number } of waiting.slice(0, verifiedAtOnce))
        await verify(deps, learnerId, challenge, attempt, number)
      redirectTo(req, res, '/progress#challenges')
    },

    keys: async (req, res) => {
      const { learnerId } = contextOf(res)
      await takeSeat(deps, contextOf(res).seat)
      const learner = await deps.storage.learners.find(learnerId)
      if (learner) await deps.storage.learners.save({ ...learner, keysOff: field(req, 'keys') !== 'on' })
      redirectTo(req, res, '/help')
    },
  }
}

/** Of each exam a badge a domain, the heaviest first, with what it asks for. */
function viewBadges(catalog: Catalog, right: ReadonlySet<string>, passed: ReadonlySet<string>) {
  return (Object.keys(exams) as Exam[]).map((exam) => {
    const titles: Record<string, { title: string }> = exams[exam].domains
    const tasks = new Map(taskGroups(catalog, exam).map(({ id, ids }) => [id, ids]))
    const domains = examGroups(catalog, exam)
      .sort((a, b) => b.weight - a.weight)
      .map(({ id, ids }) => ({ id, questions: ids, tasks: tasks.get(id) ?? [] }))
    return {
      title: exams[exam].title,
      share: Math.round(badgeConditions.share * 100),
      badges: badgesOf(domains, right, passed).map((one) => ({ ...one, title: t(titles[one.id]!.title) })),
    }
  })
}

/** Each exam with its domains, the heaviest first. */
function viewExams(catalog: Catalog, right: ReadonlySet<string>) {
  return (Object.keys(exams) as Exam[]).map((exam) => {
    const titles: Record<string, { title: string }> = exams[exam].domains
    const { domains, share } = examProgress(examGroups(catalog, exam), right)
    return {
      id: exam,
      title: exams[exam].title,
      percent: Math.round(share * 100),
      domains: domains.map((one) => ({ ...one, title: t(titles[one.id]!.title) })).sort((a, b) => b.weight - a.weight),
    }
  })
}
