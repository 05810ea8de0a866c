/** Duels of predictions: begin one, send the link, play the same five, and see who was right and who knew it. */
import type { Request, RequestHandler, Response } from 'express'
import { t } from '../../i18n/translate.ts'
import { actOfAnswer } from '../../journal/folds/answers.ts'
import { LabRefusal } from '../../labs/types.ts'
import {
  answerIdOf,
  answersOf,
  beginDuel,
  duelDays,
  duelLength,
  joinDuel,
  longestName,
  mostPlayers,
  nextPlace,
  questionAt,
  readName,
  seedInDuel,
} from '../../practice/duels.ts'
import { locksOf, refuseLocked } from '../../practice/locks.ts'
import { whyNoAnswer } from '../../practice/no-answer.ts'
import { simulatedVariant } from '../../practice/simulated-variant.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { chanceOf } from '../../questions/chance.ts'
import { questionType } from '../../questions/registry.ts'
import { variantOf } from '../../questions/variant.ts'
import { renderMarkdown } from '../../render/markdown.ts'
import { contextOf, redirectTo } from '../../render/page.ts'
import { HttpProblem, notFound } from '../../render/problem.ts'
import { practiceSeat } from '../../seat.ts'
import type { Duel } from '../../storage/duels.ts'
import type { Answer, Confidence } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { field, fields } from '../form.ts'
import { readConfidence, tookMs, viewHeading } from '../question-view.ts'
import { siteOrigin } from '../site-origin.ts'
import { printDate } from '../time.ts'
import { workOf } from '../work.ts'
import { nameOf, viewResult, viewRow } from './view.ts'

type Page = 'index' | 'begin' | 'show' | 'join' | 'question' | 'answer'

export function duelPages(deps: AppDeps): Record<Page, RequestHandler> {
  /** @throws HttpProblem 404, or 410 when it is over */
  const getDuel = async (req: Request): Promise<Duel> => {
    const id = String(req.params.id)
    const duel = /^[a-f0-9]{18}$/.test(id) ? await deps.storage.duels.find(id) : undefined
    if (!duel) throw notFound(t('This duel'))
    if (duel.endsAtMs <= deps.now()) {
      await deps.storage.duels.forget(deps.now())
      throw new HttpProblem(410, t('This duel is over: it ended after {n} days.', { n: duelDays }))
    }
    return duel
  }
  const isPlayer = (res: Response, { players }: Duel): boolean =>
    players.some(({ learnerId }) => learnerId === contextOf(res).learnerId)
  const refuseItems = async (res: Response, { items }: Duel) =>
    refuseLocked(await locksOf(deps, contextOf(res).learnerId), ...items)

  /** The place that the address names, of a duel that one plays. */
  const getPlace = async (req: Request, res: Response) => {
    const duel = await getDuel(req)
    await refuseItems(res, duel)
    const n = String(req.params.n)
    const place = /^\d$/.test(n) ? Number(n) - 1 : -1
    const question = questionAt(deps.catalog(), duel, place)
    if (!isPlayer(res, duel) || !question) throw notFound(t('This question'))
    const answers = answersOf(duel, (await workOf(deps, res)).answers)
    return { duel, place, question, answers }
  }
  type Placed = Awaited<ReturnType<typeof getPlace>>

  const sendQuestion = (
    req: Request,
    res: Response,
    { duel, place, question }: Placed,
    state: { given?: string[]; confidence?: Confidence | null; problem?: string; status?: number } = {},
  ): void => {
    const variant = variantOf(question, seedInDuel(duel, question))
    deps.renderer.send(req, res, {
      template: 'duels/question',
      title: question.title,
      section: 'study',
      status: state.problem ? (state.status ?? 422) : 200,
      model: {
        id: duel.id,
        n: place + 1,
        count: duel.items.length,
        q: {
          ...viewHeading(deps.catalog(), question),
          prompt: renderMarkdown(question.prompt, variant.params),
          given: state.given ?? [],
        },
        view: questionType(question.type).view(question.data, variant, chanceOf(variant.seed)),
        confidence: state.confidence ?? null,
        shown: field(req, 'shown') || String(deps.now()),
        problem: state.problem,
      },
    })
  }

  return {
    index: async (req, res) => {
      const { learnerId } = contextOf(res)
      const { answers } = await workOf(deps, res)
      const own = (await deps.storage.duels.ofLearner(learnerId)).filter(({ endsAtMs }) => endsAtMs > deps.now())
      deps.renderer.send(req, res, {
        template: 'duels/index',
        title: t('Predict duels'),
        section: 'study',
        model: {
          rows: own.map((duel) => viewRow(duel, learnerId, answers)),
          ...{ count: duelLength, players: mostPlayers, days: duelDays, longestName },
        },
      })
    },

    begin: async (req, res) => {
      const duel = await beginDuel(deps, contextOf(res).seat, readName(field(req, 'name')))
      redirectTo(req, res, `/duels/${duel.id}`)
    },

    show: async (req, res) => {
      const duel = await getDuel(req)
      await refuseItems(res, duel)
      const { learnerId } = contextOf(res)
      const catalog = deps.catalog()
      const link = `${siteOrigin(req, deps.config)}/duels/${duel.id}`
      const common = { id: duel.id, count: duel.items.length, link, until: printDate(duel.endsAtMs) }
      const send = (template: string, model: object) =>
        deps.renderer.send(req, res, {
          ...{ template, title: t('A predict duel'), section: 'study' as const },
          model: { ...common, ...model },
        })
      if (!isPlayer(res, duel)) {
        const isFull = duel.players.length >= mostPlayers
        return send('duels/invitation', { names: duel.players.map(nameOf), isFull, longestName })
      }
      const own = answersOf(duel, (await workOf(deps, res)).answers)
      const place = nextPlace(catalog, duel, own)
      const done = own.filter(Boolean).length
      // Until one has given all answers, nothing of the others' is even read.
      if (place !== undefined) return send('duels/playing', { n: place + 1, done, others: duel.players.length - 1 })
      const players = await Promise.all(
        duel.players.map(async (player) => ({
          name: player.name,
          isYou: player.learnerId === learnerId,
          answers: (await deps.journals.work(practiceSeat(player.learnerId))).answers,
        })),
      )
      send('duels/result', { result: viewResult(catalog, duel, players) })
    },

    join: async (req, res) => {
      const duel = await getDuel(req)
      await refuseItems(res, duel)
      await joinDuel(deps, contextOf(res).seat, duel, readName(field(req, 'name')))
      redirectTo(req, res, `/duels/${duel.id}`)
    },

    question: async (req, res) => {
      const placed = await getPlace(req, res)
      // What was said is said.
      if (placed.answers[placed.place]) return redirectTo(req, res, `/duels/${placed.duel.id}`)
      sendQuestion(req, res, placed)
    },

    answer: async (req, res) => {
      const placed = await getPlace(req, res)
      const { duel, place, question, answers } = placed
      if (answers[place]) return redirectTo(req, res, `/duels/${duel.id}`)
      const given = fields(req, 'answer')
      const confidence = readConfidence(field(req, 'confidence'))
      const seed = seedInDuel(duel, question)
      const noAnswer = whyNoAnswer(question, seed, given)
      if (noAnswer !== undefined || confidence === null) {
        const problem =
          noAnswer === undefined ? t('Say how sure you are: it decides who is better calibrated.') : t(noAnswer)
        return sendQuestion(req, res, placed, { given, confidence, problem })
      }
      const seat = await takeSeat(deps, contextOf(res).seat)
      const judged = await simulatedVariant(deps, seat.learnerId, question, seed, given).catch((error: unknown) => {
        if (error instanceof LabRefusal) return error
        throw error
      })
      if (judged instanceof LabRefusal) {
        const problem = `${t('Not graded, no try used.')} ${judged.message}`
        return sendQuestion(req, res, placed, { given, confidence, problem, status: judged.status })
      }
      const { verdict, score } = questionType(question.type).grade(question.data, judged.variant, given)
      const answer: Answer = {
        ...{ id: answerIdOf(duel, place), questionId: question.id, contentHash: question.hash, seed },
        ...{ given, confidence, score, verdict, topics: question.topics },
        ...{ tookMs: tookMs(field(req, 'shown'), deps.now()), atMs: deps.now() },
      }
      const act = actOfAnswer(answer)
      const { key } = judged.variant
      const seen = key === undefined ? act : { ...act, data: { ...act.data, key } }
      // Sent twice, or from two tabs, the first counts.
      await deps.journals.write(seat, (work) => (work.answers.some(({ id }) => id === answer.id) ? [] : [seen]))
      const next = nextPlace(
        deps.catalog(),
        duel,
        answers.map((one, n) => (n === place ? answer : one)),
      )
      redirectTo(req, res, next === undefined ? `/duels/${duel.id}` : `/duels/${duel.id}/questions/${next + 1}`)
    },
  }
}
