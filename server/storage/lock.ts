/** One process writes a data folder. The lock names its holder, and one left by a process that is gone is taken over. */
import { link, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readTextIfAny } from './durable-file.ts'

interface Holder {
  pid: number
  /** Tells this start of the machine from others: process ids repeat after a restart. */
  boot: string
  /** When the kernel started the process, in its own units: process ids repeat while the machine runs, too. */
  processStart: string
  since: string
}

export class DataFolderLocked extends Error {
  override readonly name = 'DataFolderLocked'
}

export interface Lock {
  release(): Promise<void>
}

/** @throws DataFolderLocked with the holder's process id, since when it holds the folder, and what to do. */
export async function lockFolder(folder: string): Promise<Lock> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock.json')
  const mine = JSON.stringify(await describeProcess(process.pid))
  const draft = join(folder, `lock.${process.pid}.tmp`)
  await writeFile(draft, mine)
  try {
    // link() makes the lock appear whole or not at all, so nobody ever reads half of one.
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await linked(draft, path)) return { release: () => releaseLock(path, mine) }
      await takeAwayStaleLock(folder, path)
    }
  } finally {
    await rm(draft, { force: true })
  }
  throw new DataFolderLocked(
    `${path} changes hands faster than it can be taken: are several servers starting on this folder?`,
  )
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function takeAwayStaleLock(folder: string, path: string): Promise<void> {
  const text = await readTextIfAny(path)
  if (text === undefined) return
  const holder = parseHolder(text)
  if (holder && (await isAlive(holder)))
    throw new DataFolderLocked(
      `${folder} is in use by process ${holder.pid} since ${holder.since}. Stop it, or start this one with another DATA_DIR.`,
    )
  const aside = join(folder, `lock.${process.pid}.stale`)
  await rename(path, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  // Somebody else may have taken the lock over since it was read: then what was moved is theirs and goes back.
  if ((await readTextIfAny(aside)) !== text) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

async function releaseLock(path: string, mine: string): Promise<void> {
  if ((await readTextIfAny(path)) === mine) await unlink(path)
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder
    return Number.isInteger(holder.pid) ? holder : undefined
  } catch {
    return undefined
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  const now = await describeProcess(holder.pid)
  return isRunning(holder.pid) && now.boot === holder.boot && now.processStart === holder.processStart
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function describeProcess(pid: number): Promise<Holder> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The command's name, in brackets, may hold blanks; the start time is the twentieth field after it.
  const processStart = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return { pid, boot: boot.trim(), processStart, since: new Date().toISOString() }
}
