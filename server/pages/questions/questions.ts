/** The questions: a list, a variant to answer, and the verdict with every reason. */
import { isDeepStrictEqual } from 'node:util'
import type { Request, RequestHandler, Response } from 'express'
import { mostOf } from '../../belongings/limits.ts'
import { questionsByLevel } from '../../catalog/order.ts'
import type { Catalog, Lesson, Question } from '../../catalog/types.ts'
import { keepQuestion, pinnedQuestion, questionOf } from '../../grading/question-in-force.ts'
import type { Locale } from '../../i18n/locale.ts'
import { msg, t, tn } from '../../i18n/translate.ts'
import { actOfAnswer } from '../../journal/folds/answers.ts'
import { LabRefusal } from '../../labs/types.ts'
import { factsOf, isCounted, latestVerdicts, uncountedTold } from '../../practice/answer-facts.ts'
import { cardsOf, dueOf } from '../../practice/due.ts'
import { whyNoAnswer } from '../../practice/no-answer.ts'
import { waysOnFrom } from '../../practice/own-track.ts'
import { answersIn, type Round, readRound, roundLength } from '../../practice/rounds.ts'
import { simulatedVariant } from '../../practice/simulated-variant.ts'
import { takeSeat } from '../../practice/take-seat.ts'
import { nextVariant, numberOf, readVariant, seedOf } from '../../practice/variants.ts'
import { chanceOf } from '../../questions/chance.ts'
import { questionType, questionTypeNames } from '../../questions/registry.ts'
import type { QuestionView } from '../../questions/types.ts'
import { variantOf } from '../../questions/variant.ts'
import { renderMarkdown } from '../../render/markdown.ts'
import { contextOf, isHtmx, redirectTo } from '../../render/page.ts'
import { notFound } from '../../render/problem.ts'
import type { Answer, Confidence } from '../../storage/types.ts'
import { besideSections, type NextOfList } from '../beside-list.ts'
import { viewRun } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { doneOf } from '../done.ts'
import { levelChoices, narrow } from '../filters.ts'
import { begunAt, field, fields, query } from '../form.ts'
import { journeyOf } from '../journeys.ts'
import { marksOf } from '../marks.ts'
import { oldNotesOf } from '../old-note-links.ts'
import { originTold } from '../origins.ts'
import {
  arranged,
  askedAs,
  movedBy,
  readConfidence,
  renderExplanation,
  tookMs,
  viewHeading,
  viewKeptVerdict,
} from '../question-view.ts'
import { deskScript, deskSizesScript, editorScript, scriptsOf, timeScripts } from '../scripts.ts'
import { sectionChoices, sectionTitle } from '../sections.ts'
import { printTime } from '../time.ts'
import { workOf } from '../work.ts'

export function questionPages(deps: AppDeps): Record<'index' | 'show' | 'answer', RequestHandler> {
  return {
    index: async (req, res) => {
      const { answers } = await workOf(deps, res)
      const catalog = deps.catalog()
      const dueNow = () => dueOf(cardsOf(factsOf(answers, catalog), catalog, deps.now()), deps.now()).length
      deps.renderer.send(req, res, {
        template: 'questions/index',
        title: t('Questions'),
        section: 'questions',
        model: viewIndex(req, catalog, answers, dueNow),
      })
    },

    show: async (req, res) => {
      const question = await getQuestion(deps, req, res)
      if (contextOf(res).exercise) return sendSat(deps, req, res, question)
      const answerId = query(req, 'answer')
      if (answerId) {
        const { answers } = await workOf(deps, res)
        const answer = answers.find(({ id, questionId }) => id === answerId && questionId === question.id)
        if (!answer) throw notFound(t('This answer'))
        await sendVerdict(deps, req, res, question, answer)
        return
      }
      const round = readRound(journeyOf(req)?.id ?? '')
      sendForm(deps, req, res, question, readVariant(query(req, 'v')), {
        order: query(req, 'order').split(','),
        ...(round ? { round: await roundSoFar(deps, req, res, round) } : {}),
      })
    },

    answer: async (req, res) => {
      const question = await getQuestion(deps, req, res)
      const isSat = contextOf(res).exercise !== undefined
      // An exercise has drawn its variant.
      const number = isSat ? 1 : readVariant(field(req, 'v'))
      const given = fields(req, 'answer')
      const confidence = readConfidence(field(req, 'confidence'))
      const type = questionType(question.type)
      const journey = journeyOf(req)
      const within = journey ? `&in=${journey.id}` : ''
      const order = movedBy(field(req, 'do'), given)
      if (order) {
        if (!isHtmx(req)) {
          res.redirect(
            303,
            `/questions/${question.id}?v=${number}&order=${order.map(encodeURIComponent).join(',')}${within}#question`,
          )
          return
        }
        sendForm(deps, req, res, question, number, { order, confidence })
        return
      }
      if (!isSat && !type.isBlank(question.data, given) && type.reveal && field(req, 'do') !== 'mark') {
        sendForm(deps, req, res, question, number, { given, confidence, isMarking: true })
        return
      }
      const noAnswer = whyNoAnswer(question, seedOf(contextOf(res).seat.seed, question, number), given)
      if (noAnswer !== undefined) {
        sendForm(deps, req, res, question, number, {
          given,
          order: given,
          confidence,
          problem: `${t('Not graded, no try used.')} ${t(noAnswer)}`,
        })
        return
      }
      const { learnerId } = contextOf(res)
      const formId = field(req, 'once')
      const { answers } = await workOf(deps, res)
      const known = answers.find(({ id }) => id === formId)
      if (!known && answers.length >= mostOf.answers) {
        const problem = t(
          'You have {n} answers here, the most that one learner may have. Download your data and delete it here to go on.',
          { n: mostOf.answers },
        )
        const words = `${t('Not graded, no try used.')} ${problem}`
        sendForm(deps, req, res, question, number, { given, order: given, confidence, problem: words })
        return
      }
      const seat = await takeSeat(deps, contextOf(res).seat)
      const seed = seedOf(seat.seed, question, number)
      const variant = await simulatedVariant(deps, learnerId, question, seed, given).catch((error: unknown) => {
        if (error instanceof LabRefusal) return error
        throw error
      })
      if (variant instanceof LabRefusal) {
        const { status, message } = variant
        const problem = `${t('Not graded, no try used.')} ${message}`
        sendForm(deps, req, res, question, number, { given, confidence, problem, status })
        return
      }
      const verdict = type.grade(question.data, variant.variant, given)
      // The same form sent twice is one answer; with another answer, as from a page that somebody went back to, it is another try.
      const isOther = known && !(known.questionId === question.id && isDeepStrictEqual(known.given, given))
      const answer: Answer = {
        id: /^[a-f0-9]{18}$/.test(formId) && !isOther ? formId : deps.newId(),
        questionId: question.id,
        contentHash: question.hash,
        seed: variant.variant.seed,
        given,
        confidence,
        score: verdict.score,
        verdict: verdict.verdict,
        topics: question.topics,
        tookMs: tookMs(field(req, 'shown'), deps.now()),
        atMs: deps.now(),
      }
      // The page of the answer shows what was asked, whatever becomes of the question. That of an exercise is kept.
      if (!isSat) await keepQuestion(deps, question.id)
      const act = actOfAnswer(answer)
      const { key } = variant.variant
      const seen = key === undefined ? act : { ...act, data: { ...act.data, key } }
      const typedMs = begunAt(req)
      // What a browser kept, and was answered elsewhere since, is not the last word.
      const isOld = (one: Answer) => typedMs !== undefined && one.questionId === question.id && one.atMs > typedMs
      await deps.journals.write(
        seat,
        (work) => (work.answers.some((one) => one.id === answer.id || isOld(one)) ? [] : [seen]),
        typedMs,
      )
      if (isSat) {
        if (isHtmx(req)) return sendSat(deps, req, res, question, deps.now())
        return res.redirect(303, `/questions/${question.id}#question`)
      }
      if (journey?.isQuick && verdict.verdict === 'right') {
        redirectTo(req, res, `${journey.next}&last=${answer.id}`)
        return
      }
      if (isHtmx(req)) {
        if (!isInLesson(req)) res.setHeader('HX-Push-Url', `/questions/${question.id}?answer=${answer.id}${within}`)
        await sendVerdict(deps, req, res, question, answer, variant)
      } else res.redirect(303, `/questions/${question.id}?answer=${answer.id}${within}#question`)
    },
  }
}

/** In an exercise: the form with what was answered last, and not a word of whether it is right. @param savedMs when that was just now */
async function sendSat(
  deps: AppDeps,
  req: Request,
  res: Response,
  question: Question,
  savedMs?: number,
): Promise<void> {
  const { answers } = await workOf(deps, res)
  const last = answers.findLast(({ questionId }) => questionId === question.id)
  const given = last ? { given: last.given, order: last.given, confidence: last.confidence } : {}
  sendForm(deps, req, res, question, 1, {
    ...given,
    ...(last ? { savedMs: savedMs ?? last.atMs } : {}),
  })
}

/** Asked at the end of a lesson's section, and answered there. */
const isInLesson = (req: Request): boolean => (field(req, 'in') || query(req, 'in')) === 'lesson'

/** A manifest by itself has a desk; within a lesson or a round the form stays small, as its place is. */
function frameOf(req: Request, view: Pick<QuestionView, 'control'>) {
  if (view.control !== 'manifest' || isInLesson(req) || journeyOf(req))
    return { template: 'questions/page', partial: partOf(req), scripts: [...scriptsOf(view.control), ...timeScripts] }
  return {
    template: 'questions/desk',
    partial: 'questions/desk-parts',
    wide: true,
    earlyScript: deskSizesScript,
    scripts: [editorScript, ...timeScripts, deskScript],
  }
}

/** The part of the page that answers htmx. */
const partOf = (req: Request): string => (isInLesson(req) ? 'questions/beat' : 'questions/question')

interface FormState {
  given?: string[]
  order?: string[]
  confidence?: Confidence | null
  problem?: string
  /** With a problem; 422 unless told. */
  status?: number
  /** The model answer is shown beside what was given. */
  isMarking?: boolean
  round?: RoundSoFar
  /** In an exercise: when the answer was saved last. */
  savedMs?: number
}

/** Where somebody is in a round of practice, and what they have just answered right. */
interface RoundSoFar {
  /** Of the question, from 1. */
  place: number
  count: number
  last: { href: string; title: string; locale: Locale } | undefined
}

async function roundSoFar(deps: AppDeps, req: Request, res: Response, round: Round): Promise<RoundSoFar> {
  const { answers } = await workOf(deps, res)
  const last = answers.find(({ id }) => id === query(req, 'last'))
  const asked = last && deps.catalog().questions.get(last.questionId)
  return {
    place: Math.min(roundLength, answersIn(round, answers, deps.catalog()).length + 1),
    count: roundLength,
    last: asked && {
      href: `/questions/${asked.id}?answer=${last.id}&in=${round.id}`,
      title: asked.title,
      locale: asked.locale,
    },
  }
}

function sendForm(
  deps: AppDeps,
  req: Request,
  res: Response,
  question: Question,
  number: number,
  state: FormState,
): void {
  const { seat } = contextOf(res)
  const variant = variantOf(question, seedOf(seat.seed, question, number))
  const type = questionType(question.type)
  const view = arranged(type.view(question.data, variant, chanceOf(variant.seed)), state.order)
  deps.renderer.send(req, res, {
    ...frameOf(req, view),
    title: question.title,
    section: 'questions',
    status: state.problem ? (state.status ?? 422) : 200,
    model: {
      question: {
        ...viewHeading(deps.catalog(), question),
        number,
        formId: deps.newId(),
        shown: field(req, 'shown') || String(deps.now()),
        journey: journeyOf(req),
        round: state.round,
        prompt: renderMarkdown(question.prompt, variant.params),
        view,
        given: state.given ?? [],
        confidence: state.confidence ?? null,
        problem: state.problem,
        isSat: contextOf(res).exercise !== undefined,
        saved: state.savedMs === undefined ? undefined : printTime(state.savedMs),
        revealed: state.isMarking ? type.reveal?.(question.data) : undefined,
        verdict: undefined,
      },
    },
  })
}

/** @param present the question of today: the one that was asked is shown, where it was kept */
async function sendVerdict(
  deps: AppDeps,
  req: Request,
  res: Response,
  present: Question,
  answer: Answer,
  simulated?: Awaited<ReturnType<typeof simulatedVariant>>,
): Promise<void> {
  const { learnerId } = contextOf(res)
  const former = await questionOf(deps, present.id, present, answer.contentHash)
  const question = former ?? present
  const asked = askedAs(answer.contentHash, question, present)
  const judge = async (one: Question, known?: typeof simulated) => {
    const keyed = known ?? (await simulatedVariant(deps, learnerId, one, answer.seed, answer.given))
    return { keyed, verdict: questionType(one.type).grade(one.data, keyed.variant, answer.given) }
  }
  const { keyed, verdict } = await judge(question, simulated)
  const today = asked === 'former' ? (await judge(present)).verdict : verdict
  const revealed = questionType(question.type).reveal?.(question.data)
  const number = numberOf(answer.seed)
  const journey = journeyOf(req)
  const within = journey ? `&in=${journey.id}` : ''
  const next = nextQuestion(deps, present)
  const { seat } = contextOf(res)
  const done = await doneOf(deps, res)
  const view = questionType(question.type).view(question.data, keyed.variant, chanceOf(answer.seed))
  deps.renderer.send(req, res, {
    ...frameOf(req, view),
    title: question.title,
    section: 'questions',
    model: {
      question: {
        ...viewHeading(deps.catalog(), question),
        number,
        journey,
        round: undefined,
        prompt: renderMarkdown(question.prompt, keyed.variant.params),
        view,
        given: answer.given,
        confidence: answer.confidence,
        problem: undefined,
        isSat: false,
        saved: undefined,
        revealed: undefined,
        verdict: {
          ...viewKeptVerdict(answer, verdict, asked, view, questionType(question.type).words, today),
          today: asked === 'former' ? `/questions/${question.id}?v=${number}${within}` : undefined,
          explanation: renderExplanation(question, keyed.variant, verdict),
          lesson: question.lesson && {
            place: question.lesson,
            ...headingOf(deps.catalog().lessons.get(question.lesson.split('#')[0]!)),
          },
          model: revealed?.model,
          follow: revealed?.follow,
          sources: question.sources ?? [],
          newVariant: `/questions/${question.id}?v=${nextVariant(question, seat.seed, number, done.answers)}`,
          next: journey
            ? { href: journey.next, title: journey.title }
            : next && { href: `/questions/${next.id}`, title: next.title },
          marks: marksOf(
            done.book,
            `question:${question.id}`,
            `/questions/${question.id}?answer=${answer.id}${within}`,
          ),
          oldNotes: oldNotesOf(deps.catalog(), `question:${question.id}`),
          // On a way of its own already, somebody is not shown another.
          onTracks: journey ? [] : waysOnFrom(deps.catalog(), `question:${question.id}`, done),
          origin: answer.origin && originTold(answer.origin),
          isCounted: isCounted(answer),
        },
        run:
          keyed.run &&
          viewRun(keyed.run, ['timeline', 'objects'], keyed.run.view.clockSeconds, {
            id: question.id.replace(/\W/g, '-'),
          }),
      },
    },
  })
}

async function getQuestion(deps: AppDeps, req: Request, res: Response): Promise<Question> {
  const id = `${req.params.section}/${req.params.slug}`
  const question = await pinnedQuestion(deps, contextOf(res).seat, id, deps.catalog().questions.get(id))
  if (!question) throw notFound(t('The question "{name}"', { name: id }))
  return question
}

function headingOf(lesson: Lesson | undefined) {
  return { title: lesson?.title ?? t('the lesson'), locale: lesson?.locale }
}

function nextQuestion(deps: AppDeps, question: Question): Question | undefined {
  const all = [...deps.catalog().questions.values()]
  return all[all.indexOf(question) + 1]
}

const states = [
  ['new', msg('Not answered')],
  ['wrong', msg('Not right yet')],
  ['right', msg('Right')],
] as const

const reviewNext = (due: number): NextOfList | undefined =>
  due === 0
    ? undefined
    : {
        href: '/study/review/next',
        title: tn(due, 'Review {n} concept', 'Review {n} concepts'),
        about: t('You met them before, and are about to forget them.'),
        action: t('Review'),
      }

const questionNext = ({ id, title, locale, section, type, difficulty }: Question): NextOfList => ({
  ...{ href: `/questions/${id}`, title, locale, difficulty, action: t('Begin') },
  about: `${sectionTitle(section)} · ${t(questionType(type).title)}`,
})

/** @param dueNow how many concepts there are to review now */
function viewIndex(req: Request, catalog: Catalog, answers: readonly Answer[], dueNow: () => number) {
  const latest = latestVerdicts(answers)
  const stateOf = ({ id }: Question) => {
    const verdict = latest.get(id)
    return verdict === undefined ? 'new' : verdict === 'right' ? 'right' : 'wrong'
  }
  const all = [...catalog.questions.values()]
  const used = new Set(all.flatMap(({ topics }) => topics))
  const { shown, filter } = narrow(req, '/questions', all, [
    {
      name: 'section',
      label: t('Section'),
      choices: sectionChoices(),
      fits: (question, section) => question.section === section,
    },
    {
      name: 'topic',
      label: t('Topic'),
      choices: [...catalog.topics.values()]
        .filter(({ id }) => used.has(id))
        .map(({ id, title }) => [id, title] as const),
      fits: ({ topics }, topic) => topics.includes(topic),
    },
    {
      name: 'type',
      label: t('Type'),
      choices: questionTypeNames.map((name) => [name, t(questionType(name).title)] as const),
      fits: (question, type) => question.type === type,
    },
    {
      name: 'level',
      label: t('Level'),
      choices: levelChoices(),
      fits: ({ difficulty }, level) => String(difficulty) === level,
    },
    {
      name: 'state',
      label: t('Yours'),
      choices: states.map(([value, label]) => [value, t(label)] as const),
      fits: (question, state) => stateOf(question) === state,
    },
  ])
  const isRight = (question: Question): boolean => stateOf(question) === 'right'
  // On with the section of the last answer, with the easiest that is not right yet.
  const lastSection = answers.at(-1)?.questionId.split('/')[0]
  const [next] = all
    .filter((question) => !isRight(question))
    .sort(
      (a, b) =>
        Number(b.section === lastSection) - Number(a.section === lastSection) ||
        Number(stateOf(a) === 'wrong') - Number(stateOf(b) === 'wrong') ||
        a.difficulty - b.difficulty,
    )
  return {
    filter,
    uncounted: uncountedTold(answers),
    beside: {
      next: filter.isFiltered ? undefined : (reviewNext(dueNow()) ?? (next && questionNext(next))),
      sections: besideSections('/questions', filter, (section) => {
        const own = all.filter((question) => question.section === section)
        return { done: own.filter(isRight).length, all: own.length }
      }),
    },
    sections: sectionChoices()
      .map(([section, title]) => ({
        id: section,
        title,
        questions: questionsByLevel(shown.filter((question) => question.section === section)).map((question) => ({
          id: question.id,
          title: question.title,
          locale: question.locale,
          type: question.type,
          typeTitle: t(questionType(question.type).title),
          difficulty: question.difficulty,
          isTrap: question.trap,
          latest: latest.get(question.id),
        })),
      }))
      .filter(({ questions }) => questions.length > 0),
  }
}
