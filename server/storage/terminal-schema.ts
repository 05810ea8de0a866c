/** How the files and the history of a terminal are stored. */
import { z } from 'zod'

const fileSet = z.record(z.string(), z.union([z.string(), z.object({ base64: z.string() })]))

/** Of a `TerminalRecord`. */
export const terminalSchema = z.object({
  files: fileSet,
  history: z.array(z.string()),
  uploads: fileSet.optional(),
})
