/**
 * Loaded into a server's process before the server: answers over IPC what the process used so far, so that nobody else's work counts. Plain
 * JavaScript, so that a built server is measured without anything that reads TypeScript.
 */
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const grainMs = 10
const delay = monitorEventLoopDelay({ resolution: grainMs })
delay.enable()

/** @param {string} folder */
const entries = (folder) => {
  try {
    return readdirSync(folder).length
  } catch {
    return 0 // not on this system
  }
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10
/** What is measured is the whole time between two looks; without one it is NaN. @param {number} percent */
const delayMs = (percent) => round(Math.max(0, (delay.percentile(percent) || 0) / 1e6 - grainMs))

// Nobody is left who would end it.
process.once('disconnect', () => process.exit(1))
process.on('message', (/** @type {{ ask?: string, call?: number, collect?: boolean }} */ message) => {
  if (message.ask !== 'usage') return
  if (message.collect) globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const usage = {
    cpuMs: (user + system) / 1000,
    rssMb: round(rss / 2 ** 20),
    heapMb: round((heapUsed + external) / 2 ** 20),
    descriptors: entries('/proc/self/fd'),
    threads: entries('/proc/self/task'),
    loopDelayP50Ms: delayMs(50),
    loopDelayP99Ms: delayMs(99),
  }
  // Of each question only what was since the last one.
  delay.reset()
  process.send?.({ call: message.call, usage })
})
