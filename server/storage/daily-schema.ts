/** What somebody has of one day's incident. What it earned stands in the attempts. */
import { z } from 'zod'

export const dailyRun = z.object({
  /** In UTC, as 2026-05-31. */
  day: z.iso.date(),
  challengeId: z.string().min(1),
  /** Of the version that it was begun on. */
  contentHash: z.string(),
  seed: z.string().min(1),
  startedAtMs: z.number(),
  /** How far its time had come when it was seen last, and when that was. */
  clock: z.object({ seenAtMs: z.number(), usedMs: z.number().min(0) }),
  /** The first time that each state of an attempt was handed in, in order. */
  handIns: z
    .array(z.object({ attempt: z.string().min(1), sha256: z.string().min(1), usedMs: z.number().min(0) }))
    .readonly(),
})

export type DailyRun = z.infer<typeof dailyRun>

/** What attempts at a day's incident name as their exam: 18 hexadecimal digits, as of any other. */
export const examOfDaily = (day: string): string => `${examPrefix}${day.replaceAll('-', '')}`

const examPrefix = 'da11000000'

/** The day of such a name; undefined for any other. */
export function dayOfDaily(exam: string | undefined): string | undefined {
  const [, year, month, day] = new RegExp(`^${examPrefix}(\\d{4})(\\d\\d)(\\d\\d)$`).exec(exam ?? '') ?? []
  return year === undefined ? undefined : `${year}-${month}-${day}`
}
