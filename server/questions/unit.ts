/** The unit of a number: written behind it, and read off behind it. */

/** One of many: `Pod` of `Pods`, `address` of `addresses`. What is no English plural stays. */
const singular = (unit: string): string =>
  unit.length > 2 && unit.endsWith('s') ? unit.replace(/(?<=ss)es$|(?<!s)s$/, '') : unit

/** `2 Pods`, `1 Pod`; the value alone without a unit. */
export function withUnit(value: string, unit: string): string {
  if (unit === '') return value
  return `${value} ${value.trim() === '1' ? singular(unit) : unit}`
}

/** What somebody typed without the unit that they wrote behind it, whether one or many. */
export function withoutUnit(text: string, unit: string): string {
  const bare = text.trim()
  const written = [unit, singular(unit)].find((one) => one !== '' && bare.toLowerCase().endsWith(one.toLowerCase()))
  return written === undefined ? bare : bare.slice(0, -written.length).trim()
}
