/** A run is replayed by who has worked on it: every moment, what turned, and what else could have been. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS
let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(async () => site?.close())

async function barriers(page: Page, name: string): Promise<void> {
  assert.deepEqual(await findBarriersInBoth(page), [], name)
  if (!shots) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${shots}/${name}-${colorScheme}.png`, fullPage: true })
  }
}

/** What a button of the desk does, without waiting for anything to be drawn. */
const does = (page: Page, fields: Record<string, string>): Promise<string> =>
  page.evaluate(`fetch(document.querySelector('#workspace').action, { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('#workspace [name=_csrf]').value, ...${JSON.stringify(fields)},
  }) }).then(({ url }) => url)`)

const says = (page: Page, selector: string, text: string): Promise<void> =>
  waitUntil(
    page,
    `document.querySelector(${JSON.stringify(selector)})?.textContent.includes(${JSON.stringify(text)}) === true`,
  )

test('a run is looked at moment by moment, played, copied, and run again otherwise', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 900 } })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/challenges/image-pull-back-off`)
  const app = /\b(frontend|portal|docs)\b/.exec(await page.locator('main').innerText())![1]!
  await does(page, { do: 'kubectl', line: 'get pods' })
  await does(page, { do: 'kubectl', line: `describe deployment ${app}` })
  await does(page, { do: 'kubectl', line: `set image deployment/${app} web=nginx:1.27` })
  await does(page, { do: 'run60' })
  const result = await does(page, { do: 'grade' })
  // On a busy machine a page waits for the grade, and leads to it.
  assert.match(result, /\/(?:results|grading)\//)
  await page.goto(result)
  await page.click('text=Replay how you did it')
  await page.waitForSelector('#replay')
  await says(page, '.replay-list', `set image deployment/${app} web=nginx:1.27`)
  await waitUntil(page, 'document.querySelectorAll(".replay-list .is-gain").length > 0')
  await barriers(page, 'replay-end')

  // By keys: to the line that asked why.
  await page.focus('#replay-jump-0')
  await page.keyboard.press('Enter')
  await says(page, '.replay-screen', 'RollingUpdateStrategy')
  await says(page, '.replay-list [aria-current]', `describe deployment ${app}`)
  await page.click('#replay-jump-1')
  await says(page, '.replay-list [aria-current]', 'set image')
  await barriers(page, 'replay-change')

  // Without the change that helped, what it fixed fails.
  await page.click('#replay-if')
  await page.click('button[value=drop]')
  await says(page, '#what-if', 'would change')
  await says(page, '#what-if', 'failed')
  await barriers(page, 'replay-what-if')

  // From the beginning it plays to the end by itself.
  await page.locator('.replay-list a').first().click()
  await says(page, '.replay-list [aria-current]', 'Began')
  await page.click('#replay-play')
  await says(page, '#replay-play', 'Stop')
  await says(page, '.replay-list [aria-current]', 'Graded')
  await says(page, '#replay-play', 'Play')

  const { page: phone } = await openPage(context)
  await phone.setViewportSize({ width: 390, height: 844 })
  await phone.goto(page.url())
  await barriers(phone, 'replay-390')
  assert.equal(await phone.evaluate('document.documentElement.scrollWidth <= 390'), true)
  await phone.close()

  await page.click('text=Go on in a copy')
  await page.waitForURL(/\/sandboxes\//)
  await says(page, 'main', app)
})
