/**
 * The program that answers for a sitting: the simulator and the grader by which it was opened. Processes of an installation name theirs by
 * one mark, `0.2.97/15`: the engine before the stroke, the grader behind it. Pure.
 */
import { engineVersion, graderVersion } from '../../sim/forms.ts'

export interface Program {
  engine?: string
  /** Sittings of before graders were told apart have none. */
  grader?: string
}

/** The mark of a program. */
export const markOf = ({ engine = '', grader }: Program): string =>
  grader === undefined ? engine : `${engine}/${grader}`

/** The engine that a mark names; of one without a grader, all of it. */
export const engineOf = (mark: string): string => mark.split('/')[0]!

/** This program's. */
export const ownMark: string = markOf({ engine: engineVersion, grader: graderVersion })

/** With the program by which it is opened now; whatever was opened before keeps its own. */
export const openedBy = <T extends Program>(sitting: T): T =>
  sitting.engine === undefined ? { ...sitting, engine: engineVersion, grader: graderVersion } : sitting

/** Whether the process with that mark has the program of the sitting. One that was not opened, or names no grader, takes any of those. */
export const isOfProgram = ({ engine, grader }: Program, mark: string): boolean =>
  engine === undefined || (grader === undefined ? engineOf(mark) === engine : mark === markOf({ engine, grader }))
