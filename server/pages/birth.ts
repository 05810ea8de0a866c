/** The birth of a Pod as a picture, its time from the first message on. Pure. */
import type { SequenceRow } from '../labs/types.ts'
import { layOutSequence, type SequenceDiagram } from '../render/sequence.ts'

export interface DrawnBirth {
  name: string
  sequence: SequenceDiagram
  count: number
  /** From the first message to the last: `2.4`. */
  seconds: string
  /** There was more than is drawn. */
  isCut: boolean
}

/** @returns undefined without messages */
export function drawBirth(name: string, rows: readonly SequenceRow[], isCut = false): DrawnBirth | undefined {
  const beginning = rows[0]?.atSeconds ?? 0
  const own = rows.map((row) => ({ ...row, atSeconds: row.atSeconds - beginning }))
  const sequence = layOutSequence(own, 'sheet')
  return sequence && { name, sequence, count: rows.length, seconds: own.at(-1)!.atSeconds.toFixed(1), isCut }
}
