/** A site with a job, an exercise that is open, whoever manages them, and candidates who come by their links. */
import type { KnownAct } from '../../../server/journal/acts/registry.ts'
import type { GivenRole } from '../../../server/sittings/roles.ts'
import { hashLog } from '../../../server/storage/evidence.ts'
import type { Command, LoggedCommand } from '../../../sim/index.ts'
import { createTestApp, visitor } from '../support.ts'

const passphrase = 'acorn river maple stone olive'

type Site = Awaited<ReturnType<typeof createTestApp>>

/** Somebody who is signed in, with a role. */
export async function manager({ app, deps }: Site, name = 'mara', role: GivenRole = 'hiring-manager') {
  const one = await member({ app }, name)
  await deps.staff.grant((await deps.accounts.find(name))!, role, null)
  return one
}

/** Somebody who is signed in. */
export async function member({ app }: Pick<Site, 'app'>, name: string) {
  const guest = await visitor(app)
  await guest.post('/account', { name, which: 'own', own: passphrase, again: passphrase }).expect(303)
  const token = /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
  return {
    ...guest,
    csrf: token,
    post: (path: string, fields: Record<string, string | readonly string[]> = {}) => {
      const form = new URLSearchParams({ _csrf: token })
      for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one)
      return guest.agent.post(path).type('form').send(form.toString())
    },
  }
}

/** The clock of the site; `pass` moves it on. */
export function clock(startMs = Date.UTC(2026, 2, 2, 9, 0, 0)) {
  let nowMs = startMs
  return { now: () => nowMs, pass: (minutes: number) => (nowMs += minutes * 60_000) }
}

/** A job with the ready-made exercise of the tests as a draft. */
export async function hiring(over: Parameters<typeof createTestApp>[0] = {}) {
  const site = await createTestApp(over)
  const mara = await manager(site)
  const made = await mara
    .post('/hiring/jobs', { title: 'Platform engineer', contact: 'Mara', retention: '90' })
    .expect(303)
  const job = made.headers.location!
  const { location } = (await mara.post(`${job}/exercises`, { from: 'first-round' }).expect(303)).headers
  const exercise = location!.replace(/\/edit$/, '')
  const id = exercise.split('/').at(-1)!
  const act = (pressed: string) => mara.post(`${exercise}/act`, { do: pressed }).expect(303)
  const terms = { from: '', until: '2026-03-20', factor: '1', language: 'en', do: 'one' }
  /** @returns the address of the link, without the site */
  const invites = async (name: string, over: Record<string, string> = {}): Promise<string> => {
    const { text } = await mara.post(`${exercise}/invite`, { ...terms, name, mail: '', ...over }).expect(200)
    return /\/c\/[a-f0-9]{32}/.exec(text)![0]
  }
  const seats = async () => (await site.deps.storage.participants.listOf(id)).filter(({ candidate }) => candidate)
  return { ...site, mara, job, exercise, id, act, invites, terms, seats }
}

interface Done {
  /** Lines of kubectl. */
  lines?: readonly string[]
  /** Of 4. */
  score?: number
  params?: Record<string, string | number>
  seed?: string
}

/** Somebody who handed in the challenge of the tests, as it was graded. */
export async function gradedCandidate(
  { deps, catalog, id }: Pick<Awaited<ReturnType<typeof hiring>>, 'deps' | 'catalog' | 'id'>,
  name: string,
  { lines = ['get pods'], score = 4, params = {}, seed = `seed-${name}` }: Done = {},
): Promise<{ sittingId: string; participantId: string }> {
  const seat = { sittingId: id, participantId: name }
  await deps.storage.participants.save({
    ...{ id: name, sittingId: id, learnerId: null, nickname: '', joinedAtMs: deps.now(), startedAtMs: null },
    ...{ finishedAtMs: null, seed, timeMultiplier: 1, consent: null },
    candidate: {
      ...{ blindName: `Candidate ${name.toUpperCase()}`, tokenSha256: name, opensAtMs: null, untilMs: 9e15 },
      ...{ language: 'en', revokedAtMs: null },
    },
  })
  const log: LoggedCommand[] = lines.map((line, n) => ({ command: { op: 'kubectl', line } as Command, atMs: n * 1000 }))
  const contentHash = catalog.challenges.get('three-pods')!.hash
  const of = { item: 'challenge:three-pods', contentHash, engineVersion: '1', virtualMs: 0 }
  const attempt = `attempt-${name}`
  const result = { gradable: true, score, maxScore: 4, passed: score === 4, tests: [], gates: [], params }
  const acts = [
    { act: 'consented', data: { purposes: ['grading'] } },
    { act: 'started', data: {} },
    { act: 'opened', ...of, data: { attempt, seed, drafts: {}, earlierDrafts: [], hintsOpened: [] } },
    ...log.map((logged) => ({ act: 'ran', ...of, virtualMs: logged.atMs, data: { attempt, logged, exit: 0 } })),
    {
      ...{ act: 'graded', ...of },
      data: {
        ...{ attempt, commands: log.length, hintsOpened: [], result },
        proof: { sha256: hashLog(log), seed, contentHash, engineVersion: '1' },
      },
    },
    { act: 'handed-in', data: {} },
  ].map((one, at) => ({ ...one, id: `${name}/${at}`, atMs: deps.now() }) as unknown as KnownAct)
  await deps.journals.add(seat, acts)
  return seat
}
