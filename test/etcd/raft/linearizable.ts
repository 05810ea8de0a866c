/** Whether there is an order of operations on a register, each between its beginning and its end, in which every read gives what was written last. */

export interface Operation {
  type: 'write' | 'read'
  value: unknown
  beginMs: number
  /** Undefined while nobody was answered: a write may have been done, or be done later. */
  endMs: number | undefined
}

/** Wing & Gong's search with a memory of what was tried. @param operations at most 31 that were answered or may have been done */
export function isLinearizable(history: readonly Operation[], first: unknown): boolean {
  const operations = history.filter(({ type, endMs }) => type === 'write' || endMs !== undefined)
  if (operations.length > 31) throw new Error(`${operations.length} operations are too many to look at in one go`)
  const answered = operations.reduce((mask, { endMs }, i) => (endMs === undefined ? mask : mask | (1 << i)), 0)
  const tried = new Set<string>()

  const search = (done: number, value: unknown): boolean => {
    if ((done & answered) === answered) return true
    const key = `${done} ${String(value)}`
    if (tried.has(key)) return false
    tried.add(key)
    let firstEndMs = Number.POSITIVE_INFINITY
    for (const [i, { endMs }] of operations.entries())
      if (!(done & (1 << i)) && endMs !== undefined && endMs < firstEndMs) firstEndMs = endMs
    return operations.some((operation, i) => {
      if (done & (1 << i) || operation.beginMs > firstEndMs) return false
      if (operation.type === 'read') return operation.value === value && search(done | (1 << i), value)
      return search(done | (1 << i), operation.value)
    })
  }
  return search(0, first)
}
