/** How much of the machine others use meanwhile: what is measured beside them says nothing about the server. */
import { readFileSync } from 'node:fs'

/** /proc/stat counts in hundredths of a second (USER_HZ). */
const tickMs = 10

/**
 * Processor time that all of the machine has spent, what a hypervisor took away included, in milliseconds. What runs at a lower priority
 * (nice) counts as well: some children of the server do.
 * Source: proc(5): user nice system idle iowait irq softirq steal; guests are counted in user and nice.
 * @param stat the text of /proc/stat @returns undefined when it has no such line
 */
export function busyMsOf(stat: string): number | undefined {
  const ticks = /^cpu +(.+)$/m.exec(stat)?.[1]?.split(' ').map(Number)
  if (!ticks || ticks.length < 8 || ticks.some(Number.isNaN)) return undefined
  const [user, nice, system, , , irq, softirq, steal] = ticks as Eight
  return (user + nice + system + irq + softirq + steal) * tickMs
}

type Eight = [number, number, number, number, number, number, number, number]

/**
 * Does something and tells how much others took of the machine meanwhile, in processors: 1 is one core.
 * @param ownMs the processor time of those that are measured. Where the system does not tell, nobody takes anything.
 */
export async function besideOthers<T>(
  ownMs: () => Promise<number>,
  act: () => Promise<T>,
): Promise<{ done: T; others: number }> {
  const before = { busy: busyMs(), own: await ownMs(), atMs: performance.now() }
  const done = await act()
  const after = { busy: busyMs(), own: await ownMs(), atMs: performance.now() }
  if (before.busy === undefined || after.busy === undefined) return { done, others: 0 }
  const foreignMs = after.busy - before.busy - (after.own - before.own)
  return { done, others: Math.max(0, foreignMs) / (after.atMs - before.atMs) }
}

function busyMs(): number | undefined {
  try {
    return busyMsOf(readFileSync('/proc/stat', 'utf8'))
  } catch {
    return undefined // not on this system
  }
}
