/** Values that were kept last, as many and as long together as there is room for: the oldest go first. The latest stays, however long it is. */

export interface Room {
  values: number
  /** Of all texts in them; a heap holds one or two bytes for each. */
  characters: number
}

export class KeptLately<V> {
  readonly #room: Room
  readonly #kept = new Map<string, { value: V; characters: number }>()
  #characters = 0

  constructor(room: Room) {
    this.#room = room
  }

  keep(key: string, value: V): void {
    this.take(key)
    const characters = charactersOf(value)
    this.#kept.set(key, { value, characters })
    this.#characters += characters
    for (const oldest of this.#kept.keys()) {
      const isRoom = this.#kept.size <= this.#room.values && this.#characters <= this.#room.characters
      if (isRoom || oldest === key) return
      this.take(oldest)
    }
  }

  find(key: string): V | undefined {
    return this.#kept.get(key)?.value
  }

  /** It is not kept any more. */
  take(key: string): V | undefined {
    const found = this.#kept.get(key)
    if (!found) return undefined
    this.#kept.delete(key)
    this.#characters -= found.characters
    return found.value
  }
}

/** About as much as what a member takes that is no text. */
const member = 16

function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let sum = 0
  for (const part of value instanceof Map || value instanceof Set ? value : Object.values(value))
    sum += member + charactersOf(part)
  return sum
}
