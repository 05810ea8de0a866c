/** Coming in from a learning platform: the launch and what is refused, picking for a course, grades that go back. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { pino } from 'pino'
import { parseConfig } from '../../../server/config.ts'
import { createLti } from '../../../server/doors/lti.ts'
import { type LtiGradeDeps, sendGrades } from '../../../server/doors/lti-grades.ts'
import { readLtiSetup } from '../../../server/doors/lti-platforms.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { createUsedMarks } from '../../../server/storage/used-marks.ts'
import { createTestApp, secretOfTests, visitor } from '../support.ts'
import { claims, instructor, platform, type Told } from './platform.ts'

const publicUrl = 'https://podium.example'
const pem = (bits = 2048): string =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const key = pem()

async function setUp() {
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const there = await platform(publicUrl)
  const setup = await readLtiSetup({ platforms: JSON.stringify([there.registration]), key })
  const lti = createLti(setup, {
    publicUrl,
    secret: secretOfTests,
    usedMarks: createUsedMarks(createMemoryStore()),
    now,
  })
  let log = ''
  const site = await createTestApp({
    ...{ lti, now, config: parseConfig({ RATE_LIMIT: '100000', LOG_LEVEL: 'silent', PUBLIC_URL: publicUrl }) },
    logger: pino({ level: 'trace' }, { write: (line: string) => (log += line) }),
  })
  const asked = new URLSearchParams({
    iss: there.origin,
    login_hint: 'hint',
    lti_message_hint: 'm1',
    target_link_uri: publicUrl,
  })
  there.knows((await (await visitor(site.app)).get('/lti/keys').expect(200)).body)

  /** A browser, which keeps cookies of https. */
  const browser = async () => {
    const guest = await visitor(site.app)
    const kept = new Map<string, string>()
    const cookies = () => [...kept].map(([name, value]) => `${name}=${value}`).join('; ')
    const keep = (response: { headers: Record<string, unknown> }) => {
      for (const line of [response.headers['set-cookie'] ?? []].flat() as string[]) {
        const [, name, value] = /^([\w-]+)=([^;]*)/.exec(line)!
        if (value === '') kept.delete(name!)
        else kept.set(name!, value!)
      }
      return response
    }
    keep(await guest.get('/help'))
    kept.set('podium', guest.cookie.slice('podium='.length))
    const get = async (path: string) => {
      const answer = await guest.agent.get(path).set('Cookie', cookies())
      keep(answer)
      return answer
    }
    const post = async (path: string, fields: [string, string][]) => {
      const answer = await guest.agent
        .post(path)
        .set('Cookie', cookies())
        .type('form')
        .send(new URLSearchParams(fields).toString())
      keep(answer)
      return answer
    }
    const begin = async () => (await get(`/lti/login?${asked}`)).headers.location!
    const launches = async (sub: string, told?: Told) =>
      post('/lti/launch', Object.entries(await there.answers(await begin(), sub, told)))
    const enters = async (sub: string, told?: Told) => {
      assert.equal((await launches(sub, told)).headers.location, '/lti/enter')
      return get('/lti/enter')
    }
    const name = async () => /signed in as <strong>([^<]+)</.exec((await get('/account')).text)?.[1]
    const token = async () => /name="_csrf" value="([^"]+)"/.exec((await get('/help')).text)![1]!
    return { ...{ get, post, begin, launches, enters, name, token, kept } }
  }
  const gradeDeps: LtiGradeDeps = {
    ...{ lti, storage: site.deps.storage, journals: site.deps.journals, now },
    onError: () => undefined,
  }
  return { ...site, there, lti, asked, browser, gradeDeps, log: () => log, pass: (ms: number) => (aheadMs += ms) }
}

test('somebody comes in from their course to what it names, and is the same person the next time', async () => {
  const { there, browser, deps } = await setUp()
  try {
    const kim = await browser()
    assert.equal((await kim.enters('kim-1')).headers.location, '/challenges/three-pods')
    const name = await kim.name()
    assert.equal(typeof name, 'string')
    const elsewhere = await browser()
    await elsewhere.enters('kim-1')
    assert.equal(await elsewhere.name(), name)
    const lee = await browser()
    await lee.enters('lee-2')
    assert.notEqual(await lee.name(), name)
    assert.deepEqual(await deps.staff.list(), [])
    // What leads off the site leads to its first page.
    for (const target of ['https://evil.example/', `${publicUrl}.evil.example/`, `${publicUrl}//evil.example`]) {
      const { headers } = await (await browser()).enters('kim-1', { over: { [claims.target]: target } })
      assert.match(headers.location!, /^\/(?!\/)/)
    }
  } finally {
    await there.close()
  }
})

const past = Math.floor(Date.now() / 1000) - 7200
const refused: [string, Told][] = [
  ['another nonce', { over: { nonce: 'other' } }],
  ['another issuer', { over: { iss: 'https://evil.example' } }],
  ['another audience', { over: { aud: 'other' } }],
  ['two audiences, for another one', { over: { aud: ['podium-tool', 'other'], azp: 'other' } }],
  ['two audiences, for nobody', { over: { aud: ['podium-tool', 'other'] } }],
  ['a time that is over', { over: { iat: past, exp: past + 300 } }],
  ['no end', { over: { exp: undefined } }],
  ['no signature', { alg: 'none' }],
  ['a signature of somebody else', { isForged: true }],
  ['a deployment that is not registered', { over: { [claims.deployment]: 'd2' } }],
  ['another version', { over: { [claims.version]: '1.1' } }],
  ['another message', { over: { [claims.messageType]: 'LtiSomething' } }],
  ['no subject', { over: { sub: undefined } }],
]
for (const [name, told] of refused)
  test(`a launch with ${name} brings nobody in`, async () => {
    const { there, browser, log } = await setUp()
    try {
      const guest = await browser()
      const answer = await guest.launches('kim-1', told)
      assert.equal(answer.status, 422)
      assert.match(answer.text, /You could not get in/)
      assert.equal((await guest.get('/lti/enter')).status, 422)
      assert.equal(await guest.name(), undefined)
      assert.doesNotMatch(log(), /kim-1|eyJ/)
    } finally {
      await there.close()
    }
  })

test('a launch counts once, in the browser that it was begun in, for ten minutes', async () => {
  const { there, browser, pass } = await setUp()
  try {
    const kim = await browser()
    const address = await kim.begin()
    const form = Object.entries(await there.answers(address, 'kim-1'))
    const victim = await browser()
    assert.match((await victim.post('/lti/launch', form)).text, /begun in another browser/)
    await victim.begin()
    assert.match((await victim.post('/lti/launch', form)).text, /begun in another browser/)
    const mark = kim.kept.get('podium-lti')!
    assert.equal((await kim.post('/lti/launch', form)).status, 303)
    kim.kept.set('podium-lti', mark)
    assert.match((await kim.post('/lti/launch', form)).text, /begun in another browser/)
    const slow = await browser()
    const late = Object.entries(await there.answers(await slow.begin(), 'kim-1'))
    pass(11 * 60_000)
    assert.match((await slow.post('/lti/launch', late)).text, /too long ago/)
  } finally {
    await there.close()
  }
})

test('its cookies are kept over https alone, and a launch leaves the session of the browser as it was', async () => {
  const { there, browser, app, asked } = await setUp()
  try {
    const guest = await visitor(app)
    const begun = await guest.get(`/lti/login?${asked}`).expect(303)
    assert.match(String(begun.headers['set-cookie']), /podium-lti=[^;]+;.*Path=\/lti;.*HttpOnly; Secure; SameSite=None/)
    assert.match(
      (await guest.agent.post('/lti/login').type('form').send(asked.toString()).expect(303)).headers.location!,
      /\/auth\?/,
    )
    const kim = await browser()
    // The browser sends no Lax cookies with a form of another site.
    const form = Object.entries(await there.answers(await kim.begin(), 'kim-1'))
    const mark = kim.kept.get('podium-lti')!
    const bare = await (await visitor(app)).agent
      .post('/lti/launch')
      .set('Sec-Fetch-Site', 'cross-site')
      .set('Cookie', `podium-lti=${mark}`)
      .type('form')
      .send(new URLSearchParams(form).toString())
      .expect(303)
    assert.doesNotMatch(String(bare.headers['set-cookie']), /podium=/)
  } finally {
    await there.close()
  }
})

test('in a frame it offers a window of its own, and only the platform that is registered may frame it', async () => {
  const { there, app, asked } = await setUp()
  try {
    const guest = await visitor(app)
    const framed = await guest.get(`/lti/login?${asked}`).set('Sec-Fetch-Dest', 'iframe').expect(200)
    assert.match(framed.text, /href="\/lti\/login\?iss=[^"]+" target="_blank"/)
    assert.equal(framed.headers['x-frame-options'], undefined)
    const policy = framed.headers['content-security-policy']!
    assert.match(policy, new RegExp(`frame-ancestors ${there.origin}(?:;|$)`))
    assert.doesNotMatch(policy, /frame-ancestors[^;]*\*/)
    const other = new URLSearchParams(asked)
    other.set('iss', 'https://evil.example')
    const strange = await guest.get(`/lti/login?${other}`).set('Sec-Fetch-Dest', 'iframe').expect(422)
    assert.match(strange.headers['content-security-policy']!, /frame-ancestors 'none'/)
    assert.match(strange.text, /does not know the learning platform/)
    for (const path of ['/', '/account', '/lti/enter'])
      assert.match((await guest.get(path)).headers['content-security-policy']!, /frame-ancestors 'none'/, path)
  } finally {
    await there.close()
  }
})

test('an instructor picks what the course is to have, and the platform takes it signed', async () => {
  const { there, browser } = await setUp()
  const over = {
    [claims.messageType]: 'LtiDeepLinkingRequest',
    [claims.roles]: [instructor],
    [claims.linking]: {
      ...{ deep_link_return_url: `${there.origin}/back`, accept_types: ['ltiResourceLink', 'link'] },
      ...{ accept_multiple: true, data: 'opaque <1>' },
    },
  }
  try {
    const ines = await browser()
    assert.equal((await ines.enters('ines-1', { over })).headers.location, '/lti/pick')
    const shown = await ines.get('/lti/pick')
    assert.match(shown.text, /type="checkbox" name="items" value="challenge:three-pods"/)
    const csrf: [string, string] = ['_csrf', await ines.token()]
    assert.match((await ines.post('/lti/pick', [csrf])).text, /Choose what to add/)
    const picked = await ines.post('/lti/pick', [
      csrf,
      ...(['challenge:three-pods', 'lesson:pod/life', 'lesson:no/such'].map((item) => ['items', item]) as [
        string,
        string,
      ][]),
    ])
    assert.match(picked.text, new RegExp(`action="${there.origin}/back"`))
    assert.match(picked.headers['content-security-policy']!, new RegExp(`form-action 'self' ${there.origin}(?:;|$)`))
    const payload = await there.takes(/name="JWT" value="([^"]+)"/.exec(picked.text)![1]!)
    assert.deepEqual([payload[claims.deployment], payload[claims.linkingData]], ['d1', 'opaque <1>'])
    const items = payload[claims.items] as { type: string; url: string; lineItem?: object }[]
    assert.deepEqual(
      items.map(({ type, url, lineItem }) => [type, url, lineItem !== undefined]),
      [
        ['ltiResourceLink', `${publicUrl}/challenges/three-pods`, true],
        ['ltiResourceLink', `${publicUrl}/lessons/pod/life`, false],
      ],
    )
    // It is used up.
    assert.equal((await ines.post('/lti/pick', [csrf, ['items', 'lesson:pod/life']])).status, 422)

    const kim = await browser()
    assert.equal((await kim.enters('kim-1', { over: { ...over, [claims.roles]: ['Learner'] } })).status, 403)
    const elsewhere = { ...(over[claims.linking] as object), deep_link_return_url: 'https://evil.example/back' }
    assert.equal((await ines.launches('ines-1', { over: { ...over, [claims.linking]: elsewhere } })).status, 422)
  } finally {
    await there.close()
  }
})

test('a grade goes to the platform’s line, again when it is better, and after the platform was away', async () => {
  const { there, browser, gradeDeps, pass, deps, log } = await setUp()
  try {
    const grades = (n: number) => ({
      [claims.grades]: { scope: [`${there.spec}/lti-ags/scope/score`], lineitem: there.line(n) },
    })
    const kim = await browser()
    await kim.enters('kim-1', { over: grades(7) })
    assert.equal(await sendGrades(gradeDeps), 0)
    const csrf: [string, string] = ['_csrf', await kim.token()]
    await kim.get('/challenges/three-pods')
    await kim.post('/challenges/three-pods', [csrf, ['do', 'kubectl'], ['line', 'scale deployment web --replicas=3']])
    there.goesDown(true)
    await kim.post('/challenges/three-pods', [csrf, ['do', 'grade']])
    assert.equal(await sendGrades(gradeDeps), 0)
    there.goesDown(false)
    assert.equal(await sendGrades(gradeDeps), 0)
    pass(6000)
    assert.equal(await sendGrades(gradeDeps), 1)
    const [first] = there.grades
    assert.deepEqual(
      [first?.userId, first?.scoreMaximum, first?.activityProgress, first?.gradingProgress, first?.line],
      ['kim-1', 100, 'Completed', 'FullyGraded', '/lines/7/scores?type=grade'],
    )
    assert.equal(await sendGrades(gradeDeps), 0)
    // The process ended before it was noted: the platform gets the same grade once more.
    const [line] = await deps.storage.ltiLines.list()
    await deps.storage.ltiLines.update(line!.key, (one) => ({ ...one, sent: null, seenSeq: -1 }))
    assert.equal(await sendGrades(gradeDeps), 1)
    assert.equal(there.grades[1]!.scoreGiven, first!.scoreGiven)
    assert.deepEqual(there.problems, [])
    assert.equal(log().includes(key.slice(40, 80)), false)

    // Instructors, lines elsewhere and lines without the scope are not graded; with the account goes what is known of the platform.
    const ines = await browser()
    await ines.enters('ines-1', { over: { ...grades(8), [claims.roles]: [instructor] } })
    const lee = await browser()
    await lee.enters('lee-2', { over: { [claims.grades]: { scope: [], lineitem: there.line(9) } } })
    const foreign = { scope: [`${there.spec}/lti-ags/scope/score`], lineitem: 'http://127.0.0.1:1/lines/1' }
    await lee.enters('lee-2', { over: { [claims.grades]: foreign } })
    assert.equal((await deps.storage.ltiLines.list()).length, 1)
    await kim.post('/account/delete', [
      ['_csrf', await kim.token()],
      ['confirm', 'yes'],
    ])
    assert.deepEqual(await deps.storage.ltiLines.list(), [])
  } finally {
    await there.close()
  }
})

const member = (user_id: string, name: string, role: string, over: object = {}) => ({
  ...{ user_id, name, status: 'Active', email: `${user_id}@example.org` },
  ...{ roles: [`http://purl.imsglobal.org/vocab/lis/v2/membership#${role}`], ...over },
})
const courseLink = /href="(\/lti\/courses\/[a-f0-9]{24})"/

test('who teaches a course sees who of it has come in, over all pages, and no name is kept', async () => {
  const { there, browser, deps, log } = await setUp()
  try {
    const course = {
      [claims.roster]: { context_memberships_url: `${there.origin}/members`, service_versions: ['2.0'] },
      [claims.context]: { id: 'c1', label: 'CS', title: 'Clusters <101>' },
    }
    there.has([
      [member('ines-1', 'Ines', 'Instructor'), member('lee-2', 'Lee <script>', 'Learner')],
      [member('gone-3', 'Gone', 'Learner', { status: 'Inactive' }), member('max-4', '', 'Mentor')],
      [member('kim-1', 'Kim', 'Learner', { status: undefined }), member('lee-2', 'Lee <script>', 'Learner')],
    ])
    const kim = await browser()
    await kim.enters('kim-1', { over: course })
    assert.doesNotMatch((await kim.get('/account')).text, courseLink)
    const ines = await browser()
    await ines.enters('ines-1', { over: { ...course, [claims.roles]: [instructor] } })
    const shown = (await ines.get('/account')).text
    assert.match(shown, /Clusters &lt;101&gt;: who has come in/)
    const [, href] = courseLink.exec(shown)!
    const page = await ines.get(href!)
    assert.deepEqual([page.status, page.headers['cache-control']], [200, 'no-store'])
    assert.match(page.text, /1 of 2 learners have come in\./)
    const rows = [...page.text.matchAll(/<th scope="row">(.*?)<\/th>\s*<td>(.*?)<\/td>\s*<td>(.*?)<\/td>/g)]
    assert.deepEqual(
      rows.map(([, name, role, since]) => [name, role, since === 'not come in yet']),
      [
        ['Lee &lt;script&gt;', 'Learner', true],
        ['Kim', 'Learner', false],
        ['Name not given', 'Other', true],
        ['Ines', 'Teaches', false],
      ],
    )
    assert.deepEqual(there.problems, [])
    // Neither its learners nor somebody without an account.
    assert.equal((await kim.get(href!)).status, 404)
    assert.equal((await (await browser()).get(href!)).status, 404)
    assert.equal((await ines.get('/lti/courses/constructor')).status, 404)
    there.goesDown(true)
    const away = await ines.get(href!)
    assert.equal(away.status, 502)
    assert.match(away.text, /did not send the list of people in the course/)
    there.goesDown(false)
    const kept = await deps.storage.ltiCourses.find(href!.split('/').at(-1)!)
    assert.doesNotMatch(JSON.stringify(kept) + log(), /Lee|Kim|Ines|@example/)
    assert.match(log(), /could not be read/)
  } finally {
    await there.close()
  }
})

test('who teaches a course no more does not see its people, and what the platform tells leads nowhere else', async () => {
  const { there, browser, deps } = await setUp()
  try {
    const service = (url: unknown) => ({
      [claims.roster]: { context_memberships_url: url },
      [claims.roles]: [instructor],
    })
    const ines = await browser()
    for (const url of ['http://127.0.0.1:1/members', 'file:///etc/passwd', 7, `${there.origin}/${'m'.repeat(700)}`]) {
      await ines.enters('ines-1', { over: service(url) })
      assert.doesNotMatch((await ines.get('/account')).text, courseLink)
    }
    await ines.enters('ines-1', { over: service(`${there.origin}/members`) })
    const [, href] = courseLink.exec((await ines.get('/account')).text)!
    // Nothing that is no list breaks the page.
    for (const members of [undefined, [null], [{ user_id: '' }], 'x'] as unknown as object[][]) {
      there.has([members])
      assert.equal((await ines.get(href!)).status, 502)
    }
    there.has([[member('ines-1', 'Ines', 'Instructor')], []], 'http://127.0.0.1:1')
    assert.equal((await ines.get(href!)).status, 502)
    there.has([[member('ines-1', 'Ines', 'Learner'), member('kim-1', 'Kim', 'Learner')]])
    const refused = await ines.get(href!)
    assert.equal(refused.status, 403)
    assert.doesNotMatch(refused.text, /Kim/)
    there.has([[member('ines-1', 'Ines', 'Instructor')]])
    assert.equal((await ines.get(href!)).status, 404)
    assert.match((await ines.get('/account')).text, /Sign out/)

    await ines.enters('ines-1', { over: service(`${there.origin}/members`) })
    assert.match((await ines.get(href!)).text, /0 of 0 learners have come in/)
    // Who comes as a learner the next time.
    await ines.enters('ines-1', { over: { ...service(`${there.origin}/members`), [claims.roles]: ['Learner'] } })
    assert.equal((await ines.get(href!)).status, 404)
    await ines.enters('ines-1', { over: service(`${there.origin}/members`) })
    await ines.post('/account/delete', [
      ['_csrf', await ines.token()],
      ['confirm', 'yes'],
    ])
    assert.equal(await deps.storage.ltiCourses.find(href!.split('/').at(-1)!), undefined)
  } finally {
    await there.close()
  }
})

test('without a platform there is nothing to come in by, and files that cannot be used are told without the key', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  for (const path of ['/lti/keys', '/lti/login?iss=a&login_hint=b', '/lti/enter', '/lti/pick'])
    await guest.get(path).expect(404)
  const good = {
    ...{ name: 'Campus', issuer: 'https://lms.example', clientId: 'a', deployments: ['1'] },
    ...{
      authorizationUrl: 'https://lms.example/auth',
      tokenUrl: 'https://lms.example/token',
      jwksUrl: 'https://lms.example/keys',
    },
  }
  assert.equal((await readLtiSetup({ platforms: JSON.stringify([good]), key })).platforms.length, 1)
  for (const [platforms, given, says] of [
    ['{', key, /not JSON/],
    ['[]', key, /LTI_PLATFORMS_FILE/],
    [JSON.stringify([good, good]), key, /twice/],
    [JSON.stringify([{ ...good, tokenUrl: 'http://lms.example/token' }]), key, /https/],
    [JSON.stringify([{ ...good, secret: 'x' }]), key, /secret/],
    [JSON.stringify([good]), 'no key', /not a private key/],
    [JSON.stringify([good]), pem(1024), /2048/],
  ] as const)
    await assert.rejects(
      readLtiSetup({ platforms, key: given }),
      (error: Error) => says.test(error.message) && !error.message.includes('PRIVATE'),
    )
  const files = { LTI_PLATFORMS_FILE: '/a', LTI_KEY_FILE: '/b' }
  assert.throws(
    () => parseConfig({ ...files, PUBLIC_URL: 'http://podium.example' }),
    /must begin with https:.* for LTI/,
  )
  assert.deepEqual(parseConfig({ ...files, PUBLIC_URL: publicUrl }).lti, { platforms: '/a', key: '/b' })
  assert.throws(() => parseConfig({ LTI_PLATFORMS_FILE: '/a' }), /PUBLIC_URL=: is needed beside LTI_PLATFORMS_FILE/)
})
