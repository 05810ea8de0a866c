/**
 * What a kernel takes of arguments and environment when it starts a program.
 * Source: execve(2), "Limits on size of arguments and environment": MAX_ARG_STRLEN, and a quarter of a stack of 8 MiB.
 */
import { chargeText } from '../engine/work.ts'
import { byteLength } from './file-tree.ts'

/** Of one argument, or one variable with its name, the byte at its end included. */
export const mostArgumentBytes = 32 * 4096
/** Of all together, with a pointer for each. */
export const mostArgumentsBytes = 2 * 1024 * 1024

const pointerBytes = 8

/** Whether a program cannot be started with these: execve then says E2BIG. */
export function isTooLong(argv: readonly string[], env: Readonly<Record<string, string>>): boolean {
  let all = 0
  const isOver = (bytes: number): boolean => {
    all += bytes + 1 + pointerBytes
    return bytes >= mostArgumentBytes || all > mostArgumentsBytes
  }
  const bytesOf = (text: string): number => {
    // A character has a byte or more.
    if (text.length >= mostArgumentBytes) return text.length
    chargeText(text.length)
    return byteLength(text)
  }
  for (const text of argv) if (isOver(bytesOf(text))) return true
  for (const name in env) if (isOver(name.length + 1 + bytesOf(env[name]))) return true
  return false
}
