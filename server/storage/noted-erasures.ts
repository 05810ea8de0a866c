/**
 * Erasures noted a second time, in a file that lies apart from what is stored (ERASURES_FILE): a backup that is restored knows nothing of those
 * that came after it, and whoever was erased must not come back with it. A line of JSON each; ids alone.
 */
import { open, readFile } from 'node:fs/promises'
import { type Erasure, type Erasures, erasureSchema } from './erasures.ts'

/** The same erasures, each of which is in the file, on the disk, before it is stored. */
export const alsoNoted = (erasures: Erasures, path: string): Erasures => ({
  ...erasures,
  async save(erasure) {
    const file = await open(path, 'a', 0o600)
    try {
      await file.appendFile(`${JSON.stringify(erasure)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await erasures.save(erasure)
  },
})

/** Those that were noted, each seat once. A last line that was not written whole was not stored either. @throws Error that names a damaged line */
export async function readNoted(path: string): Promise<Erasure[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  const whole = lines.slice(0, -1).filter((line) => line !== '')
  const found = new Map<string, Erasure>()
  for (const [n, line] of whole.entries()) {
    const read = erasureSchema.safeParse(parsed(line))
    if (!read.success) throw new Error(`${path}:${n + 1} is not an erasure: repair or remove the line`)
    if (!found.has(read.data.seat)) found.set(read.data.seat, read.data)
  }
  return [...found.values()]
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
