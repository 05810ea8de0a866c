/** A reviewer's sheet about a candidate: kept as it is typed, sent once it is complete, and fixed then. What others say is shown afterwards. */
import type { Request, RequestHandler, Response } from 'express'
import { candidatesOf, isOver } from '../../hiring/candidates.ts'
import {
  agreementIn,
  correctLevel,
  differencesIn,
  factsOfScores,
  isSent,
  levelOf,
  type Mark,
  noteLevel,
  type RubricIds,
  type ScoreRefusal,
  type Scores,
  type Sheet,
  sendSheet,
  sheetsFor,
} from '../../hiring/scores.ts'
import { t } from '../../i18n/translate.ts'
import { attemptsThatCount } from '../../practice/counted-attempts.ts'
import { replayOf } from '../../practice/replay.ts'
import { isHtmx, redirectTo } from '../../render/page.ts'
import { HttpProblem } from '../../render/problem.ts'
import { unlessDamaged } from '../../storage/documents.ts'
import type { Evidence } from '../../storage/scores.ts'
import type { OnUnreadable } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'
import { field, query, textField } from '../form.ts'
import { printWall } from '../replay/view.ts'
import { candidatesLeftOut } from '../unreadable.ts'
import { seatIdOf } from './candidate.ts'
import { type Reviewed, reviewedCandidate } from './reviewed.ts'

const longestSays = 2000
const longestReason = 1000
const longestEvidence = 500
const mostEvidence = 20

const noMark: Mark = { level: null, says: '', evidence: [], corrections: [] }

export function scorePages(deps: AppDeps): Record<'show' | 'act', RequestHandler> {
  const scoresOf = ({ standing }: Reviewed): Promise<Scores> => deps.scoreSheets.scores(seatIdOf(standing.seat))

  const send = async (req: Request, res: Response, reviewed: Reviewed, problem = '', status = 422): Promise<void> => {
    const scores = await scoresOf(reviewed)
    const { job, exercise, blindName, href, as, back, learnerId } = reviewed
    const { rubric } = exercise.exercise
    const isFixed = isSent(scores, learnerId)
    const wanted = reviewersOf(reviewed)
    const mayCompare = reviewed.may('see-scores', factsOfScores(scores, learnerId, wanted)) && wanted.length > 0
    const sheets = sheetsFor(scores, learnerId, mayCompare)
    const nameOf = (reviewer: string): string =>
      reviewer === learnerId
        ? t('you')
        : (job.reviewers.find((one) => one.learnerId === reviewer)?.name ?? t('a former reviewer'))
    const moments = await momentsOf(deps, reviewed, sheets)
    const viewMark = (mark: Mark) => ({
      level: levelOf(mark),
      says: mark.says,
      evidence: mark.evidence.map((one) => moments(one)),
      corrections: mark.corrections.map((one, n) => ({
        from: mark.corrections[n - 1]?.level ?? mark.level,
        to: one.level,
        reason: one.reason,
      })),
    })
    const own = scores.get(learnerId)
    deps.renderer.send(req, res, {
      template: as === 'lead' ? 'hiring/scores' : 'hiring/score',
      title: as === 'lead' ? t('Scores: {name}', { name: blindName }) : t('Score: {name}', { name: blindName }),
      section: 'none',
      scripts: ['js/score.js'],
      status: problem ? status : 200,
      model: {
        ...{ blindName, href, back, job: job.title, title: exercise.title, problem, isFixed },
        isNew: query(req, 'sent') === 'yes',
        // A correction that was refused is typed once.
        typed: Object.fromEntries(rubric.map(({ id }) => [id, problem ? field(req, `reason-${id}`) : ''])),
        dimensions: rubric.map(({ id, title, anchors }) => ({
          ...{ id, title, anchors },
          own: viewMark((as === 'reviewer' && own?.marks.get(id)) || noMark),
          others: sheets
            .filter(({ reviewer }) => as === 'lead' || reviewer !== learnerId)
            .map(({ reviewer, marks }) => ({ name: nameOf(reviewer), ...viewMark(marks.get(id) ?? noMark) })),
        })),
        differences: mayCompare
          ? differencesIn(scores, rubric).map(({ dimension, levels }) => ({
              title: rubric.find(({ id }) => id === dimension)?.title ?? dimension,
              levels: levels.map(({ reviewer, level }) => ({ name: nameOf(reviewer), level })),
            }))
          : [],
        reviewers: wanted.map((one) => ({ name: nameOf(one), isSent: isSent(scores, one) })),
        isShown: sheets.length > 0,
        agreement: as === 'lead' && mayCompare ? await agreementOf(deps, reviewed, candidatesLeftOut(res)) : undefined,
      },
    })
  }

  /** Keeps what was typed in the dimensions that were sent. */
  const save = async (req: Request, reviewed: Reviewed): Promise<ScoreRefusal | undefined> => {
    const { exercise, standing, learnerId } = reviewed
    const { rubric } = exercise.exercise
    for (const { id } of rubric) {
      if ((req.body as Record<string, unknown> | undefined)?.[`says-${id}`] === undefined) continue
      const level = readLevel(field(req, `level-${id}`))
      const says = textField(req, `says-${id}`).slice(0, longestSays)
      const before = (await scoresOf(reviewed)).get(learnerId)?.marks.get(id) ?? noMark
      if (before.level === level && before.says === says) continue
      const done = await deps.scoreSheets.act(seatIdOf(standing.seat), learnerId, (scores) => {
        const { evidence } = scores.get(learnerId)?.marks.get(id) ?? noMark
        return noteLevel(scores, rubric, learnerId, { dimension: id, level, says, evidence: [...evidence] })
      })
      if ('refused' in done) return done
    }
    return undefined
  }

  /** Changes what is pinned to a dimension. */
  const pinned = (
    { exercise, standing, learnerId }: Reviewed,
    dimension: string,
    change: (evidence: readonly Evidence[]) => Evidence[],
  ): Promise<Scores | ScoreRefusal> =>
    deps.scoreSheets.act(seatIdOf(standing.seat), learnerId, (scores) => {
      const { level, says, evidence } = scores.get(learnerId)?.marks.get(dimension) ?? noMark
      return noteLevel(scores, exercise.exercise.rubric, learnerId, {
        ...{ dimension, level, says },
        evidence: change(evidence),
      })
    })

  return {
    show: async (req, res) => send(req, res, await reviewedCandidate(deps, req, res)),

    act: async (req, res) => {
      const reviewed = await reviewedCandidate(deps, req, res)
      const { exercise, standing, href, learnerId } = reviewed
      if (!reviewed.may('score', []))
        throw new HttpProblem(
          403,
          t('Only reviewers score: you know who the candidates are. Invite reviewers on the job’s page.'),
        )
      const { rubric } = exercise.exercise
      const seat = seatIdOf(standing.seat)
      const [pressed = '', dimension = '', at = ''] = field(req, 'do').split(' ')
      const page = `${href}/score`
      const answer = (done: Scores | ScoreRefusal | undefined, place = '') =>
        done && 'refused' in done ? send(req, res, reviewed, t(done.refused)) : redirectTo(req, res, `${page}${place}`)
      if (pressed === 'correct') {
        const level = readLevel(field(req, `level-${dimension}`))
        const reason = textField(req, `reason-${dimension}`).trim().slice(0, longestReason)
        if (level === null || reason === '')
          return send(req, res, reviewed, t('A correction has a level and a reason.'))
        const done = await deps.scoreSheets.act(seat, learnerId, (scores) =>
          correctLevel(scores, learnerId, { dimension, level, reason }),
        )
        return answer(done, `#dimension-${dimension}`)
      }
      const refusal = await save(req, reviewed)
      if (refusal) {
        if (isHtmx(req)) return void res.status(409).end()
        return send(req, res, reviewed, t(refusal.refused), 409)
      }
      switch (pressed) {
        case 'save':
          if (isHtmx(req)) return void res.status(204).end()
          return redirectTo(req, res, page)
        case 'pin': {
          const one = readEvidence(req, exercise.items)
          const chosen = field(req, 'dimension')
          if (!one) throw new HttpProblem(400, t('This moment is not known here. Reload the replay and try again.'))
          const { length } = (await scoresOf(reviewed)).get(learnerId)?.marks.get(chosen)?.evidence ?? []
          if (length >= mostEvidence)
            return send(req, res, reviewed, t('A dimension has {n} pieces of evidence at most.', { n: mostEvidence }))
          const done = await pinned(reviewed, chosen, (evidence) => [...evidence, one].slice(0, mostEvidence))
          return answer(done, `#dimension-${chosen}`)
        }
        case 'unpin': {
          // By what it is: another tab may have changed the list.
          const done = await pinned(reviewed, dimension, (evidence) => evidence.filter((one) => keyOf(one) !== at))
          return answer(done, `#dimension-${dimension}`)
        }
        case 'send': {
          const done = await deps.scoreSheets.act(seat, learnerId, (scores) => sendSheet(scores, rubric, learnerId))
          // Sent before, by another tab: the exercise is told in any case.
          if ('refused' in done && !isSent(await scoresOf(reviewed), learnerId)) return answer(done)
          await deps.exercises.act(exercise.id, learnerId, (course) =>
            course.scored.has(seat.participantId) ? [] : [{ act: 'scored', data: { seat: seat.participantId } }],
          )
          return redirectTo(req, res, `${page}?sent=yes`)
        }
        default:
          throw new HttpProblem(400, t('This button is unknown here. Reload the page and try again.'))
      }
    },
  }
}

/** Whoever is to score this candidate: nobody scores themselves. */
const reviewersOf = ({ job, standing }: Pick<Reviewed, 'job' | 'standing'>): string[] =>
  job.reviewers.map(({ learnerId }) => learnerId).filter((one) => one !== standing.seat.learnerId)

const readLevel = (text: string): number | null => (/^[1-5]$/.test(text) ? Number(text) : null)

function readEvidence(req: Request, items: readonly string[]): Evidence | undefined {
  const [item, at] = [field(req, 'item'), field(req, 'at')]
  if (!items.includes(item) || !/^\d{1,12}$/.test(at)) return undefined
  return {
    item,
    atMs: Number(at),
    says: field(req, 'pin-says').replaceAll(/\s+/g, ' ').trim().slice(0, longestEvidence),
  }
}

const keyOf = ({ item, atMs }: Evidence): string => `${item}@${atMs}`

/** @returns tells of a pinned moment what it is and where it is looked at */
async function momentsOf(deps: AppDeps, { exercise, standing, href }: Reviewed, sheets: readonly Sheet[]) {
  const catalog = deps.catalog()
  const isAny = sheets.some(({ marks }) => [...marks.values()].some(({ evidence }) => evidence.length > 0))
  const seat = seatIdOf(standing.seat)
  const acts = isAny ? await deps.journals.acts(seat) : []
  const attempts = attemptsThatCount(exercise, standing.work)
  const pointsOf = new Map(
    isAny ? attempts.map(({ item, attempt }) => [item, replayOf(seat, acts, attempt.id)] as const) : [],
  )
  return (one: Evidence) => {
    const id = one.item.split(':')[1]!
    const challenge = catalog.challenges.get(id)
    const point = pointsOf.get(one.item)?.findLast(({ axisMs }) => axisMs <= one.atMs)
    return {
      ...{ key: keyOf(one), says: one.says, href: `${href}/replay/${id}?at=${one.atMs}` },
      ...{ title: challenge?.title ?? id, locale: challenge?.locale },
      at: point ? printWall(point.wallMs) : '',
    }
  }
}

/** Of all candidates of the job. */
async function agreementOf(deps: AppDeps, { job }: Reviewed, onUnreadable: OnUnreadable) {
  const all: Scores[] = []
  const ids = new Map<string, RubricIds[number]>()
  for (const exercise of await deps.exercises.ofJob(job.id, onUnreadable)) {
    for (const one of exercise.exercise.rubric) ids.set(one.id, one)
    for (const { seat, state } of (await unlessDamaged(candidatesOf(deps, exercise, onUnreadable), onUnreadable)) ??
      []) {
      const scores = isOver(state) && (await unlessDamaged(deps.scoreSheets.scores(seatIdOf(seat)), onUnreadable))
      if (scores) all.push(scores)
    }
  }
  const { n, kappa, isRough } = agreementIn(all, [...ids.values()])
  return { n, isRough, kappa: kappa?.toFixed(2) }
}
