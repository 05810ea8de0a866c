import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pino } from 'pino'
import supertest from 'supertest'
import { writeTicket } from '../../server/accounts/tickets.ts'
import { parseConfig } from '../../server/config.ts'
import { LabRefusal } from '../../server/labs/types.ts'
import { renderInline } from '../../server/render/markdown.ts'
import { practiceSeat } from '../../server/seat.ts'
import { createStorage } from '../../server/storage/aggregates.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { projectCatalog } from '../support/content.ts'
import { exported } from './exported.ts'
import { createTestApp, secretOfTests, visitor } from './support.ts'

type Guest = Awaited<ReturnType<typeof visitor>>

const pages = [
  '/',
  '/lessons',
  '/lessons/pod/restarts',
  '/questions',
  '/questions/pod/always',
  '/challenges',
  '/challenges/three-pods',
  '/sandboxes',
  '/study/exams',
  '/study/interview',
  '/progress',
  '/progress/import',
  '/progress/delete',
  '/account',
  '/account/sign-in',
  '/simulated',
  '/help',
]

for (const path of pages)
  test(`${path} has one heading of the first rank, a title, and a strict policy without inline code`, async () => {
    const { app } = await createTestApp()
    const page = await supertest(app).get(path).expect(200).expect('Content-Type', /html/)
    assert.equal(page.text.match(/<h1/g)?.length, 1)
    assert.match(page.text, /<title>[^<]+<\/title>/)
    const policy = page.headers['content-security-policy']!
    assert.match(policy, /script-src 'self' 'nonce-/)
    assert.doesNotMatch(policy, /unsafe/)
    assert.doesNotMatch(page.text, /<style|style="|<script(?![^>]*src=)|\son[a-z]+=/)
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    assert.equal(page.headers['x-powered-by'], undefined)
  })

test('what nothing can be stored by is not here, and is nobody’s mistake', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  const errors: unknown[] = []
  deps.logger.error = ((...told: unknown[]) => void errors.push(told)) as typeof deps.logger.error
  const names = ['__proto__', '%20', '%00', '..%2f..', 'a%2fb%2fc%2fd', 'x'.repeat(200), '-']
  for (const name of names)
    for (const path of [`/w/${name}`, `/w/${name}/pace`, `/w/${name}/polls/x`, `/lead/${name}`, `/sandboxes/${name}`])
      await guest.get(path).expect((res) => {
        assert.ok(res.status >= 300 && res.status < 500, `${path}: ${res.status}`)
      })
  assert.deepEqual(errors, [])
  const { text } = await supertest(app).get('/w/__proto__').set('Accept-Language', 'zh-CN').expect(404)
  assert.match(text, /这个页面/)
})

test('what a person downloads of their own is kept by nobody on the way', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const { headers } = await guest.get('/progress/export').expect(200)
  assert.equal(headers['cache-control'], 'private, no-store')
  assert.match(headers.vary!, /Cookie/)
  assert.equal((await guest.get('/progress')).headers['cache-control'], 'private, no-cache')
  assert.match((await guest.get('/static/app.css?v=1')).headers['cache-control']!, /public/)
})

test('a request names one host', async () => {
  const { app } = await createTestApp()
  const server = app.listen(0, '127.0.0.1')
  try {
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('GET /help HTTP/1.1\r\nHost: one\r\nHost: two\r\nConnection: close\r\n\r\n')
    const [data] = await once(socket, 'data')
    assert.match(String(data), /^HTTP\/1\.1 400 [\s\S]*A request has one Host header\./)
    socket.destroy()
  } finally {
    server.close()
  }
})

test('each response has a nonce of its own', async () => {
  const { app } = await createTestApp()
  const nonces = await Promise.all(
    [1, 2, 3].map(async () => (await supertest(app).get('/help')).headers['content-security-policy']),
  )
  assert.equal(new Set(nonces).size, 3)
})

test('healthz answers without making a session', async () => {
  const { app } = await createTestApp()
  const answer = await supertest(app).get('/healthz').expect(200)
  assert.deepEqual(answer.body, { status: 'ok' })
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('the session cookie is HTTP-only and same-site, and one that was tampered with is replaced', async () => {
  const { app } = await createTestApp()
  const cookie = String((await supertest(app).get('/help')).headers['set-cookie'])
  assert.match(cookie, /HttpOnly/)
  assert.match(cookie, /SameSite=Lax/)
  const value = /podium=([^;]+)/.exec(cookie)![1]!
  const kept = await supertest(app).get('/help').set('Cookie', `podium=${value}`)
  assert.equal(kept.headers['set-cookie'], undefined)
  const [id, signature] = value.split('.') as [string, string]
  for (const forged of [`${id.replace(/./, (c) => (c === 'a' ? 'b' : 'a'))}.${signature}`, id, `${id}.`, '../../etc.x'])
    assert.match(
      String((await supertest(app).get('/help').set('Cookie', `podium=${forged}`)).headers['set-cookie']),
      /podium=/,
    )
})

test('cookies are for https alone when the configuration says so', async () => {
  const { app } = await createTestApp({ config: parseConfig({ SECURE_COOKIES: 'true' }) })
  assert.match(String((await supertest(app).get('/help')).headers['set-cookie']), /Secure/)
})

const forms = [
  '/try',
  '/lessons/pod/restarts/demos/crash',
  '/questions/pod/always/answer',
  '/challenges/three-pods',
  '/challenges/three-pods/draft',
  '/sandboxes',
  '/sandboxes/any',
  '/study/exams',
  '/study/exams/any/questions/1',
  '/study/exams/any/finish',
  '/study/exams/any/judge',
  '/study/exams/any/remove',
  '/study/interview',
  '/study/interview/any/questions/1',
  '/study/interview/any/remove',
  '/progress/delete',
  '/progress/import',
  '/progress/import/confirm',
  '/account',
  '/account/sign-in',
  '/account/links',
  '/account/link',
  '/account/before',
  '/account/sign-out',
  '/account/passphrase',
  '/account/mail',
  '/account/delete',
  '/settings/keys',
]
for (const path of forms) {
  test(`${path} refuses a form without the session's token`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    await guest.post(path, { _csrf: '' }).expect(403)
    await guest.post(path, { _csrf: (await visitor(app)).token }).expect(403)
  })
  test(`${path} refuses a form from another site even with the token`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    for (const site of ['cross-site', 'same-site'])
      assert.match((await guest.post(path).set('Sec-Fetch-Site', site).expect(403)).text, /another site/)
  })
  test(`${path} answers other methods with 405 and the ones it has`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const answer = await guest.agent.delete(path).set('X-CSRF-Token', guest.token).expect(405)
    assert.match(answer.headers.allow!, /POST/)
  })
}

test('a token in a header counts as well as one in the form', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.agent.post('/try').set('X-CSRF-Token', guest.token).expect(303)
})

for (const path of pages)
  test(`${path} answers PUT with 405`, async () => {
    const { app } = await createTestApp()
    const guest = await visitor(app)
    const answer = await guest.agent.put(path).set('X-CSRF-Token', guest.token).expect(405)
    assert.match(answer.headers.allow!, /GET/)
  })

test('an unknown page is a page that says so', async () => {
  const { app } = await createTestApp()
  const page = await supertest(app).get('/nothing/here').expect(404)
  assert.match(page.text, /Not here[\s\S]*Go to the start page/)
  await supertest(app).get('/static/nothing.css').expect(404)
  await supertest(app).get('/static/..%2f..%2fpackage.json').expect(404)
})

test('a body over 256 KB is refused with 413, to a page and to htmx alike', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const large = 'x'.repeat(10 * 1024 * 1024)
  assert.match(
    (await guest.post('/challenges/three-pods', { do: 'apply', content: large }).expect(413)).text,
    /A form may have 256 KB in all, .* Shorten what you typed/,
  )
  assert.match(
    (await guest.htmx('/challenges/three-pods', { do: 'apply', content: large }).expect(413)).text,
    /^\s*<div class="notice is-problem" role="alert"/,
  )
})

test('a form with thousands of fields is refused', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/choose/answer', { answer: Array.from({ length: 1000 }, () => 'a') }).expect(413)
})

const unread = [
  {
    name: 'a passphrase larger than a form',
    send: (guest: Guest) => guest.post('/account/sign-in', { name: 'maple', passphrase: 'x'.repeat(300_000) }),
    status: 413,
    says: /256 KB in all/,
  },
  {
    name: 'thousands of fields',
    send: (guest: Guest) => guest.post('/account/sign-in', { name: Array.from({ length: 1000 }, () => 'a') }),
    status: 413,
    says: /A form may have 200 fields/,
  },
  {
    name: 'an encoding that is not taken',
    send: (guest: Guest) => guest.post('/account/sign-in').type('application/x-www-form-urlencoded; charset=utf-7'),
    status: 415,
    says: /cannot be read[\s\S]*UTF-8 and in ISO-8859-1, and this one came in UTF-7/,
  },
  {
    name: 'a compression that is not taken',
    send: (guest: Guest) => guest.post('/account/sign-in').set('Content-Encoding', 'lzw'),
    status: 415,
    says: /gzip, deflate or br, and this one came in lzw/,
  },
]
for (const { name, send, status, says } of unread)
  test(`a form with ${name} is told why it was not read`, async () => {
    const { app } = await createTestApp()
    const { text } = await send(await visitor(app)).expect(status)
    assert.match(text, says)
    assert.doesNotMatch(text, /manifest|Something went wrong/)
  })

test('what a learner types comes back escaped', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const evil = '"><script>alert(1)</script>'
  await guest.post('/challenges/three-pods', { do: 'save', file: 'web.yaml', content: `</textarea>${evil}` })
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: evil })
  const { text } = await guest.get('/challenges/three-pods?file=web.yaml&said=last')
  assert.ok(!text.includes('<script>alert'))
  assert.match(text, /&lt;script&gt;alert/)
  const nowhere = await guest.get(`/lessons/pod/${encodeURIComponent(evil)}`)
  assert.ok(!nowhere.text.includes('<script>alert'))
})

test('an address that asks too often is told to wait', async () => {
  const { app } = await createTestApp({ config: parseConfig({ RATE_LIMIT: '3' }) })
  for (let n = 0; n < 3; n++) await supertest(app).get('/help').expect(200)
  assert.match((await supertest(app).get('/help').expect(429)).text, /Wait a minute/)
  await supertest(app).get('/healthz').expect(200)
})

test('a class behind one address is counted browser by browser, and who comes without a session by address', async () => {
  const { app } = await createTestApp({ config: parseConfig({ RATE_LIMIT: '30' }) })
  const browsers = await Promise.all(Array.from({ length: 25 }, () => visitor(app)))
  for (const { get } of browsers) for (let n = 0; n < 5; n++) await get('/help').expect(200)
  const [one, other] = browsers
  for (let n = 0; n < 25; n++) await one!.get('/help').expect(200)
  await one!.get('/help').expect(429)
  await other!.get('/help').expect(200)
  // A cookie that nobody gave out is none.
  const forged = { Cookie: `podium=${'a'.repeat(30)}.${'b'.repeat(43)}` }
  for (let n = 0; n < 5; n++) await supertest(app).get('/help').set(forged).expect(200)
  await supertest(app).get('/help').set(forged).expect(429)
})

test('one address that takes many sessions has an end, far above a class', async () => {
  const { app } = await createTestApp({ config: parseConfig({ RATE_LIMIT: '1' }) })
  const { cookie } = await visitor(app)
  const ofOthers = (n: number) =>
    writeTicket({ learnerId: n.toString(16).padStart(30, '0'), token: undefined }, secretOfTests)
  const statuses: number[] = []
  for (let n = 0; n < 252; n++)
    statuses.push(
      (
        await supertest(app)
          .get('/simulated')
          .set('Cookie', n === 0 ? cookie : `podium=${ofOthers(n)}`)
      ).status,
    )
  assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.at(-1)], [249, 429])
})

test('a failure of ours is a page without its details', async () => {
  const { app, labs } = await createTestApp()
  labs.next.refusal = new Error('secret path /data') as never
  const guest = await visitor(app)
  const page = await guest.post('/lessons/pod/restarts/demos/crash').expect(500)
  assert.ok(!page.text.includes('secret path'))
  assert.match(page.text, /on our side/)
})

test('a refusal that is expected is a line in the log without a stack, and a failure of ours keeps its own', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const { app, labs } = await createTestApp({ logger })
  const guest = await visitor(app)
  const send = () => guest.post('/editor/lint', { text: 'kind: Pod' }).set('Accept-Language', 'zh')
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting. Try again in a few seconds.')
  await guest.agent.get('/challenges/three-pods/results/x/1').set('Accept-Language', 'zh').expect(404)
  assert.deepEqual(lines, [])
  await send().expect(503)
  const { level, msg, status, path, err } = JSON.parse(lines[0]!)
  assert.deepEqual([level, status, path, err], [40, 503, '/editor/lint', undefined])
  assert.equal(msg, 'request refused: Many simulations are waiting. Try again in a few seconds.')
  labs.next.refusal = new Error('our mistake') as never
  await send().expect(500)
  const failed = JSON.parse(lines[1]!)
  assert.deepEqual([lines.length, failed.level, typeof failed.err.stack], [2, 50, 'string'])
})

test('a learner whose document is damaged is told so, and it is not overwritten', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-app-'))
  try {
    const first = createStorage(await createLowdbStore({ folder }))
    const guest = await visitor((await createTestApp({ storage: first })).app)
    await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
    await first.close()
    const names = await readdir(join(folder, 'journals'), { recursive: true })
    const path = join(folder, 'journals', names.find((name) => name.endsWith('.json'))!)
    await writeFile(path, '{"cut')
    const storage = createStorage(await createLowdbStore({ folder }))
    const { app } = await createTestApp({ storage })
    const page = await supertest(app).get('/progress').set('Cookie', guest.cookie).expect(200)
    assert.match(page.text, /Something that you did here/)
    assert.match(page.text, /Nothing has been overwritten/)
    assert.equal(await readFile(`${path}.corrupt-1`, 'utf8'), '{"cut')
    await supertest(app).get('/lessons').set('Cookie', guest.cookie).expect(200)
    await storage.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a learner whose own record is damaged reads and answers, and is told when it would change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-app-'))
  try {
    const first = createStorage(await createLowdbStore({ folder }))
    const guest = await visitor((await createTestApp({ storage: first })).app)
    await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
    await first.close()
    const path = join(folder, 'learners', (await readdir(join(folder, 'learners')))[0]!)
    await writeFile(path, '{"cut')
    const storage = createStorage(await createLowdbStore({ folder }))
    const { app } = await createTestApp({ storage })
    for (const page of ['/', '/lessons', '/lessons/pod/restarts', '/questions/pod/always', '/help'])
      await supertest(app).get(page).set('Cookie', guest.cookie).expect(200)
    const post = (page: string, fields: Record<string, string>) =>
      supertest(app)
        .post(page)
        .set('Cookie', guest.cookie)
        .type('form')
        .send({ _csrf: guest.token, ...fields })
    await post('/questions/pod/always/answer', { v: '1', answer: 'a' }).expect(303)
    const { text } = await post('/settings/keys', { keys: 'off' }).expect(500)
    assert.match(text, /Nothing has been overwritten/)
    assert.equal(await readFile(`${path}.corrupt-1`, 'utf8'), '{"cut')
    await storage.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('no key, check, solution or hint is in any page before it is due', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const seen = new Set<string>()
  const queue = ['/', '/questions/pod/flow', '/questions/pod/count?v=2', '/challenges/three-pods?file=web.yaml']
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue
    seen.add(path)
    const got = await guest.get(path)
    // A picture comes as bytes.
    const text = got.text ?? String(got.body)
    // Nonces and tokens are drawn, of any letters.
    const found = /KEY\w+|HINTTEXT|CAUSEHINT/.exec(text.replaceAll(/"[\w+/=.-]{20,}"/g, ''))
    assert.equal(found?.[0], undefined, `${path} holds ${found?.[0]}`)
    // What is marked so goes on without end: the steps of Raft.
    const followed = text.replaceAll(/<a [^>]*rel="nofollow"[^>]*>/g, '')
    for (const [, href] of followed.matchAll(/(?:href|src|action)="(\/[^"#]*)/g))
      if (!href!.startsWith('/static/')) queue.push(href!.replaceAll('&amp;', '&'))
  }
  assert.ok(seen.size > 12, `visited ${[...seen].join(' ')}`)
})

test('no page of the real content holds a reason, an explanation, a debrief, a hint or an assertion before it is due', async () => {
  const catalog = await projectCatalog()
  const { app } = await createTestApp({ catalog: () => catalog })
  const guest = await visitor(app)
  const plain = (html: string) =>
    html
      .replace(/<[^>]+>/g, '')
      .replace(/&#?\w+;/g, '')
      .replace(/\s+/g, ' ')
  const check = async (path: string, secrets: readonly string[]) => {
    const text = plain((await guest.get(path).expect(200)).text)
    for (const secret of secrets) {
      const part = plain(renderInline(secret)).slice(0, 60)
      if (part.length > 12) assert.ok(!text.includes(part), `${path} holds: ${part}`)
    }
  }
  for (const question of catalog.questions.values()) {
    const {
      options = [],
      items = [],
      ask,
      distractors = [],
      rubric = [],
      follow = [],
    } = question.data as Record<string, { why?: string; text?: string; model?: string }[]> & { ask?: { cel: string } }
    const marked = [...rubric.map(({ text }) => text ?? ''), ...follow.map(({ model }) => model ?? '')]
    const whys = [...options, ...items, ...distractors].map(({ why }) => why ?? '')
    await check(`/questions/${question.id}`, [
      ...whys,
      ...marked,
      question.explanation.split('\n\n')[0]!,
      ask?.cel ?? '',
    ])
  }
  for (const { id, spec, debrief } of catalog.challenges.values()) {
    const asserted = [...JSON.stringify(spec.checks).matchAll(/"cel":"((?:[^"\\\\]|\\\\.)+)"/g)].map(([, cel]) => cel!)
    await check(`/challenges/${id}`, [...asserted, ...spec.hints.map(({ text }) => text), debrief.split('\n\n')[0]!])
  }
  assert.ok(catalog.questions.size >= 15 && catalog.challenges.size >= 5)
})

test('the order in which a page lists steps and options tells nothing of their key', async () => {
  const { app, catalog } = await createTestApp()
  const guest = await visitor(app)
  const firsts = new Set<string>()
  for (let v = 1; v <= 20; v++)
    firsts.add(/name="answer" value="([^"]+)"/.exec((await guest.get(`/questions/pod/always?v=${v}`)).text)![1]!)
  assert.deepEqual([...firsts].sort(), ['a', 'b'])
  const flow = (await guest.get('/questions/pod/flow')).text
  for (const id of ['one', 'two', 'three']) assert.ok(!flow.includes(`value="${id}"`))
  assert.ok(catalog)
})

test('deleting needs the ticked box, and then nothing of the learner is left', async () => {
  const { app, deps } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a' })
  await guest.post('/challenges/three-pods', { do: 'grade' })
  const before = exported((await guest.get('/progress/export').expect('Content-Disposition', /podium-data\.json/)).text)
  assert.equal(before.answers.length, 1)
  await guest.post('/progress/delete').expect(422)
  await guest.post('/progress/delete', { confirm: 'yes' }).expect(303)
  const id = before.learner.id
  assert.equal(await deps.storage.learners.find(id), undefined)
  const { answers, attempts } = await deps.journals.work(practiceSeat(id))
  assert.deepEqual([answers, attempts], [[], []])
})

test('progress shows lessons, topics weakest first, calibration and best scores', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  assert.match((await guest.get('/progress')).text, /Nothing yet/)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'a', confidence: 'sure' })
  await guest.post('/questions/pod/count/answer', { v: '1', answer: '9', confidence: 'sure' })
  await guest.post('/challenges/three-pods', { do: 'grade' })
  const { text } = await guest.get('/progress').expect(200)
  assert.match(text, /1 of 2 first answers were right/)
  assert.match(text, />probes<[\s\S]*>restartPolicy</)
  assert.match(text, /Sure<\/th><td class="num">2<\/td><td class="num">50 %/)
  assert.match(text, /Three Pods<\/a>[\s\S]*✓ passed/)
})

test('single-letter keys can be switched off', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  assert.match((await guest.get('/help')).text, /<body[^>]* data-keys/)
  await guest.post('/settings/keys').expect(303)
  assert.doesNotMatch((await guest.get('/help')).text, /<body[^>]* data-keys/)
})

test('the newcomer deletes a Pod on the home page, with script and without', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/try').expect(303).expect('Location', '/?after=delete#cluster')
  const { text } = await guest.get('/?after=delete')
  assert.match(text, /One Pod was deleted, and replaced/)
  // It is seen happening, from a little before on.
  assert.match(text, /<div class="played" data-played data-plays-from="19500">/)
  assert.match(text, /<script[^>]* src="[^"]*js\/time\.js/)
  assert.match((await guest.htmx('/try').expect(200)).text.trim(), /^<section id="cluster"/)
})

test('the newcomer says what will come of it, and is told; any other Pod than those there is none', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  const [, pod] = /name="pod" value="([\w-]+)"/.exec((await guest.get('/').expect(200)).text)!
  const sent = await guest.post('/try', { pod: pod!, guess: '2' }).expect(303)
  assert.equal(sent.headers.location, `/?after=${pod}&guess=2#cluster`)
  assert.match((await guest.get(`/?after=${pod}&guess=2`).expect(200)).text, /✕ You said 2\. It is 3\./)
  assert.match((await guest.get(`/?after=${pod}&guess=3`).expect(200)).text, /✓ You said 3, and 3 run\./)
  assert.doesNotMatch((await guest.get(`/?after=${pod}&guess=99`).expect(200)).text, /You said/)
  for (const other of ['nothing', 'a;b', '--all', '%00', `${pod}&after=x`])
    assert.match(
      (await guest.get(`/?after=${other}`)).text,
      other.startsWith(pod!) ? /./ : /A Deployment that wants three Pods/,
    )
})

test('faces are served for good, 90 KB at most, and asked for before they are needed; Chinese asks for none', async () => {
  const { app } = await createTestApp()
  const asked = async (language: string) =>
    [
      ...(await supertest(app).get('/help').set('Accept-Language', language)).text.matchAll(
        /rel="preload" href="([^"]+)"/g,
      ),
    ].map(([, path]) => path!)
  const paths = await asked('en')
  assert.equal(paths.length, 4)
  let bytes = 0
  for (const path of paths) {
    const font = await supertest(app).get(path).expect(200).expect('Content-Type', 'font/woff2')
    assert.match(font.headers['cache-control']!, /immutable/)
    bytes += Number(font.headers['content-length'])
  }
  assert.ok(bytes > 40_000 && bytes <= 90 * 1024, `${bytes} bytes`)
  assert.deepEqual(await asked('zh'), [])
  await supertest(app).get('/static/vendor/fonts/5.3.1/none.woff2').expect(404)
  await supertest(app).get('/static/vendor/fonts/5.3.1/..%2f..%2fpackage.json').expect(404)
})

test('styles and scripts are served for good, under a name that changes with them', async () => {
  const { app } = await createTestApp()
  const { text } = await supertest(app).get('/')
  for (const [, path] of text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)) {
    const asset = await supertest(app).get(path!).expect(200)
    assert.match(asset.headers['cache-control']!, /max-age=\d+/)
  }
})

test('a file is kept for good under the name of its own build, and not under that of another one', async () => {
  const { app } = await createTestApp()
  const { text } = await supertest(app).get('/help').expect(200)
  const [path] = /\/static\/app\.css\?v=[0-9a-f]{12}/.exec(text)!
  for (const own of [path, path.replace('app.css', 'js/app.js'), '/static/vendor/htmx.js?v=4.0.1'])
    assert.match((await supertest(app).get(own).expect(200)).headers['cache-control']!, /immutable/)
  const other = '?v=000000000000'
  for (const file of ['app.css', 'js/app.js', 'js/terminal.js'])
    assert.equal((await supertest(app).get(`/static/${file}${other}`).expect(200)).headers['cache-control'], 'no-cache')
})
