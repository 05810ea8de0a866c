/** Loaded into a server's process before the server: answers over IPC what the process used so far, so that nobody else's work counts. */
import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Usage } from './site.ts'

const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

const entries = (folder: string): number => {
  try {
    return readdirSync(folder).length
  } catch {
    return 0 // not on this system
  }
}

const round = (value: number): number => Math.round(value * 10) / 10
/** A histogram without a value yet says NaN. */
const delayMs = (percent: number): number => round((delay.percentile(percent) || 0) / 1e6)

process.on('message', (message: { ask?: 'usage'; call?: number; collect?: boolean }) => {
  if (message.ask !== 'usage') return
  if (message.collect) (globalThis as { gc?: () => void }).gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const usage: Usage = {
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
