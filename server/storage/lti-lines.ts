/** Grades that learning platforms wait for: somebody's work at one item, and the line of the platform's grade book that it goes to. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)
const ms = z.number()

const schema = z.object({
  /** Of the line and the person. */
  key: id,
  account: id,
  learnerId: id,
  platform: id,
  /** The person's id there. */
  subject: id,
  /** `challenge:crash-loop` */
  item: id,
  lineItem: id,
  createdAtMs: ms,
  /** How far the person's journal was read when the grade was looked at last. */
  seenSeq: z.int(),
  /** Of 1, as the platform has it; null before. */
  sent: z.number().nullable(),
  /** Of tries that came to nothing since. */
  tries: z.int(),
  nextTryMs: ms,
})
export type LtiLine = z.infer<typeof schema>

const kind: DocumentKind<LtiLine> = {
  name: 'lti-lines',
  version: 1,
  upgrades: [],
  indexes: { account: ({ account }) => [account] },
  schema,
}

export interface LtiLines {
  list(): Promise<LtiLine[]>
  /** Keeps what is known of one that is there. */
  keep(line: LtiLine): Promise<void>
  update(key: string, change: (line: LtiLine) => LtiLine): Promise<void>
  removeOf(account: string): Promise<void>
}

export function createLtiLines(store: Store): LtiLines {
  const lines = store.documents(kind)
  return {
    list: async () => findAll(lines, await lines.keys(), () => undefined),
    keep: async (line) =>
      void (await lines.update(line.key, (known) =>
        known?.learnerId === line.learnerId ? { ...known, account: line.account, lineItem: line.lineItem } : line,
      )),
    update: async (key, change) => {
      if (await lines.find(key))
        await lines.update(key, (line) => {
          if (!line) throw new Error(`the line ${key} was removed`)
          return change(line)
        })
    },
    removeOf: async (account) => {
      for (const key of await lines.keysBy('account', account)) await lines.remove(key)
    },
  }
}
