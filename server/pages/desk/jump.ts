/** Where a result's run is looked at: the address of one of its moments. Pure. */
import type { TestResult } from '../../../sim/index.ts'
import { t } from '../../i18n/translate.ts'
import type { Grading } from '../../storage/types.ts'
import { printClock } from '../clock.ts'

/** The address of a moment. @param page the result's address @param after the check whose faults were played */
export const hrefOf = (page: string, after: string | undefined, atMs: number): string =>
  `${page}?${after ? `after=${encodeURIComponent(after)}&` : ''}at=${secondsOf(atMs)}#run`

/** Seconds for an address: to the millisecond, and not before what happened at that moment. */
export const secondsOf = (ms: number): string => String(Math.ceil(ms) / 1000)

/** It was judged on a run of its own, with faults. */
export const hasFaults = ({ course }: TestResult): boolean =>
  (course?.faults?.length ?? 0) > 0 || course?.isChangedByOthers === true

/** Where a failed check leads to: the moment at which it was lost, or was first found wanting. */
export function jumpOf(page: string, grading: Grading, test: TestResult): { href: string; label: string } | undefined {
  const { firstFailAtMs, course } = test
  if (firstFailAtMs === undefined || !grading.result.gradable || !course) return undefined
  const after = hasFaults(test) ? test.id : undefined
  const atMs = Math.min(firstFailAtMs, course.endMs)
  const wasHeld = course.spans.some(({ fromMs, holds }) => holds && fromMs < atMs)
  return {
    href: hrefOf(page, after, atMs),
    label: wasHeld ? t('Jump to the moment it broke') : t('See the cluster then'),
  }
}

/** A step of what led to a failed check, with the moment since which the cluster has shown it. */
export interface CauseModel {
  text: string
  moment: { href: string; clock: string } | undefined
}

/** What led to a failed check, from the symptom to the root. @param page the result's address */
export function causesOf(page: string, grading: Grading, test: TestResult): CauseModel[] {
  const { course } = test
  const after = hasFaults(test) ? test.id : undefined
  return test.cause.map((text, n) => {
    const since = test.causeSinceMs?.[n] ?? undefined
    if (since === undefined || !course || !grading.result.gradable) return { text, moment: undefined }
    const atMs = Math.min(since, course.endMs)
    return { text, moment: { href: hrefOf(page, after, atMs), clock: printClock(atMs) } }
  })
}
