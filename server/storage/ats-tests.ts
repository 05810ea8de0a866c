/** Seats that an applicant system has asked for, and whom it waits to hear of. */
import { z } from 'zod'
import { type DocumentKind, findAll } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)

const schema = z.object({
  /** Of the participant: by it the system asks. */
  seat: id,
  sittingId: id,
  /** Where the system is told that there is news. */
  url: z.string(),
  urlSha256: id,
  /** The mail server has taken the invitation. */
  isSent: z.boolean(),
  /** Up to which end of theirs it was told; null before. */
  toldMs: z.number().nullable(),
  tries: z.int(),
  nextTryMs: z.number(),
})
export type AtsTest = z.infer<typeof schema>

const kind: DocumentKind<AtsTest> = {
  name: 'ats-tests',
  version: 1,
  upgrades: [],
  indexes: { url: ({ urlSha256 }) => [urlSha256] },
  schema,
}

/** By participant. */
export interface AtsTests {
  find(seat: string): Promise<AtsTest | undefined>
  ofUrl(sha256: string): Promise<AtsTest | undefined>
  list(): Promise<AtsTest[]>
  save(test: AtsTest): Promise<void>
  /** Changes one that is there. */
  update(seat: string, change: (test: AtsTest) => AtsTest): Promise<void>
  remove(seat: string): Promise<void>
}

export function createAtsTests(store: Store): AtsTests {
  const tests = store.documents(kind)
  return {
    find: (seat) => tests.find(seat),
    ofUrl: async (sha256) => {
      const [key] = await tests.keysBy('url', sha256)
      return key === undefined ? undefined : tests.find(key)
    },
    list: async () => findAll(tests, await tests.keys(), () => undefined),
    save: async (test) => void (await tests.update(test.seat, () => test)),
    update: async (seat, change) => {
      if (await tests.find(seat))
        await tests.update(seat, (test) => {
          if (!test) throw new Error(`the seat ${seat} was removed`)
          return change(test)
        })
    },
    remove: (seat) => tests.remove(seat),
  }
}
