/** Study: what to do today, the review of concepts, the notebook of mistakes, bookmarks and notes. */
import type { Request, RequestHandler, Response } from 'express'
import type { Catalog, Question } from '../../catalog/types.ts'
import { t, tn } from '../../i18n/translate.ts'
import type { NewAct } from '../../journal/act.ts'
import type { KnownAct } from '../../journal/acts/registry.ts'
import { factsOf, isCounted, uncountedTold } from '../../practice/answer-facts.ts'
import { cardsOf, dueOf } from '../../practice/due.ts'
import { findItem, type Item } from '../../practice/items.ts'
import { locksOf } from '../../practice/locks.ts'
import { openSteps, passedOf, stepsWithin, topicSteps } from '../../practice/next-steps.ts'
import { followedTrack } from '../../practice/own-track.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { trackStandings } from '../../practice/track-steps.ts'
import { nextVariant, numberOf } from '../../practice/variants.ts'
import type { TopicCard } from '../../progress/review.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import type { Seat } from '../../seat.ts'
import type { Answer, StudyBook } from '../../storage/types.ts'
import { dailyCard } from '../daily-card.ts'
import type { AppDeps } from '../deps.ts'
import { field, textField } from '../form.ts'
import { marksOf } from '../marks.ts'
import { allMocks, openMocks } from '../mocks.ts'
import { workOf } from '../work.ts'

/** Characters. */
const maxNote = 4000
/** Notes and bookmarks a learner keeps, each. */
const maxKept = 500
const weakest = 3
const dayMs = 24 * 3_600_000

type Page = 'hub' | 'review' | 'nextReview' | 'notebook' | 'nextMistake' | 'bookmark' | 'note' | 'read'

export function studyPages(deps: AppDeps): Record<Page, RequestHandler> {
  const recall = async (res: Response) => {
    const { seat } = contextOf(res)
    const { answers, attempts, studyBook, followed } = await workOf(deps, res)
    const catalog = deps.catalog()
    const facts = factsOf(answers, catalog)
    const cards = cardsOf(facts, catalog, deps.now())
    return {
      seat,
      answers,
      attempts,
      studyBook,
      followed,
      facts,
      catalog,
      cards,
      due: dueOf(cards, deps.now()),
    }
  }

  return {
    hub: async (req, res) => {
      const { answers, attempts, studyBook: book, followed, facts, catalog, cards, due } = await recall(res)
      const passed = passedOf(attempts)
      const counted = answers.every(isCounted) ? facts : factsOf(answers.filter(isCounted), catalog)
      const open = attempts
        .filter(({ state, challengeId, mock }) => state === 'open' && mock === undefined && !passed.has(challengeId))
        .sort((a, b) => b.updatedAtMs - a.updatedAtMs)[0]
      deps.renderer.send(req, res, {
        template: 'study/hub',
        title: t('Study'),
        section: 'study',
        model: {
          isNew: answers.length === 0 && attempts.length === 0 && book.read.length === 0,
          daily: await dailyCard(deps, res),
          due: due.length,
          cards: cards.length,
          nextDue: cards.length > 0 && due.length === 0 ? inWords(earliest(cards) - deps.now()) : undefined,
          mistakes: mistakesOf(answers, catalog).length,
          open: openMocks(await allMocks(deps, res), deps.now()),
          challenge: open && findItem(catalog, `challenge:${open.challengeId}`),
          tracks: trackStandings(catalog, { answers, book, passed }),
          own: followed?.item,
          weakest: stepsWithin(
            followedTrack(catalog, followed),
            openSteps(topicSteps(catalog, { answers, book, passed }, counted)),
          ).slice(0, weakest),
          uncounted: uncountedTold(answers),
        },
      })
    },

    review: async (req, res) => {
      const { answers, cards, due, catalog } = await recall(res)
      const nowMs = deps.now()
      deps.renderer.send(req, res, {
        template: 'study/review',
        title: t('Review'),
        section: 'study',
        model: {
          due: due.length,
          nextDue: cards.length > 0 ? inWords(earliest(cards) - nowMs) : undefined,
          uncounted: answers.filter((answer) => !isCounted(answer)).length,
          about: t(
            'Dates follow the FSRS algorithm. A wrong answer brings a concept back in minutes; a right one, sure and quick, sends it furthest away. It matters how sure you say you are: a right guess is not knowledge.',
          ),
          cards: [...cards]
            .sort((a, b) => a.dueAtMs - b.dueAtMs)
            .map((card) => ({
              locale: catalog.topics.get(card.topic)?.locale,
              title: catalog.topics.get(card.topic)?.title ?? card.topic,
              isDue: card.dueAtMs <= nowMs,
              when: card.dueAtMs <= nowMs ? t('now') : t('in {span}', { span: inWords(card.dueAtMs - nowMs) }),
              recall: Math.round(card.recall * 100),
              reviews: card.reviews,
              lapses: card.lapses,
            })),
        },
      })
    },

    nextReview: async (_req, res) => {
      const { seat, answers, catalog, due } = await recall(res)
      const locks = await locksOf(deps, contextOf(res).learnerId)
      const free = due[0] ? questionsOn(catalog, due[0].topic).filter(({ id }) => !locks.has(`question:${id}`)) : []
      const question = free.length > 0 ? leastRecent(free, answers) : undefined
      res.redirect(303, question ? addressOf(question, seat, answers, 'review') : '/study/review')
    },

    notebook: async (req, res) => {
      const catalog = deps.catalog()
      const { answers, studyBook: book } = await workOf(deps, res)
      const known = <T extends { item: string }>(marks: readonly T[]) =>
        [...marks]
          .reverse()
          .map((mark) => ({ ...mark, to: findItem(catalog, mark.item) }))
          .filter((mark): mark is T & { to: Item } => mark.to !== undefined)
      deps.renderer.send(req, res, {
        template: 'study/notebook',
        title: t('Notebook'),
        section: 'study',
        model: {
          mistakes: mistakesOf(answers, catalog).map(({ question, answer }) => ({
            locale: question.locale,
            title: question.title,
            href: `/questions/${question.id}?answer=${answer.id}`,
            verdict: answer.verdict,
          })),
          bookmarks: known(book.bookmarks),
          notes: known(book.notes),
        },
      })
    },

    nextMistake: async (_req, res) => {
      const { seat } = contextOf(res)
      const { answers } = await workOf(deps, res)
      const locks = await locksOf(deps, contextOf(res).learnerId)
      const first = mistakesOf(answers, deps.catalog()).find(({ question }) => !locks.has(`question:${question.id}`))
      res.redirect(303, first ? addressOf(first.question, seat, answers, 'mistakes') : '/study/notebook')
    },

    bookmark: async (req, res) => {
      const item = getItem(deps, req)
      const isOn = field(req, 'on') === 'yes'
      await write(deps, res, ({ bookmarks }) => {
        if (bookmarks.some((bookmark) => bookmark.item === item) === isOn) return []
        if (isOn && bookmarks.length >= maxKept)
          throw new HttpProblem(422, t('You have {n} bookmarks. Remove some in your notebook first.', { n: maxKept }))
        return [{ act: 'bookmarked', item, data: { isOn } }]
      })
      await answer(deps, req, res, item)
    },

    note: async (req, res) => {
      const item = getItem(deps, req)
      const note = textField(req, 'text')
      const text = note.trim()
      const refuse = (problem: string) => answer(deps, req, res, item, { note, problem })
      if (text.length > maxNote)
        return refuse(
          t('A note holds {max} characters; this one has {n}. Shorten it.', { max: maxNote, n: text.length }),
        )
      let isFull = false
      await write(deps, res, ({ notes }) => {
        const known = notes.find((one) => one.item === item)
        isFull = text !== '' && !known && notes.length >= maxKept
        return isFull || text === (known?.text ?? '') ? [] : [{ act: 'noted', item, data: { text } }]
      })
      if (isFull) return refuse(t('You have {n} notes. Remove some in your notebook first.', { n: maxKept }))
      await answer(deps, req, res, item)
    },

    read: async (req, res) => {
      const item = getItem(deps, req)
      await write(deps, res, ({ read }) =>
        read.some((lesson) => lesson.item === item) ? [] : [{ act: 'read', item, data: {} }],
      )
      redirectTo(req, res, backOf(req, item))
    },
  }
}

async function write(
  deps: AppDeps,
  res: Response,
  decide: (book: StudyBook) => readonly NewAct<KnownAct>[],
): Promise<void> {
  const seat = await takeSeat(deps, contextOf(res).seat)
  await deps.journals.write(seat, ({ studyBook }) => decide(studyBook))
}

/** The marks as they are now, or back to the page that they stand on. @param refused a note that was not kept: it is shown as it was typed */
async function answer(
  deps: AppDeps,
  req: Request,
  res: Response,
  item: string,
  refused?: { note: string; problem: string },
): Promise<void> {
  const back = backOf(req, item)
  if (!isHtmx(req) && !refused) {
    res.redirect(303, back)
    return
  }
  const { studyBook: book } = await workOf(deps, res)
  deps.renderer.send(req, res, {
    template: 'study/note',
    partial: 'study/marks',
    title: t('Your note'),
    section: 'study',
    status: refused ? 422 : 200,
    model: { to: findItem(deps.catalog(), item), marks: marksOf(book, item, back, refused) },
  })
}

function getItem(deps: AppDeps, req: Request): string {
  const name = field(req, 'item')
  if (!findItem(deps.catalog(), name))
    throw new HttpProblem(404, t('The item "{name}" does not exist.', { name: name.slice(0, 80) }))
  return name
}

/** A path of this site, whatever the form says. */
function backOf(req: Request, item: string): string {
  const back = field(req, 'back')
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(back) ? back : `/${item.replace(':', 's/')}`
}

const questionsOn = ({ questions }: Catalog, topic: string): Question[] =>
  [...questions.values()].filter(({ topics }) => topics[0] === topic)

/** One that was never answered before any other. */
function leastRecent(questions: readonly Question[], answers: readonly Answer[]): Question | undefined {
  const latest = new Map(answers.map(({ questionId, atMs }) => [questionId, atMs]))
  return [...questions].sort((a, b) => (latest.get(a.id) ?? 0) - (latest.get(b.id) ?? 0))[0]
}

function addressOf(question: Question, seat: Seat, answers: readonly Answer[], journey: string): string {
  const last = answers.filter(({ questionId }) => questionId === question.id).at(-1)
  const number = nextVariant(question, seat.seed, last ? numberOf(last.seed) : 0, answers)
  return `/questions/${question.id}?v=${number}&in=${journey}`
}

/** Questions whose last answer was not right, the oldest first. */
function mistakesOf(answers: readonly Answer[], { questions }: Catalog): { question: Question; answer: Answer }[] {
  const latest = new Map(answers.map((answer) => [answer.questionId, answer]))
  return [...latest.values()]
    .filter(({ verdict }) => verdict !== 'right')
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap((answer) => {
      const question = questions.get(answer.questionId)
      return question ? [{ question, answer }] : []
    })
}

const earliest = (cards: readonly TopicCard[]): number => Math.min(...cards.map(({ dueAtMs }) => dueAtMs))

function inWords(ms: number): string {
  if (ms < 3_600_000) return tn(Math.max(1, Math.ceil(ms / 60_000)), '{n} minute', '{n} minutes')
  return ms < dayMs
    ? tn(Math.ceil(ms / 3_600_000), '{n} hour', '{n} hours')
    : tn(Math.ceil(ms / dayMs), '{n} day', '{n} days')
}
