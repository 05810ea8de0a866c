/** Seats that an applicant system has asked for, and what it was told of them. */
import { z } from 'zod'
import { type DocumentKind, findAll, present } from './documents.ts'
import type { Store } from './store.ts'

const id = z.string().min(1)

const schema = z.object({
  /** Of the participant: by it the system asks. Written before the seat is there. */
  seat: id,
  system: z.enum(['greenhouse', 'ashby']),
  sittingId: id,
  /** Where the system is told that there is news; null when all is told at one address. */
  url: z.string().nullable(),
  /** What tells its request from others: a request that is repeated has the same. */
  requestSha256: id,
  /** Whom the system means, where it says so. */
  personSha256: id.nullable(),
  /** The mail server has taken the invitation. */
  isSent: z.boolean(),
  /** The system has cancelled it. */
  isCancelled: z.boolean(),
  /** The news that it has acknowledged. */
  told: z.array(z.string()),
  /** The time that stood in the last of them. */
  toldMs: z.number().nullable(),
  tries: z.int(),
  nextTryMs: z.number(),
})
export type AtsTest = z.infer<typeof schema>

/** How it was when there was Greenhouse alone, and only one piece of news. */
interface First {
  seat: string
  sittingId: string
  url: string
  urlSha256: string
  isSent: boolean
  toldMs: number | null
  tries: number
  nextTryMs: number
}

const kind: DocumentKind<AtsTest> = {
  name: 'ats-tests',
  version: 2,
  upgrades: [
    (data) => {
      const { urlSha256, ...test } = data as First
      return {
        ...{ ...test, system: 'greenhouse', requestSha256: urlSha256, personSha256: null, isCancelled: false },
        told: test.toldMs === null ? [] : [`graded ${test.toldMs}`],
      }
    },
  ],
  indexes: { request: ({ requestSha256 }) => [requestSha256] },
  schema,
}

/** By participant. */
export interface AtsTests {
  find(seat: string): Promise<AtsTest | undefined>
  ofRequest(sha256: string): Promise<AtsTest[]>
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
    ofRequest: async (sha256) =>
      present(await Promise.all((await tests.keysBy('request', sha256)).map((key) => tests.find(key)))),
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
