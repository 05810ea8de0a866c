/** An admin connects another system: a webhook is made, tried, paused and removed, in both colour schemes and by the keyboard. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { keyOfPerson, platformId } from '../../server/doors/lti.ts'
import { seal } from '../../server/doors/sealed-cookie.ts'
import { receiver } from '../server/doors/receiver.ts'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS
const wide = { width: 1280, height: 800 }

let site: Site

before(async () => {
  if (!skip) site = await openSite({ env: { WEBHOOK_LOOPBACK: 'true' } })
})
after(async () => site?.close())

async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await findBarriersInBoth(page), [], name)
  const overflow = await page.evaluate('Math.max(0, document.documentElement.scrollWidth - innerWidth)')
  assert.equal(overflow, 0, name)
  if (!shots) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${shots}/doors-${name}-${colorScheme}.png`, fullPage: true })
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

test('whoever comes from a provider is asked which account is theirs', { skip }, async () => {
  const own = await openSite({
    env: {
      ...{ PUBLIC_URL: 'http://127.0.0.1:1', OIDC_ISSUER: 'http://127.0.0.1:1' },
      ...{ OIDC_CLIENT_ID: 'podium', OIDC_NAME: 'Acme' },
    },
  })
  const context = await own.browser.newContext({ viewport: wide })
  try {
    const { page } = await openPage(context)
    await page.goto(`${own.url}/account/sign-in`)
    await look(page, 'sign-in')
    await page.goto(`${own.url}/account/oidc/return?code=a&state=b`)
    assert.match(await page.locator('[role=alert]').innerText(), /begun in another browser/)
    await look(page, 'not-signed-in')
    const person = { key: 'k', name: 'Kim Quist', mail: 'kim@example.org' }
    const value = seal(person, 'podium-oidc-person', Date.now() + 60_000, 'a secret of at least thirty-two characters')
    await context.addCookies([{ name: 'podium-oidc-person', value, url: `${own.url}/account` }])
    await page.goto(`${own.url}/account/oidc/connect`)
    await look(page, 'connect')
    await page.setViewportSize({ width: 320, height: 800 })
    await look(page, 'connect-narrow')
    await page.click('text=Make the account')
    await waitUntil(page, 'document.body.textContent.includes("kim-quist")')
    await look(page, 'connected')
  } finally {
    await context.close()
    await own.close()
  }
})

test('a frame of a learning platform offers a window, and an instructor picks what a course is to have', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-lti-'))
  let framed = ''
  const server = createServer((req, res) => {
    if (req.url === '/token' || req.url === '/members') {
      const role = (name: string) => [`http://purl.imsglobal.org/vocab/lis/v2/membership#${name}`]
      const members = [
        { user_id: 's', name: 'Ines Ota', roles: role('Instructor') },
        { user_id: 'k', name: 'Kim Quist', roles: role('Learner') },
        { user_id: 'l', name: 'Wolfeschlegelsteinhausenbergerdorff '.repeat(3), roles: role('Learner') },
      ]
      res.writeHead(200, { 'Content-Type': 'application/json' })
      return void res.end(JSON.stringify(req.url === '/token' ? { access_token: 'a' } : { members }))
    }
    const isCourse = req.url === '/course'
    res.writeHead(200, { 'Content-Type': 'text/html' })
    res.end(isCourse ? `<iframe src="${framed}" width="800" height="600" title="tool"></iframe>` : 'signed in there')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const there = { issuer: origin, clientId: 'podium', deployments: ['1'], name: 'Campus' }
  const urls = { authorizationUrl: `${origin}/auth`, tokenUrl: `${origin}/token`, jwksUrl: `${origin}/keys` }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(folder, 'platforms.json'), JSON.stringify([{ ...there, ...urls }]))
  await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const own = await openSite({
    env: {
      PUBLIC_URL: 'http://127.0.0.1:1',
      ...{ LTI_PLATFORMS_FILE: join(folder, 'platforms.json'), LTI_KEY_FILE: join(folder, 'key.pem') },
    },
  })
  const context = await own.browser.newContext({ viewport: wide })
  try {
    const { page: course, complaints } = await openPage(context)
    // A page that is not for it is not shown in a frame.
    framed = `${own.url}/account`
    await course.goto(`${origin}/course`)
    const [, refused] = course.frames()
    for (let tries = 0; tries < 600 && refused!.url() === ''; tries++) await course.waitForTimeout(50)
    assert.match(refused!.url(), /^chrome-error:/)
    const [complaint, ...others] = complaints.splice(0)
    assert.match(complaint ?? '', /^Framing .* violates .* "frame-ancestors 'none'"/)
    assert.deepEqual(others, [])
    framed = `${own.url}/lti/login?iss=${origin}&login_hint=a`
    await course.goto(`${origin}/course`)
    const opened = context.waitForEvent('page')
    await course.frameLocator('iframe').locator('text=Open Podium').click()
    const window = await opened
    await window.waitForURL(`${origin}/auth**`)
    assert.match(window.url(), /response_mode=form_post/)
    assert.deepEqual(
      (await context.cookies(`${own.url}/lti`))
        .map(({ name, sameSite }) => [name, sameSite])
        .filter(([name]) => name === 'podium-lti'),
      [['podium-lti', 'None']],
    )
    await Promise.all([window.close(), course.close()])
    const { page } = await openPage(context)
    await page.goto(`${own.url}/lti/login?iss=http://elsewhere.example&login_hint=a`)
    await look(page, 'lti-refused')
    const launch = {
      ...{
        platform: platformId(there),
        key: keyOfPerson(there, 's'),
        subject: 's',
        deployment: '1',
        isInstructor: true,
        target: '/',
      },
      picking: { returnUrl: `${origin}/back`, isMultiple: true },
      course: { url: `${origin}/members`, title: 'Clusters 101' },
    }
    const value = seal(launch, 'podium-lti-launch', Date.now() + 60_000, 'a secret of at least thirty-two characters')
    await context.addCookies([{ name: 'podium-lti-launch', value, url: `${own.url}/lti` }])
    await page.goto(`${own.url}/lti/enter`)
    await page.click('summary >> nth=1')
    await page.check('input[name=items][value^="challenge:"] >> nth=0')
    await look(page, 'lti-pick')
    await page.click('text=Choose these')
    await waitUntil(page, 'document.querySelector("[name=JWT]") !== null')
    await look(page, 'lti-picked')
    await page.click('text=Add to Campus')
    await page.waitForURL(`${origin}/back`)
    await page.goto(`${own.url}/account`)
    await page.click('text=Clusters 101: who has come in')
    await waitUntil(page, 'document.body.textContent.includes("0 of 2 learners have come in.")')
    await look(page, 'lti-course')
    await page.setViewportSize({ width: 320, height: 800 })
    await look(page, 'lti-course-narrow')
  } finally {
    await context.close()
    await own.close()
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  }
})

test('an admin makes a webhook, gives its secret to the receiver, tries it, and pauses it', { skip }, async () => {
  let status = 204
  const there = await receiver(() => status)
  const context = await site.browser.newContext({ viewport: wide })
  const { page } = await openPage(context)
  try {
    await page.goto(`${site.url}/account`)
    await page.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
      _csrf: document.querySelector('[name=_csrf]').value, name: 'ada', which: 'own',
      own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
    }) })`)
    await site.grant('ada', 'admin')
    await page.goto(`${site.url}/account`)
    await page.click('text=Webhooks')
    await look(page, 'webhooks-empty')
    await page.fill('#url', 'https://169.254.169.254/latest')
    await page.press('#url', 'Enter')
    await waitUntil(page, 'document.querySelector("[role=alert]") !== null')
    assert.match(await page.locator('[role=alert]').innerText(), /inner network/)
    assert.equal(await page.inputValue('#url'), 'https://169.254.169.254/latest')
    await look(page, 'webhooks-refused')
    await page.fill('#url', there.url)
    await page.press('#url', 'Enter')
    await waitUntil(page, 'document.querySelector(".webhook-secret") !== null')
    const secret = await page.locator('.webhook-secret').innerText()
    await look(page, 'webhook-made')
    await page.click('text=Send a test')
    await waitUntil(page, 'document.querySelector(".webhook-deliveries tbody tr") !== null')
    assert.equal(await page.evaluate('document.body.textContent.includes("whsec_")'), false)
    assert.deepEqual(
      there.told(secret).map(({ type }) => type),
      ['podium.test'],
    )
    status = 503
    await page.click('text=Send a test')
    await waitUntil(page, 'document.querySelectorAll(".webhook-deliveries tbody tr").length === 2')
    await page.click('text=Pause')
    await waitUntil(page, 'document.querySelector("button[value=resume]") !== null')
    await page.click('text=Change the webhook')
    await look(page, 'webhook-paused')
    await page.goto(`${site.url}/admin/webhooks`)
    await look(page, 'webhooks')
    await page.setViewportSize({ width: 320, height: 800 })
    await look(page, 'webhooks-narrow')
    await page.setViewportSize(wide)
    await page.goto(`${site.url}/qti`)
    await look(page, 'qti')
  } finally {
    await there.close()
    await context.close()
  }
})
