/**
 * Looks whether the audit log is as it was written: `npm run audit -- verify [--data FOLDER] [--anchor SEQ:HASH]`, while the server is stopped.
 * Prints a JSON line, whose `anchor` is to be kept elsewhere, and ends with 1 when something was altered, removed or put elsewhere.
 */
import { parseArgs } from 'node:util'
import { type Anchor, createAudit, parseAnchor, printAnchor, verifyChain } from '../server/hiring/audit.ts'
import { t } from '../server/i18n/translate.ts'
import { DocumentUnreadable } from '../server/storage/documents.ts'
import { reportFailure, withStoredData } from './stored-data.ts'

const usage = `usage: npm run audit -- verify [--data FOLDER] [--anchor SEQ:HASH]
  --data    the server's data folder; DATA_DIR unless told
  --anchor  what this command printed once: finds out also whether the end of the log was cut off, or all of it written anew`

interface Line {
  entries: number | null
  whole: boolean
  /** The place of the first entry that is not as it was. */
  at: number | null
  why: string
  anchor: string | null
}

const print = (line: Line): void => console.log(JSON.stringify(line))

async function verify(data: string | undefined, anchor: Anchor | undefined): Promise<number> {
  return withStoredData(data, async (storage) => {
    const damaged = (error: Error): number => {
      print({ entries: null, whole: false, at: null, why: error.message, anchor: null })
      return 1
    }
    try {
      const entries = await createAudit(storage.auditLog, Date.now).entries()
      const verdict = verifyChain(entries, anchor)
      const told = { entries: entries.length, whole: verdict.isWhole }
      if (!verdict.isWhole) {
        print({ ...told, at: verdict.at, why: t(verdict.problem.text, verdict.problem.values), anchor: null })
        return 1
      }
      print({ ...told, at: null, why: '', anchor: verdict.head ? printAnchor(verdict.head) : null })
      return 0
    } catch (error) {
      // Entries of another shape; a whole part of the log that is gone.
      if (error instanceof DocumentUnreadable || (error instanceof Error && /^(?:segment )?audit/.test(error.message)))
        return damaged(error)
      throw error
    }
  })
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string' }, anchor: { type: 'string' } },
  })
  const anchor = values.anchor === undefined ? undefined : parseAnchor(values.anchor)
  if (positionals.join(' ') !== 'verify' || (values.anchor !== undefined && !anchor)) {
    console.error(usage)
    return 2
  }
  return verify(values.data, anchor)
}

main().then((code) => {
  process.exitCode = code
}, reportFailure(usage))
