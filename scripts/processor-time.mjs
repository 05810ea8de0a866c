/**
 * Loaded into each process of tests: at its end, writes what it took of the processor, with the programs that it ran and waited for, in
 * milliseconds into the folder of PODIUM_PROCESSOR_TIME. Where there is no /proc only its own is told.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

const msPerTick = 10
/** Of proc(5), counted behind the name in parentheses: cutime and cstime. */
const childrensUser = 13
const childrensSystem = 14

const childrensMs = () => {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[childrensUser]) + Number(fields[childrensSystem])) * msPerTick
  } catch {
    return 0
  }
}

const folder = process.env.PODIUM_PROCESSOR_TIME
// What a test starts is counted with it.
delete process.env.PODIUM_PROCESSOR_TIME
if (folder && isMainThread)
  process.on('exit', () => {
    const { user, system } = process.cpuUsage()
    const ms = (user + system) / 1000 + childrensMs()
    writeFileSync(join(folder, `${basename(process.argv[1] ?? '', '.js')}.ms`), String(Math.round(ms)))
  })
