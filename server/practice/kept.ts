/** What took long to compute and is asked for again: the last ones are kept. What fails is tried anew. */
export class Kept<T> {
  readonly #values = new Map<string, Promise<T>>()
  readonly #most: number
  constructor(most: number) {
    this.#most = most
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#values.get(key)
    if (known) return known
    const made = make().catch((error: unknown) => {
      this.#values.delete(key)
      throw error
    })
    this.#values.set(key, made)
    if (this.#values.size > this.#most) this.#values.delete(this.#values.keys().next().value!)
    return made
  }
}
