/** Names of shells: one cluster's terminal has up to three, which share its files. */

/** Shells beside one cluster. */
export const mostShells = 3

/** @param base what the cluster's terminal is called @param number from 1 */
export const shellKey = (base: string, number: number): string => (number === 1 ? base : `${base}~${number}`)

/** What the cluster's terminal is called that the shell belongs to. */
export const baseOf = (key: string): string => key.replace(/~\d$/, '')

export const numberOf = (key: string): number => Number(/~(\d)$/.exec(key)?.[1] ?? 1)
