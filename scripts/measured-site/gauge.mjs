/**
 * Loaded into a server's process before the server: answers over IPC what the process used so far, so that nobody else's work counts. Plain
 * JavaScript, so that a built server is measured without anything that reads TypeScript.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const grainMs = 10
const delay = monitorEventLoopDelay({ resolution: grainMs })
delay.enable()

/** @param {string} folder */
const readdirIfAny = (folder) => {
  try {
    return readdirSync(folder)
  } catch {
    return [] // not on this system
  }
}

const msPerTick = 10
const pageBytes = 4096

/** Numbers of proc(5) that are used here, by their field less three: what comes before stands in front of the last parenthesis. */
const field = { parent: 1, user: 11, system: 12, childrenUser: 13, childrenSystem: 14, residentPages: 21 }

/** @returns {Map<number, number[]>} the fields of all processes of the machine, by their numbers; empty where nobody tells */
const allProcesses = () => {
  const found = new Map()
  for (const name of readdirIfAny('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      found.set(
        Number(name),
        stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .map(Number),
      )
    } catch {
      // It has ended meanwhile.
    }
  }
  return found
}

/**
 * What the processes below one use and used: those that live, and those that have ended.
 * @param {number} pid
 * @param {Map<number, number[]>} all
 * @returns {{ cpuMs: number, rssBytes: number }}
 */
const below = (pid, all) => {
  const own = all.get(pid)
  const sum = { cpuMs: own ? (own[field.childrenUser] + own[field.childrenSystem]) * msPerTick : 0, rssBytes: 0 }
  for (const [child, fields] of all) {
    if (fields[field.parent] !== pid) continue
    const theirs = below(child, all)
    sum.cpuMs += (fields[field.user] + fields[field.system]) * msPerTick + theirs.cpuMs
    sum.rssBytes += fields[field.residentPages] * pageBytes + theirs.rssBytes
  }
  return sum
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
  const children = below(process.pid, allProcesses())
  const usage = {
    cpuMs: (user + system) / 1000 + children.cpuMs,
    rssMb: round((rss + children.rssBytes) / 2 ** 20),
    heapMb: round((heapUsed + external) / 2 ** 20),
    descriptors: readdirIfAny('/proc/self/fd').length,
    threads: readdirIfAny('/proc/self/task').length,
    loopDelayP50Ms: delayMs(50),
    loopDelayP99Ms: delayMs(99),
  }
  // Of each question only what was since the last one.
  delay.reset()
  process.send?.({ call: message.call, usage })
})
