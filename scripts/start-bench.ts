/** What a start of the built server costs: processor time of the whole process, threads that warm up included. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const catalogs = 'dist/catalog'
/** Until its threads have loaded the simulator, on a busy machine as well. */
const warmMs = 5000

/**
 * `cpuMs` and `ms` until it listens, with compiled content; `warmCpuMs` once its threads are warm (Linux only); `readingCpuMs` until
 * it listens when it has to read all content. The better of two starts each.
 */
export async function benchStart(): Promise<Record<string, number>> {
  const compiled = [await start('content', true), await start('content', true)]
  const reading = [await startReading(), await startReading()]
  const best = (starts: Started[], figure: keyof Started) => Math.min(...starts.map((started) => started[figure]))
  return {
    cpuMs: best(compiled, 'cpuMs'),
    ms: best(compiled, 'ms'),
    warmCpuMs: best(compiled, 'warmCpuMs'),
    readingCpuMs: best(reading, 'cpuMs'),
  }
}

interface Started {
  cpuMs: number
  ms: number
  warmCpuMs: number
}

/** On a copy of the content, of which nothing is compiled yet. */
async function startReading(): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-bench-'))
  await cp('content', folder, { recursive: true })
  try {
    return await start(folder, false)
  } finally {
    await rm(folder, { recursive: true })
    const made = (await readdir(catalogs)).filter((name) => name.startsWith(basename(folder)))
    for (const name of made) await rm(join(catalogs, name))
  }
}

async function start(content: string, isWarmed: boolean): Promise<Started> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/server/index.js'], {
    env: { ...process.env, STORAGE: 'memory', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', CONTENT_DIR: content },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  for await (const part of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    printed += part
    if (printed.includes('Podium is at')) break
  }
  const ms = performance.now() - startedMs
  const cpuMs = Number(/"cpuMs":(\d+)/.exec(printed)?.[1])
  child.stdout.resume()
  if (isWarmed) await setTimeout(warmMs)
  const warmCpuMs = await processorMs(child.pid!)
  child.kill()
  await once(child, 'close')
  return { cpuMs, ms, warmCpuMs }
}

/** Of a process, from what Linux counts in hundredths of a second; not a number elsewhere. */
async function processorMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * 10
}
