/** Addresses as bytes: four of IPv4, sixteen of IPv6. Source: RFC 4291 §2.2 */

/** Undefined for a text that is no address. */
export function parseAddress(text: string): number[] | undefined {
  const numbers = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : undefined
  if (numbers) return numbers.every((number) => number < 256) ? numbers : undefined
  if (text.length > 39 || !text.includes(':')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [before, after] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const groups = [...before, ...(after ?? [])]
  const missing = 8 - groups.length
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group)) || (after ? missing < 1 : missing !== 0)) return undefined
  const whole = after ? [...before, ...Array<string>(missing).fill('0'), ...after] : before
  return whole.map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 255])
}
