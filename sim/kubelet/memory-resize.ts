/** Whether memory limits may shrink now: not below what is in use. Pure. Source: pkg/kubelet/kuberuntime, validateMemoryResizeAction */

/** A running container of a Pod that is resized; without a limit where it has none. */
export interface MemoryChange {
  name: string
  beforeBytes: number | undefined
  afterBytes: number | undefined
  usedBytes: number
}

/** Why the resize has to wait, as the Pod's condition tells it. */
export function refuseMemoryResize(containers: readonly MemoryChange[]): string | undefined {
  const used = sumOf(containers, ({ usedBytes }) => usedBytes) ?? 0
  const errors: string[] = []
  const after = sumOf(containers, ({ afterBytes }) => afterBytes)
  if (
    shrinks(
      sumOf(containers, ({ beforeBytes }) => beforeBytes),
      after,
    ) &&
    used >= after
  )
    errors.push(`attempting to set pod memory limit (${after}) below current usage (${used})`)
  for (const { name, beforeBytes, afterBytes, usedBytes } of containers)
    if (shrinks(beforeBytes, afterBytes) && usedBytes >= afterBytes)
      // The use that is told is that of the whole Pod.
      errors.push(
        `attempting to set container ${JSON.stringify(name)} memory limit (${afterBytes}) below current usage (${used})`,
      )
  if (errors.length === 0) return undefined
  return `cannot decrease memory limits: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`
}

/** The Pod's limit is the sum of its containers', if each has one. */
function sumOf(
  containers: readonly MemoryChange[],
  of: (change: MemoryChange) => number | undefined,
): number | undefined {
  let sum = 0
  for (const container of containers) {
    const bytes = of(container)
    if (bytes === undefined) return undefined
    sum += bytes
  }
  return sum
}

/** A limit that was not there before shrinks what may be used, too. */
const shrinks = (before: number | undefined, after: number | undefined): after is number =>
  after !== undefined && (before === undefined || after < before)
