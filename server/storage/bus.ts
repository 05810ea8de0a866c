/**
 * News between the parts of the site, of whatever process: a session has ended, something was appended. Who does not listen when it is told never
 * hears of it; what has to be known later is stored.
 */

export interface Bus {
  /** Tells everybody who listens to that topic. Resolves when it is on its way. */
  publish(topic: string, text: string): Promise<void>
  /**
   * Hears what is published from now on, in the order of whoever publishes; each once.
   * @param told what it throws is no trouble of the others
   * @returns stops it
   */
  subscribe(topic: string, told: (text: string) => void): () => void
}

/** Of one process: everybody has heard when `publish` returns. */
export function localBus(onError: (error: unknown) => void = () => undefined): Bus {
  const listeners = new Map<string, Set<(text: string) => void>>()
  return {
    async publish(topic, text) {
      for (const told of [...(listeners.get(topic) ?? [])])
        try {
          told(text)
        } catch (error) {
          onError(error)
        }
    },
    subscribe(topic, told) {
      const own = listeners.get(topic) ?? new Set()
      listeners.set(topic, own)
      // The same function may listen twice.
      const listener = (text: string): void => told(text)
      own.add(listener)
      return () => {
        own.delete(listener)
        if (own.size === 0 && listeners.get(topic) === own) listeners.delete(topic)
      }
    },
  }
}
