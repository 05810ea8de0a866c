/** Makes an input smaller as long as it still does harm: fewer steps, shorter repetitions. */
import type { HostileInput, Step } from './input.ts'

const times = /⟦(\d+)\|/g

/**
 * Inputs to be tried one after the other, each smaller than the smallest that did harm; the first is the input itself.
 * @param didHarm what the input that was given last did
 */
export function* smallerInputs(input: HostileInput, didHarm: () => boolean): Generator<HostileInput, HostileInput> {
  let smallest = input
  yield input
  if (!didHarm()) return input
  for (let at = smallest.steps.length - 1; at >= 0 && smallest.steps.length > 1; at--) {
    const fewer = { ...smallest, steps: smallest.steps.filter((_, n) => n !== at) }
    yield fewer
    if (didHarm()) smallest = fewer
  }
  const count = [...JSON.stringify(smallest.steps).matchAll(times)].length
  for (let at = 0; at < count; at++)
    for (;;) {
      const halved = halvedAt(smallest, at)
      if (!halved) break
      yield halved
      if (!didHarm()) break
      smallest = halved
    }
  return smallest
}

/** @returns undefined when that repetition is one already */
function halvedAt(input: HostileInput, at: number): HostileInput | undefined {
  let n = -1
  let isHalved = false
  const text = JSON.stringify(input.steps).replace(times, (whole, number: string) => {
    n++
    if (n !== at || Number(number) <= 1) return whole
    isHalved = true
    return `⟦${Math.floor(Number(number) / 2)}|`
  })
  return isHalved ? { ...input, steps: JSON.parse(text) as Step[] } : undefined
}
