/** Files of rules, by the patterns that name them. */
import type { Process } from '../../runtime/process.ts'

/** The files that a pattern stands for: `*` in its last part. */
export function filesOf({ files }: Process, pattern: string): string[] {
  if (!pattern.includes('*')) return files.exists(pattern) ? [pattern] : []
  const folder = pattern.slice(0, pattern.lastIndexOf('/'))
  const name = new RegExp(
    `^${pattern
      .slice(folder.length + 1)
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')}$`,
  )
  if (!files.exists(folder)) return []
  return files
    .list(folder)
    .filter((one) => name.test(one) && !one.startsWith('..'))
    .map((one) => `${folder}/${one}`)
}
