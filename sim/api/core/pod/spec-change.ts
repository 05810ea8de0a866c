/** Says what changed in a spec, below the refusal to change it. Laid out like go-cmp's diff, which the server appends. */
import { equalJson } from '../../meta/json.ts'
import type { PodSpec } from '../pod-types.ts'

/**
 * The fields that differ, old value before new, and how many are the same.
 * Simplified: whole fields of the spec, values as JSON; go-cmp descends and prints Go syntax.
 */
export function describeSpecChange(old: PodSpec, changed: PodSpec): string {
  const before = old as unknown as Record<string, unknown>
  const after = changed as unknown as Record<string, unknown>
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => before[field] !== undefined || after[field] !== undefined,
  )
  const lines: string[] = []
  let same = 0
  for (const field of fields) {
    if (equalJson(before[field], after[field])) {
      same++
      continue
    }
    lines.push(`- \t${goName(field)}: ${shown(before[field])},`, `+ \t${goName(field)}: ${shown(after[field])},`)
  }
  return ['  core.PodSpec{', ...lines, `  \t... // ${same} identical fields`, '  }', ''].join('\n')
}

const goName = (field: string): string => field[0].toUpperCase() + field.slice(1)
const shown = (value: unknown): string => (value === undefined ? 'nil' : JSON.stringify(value))
