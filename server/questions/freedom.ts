/** What may be done besides a solution without losing anything, and why that is right. */
import { z } from 'zod'

export const freedomList = z.array(
  z.strictObject({
    /** The kind of change, `no-limits`, with `*` for any characters: `beside/*`. */
    change: z.string().min(1),
    /** What is changed: `Deployment/web`, with `*` for any name and `{{param}}`. */
    of: z.string().min(1),
    because: z.string().min(1),
  }),
)

export type Freedom = z.infer<typeof freedomList>[number]
