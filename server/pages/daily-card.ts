/** Where the day's incident stands for somebody, in a card that leads there. */
import type { Response } from 'express'
import { dailyMs, dayOf, incidentOf, standingOf } from '../practice/daily.ts'
import { challengeOfDaily } from '../practice/daily-task.ts'
import type { AppDeps } from './deps.ts'
import { printRace, type SquaresModel, viewSquares } from './squares.ts'
import { workOf } from './work.ts'

export interface DailyCard {
  is: 'new' | 'open' | 'over'
  /** Of one that was begun. */
  squares: SquaresModel | undefined
  time: string | undefined
  minutes: number
}

/** Undefined when no challenge fits a day. @param hasPast who brings no cookie has done nothing */
export async function dailyCard(deps: AppDeps, res: Response, hasPast = true): Promise<DailyCard | undefined> {
  const today = dayOf(deps.now())
  const { dailies = [], attempts } = hasPast ? await workOf(deps, res) : { attempts: [] }
  const daily = dailies.find(({ day }) => day === today)
  const minutes = dailyMs / 60_000
  if (!daily) return incidentOf(deps.catalog(), today) && { is: 'new', squares: undefined, time: undefined, minutes }
  const { squares, passedMs, gaveUp } = standingOf(daily, attempts, await challengeOfDaily(deps, daily))
  return {
    is: passedMs !== null || gaveUp ? 'over' : 'open',
    squares: viewSquares(squares.map(({ square }) => square)),
    time: passedMs === null ? undefined : printRace(passedMs),
    minutes,
  }
}
