import { createHash } from 'node:crypto'

/** Eight hexadecimal digits that change with the text: what a translation says in `of`. */
export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
