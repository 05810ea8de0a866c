/** What would have happened, had a command been left out or been another one: the same run without it, graded, beside the run as it was. */
import type { Command, GradeResult, LoggedCommand } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import type { AppDeps } from '../deps.ts'

/** What of a command may be another one. */
const texts = { kubectl: 'line', node: 'line', apply: 'manifest', create: 'manifest' } as const

/** The text of a command that may be changed; undefined for one that can only be left out. */
export function textOf(command: Command): string | undefined {
  const field = texts[command.op as keyof typeof texts]
  return field === undefined ? undefined : (command as unknown as Record<string, string>)[field]
}

/** The log with another text in that place, or without the command. */
export function changedLog(log: readonly LoggedCommand[], place: number, text: string | undefined): LoggedCommand[] {
  const entry = log[place]!
  if (text === undefined) return log.filter((_, n) => n !== place)
  const { op } = entry.command
  const isBare = op === 'kubectl' && !/^kubectl(\s|$)/.test(text.trim())
  const changed = { ...entry.command, [texts[op as keyof typeof texts]]: isBare ? `kubectl ${text.trim()}` : text }
  return log.with(place, { ...entry, command: changed as Command })
}

export interface WhatIf {
  /** Where all checks are shown: the sum would tell of those that are not. */
  score: { was: string; is: string } | undefined
  /** In the order of the challenge; `isOther` where they part. */
  checks: { title: string; was: string; is: string; isOther: boolean }[]
  others: number
}

/** Both runs graded. @param who asks: it is their patience @throws LabRefusal when one of them cannot be graded now */
export async function whatIf(
  { labs }: Pick<AppDeps, 'labs'>,
  who: string,
  challenge: Challenge,
  seed: string,
  [before, after]: readonly [LoggedCommand[], LoggedCommand[]],
  withHidden: boolean,
): Promise<WhatIf> {
  const { spec, hash: contentHash } = challenge
  const was = await labs.grade(who, { spec, contentHash, seed, log: before })
  const is = await labs.grade(who, { spec, contentHash, seed, log: after })
  const stands = new Map(all(is).map((test) => [test.id, test.status]))
  const checks = all(was)
    .filter(({ hidden }) => withHidden || !hidden)
    .map(({ id, title, status }) => ({
      title,
      was: wordOf(status),
      is: wordOf(stands.get(id)),
      isOther: status !== stands.get(id),
    }))
  return {
    score: withHidden ? { was: scoreOf(was), is: scoreOf(is) } : undefined,
    checks,
    others: checks.filter(({ isOther }) => isOther).length,
  }
}

const all = ({ tests, gates }: GradeResult) => [...gates, ...tests]

const scoreOf = ({ gradable, score, maxScore }: GradeResult): string =>
  gradable ? t('{score} of {most}', { score, most: maxScore }) : t('not graded')

function wordOf(status: GradeResult['tests'][number]['status'] | undefined): string {
  return status === 'pass' ? t('passed') : status === 'fail' ? t('failed') : t('not looked at')
}
