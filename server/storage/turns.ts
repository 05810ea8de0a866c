/** Has what is done under one key done one after the other. */
export interface OwnTurns {
  <T>(key: string, act: () => Promise<T>): Promise<T>
  /** Whether something of that key is done now, or waits. */
  isTaken(key: string): boolean
}

/** The store belongs to one process, so its memory is enough. */
export function createTurns(): OwnTurns {
  const last = new Map<string, Promise<unknown>>()
  const inTurn = <T>(key: string, act: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(act, act)
    last.set(key, turn)
    const leave = () => {
      if (last.get(key) === turn) last.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }
  return Object.assign(inTurn, { isTaken: (key: string) => last.has(key) })
}
