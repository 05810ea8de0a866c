/** What a challenge or a manifest to fix leaves free: over-mutants that a grade may leave whole, each with the reason. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { fillText, type Params } from '../../../sim/index.ts'
import { type Freedom, freedomList } from '../../questions/freedom.ts'

/** Those of a challenge, in `freedoms.yaml`. @throws Error `path: what is wrong` */
export function freedomsOf(folder: string): Freedom[] {
  const path = join(folder, 'freedoms.yaml')
  if (!existsSync(path)) return []
  const document = parseDocument(readFileSync(path, 'utf8'))
  const [error] = document.errors
  if (error) throw new Error(`${path}: ${error.message}`)
  const read = freedomList.safeParse(document.toJS())
  if (!read.success) throw new Error(`${path}: ${z.prettifyError(read.error)}`)
  return read.data
}

/**
 * Tells over-mutants that the grade left whole from those that it may.
 * @returns those that nothing allows, and the freedoms that nobody took
 */
export function compareFreedoms<T extends { change: string; of: string }>(
  survivors: readonly T[],
  freedoms: readonly Freedom[],
  params: Params,
): { forbidden: T[]; unused: Freedom[] } {
  const patterns = freedoms.map((freedom) => ({
    freedom,
    changes: patternOf(freedom.change),
    objects: patternOf(fillText(freedom.of, params)),
  }))
  const allows = ({ changes, objects }: (typeof patterns)[number], { change, of }: T): boolean =>
    changes.test(change) && objects.test(of)
  return {
    forbidden: survivors.filter((mutant) => !patterns.some((one) => allows(one, mutant))),
    unused: patterns.filter((one) => !survivors.some((mutant) => allows(one, mutant))).map(({ freedom }) => freedom),
  }
}

const patternOf = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[.\\[\]()+?^${}|]/g, '\\$&').replaceAll('*', '.*')}$`)
