/** Practice: rounds of ten questions, one key an answer, and what came of a round. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { factsOf } from '../../practice/answer-facts.ts'
import { locksOf } from '../../practice/locks.ts'
import { openSteps, topicSteps } from '../../practice/next-steps.ts'
import { answersIn, isScope, newRound, nextIn, type Round, readRound, roundLength } from '../../practice/rounds.ts'
import { nextVariant, numberOf } from '../../practice/variants.ts'
import { contextOf } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { AppDeps } from '../deps.ts'
import { doneIn } from '../done.ts'
import { query } from '../form.ts'
import { sectionChoices, sectionTitle } from '../sections.ts'
import { workOf } from '../work.ts'

export function practicePages(deps: AppDeps): Record<'index' | 'begin' | 'next' | 'summary', RequestHandler> {
  return {
    index: (req, res) => {
      deps.renderer.send(req, res, {
        template: 'study/practice',
        title: t('Practice'),
        section: 'study',
        model: { count: roundLength, sections: sectionChoices(), isEmpty: query(req, 'nothing') !== '' },
      })
    },

    begin: (req, res) => {
      const of = query(req, 'of')
      const { id } = newRound(isScope(of) ? of : 'weak', deps.now())
      res.redirect(303, `/study/practice/next?round=${id}`)
    },

    next: async (req, res) => {
      const round = getRound(query(req, 'round'))
      const work = await workOf(deps, res)
      const { seat, learnerId } = contextOf(res)
      const catalog = deps.catalog()
      const locks = await locksOf(deps, learnerId)
      const weakest = openSteps(topicSteps(catalog, doneIn(work), factsOf(work.answers, catalog)))
      const question = nextIn(
        round,
        catalog,
        work.answers,
        weakest.map(({ topic }) => topic),
        (id) => !locks.has(`question:${id}`),
      )
      if (!question) {
        const isEmpty = answersIn(round, work.answers, catalog).length === 0
        res.redirect(303, isEmpty ? '/study/practice?nothing=1' : `/study/practice/rounds/${round.id}`)
        return
      }
      const last = work.answers.filter(({ questionId }) => questionId === question.id).at(-1)
      const number = nextVariant(question, seat.seed, last ? numberOf(last.seed) : 0, work.answers)
      const right = query(req, 'last')
      const before = /^[\w-]{1,40}$/.test(right) ? `&last=${right}` : ''
      res.redirect(303, `/questions/${question.id}?v=${number}&in=${round.id}${before}`)
    },

    summary: async (req, res) => {
      await sendSummary(deps, req, res, getRound(String(req.params.round)))
    },
  }
}

function getRound(id: string): Round {
  const round = readRound(id)
  if (!round) throw notFound(t('This round'))
  return round
}

async function sendSummary(deps: AppDeps, req: Request, res: Response, round: Round): Promise<void> {
  const { answers } = await workOf(deps, res)
  const { questions, topics } = deps.catalog()
  const given = answersIn(round, answers, deps.catalog())
  const lines = given.flatMap(({ id, questionId, verdict }) => {
    const question = questions.get(questionId)
    const topic = topics.get(question?.topics[0] ?? '')
    if (!question) return []
    const { title, locale } = question
    return [
      {
        href: `/questions/${questionId}?answer=${id}&in=${round.id}`,
        title,
        locale,
        isRight: verdict === 'right',
        topic,
      },
    ]
  })
  const tookMs = given.reduce((sum, answer) => sum + (answer.tookMs ?? 0), 0)
  deps.renderer.send(req, res, {
    template: 'study/round',
    title: t('Your round'),
    section: 'study',
    model: {
      scope: round.scope,
      scopeTitle: round.scope === 'weak' ? t('Your weak spots') : sectionTitle(round.scope),
      count: given.length,
      isOver: given.length >= roundLength,
      next: `/study/practice/next?round=${round.id}`,
      right: lines.filter(({ isRight }) => isRight),
      wrong: lines.filter(({ isRight }) => !isRight),
      seconds: Math.round(tookMs / 1000),
    },
  })
}
