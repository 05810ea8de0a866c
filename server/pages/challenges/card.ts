/** The replay card of a run that was passed: what is put on it, and how it is sent. */
import { createHash } from 'node:crypto'
import type { Response } from 'express'
import type { Challenge } from '../../catalog/types.ts'
import { currentLocale, languageTags } from '../../i18n/locale.ts'
import { t, tn } from '../../i18n/translate.ts'
import type { RunFilm } from '../../labs/types.ts'
import { hasCard } from '../../practice/attempts.ts'
import { Kept } from '../../practice/kept.ts'
import { createReferences, type Reference } from '../../practice/reference.ts'
import { isStroke, solvedMs, strokesOf } from '../../practice/strokes.ts'
import { inTextsOf } from '../../practice/texts-of-result.ts'
import { notFound } from '../../render/problem.ts'
import { gradedRun } from '../../storage/evidence.ts'
import { shownResult } from '../../storage/shown-result.ts'
import type { Attempt, Grading } from '../../storage/types.ts'
import { printClock } from '../clock.ts'
import type { AppDeps } from '../deps.ts'
import { type ReplayCard, renderReplayCard, stylesOf } from './replay-card.ts'

export interface Cards {
  /** @param isForAll whoever has the link may have it, on pages of others too @throws HttpProblem 404 where there is none */
  send(
    res: Response,
    who: string,
    run: { challenge: Challenge; attempt: Attempt; grading: Grading },
    isForAll?: boolean,
  ): Promise<void>
}

export function createCards(deps: AppDeps): Cards {
  const films = new Kept<RunFilm>(100)
  const references = createReferences(deps)
  return {
    async send(res, who, { challenge, attempt, grading }, isForAll = false) {
      if (!hasCard(attempt, grading)) throw notFound(t('This card'))
      const { seed, log } = gradedRun(attempt, grading)
      const request = { spec: challenge.spec, contentHash: challenge.hash, seed, log }
      const film = await films.get(`${challenge.hash}/${seed}/${grading.proof?.sha256 ?? attempt.id}`, () =>
        deps.labs.film(who, request),
      )
      const reference = await references.of(who, challenge, seed)
      const svg = renderReplayCard(cardOf(challenge, attempt, grading, film, reference))
      const styles = createHash('sha256').update(stylesOf(svg)).digest('base64')
      res.setHeader(
        'Content-Security-Policy',
        `default-src 'none'; style-src 'sha256-${styles}'; frame-ancestors 'none'`,
      )
      if (isForAll) res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
      res.setHeader('Cache-Control', 'private, no-cache')
      res.setHeader('Vary', 'Accept-Language')
      res.type('image/svg+xml').send(svg)
    },
  }
}

/** What stands on it: of a shared run nothing that its page does not say. */
function cardOf(
  challenge: Challenge,
  attempt: Attempt,
  grading: Grading,
  film: RunFilm,
  reference: Reference | undefined,
): ReplayCard {
  const result = inTextsOf(challenge, shownResult(grading.result))
  const { log } = gradedRun(attempt, grading)
  const solved = solvedMs(grading.result)
  const told = tellResult(strokesOf(log), solved)
  const isLate = ({ course }: (typeof result.tests)[number]) =>
    (course?.faults?.length ?? 0) > 0 || course?.isChangedByOthers === true
  return {
    title: challenge.title,
    result: told,
    reference: reference ? t('reference: {told}', { told: tellResult(reference.strokes, reference.solvedMs) }) : '',
    film,
    checks: result.tests
      .filter(({ hidden, status }) => !hidden && status === 'pass')
      .map((test) => ({
        title: test.title,
        turns: isLate(test) ? [] : (test.course?.spans ?? []).map(({ fromMs, holds }) => ({ atMs: fromMs, holds })),
      })),
    commandsMs: log.filter(isStroke).map(({ atMs }) => atMs),
    words: {
      lang: languageTags[currentLocale()],
      about: t('The run of a solved challenge, “{title}”: {told}. All checks hold at the end.', {
        title: challenge.title,
        told,
      }),
      checks: t('Checks'),
      ready: t('ready'),
      waiting: t('not ready'),
      failing: t('failing'),
      noNode: t('no node yet'),
      commands: t('commands'),
      more: t('more, not drawn'),
      end: printClock(film.endMs),
    },
  }
}

function tellResult(strokes: number, solved: number | undefined): string {
  const commands = tn(strokes, '{n} command', '{n} commands')
  return solved === undefined ? commands : t('{commands}, solved at {clock}', { commands, clock: printClock(solved) })
}
