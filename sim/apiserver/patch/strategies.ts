/** How strategic merge patch treats a field of a definition. */

export interface MergeStrategy {
  /** Lists: items are merged rather than the list replaced. */
  isMerged: boolean
  /** The member that tells items apart; without one, items are plain values. */
  mergeKey?: string
  /** Maps: replaced as a whole. */
  isReplaced?: boolean
}

export function mergeStrategy(_schema: string, _field: string): MergeStrategy | undefined {
  return undefined
}

/** The definition of a field's value, or of its items. */
export function fieldSchema(_schema: string, _field: string): string | undefined {
  return undefined
}
