/** A throw-away server of PostgreSQL for measurements, which writes as durably as one that is used. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ThrowAwayDatabase {
  url: string
  stop(): Promise<void>
  start(): Promise<void>
  end(): void
}

export async function throwAwayDatabase(): Promise<ThrowAwayDatabase> {
  const child = spawn(process.execPath, ['scripts/postgres.mjs', '--durable'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const url = String((await lines.next()).value).replace('DATABASE_URL=', '')
  const act = async (line: 'start' | 'stop'): Promise<void> => {
    child.stdin.write(`${line}\n`)
    await lines.next()
  }
  return { url, stop: () => act('stop'), start: () => act('start'), end: () => void child.stdin.end() }
}
