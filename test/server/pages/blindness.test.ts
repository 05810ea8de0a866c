/** What a reviewer gets holds nothing of who a candidate is, or of when they sat: no byte of any page, header or file that they reach. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aFailedGrade } from '../fake-labs.ts'
import { member } from './hiring-site.ts'
import { reviewing } from './review-site.ts'

const mostPages = 700
/** What ends the session, and what leads off the site. */
const isLeft = (path: string): boolean => /^\/(account\/sign-out|static\/)/.test(path)

/** All local addresses in an answer. */
function linksOf(text: string, from: string): string[] {
  return [...text.matchAll(/\b(?:href|src|hx-get|data-\w+)="([^"#]+)(?:#[^"]*)?"/g)].flatMap(([, given]) => {
    const address = given!.replaceAll('&amp;', '&')
    if (!/^[/?]/.test(address) || address.startsWith('//')) return []
    const url = new URL(address, `http://site${from}`)
    return isLeft(url.pathname) ? [] : [`${url.pathname}${url.search}`]
  })
}

test('no byte that a reviewer reaches tells who a candidate is', { timeout: 300_000 }, async () => {
  const site = await reviewing()
  const { reviewer, invites, deps, time, id, labs, mara, job, exercise } = site
  labs.next.grade = aFailedGrade()
  // Somebody with an account, who sits on another day than anything else happens.
  time.pass(3 * 24 * 60)
  const [sittingDay, sittingHour] = new Date(time.now()).toISOString().split('T') as [string, string]
  const link = await invites('Canaryname Canarysurname', { mail: 'canary.mail@example.org' })
  const canary = await member(site, 'canary-account')
  await canary.post(link, { do: 'consent', grading: 'yes' }).expect(200)
  await canary.post(`${link}/start`).expect(303)
  await canary.post(`${link}/questions/pod/always/answer`, { answer: 'b' }).expect(303)
  time.pass(7)
  await canary
    .post(`${link}/challenges/three-pods/draft`, { file: 'web.yaml', content: 'kind: Deployment' })
    .expect(204)
  for (const line of ['get pods', 'describe pod web-1', 'scale deployment web --replicas=3'])
    await canary.post(`${link}/challenges/three-pods`, { do: 'kubectl', line }).expect(303)
  await canary.post(`${link}/work`, { do: 'note', text: 'I used a search engine.' }).expect(303)
  await canary.post(`${link}/hand-in`).expect(303)
  await site.look()
  const [seat] = await site.seats()
  await deps.storage.participants.update(id, seat!.id, (person) => ({ ...person, nickname: 'CANARYNICK' }))
  const handedIn = (await deps.journals.acts({ sittingId: id, participantId: seat!.id })).map(({ atMs }) =>
    String(atMs),
  )
  const n = seat!.candidate!.blindName.split(' ')[1]!.toLowerCase()
  const href = `${exercise}/candidates/${n}`
  time.pass(20 * 24 * 60)
  const canaries = [
    ...['Canaryname', 'Canarysurname', 'canary.mail', 'canary-account', 'CANARYNICK', seat!.learnerId!, link.slice(3)],
    ...[sittingHour.slice(0, 5), ...handedIn],
  ].filter((one): one is string => Boolean(one))
  assert.ok(canaries.length > 12)
  assert.equal(sittingDay, '2026-03-05')

  const rita = await reviewer('rita')
  const seen = new Map<string, string>()
  const found: string[] = []
  const note = (
    what: string,
    { status, headers, text }: { status: number; headers: object; text?: string },
  ): string => {
    const body = text ?? ''
    // When it is asked, by the clock of this machine, is nobody's time: the header Date, and the end of a cookie.
    const told = JSON.stringify({ ...headers, date: '' }).replaceAll(/Expires=[^;"]*/gi, '')
    const bytes = `${told}\n${body}`
    // The list of daily incidents has every day, whoever sat on it.
    for (const one of what === 'GET /daily' ? canaries : [...canaries, sittingDay, '3月5日'])
      if (bytes.toLowerCase().includes(one.toLowerCase())) found.push(`${what} (${status}) holds ${one}`)
    return body
  }
  const score = `${href}/score`
  const replay = `${href}/replay/three-pods`
  const ask = async (path: string, fields: Record<string, string>) =>
    note(`POST ${path}`, await rita.post(path, fields))
  await ask(score, { do: 'save', 'level-safety': '3', 'says-safety': 'fine' })
  await ask(score, { do: 'pin', item: 'challenge:three-pods', at: '1', dimension: 'proof', 'pin-says': 'here' })
  await ask(`${replay}/what-if`, { at: '999999999', do: 'drop' })
  await ask(`${replay}/what-if`, { at: '1', do: 'change', text: 'get nodes' })
  await ask(`${replay}/fork`, { at: '999999999' })
  await ask(`${href}/time`, { do: 'credit', minutes: '3' })
  const crawl = async (...from: string[]): Promise<void> => {
    const queue = from.filter((path) => !seen.has(path))
    for (let path = queue.shift(); path !== undefined && seen.size < mostPages; path = queue.shift()) {
      if (seen.has(path)) continue
      seen.set(path, '')
      // A view that stays open is drawn by the page as well.
      if (/\/(live|events|stream|pace)\b/.test(path)) continue
      const answer = await rita.agent.get(path).buffer(true).timeout(20_000)
      const text =
        answer.text ?? (Buffer.isBuffer(answer.body) ? answer.body.toString('latin1') : JSON.stringify(answer.body))
      note(`GET ${path}`, { ...answer, status: answer.status, headers: answer.headers, text })
      if (answer.headers.location) queue.unshift(new URL(answer.headers.location, 'http://site').pathname)
      for (const next of linksOf(text, path)) if (!seen.has(next)) queue.push(next)
      // Those of the candidates before those of the lessons.
      queue.sort((a, b) => Number(b.startsWith('/hiring')) - Number(a.startsWith('/hiring')))
    }
  }
  const begin = [
    '/hiring/reviews',
    `${href}/report`,
    score,
    replay,
    job,
    exercise,
    `${exercise}/invite`,
    `${job}/reviewers`,
    '/sandboxes',
  ]
  await crawl(...begin, '/hiring/reviews?lang=zh', `${href}/report?lang=zh`, `${score}?lang=zh`, `${replay}?lang=zh`)
  // After the own sheet is sent more is shown.
  const dimensions = ['diagnosis', 'safety', 'style', 'proof']
  const whole = dimensions.flatMap((one) => [
    [`level-${one}`, '3'],
    [`says-${one}`, 'seen'],
  ])
  await ask(score, { do: 'send', ...Object.fromEntries(whole) })
  seen.delete(score)
  seen.delete('/hiring/reviews')
  await crawl(score, '/hiring/reviews', `${score}?sent=yes`)
  assert.deepEqual(found, [])
  const reached = [...seen.keys()]
  assert.ok(reached.filter((path) => path.startsWith(replay)).length > 4, reached.join('\n'))
  assert.ok(
    reached.some((path) => /^\/sandboxes\/[a-f0-9]+/.test(path)),
    reached.join('\n'),
  )
  // The canaries are there to be found: its manager has the name, and each reading of it is on record.
  const before = (await deps.audit.entries()).length
  assert.match((await mara.get(exercise)).text, /Canaryname Canarysurname[\s\S]*canary\.mail@example\.org/)
  const [entry] = (await deps.audit.entries()).slice(before)
  assert.deepEqual([entry!.act, entry!.what], ['names-read', { exercise: id, candidates: 1 }])
})
