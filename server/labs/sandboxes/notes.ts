/** What a host works on, in a file without a name that its process shares with the server: one that ends tells nobody why. */
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Notes {
  /** The opening that it works on; 0 for none. */
  current: number
  /** The latest that was not 0. */
  last: number
  /** How often it has paused. */
  pauses: number
}

const count = 3

/** The server's side. @throws when no folder for temporary files can be written */
export function openNotes(): { file: number; read(): Notes; close(): void } {
  const file = openUnnamed()
  const numbers = new Float64Array(count)
  writeSync(file, numbers, 0, numbers.byteLength, 0)
  return {
    file,
    read() {
      readSync(file, numbers, 0, numbers.byteLength, 0)
      const [current, last, pauses] = numbers as unknown as [number, number, number]
      return { current, last, pauses }
    },
    close: () => closeSync(file),
  }
}

/** The host's side. @returns what it tells of the opening that it works on from now on */
export function noteIn(file: number): (opening: number) => void {
  const numbers = new Float64Array(count)
  return (opening) => {
    numbers[0] = opening
    if (opening !== 0) numbers[1] = opening
    numbers[2]!++
    writeSync(file, numbers, 0, numbers.byteLength, 0)
  }
}

function openUnnamed(): number {
  const failures: string[] = []
  for (const folder of [tmpdir(), '/dev/shm'])
    try {
      const path = join(folder, `podium-${randomUUID()}`)
      const file = openSync(path, 'wx+', 0o600)
      unlinkSync(path)
      return file
    } catch (error) {
      failures.push((error as Error).message)
    }
  throw new Error(`No temporary file can be made: set TMPDIR to a folder that can be written (${failures.join('; ')})`)
}
