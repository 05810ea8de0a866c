/** What the pages of duels show. Nobody's answers but one's own are here before one has given all of one's own. Pure. */
import type { Catalog } from '../../catalog/types.ts'
import { type Locale, original } from '../../i18n/locale.ts'
import { t } from '../../i18n/translate.ts'
import { answersOf, calibrationOf, mostPlayers, nextPlace, questionAt } from '../../practice/duels.ts'
import type { Duel } from '../../storage/duels.ts'
import type { Answer, Confidence } from '../../storage/types.ts'
import { printDate } from '../time.ts'

/** Of somebody who plays: all the answers that they have given anywhere. */
export interface Player {
  name: string
  isYou: boolean
  answers: readonly Answer[]
}

export interface DuelRow {
  id: string
  names: string
  at: string
  until: string
  done: number
  count: number
}

export const nameOf = ({ name }: { name: string }, n: number): string => name || t('Player {n}', { n: n + 1 })

export function viewRow(duel: Duel, learnerId: string, answers: readonly Answer[]): DuelRow {
  return {
    id: duel.id,
    names: duel.players
      .map((player, n) => (player.learnerId === learnerId ? t('you') : nameOf(player, n)))
      .join(t(', ')),
    at: printDate(duel.createdAtMs),
    until: printDate(duel.endsAtMs),
    done: answersOf(duel, answers).filter(Boolean).length,
    count: duel.items.length,
  }
}

export interface ResultModel {
  players: {
    name: string
    isYou: boolean
    /** They have given all answers; of others nothing is told before. */
    isThrough: boolean
    right: number
    calibration: number | undefined
    done: number
    isMostRight: boolean
    isBestCalibrated: boolean
  }[]
  count: number
  questions: {
    title: string
    locale: Locale
    /** Where one's own answer is explained. */
    href: string | undefined
    said: ({ text: string; icon: string; word: string; confidence: string } | undefined)[]
  }[]
  room: number
}

const confidences = (): Record<Confidence, string> => ({
  sure: t('Sure'),
  fairly: t('Fairly sure'),
  guess: t('A guess'),
})

/** @param players in the order of the duel. Whoever is shown this has given all their answers. */
export function viewResult(catalog: Catalog, duel: Duel, players: readonly Player[]): ResultModel {
  const told = players.map((player, n) => {
    const answers = answersOf(duel, player.answers)
    const given = answers.filter((answer) => answer !== undefined)
    const isThrough = nextPlace(catalog, duel, answers) === undefined
    return {
      name: nameOf(player, n),
      isYou: player.isYou,
      isThrough,
      right: isThrough ? given.filter(({ verdict }) => verdict === 'right').length : 0,
      calibration: isThrough ? calibrationOf(given) : undefined,
      done: given.length,
      answers: isThrough ? answers : [],
    }
  })
  const through = told.filter(({ isThrough }) => isThrough)
  const mostRight = Math.max(...through.map(({ right }) => right))
  const best = Math.max(...through.map(({ calibration = 0 }) => calibration))
  const hasRivals = through.length > 1
  return {
    players: told.map(({ answers: _, ...player }) => ({
      ...player,
      isMostRight: hasRivals && player.isThrough && player.right === mostRight,
      isBestCalibrated: hasRivals && player.isThrough && player.calibration === best,
    })),
    count: duel.items.length,
    questions: duel.items.map((_, place) => {
      const question = questionAt(catalog, duel, place)
      const own = told.find(({ isYou }) => isYou)?.answers[place]
      return {
        title: question?.title ?? t('A question that is gone'),
        locale: question?.locale ?? original,
        href: question && own && `/questions/${question.id}?answer=${own.id}`,
        said: told.map(({ answers }) => {
          const answer = answers[place]
          const isRight = answer?.verdict === 'right'
          return (
            answer && {
              text: answer.given.join(', ').slice(0, 60),
              ...(isRight ? { icon: '✓', word: t('Right') } : { icon: '✕', word: t('Not right') }),
              confidence: confidences()[answer.confidence ?? 'guess'],
            }
          )
        }),
      }
    }),
    room: mostPlayers - duel.players.length,
  }
}
