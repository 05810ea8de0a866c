/** A way through the pages of home, search, study, exams, interviews and progress, in each of their states. */

import type { Catalog } from '../../../server/catalog/types.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createTestApp, visitor } from '../support.ts'

export interface Seen {
  name: string
  html: string
}

type Fields = Record<string, string | string[]>

const minuteMs = 60_000

/** A visitor whose browser prefers `language`, and a clock that can be set forward. */
async function arrive(language: string, change: (catalog: Catalog) => void = () => {}) {
  let nowMs = Date.UTC(2026, 2, 2, 9)
  const made = await createTestApp({ now: () => nowMs })
  for (const catalog of [made.catalog, ...(made.catalog.translations?.values() ?? [])]) change(catalog)
  const guest = await visitor(made.app)
  guest.agent.set('Accept-Language', language)
  const seen: Seen[] = []
  return {
    ...made,
    guest,
    seen,
    pass: (ms: number) => (nowMs += ms),
    async see(path: string, name = path) {
      const { text } = await guest.get(path)
      seen.push({ name, html: text })
      return text
    },
    async send(path: string, fields: Fields, name: string) {
      const { text, headers } = await guest.post(path, { shown: String(nowMs), before: '0', ...fields })
      if (text && !headers.location) seen.push({ name, html: text })
      return headers.location ?? ''
    },
    async swap(path: string, fields: Fields, name: string) {
      const { text } = await guest.htmx(path, { shown: String(nowMs), before: '0', ...fields })
      if (text) seen.push({ name, html: text })
    },
  }
}

export async function walkStudy(language: string): Promise<Seen[]> {
  const at = await arrive(language)
  for (const path of ['/', '/?after=delete', '/search', '/search?q=always', '/search?q=qqqqqq']) await at.see(path)
  for (const path of ['/study', '/study/review', '/study/notebook', '/progress']) await at.see(path, `${path}, new`)
  for (const path of ['/tracks', '/tracks/first']) await at.see(path)
  for (const until of ['soon', '2026-03-01', '2029-01-01']) await at.send('/tracks/first/own', { until }, `by ${until}`)
  await at.send('/tracks/first/own', { until: '2026-03-03' }, '')
  await at.see('/tracks/first', 'the own track')
  at.pass(4 * 24 * 60 * minuteMs)
  await at.see('/tracks/first', 'the own track, too late')
  await at.send('/tracks/first/own', {}, '')
  for (const path of ['/study/practice', '/study/practice?nothing=1']) await at.see(path)
  await at.see(`/questions/pod/always?v=1&in=practice-${Date.UTC(2026, 2, 2, 9).toString(36)}-weak`, 'in a round')
  await at.see(`/study/practice/rounds/practice-${Date.UTC(2026, 2, 2, 9).toString(36)}-weak`, 'no answer yet')
  await at.see(`/study/practice/rounds/practice-1-pod`, 'a round of a section')
  await at.see('/?after=delete&guess=2', 'a guess')
  await at.see('/', 'somebody with a past')
  await at.send('/study/notes', { item: 'lesson:pod/none' }, 'no such item')
  await at.send('/study/notes', { item: 'lesson:pod/life', text: '1'.repeat(4001) }, 'too long')
  await at.send('/progress/delete', {}, 'not confirmed')
  await at.swap('/study/bookmarks', { item: 'lesson:pod/life', on: 'yes' }, 'marks, one bookmarked')
  await at.send('/study/notes', { item: 'lesson:pod/life', text: '1' }, '')
  await at.swap('/study/bookmarks', { item: 'question:pod/always', on: 'no' }, 'marks, none')
  await at.send('/study/read', { item: 'lesson:pod/restarts', back: '/study' }, '')
  const answer = (id: string, given: string | string[], confidence: string) =>
    at.send(`/questions/pod/${id}/answer`, { v: '1', answer: given, confidence }, '')
  await answer('always', 'b', 'sure')
  await answer('choose', ['a', 'c'], 'fairly')
  await at.see('/study', '/study, nothing due')
  await at.see('/study/review', '/study/review, nothing due')
  at.pass(60 * minuteMs)
  await answer('claim', 'false', 'guess')
  at.pass(24 * 60 * minuteMs)
  await at.send('/challenges/three-pods', { do: 'run10', file: 'web.yaml' }, '')
  for (const path of ['/study', '/study/review', '/study/notebook', '/progress']) await at.see(path, `${path}, used`)
  return [...at.seen, ...(await walkExams(language)), ...(await walkInterview(language))]
}

async function walkExams(language: string): Promise<Seen[]> {
  const at = await arrive(language)
  await at.see('/study/exams', 'exams, none yet')
  const own = { pool: 'all', size: 'own', count: '10', minutes: '20', mode: 'timed', seed: 'one' }
  const wrong = { pool: 'x', size: 'own', count: '0', minutes: 'x', mode: 'x', seed: '<b>' }
  await at.send('/study/exams', wrong, 'an exam refused')
  await at.send('/study/exams', { ...wrong, size: 'x' }, 'an exam without a length refused')
  const timed = await at.send('/study/exams', own, '')
  const ids = await asked(at, 0)
  const pageOf = (id: string) => `${timed}/questions/${ids.indexOf(`pod/${id}`) + 1}`
  for (const id of ids) await at.see(`${timed}/questions/${ids.indexOf(id) + 1}`, `asked: ${id}`)
  await at.see(`${timed}/finish`, 'finish, nothing answered')
  await at.send(pageOf('always'), { do: 'save', answer: '' }, 'nothing chosen')
  await at.send(pageOf('always'), { do: 'next', answer: 'x' }, 'something that is no option')
  await at.send(pageOf('always'), { do: 'save', answer: 'a' }, '')
  await at.send(pageOf('choose'), { do: 'save', answer: ['a', 'c'] }, '')
  await at.send(pageOf('claim'), { do: 'save', answer: 'true' }, '')
  await at.send(pageOf('count'), { do: 'save', answer: '4' }, '')
  await at.send(pageOf('which-line'), { do: 'flag', answer: '' }, '')
  await at.swap(pageOf('choose'), { do: 'flag', answer: ['a', 'c'] }, 'flagged')
  await at.see('/study/exams', 'exams, one open')
  await at.see(`${timed}/finish`, 'finish')
  at.pass(20 * minuteMs)
  await at.send(pageOf('always'), { do: 'save', answer: 'a' }, 'too late')
  await at.see(`${timed}/results`, 'to be judged')
  at.labs.next.refusal = new LabRefusal(503, '…')
  await at.swap(`${timed}/judge`, {}, 'judging, refused')
  at.labs.next.refusal = new LabRefusal(422, '…')
  await at.send(`${timed}/judge`, {}, '')
  at.labs.next.refusal = undefined
  await at.see(`${timed}/results?show=all`, 'results')
  const training = await at.send('/study/exams', { ...own, mode: 'training', count: '9', minutes: '' }, '')
  const trained = await asked(at, 1)
  const page = (id: string) => `${training}/questions/${trained.indexOf(`pod/${id}`) + 1}`
  for (const [id, given] of Object.entries({ always: 'b', choose: ['a', 'c'], claim: 'false' }))
    if (trained.includes(`pod/${id}`)) await at.swap(page(id), { do: 'answer', answer: given }, `training: ${id}`)
  await at.see(`${training}/finish`, 'finish, training')
  await at.send(`${training}/finish`, {}, '')
  await at.send(page('always'), { do: 'save', answer: 'a' }, 'handed in before')
  for (const pool of ['cka', 'ckad']) {
    const exam = await at.send('/study/exams', { ...own, pool, mode: 'exam', size: 'short', seed: 'two' }, pool)
    if (!exam) continue
    await at.see(`${exam}/questions/1`, `${pool}, first question`)
    await at.send(`${exam}/finish`, {}, '')
    await at.send(`${exam}/judge`, {}, '')
    await at.see(`${exam}/results`, `${pool}, results`)
  }
  await at.see('/study/exams', 'exams, several')
  await at.see(`/study/exams/${'0'.repeat(18)}`, 'no such exam')
  await at.see(`${timed}/questions/99`, 'no such place')
  await at.see('/progress', '/progress, after exams')
  return at.seen
}

async function walkInterview(language: string): Promise<Seen[]> {
  const at = await arrive(language, ({ questions }) => {
    const open = questions.get('pod/tell-me')!
    for (const n of [1, 2, 3, 4]) questions.set(`pod/tell-${n}`, { ...open, id: `pod/tell-${n}`, title: `Tell ${n}` })
    questions.set('storage/tell', { ...open, id: 'storage/tell', section: 'storage' })
  })
  await at.see('/study/interview', 'interviews, none yet')
  await at.send('/study/interview', { section: 'x', count: '7', seed: '<b>' }, 'an interview refused')
  const begin = async (seed: string) => at.send('/study/interview', { section: 'all', count: '5', seed }, '')
  const url = await begin('one')
  await at.see(`${url}/questions/1`, 'asked')
  await at.send(`${url}/questions/1`, { do: 'show', answer: '1'.repeat(9000) }, 'too many words')
  await at.swap(`${url}/questions/1`, { do: 'show', answer: '1' }, 'shown')
  await at.send(`${url}/questions/1`, { do: 'mark', answer: ['1', 'none'] }, 'marked by what is not there')
  at.pass(minuteMs)
  await at.swap(`${url}/questions/1`, { do: 'mark', answer: ['1', 'first'], confidence: 'sure' }, 'marked')
  await at.see('/study', '/study, with an interview')
  await at.see('/study/interview', 'interviews, one open')
  await at.see(`${url}/questions/1`, 'marked, looked at again')
  await at.send(`${url}/questions/2`, { do: 'finish' }, '')
  await at.see(`${url}/summary`, 'summary')
  await at.see(`${url}/questions/2`, 'after its end')
  await at.send(`${url}/questions/2`, { do: 'show', answer: '1' }, 'shown too late')
  const nothing = await begin('two')
  await at.send(`${nothing}/questions/1`, { do: 'finish' }, '')
  await at.see(`${nothing}/summary`, 'summary of nothing')
  await at.see('/study/interview', 'interviews, several')
  await at.see(`/study/interview/${'0'.repeat(18)}`, 'no such interview')
  return at.seen
}

/** The questions of an exam, in its order. */
async function asked(at: Awaited<ReturnType<typeof arrive>>, nth: number): Promise<string[]> {
  // Not from the export: it keeps what an open exam asks to itself.
  const { learnerId } = await at.deps.sessions.visitor(at.guest.cookie)
  const { mocks } = await at.deps.journals.work(practiceSeat(learnerId))
  return mocks[nth]!.items.map(({ questionId }) => questionId)
}
