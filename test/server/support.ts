/**
 * The application for tests: memory (with TEST_STORAGE=postgres a database of its own), a fixed clock, counted ids, a fake lab, and a small
 * catalog of its own.
 */
import assert from 'node:assert/strict'
import { pino } from 'pino'
import supertest from 'supertest'
import { createAccounts } from '../../server/accounts/accounts.ts'
import { createHashing } from '../../server/accounts/passphrase.ts'
import { createSessions } from '../../server/accounts/sessions.ts'
import { createStaff } from '../../server/accounts/staff.ts'
import { createApp } from '../../server/app.ts'
import { loadCatalogOrThrow } from '../../server/catalog/load.ts'
import type { Catalog } from '../../server/catalog/types.ts'
import { parseConfig } from '../../server/config.ts'
import { createDeliveries } from '../../server/doors/deliveries.ts'
import { createGradings } from '../../server/grading/gradings.ts'
import { hashOf, pinItems } from '../../server/grading/pinned-items.ts'
import { createAudit } from '../../server/hiring/audit.ts'
import { createExercises } from '../../server/hiring/exercises.ts'
import { createScoreSheets } from '../../server/hiring/score-sheets.ts'
import { actOfAttempt } from '../../server/journal/folds/attempts.ts'
import { actOfMock } from '../../server/journal/folds/mocks.ts'
import { createJournals } from '../../server/journal/journals.ts'
import type { AppDeps } from '../../server/pages/deps.ts'
import { resultsOf, sumOf } from '../../server/practice/exercise-results.ts'
import { createReadiness } from '../../server/readiness.ts'
import { createRenderer } from '../../server/render/page.ts'
import { practiceSeat } from '../../server/seat.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../server/storage/memory.ts'
import { createPostgresStore } from '../../server/storage/postgres/store.ts'
import type { Store } from '../../server/storage/store.ts'
import type { Attempt, Mock } from '../../server/storage/types.ts'
import { createRooms } from '../../server/workshops/rooms.ts'
import { engineVersion } from '../../sim/forms.ts'
import { freshDatabase } from '../support/postgres.ts'
import { createFakeLabs, type FakeLabs } from './fake-labs.ts'
import { someSandboxes } from './labs/sandboxes/support.ts'

export const secretOfTests = 'a secret of at least thirty-two characters'
export const fixtureFolder = new URL('fixtures/content', import.meta.url).pathname

async function storeForTests(): Promise<Store> {
  if (process.env.TEST_STORAGE !== 'postgres') return createMemoryStore()
  const { url } = await freshDatabase()
  return createPostgresStore({ url, most: 3, mayEndIdle: true })
}

let loaded: Promise<Catalog> | undefined

/** The catalog of the tests: a process reads it once. Each caller may put others in the place of items; the items themselves are shared. */
export async function fixtureCatalog(): Promise<Catalog> {
  loaded ??= loadCatalogOrThrow(fixtureFolder)
  return copyOf(await loaded)
}

function copyOf(catalog: Catalog): Catalog {
  const copies = Object.entries(catalog).map(([name, items]) => [name, items instanceof Map ? new Map(items) : items])
  const { translations, ...copy } = Object.fromEntries(copies) as Catalog
  if (!translations) return copy
  return { ...copy, translations: new Map([...translations].map(([locale, theirs]) => [locale, copyOf(theirs)])) }
}

/** It compiles each template once. */
const renderer = createRenderer({ isChecked: true })

export async function createTestApp(over: Partial<AppDeps> = {}) {
  const labs: FakeLabs = createFakeLabs()
  const catalog = await fixtureCatalog()
  let ids = 0
  const secret = secretOfTests
  const storage = over.storage ?? createStorage(await storeForTests())
  const now = over.now ?? (() => Date.UTC(2026, 2, 2, 9, 0, 0))
  const rooms = createRooms({
    ...{ storage, now },
    pin: (items) => pinItems({ storage, catalog: () => deps.catalog(), now }, items),
  })
  const exercises = createExercises({ storage, now })
  const journals =
    over.journals ??
    createJournals({
      ...{ storage, now, moved: () => deps.catalog().moved },
      ...{ engineVersion, hashOf: (item) => hashOf(deps.catalog(), item) },
      ...{ standingInRoom: rooms.standingOf, courseOfExercise: exercises.course },
    })
  const deps: AppDeps = {
    config: parseConfig({ RATE_LIMIT: '100000', LOG_LEVEL: 'silent' }),
    secret,
    storage,
    journals,
    rooms,
    exercises,
    scoreSheets: createScoreSheets(storage.scores, now),
    audit: createAudit(storage.auditLog, now),
    // It looks when a test says so.
    deliveries: createDeliveries({
      ...{ storage, journals, exercises, secret, now, publicUrl: 'https://podium.example', looksBySelf: false },
      outside: { allowsLoopback: true },
      percentOf: (exercise, work) => sumOf(resultsOf(exercise, work)).percent,
      onError: (error) => assert.fail(String(error)),
    }),
    gradings: createGradings({
      otherEngines: () => [],
      ...{ storage, journals, labs: over.labs ?? labs, secret, now, catalog: () => deps.catalog(), together: 2 },
      onError: (error) => assert.fail(String(error)),
    }),
    // At a thousandth of the cost.
    accounts: createAccounts({ storage, now, hashing: createHashing({ logN: 4, r: 8, p: 1 }) }),
    sessions: createSessions({ storage, secret, now }),
    staff: createStaff({ storage, now }),
    mail: undefined,
    oidc: undefined,
    lti: undefined,
    greenhouse: undefined,
    ashby: undefined,
    labs,
    sandboxes: (await someSandboxes()).sandboxes,
    catalog: () => catalog,
    renderer,
    readiness: createReadiness({ checks: {}, logger: pino({ level: 'silent' }) }),
    logger: pino({ level: 'silent' }),
    now,
    newId: () => (++ids).toString(16).padStart(18, '0'),
    ...over,
  }
  return { app: createApp(deps), deps, labs, catalog }
}

/** A browser with a session: keeps its cookie and sends the token with every form. */
export async function visitor(app: ReturnType<typeof createApp>) {
  // To compress each page, and to unpack it here, takes as long as to write it.
  const agent = supertest.agent(app).set('Accept-Encoding', 'identity')
  const first = await agent.get('/help')
  const token = /name="_csrf" value="([^"]+)"/.exec(first.text)![1]!
  return {
    agent,
    token,
    cookie: String(first.headers['set-cookie']).split(';')[0]!,
    get: (path: string) => agent.get(path),
    post: (path: string, fields: Record<string, string | string[]> = {}) =>
      agent
        .post(path)
        .type('form')
        .send(new URLSearchParams(pairs({ _csrf: token, ...fields })).toString()),
    htmx: (path: string, fields: Record<string, string | string[]> = {}) =>
      agent
        .post(path)
        .set('HX-Request', 'true')
        .type('form')
        .send(new URLSearchParams(pairs({ _csrf: token, ...fields })).toString()),
  }
}

function pairs(fields: Record<string, string | string[]>): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((item): [string, string] => [name, item]),
  )
}

/** Puts others in the place of a learner's attempts, as if they had come so: undefined for none. */
export async function exchangeAttempts(
  { journals }: Pick<AppDeps, 'journals'>,
  learnerId: string,
  change: (attempt: Attempt) => Attempt | undefined,
): Promise<void> {
  const seat = practiceSeat(learnerId)
  const { attempts } = await journals.work(seat)
  const others = (await journals.acts(seat)).filter(({ item }) => !item?.startsWith('challenge:'))
  await journals.remove(seat)
  const exchanged = attempts.map(change).filter((attempt) => attempt !== undefined)
  await journals.add(seat, [...others, ...exchanged.map(actOfAttempt)])
}

/** Puts another one in the place of a learner's mock exam, as if it had come so. */
export async function exchangeMock(
  { journals }: Pick<AppDeps, 'journals'>,
  learnerId: string,
  id: string,
  change: (mock: Mock) => Mock,
): Promise<Mock> {
  const seat = practiceSeat(learnerId)
  const mock = (await journals.work(seat)).mocks.find((one) => one.id === id)
  const exchanged = change(mock!)
  await journals.write(seat, () => [{ act: 'mock-removed', data: { mock: id } }])
  await journals.add(seat, [actOfMock(exchanged)])
  return exchanged
}
