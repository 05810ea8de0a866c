/** The functions that charts may call besides Go's own: https://masterminds.github.io/sprig/ */
import type { Random } from '../../engine/random.ts'
import type { GoFunction } from '../../go-template/functions.ts'
import { dateFunctions } from './dates.ts'
import { dictFunctions } from './dicts.ts'
import { encodingFunctions } from './encoding.ts'
import { hashFunctions } from './hashes.ts'
import { listFunctions } from './lists.ts'
import { numberFunctions } from './numbers.ts'
import { patternFunctions } from './patterns.ts'
import { stringFunctions } from './strings.ts'
import { versionFunctions } from './versions.ts'

/** Where chance and time come from. */
export interface Surroundings {
  random: Random
  nowEpochMs(): number
}

export const sprigFunctions = ({ random, nowEpochMs }: Surroundings): Map<string, GoFunction> =>
  new Map(
    Object.entries({
      ...stringFunctions,
      ...numberFunctions,
      ...listFunctions,
      ...dictFunctions,
      ...encodingFunctions,
      ...hashFunctions(random),
      ...dateFunctions(nowEpochMs),
      ...patternFunctions,
      ...versionFunctions,
    }),
  )
