/** Waiting for what will be so, however slow the machine is. */

/** No test is about how long it takes. */
const patienceMs = 120_000

/** Waits, in real time, until it is so. @throws Error when it never becomes so */
export async function until(isSo: () => boolean | Promise<boolean>, what = 'what is waited for'): Promise<void> {
  const end = performance.now() + patienceMs
  for (;;) {
    if (await isSo()) return
    if (performance.now() > end) throw new Error(`still not so: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
