import { z } from 'zod'

/** Of what was read in from a file that is not this learner's own of this server. */
export interface Origin {
  /** `learner`: this server made the file, for another learner. `elsewhere`: it did not, or the file was changed since. */
  from: 'learner' | 'elsewhere'
  /** When it was read in. */
  atMs: number
}

/** Its form as it is stored. */
export const origin = z.object({ from: z.enum(['learner', 'elsewhere']), atMs: z.number() }).optional()
