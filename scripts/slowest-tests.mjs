/**
 * A reporter of Node's test runner: the files whose tests took most of the time, so that whoever waits for a run knows what it waited for. Times
 * are by the clock, with what ran beside them.
 */
const shown = 15

/** @param {AsyncIterable<{ type: string, data: { nesting?: number, file?: string, details?: { duration_ms?: number } } }>} source */
export default async function* slowestTests(source) {
  /** @type {Map<string, number>} */
  const taken = new Map()
  for await (const { type, data } of source) {
    if (data.nesting !== 0 || (type !== 'test:pass' && type !== 'test:fail')) continue
    const file = (data.file ?? '').replace(/^.*?\btest\/(?:\d+\/)?/, '')
    taken.set(file, (taken.get(file) ?? 0) + (data.details?.duration_ms ?? 0))
  }
  const slowest = [...taken].sort(([, a], [, b]) => b - a).slice(0, shown)
  yield `the slowest of ${taken.size} files:\n`
  for (const [file, ms] of slowest) yield `${(ms / 1000).toFixed(0).padStart(6)} s  ${file}\n`
}
