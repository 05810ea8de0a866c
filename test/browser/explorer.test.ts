/** The explorer of a Pod's life in a real browser, on the real simulator. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const path = '/lessons/pod/life-of-a-pod'
const summary = (page: Page) => page.locator('.explorer-summary')
const pictureTop = (page: Page) =>
  page.locator('.time-lanes').evaluate((node) => (node as unknown as { offsetTop: number }).offsetTop)

const activeId = (page: Page) => page.evaluate<string>('document.activeElement.id')

/** The control is marked as wrong, described by the message, and the message stands under it. */
async function beside(page: Page, id: string, message: string) {
  const [control, problem] = [page.locator(`#${id}`), page.locator(`#${id}-problem`)]
  await problem.waitFor()
  assert.equal(await problem.innerText(), message)
  assert.equal(await control.getAttribute('aria-invalid'), 'true')
  assert.ok((await control.getAttribute('aria-describedby'))?.split(' ').includes(`${id}-problem`))
  const [above, below] = [await control.boundingBox(), await problem.boundingBox()]
  assert.ok(above && below && below.y >= above.y + above.height)
}

/** Sets a crash loop and reads what the picture and the table say. `run` is how the settings are sent. */
async function crashLoop(page: Page, run: () => Promise<unknown>) {
  await page.goto(site.url + path)
  await summary(page).filter({ hasText: 'started once' }).waitFor()
  await page.getByLabel('Runs for, s').fill('2')
  await page.getByLabel('Then exits with').fill('1')
  await run()
  await summary(page)
    .filter({ hasText: /started [3-9] times/ })
    .waitFor()
  await page.waitForURL((url) => url.search === '?explorer=pod-life&run=2&exit=1')
  assert.ok((await page.locator('.life-bar.is-backoff').count()) >= 3)
  await page.getByText('The same as a table').click()
  await page.locator('td', { hasText: 'waiting: CrashLoopBackOff' }).first().waitFor()
  await page.getByText('The manifest that these settings stand for').click()
  await page.locator('.explorer-manifest', { hasText: 'exit 1' }).waitFor()
}

test('a change runs by itself, keeps picture, focus and what was unfolded in place, and is in the address', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await crashLoop(page, () => page.keyboard.press('Tab'))
  const top = await pictureTop(page)
  await page.getByLabel('Restart policy').focus()
  await page.getByLabel('Restart policy').selectOption('Never')
  await summary(page).filter({ hasText: 'its phase is Failed' }).waitFor()
  assert.equal(await page.evaluate('document.activeElement.id'), 'pod-life-restart')
  assert.equal(await pictureTop(page), top)
  await page.locator('td', { hasText: 'terminated: Error, exit 1' }).first().waitFor({ state: 'visible' })
  assert.equal(await page.locator('.explorer-presets [aria-current]').count(), 0)
  assert.match(await page.locator('[role=status]').innerText(), /^Your settings\. .*its phase is Failed/)

  // What cannot be run says so in place of the picture and beside its control, and is over when it is fixed.
  const deletedAt = page.getByLabel('Deleted at, s')
  await page.locator('summary', { hasText: 'Liveness probe' }).click()
  await deletedAt.fill('90')
  await page.getByLabel('Watch for').focus()
  await page.getByLabel('Watch for').selectOption('60')
  await page.getByRole('alert').getByText('must be before the end of the watched time, 60 s').waitFor()
  await beside(page, 'pod-life-delete', 'must be before the end of the watched time, 60 s')
  assert.equal(await activeId(page), 'pod-life-watch', 'a change leaves the focus where it is')
  assert.equal(await page.getByLabel('Watch for').inputValue(), '60')
  assert.ok(await page.locator('#pod-life-liveness').isVisible(), 'what was unfolded stays so')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.locator('#pod-life-delete:focus').waitFor()
  await page.getByRole('alert').getByRole('link').click()
  await page.locator('#pod-life-delete:focus').waitFor()
  await deletedAt.fill('30')
  await page.keyboard.press('Tab')
  await summary(page).filter({ hasText: 'gone after' }).waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
  assert.equal(await deletedAt.getAttribute('aria-invalid'), null)
  assert.equal(await page.locator('.explorer-problem').count(), 0)

  // The address alone gives the same again.
  const [said, url] = [await summary(page).innerText(), page.url()]
  await page.goto('about:blank')
  await page.goto(url)
  assert.equal(await summary(page).innerText(), said)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('without script, the button runs the settings and the address holds them', { skip }, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page, complaints } = await openPage(context)
  await crashLoop(page, () => page.getByRole('button', { name: 'Run', exact: true }).click())
  assert.equal(await page.getByText('Changes run by themselves.').isVisible(), false)
  await page.getByRole('link', { name: 'SIGTERM ignored' }).click()
  await summary(page).filter({ hasText: 'It was gone after 5' }).waitFor()
  assert.equal(await page.getByLabel('Deleted at, s').inputValue(), '20')
  await page.getByLabel('Deleted at, s').fill('70')
  // The browser holds a value back that it can judge by itself; this one only the server can.
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('alert').getByText('must be before the end of the watched time, 60 s').waitFor()
  await beside(page, 'pod-life-delete', 'must be before the end of the watched time, 60 s')
  assert.equal(await activeId(page), 'pod-life-delete')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a preset is reached and run by keyboard, and keeps the focus', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(site.url + path)
  const preset = page.getByRole('link', { name: 'Slow start with liveness probe' })
  await preset.focus()
  await page.keyboard.press('Enter')
  await page.locator('.explorer-name', { hasText: 'Slow start with liveness probe' }).waitFor()
  assert.equal(await preset.getAttribute('aria-current'), 'true')
  assert.equal(await preset.evaluate('document.activeElement === document.querySelector("[aria-current=true]")'), true)
  assert.equal(await page.getByLabel('How it asks').nth(1).inputValue(), 'httpGet')
  await page.goBack()
  await page.locator('.explorer-name', { hasText: 'A program that runs on' }).waitFor()
  await context.close()
})

test('axe finds nothing in the explorer, at ease and with something to fix, light or dark', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  const settings = 'explorer=pod-life&run=2&exit=1&delete=100&readiness=exec&liveness=httpGet&startup=tcpSocket'
  for (const query of [settings, `${settings}&grace=999`]) {
    await page.goto(`${site.url}${path}?${query}`)
    for (const summaryOf of await page.locator('.explorer-result summary').all()) await summaryOf.click()
    assert.deepEqual(await findBarriersInBoth(page), [])
  }
  await context.close()
})

test('nothing scrolls sideways on a window of 320 pixels', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 320, height: 640 } })
  const { page } = await openPage(context)
  for (const query of [
    '',
    '?explorer=pod-life&run=1&exit=1&watch=600&liveness=httpGet',
    '?explorer=pod-life&delete=x',
  ]) {
    await page.goto(site.url + path + query)
    for (const summaryOf of await page.locator('.explorer-result summary').all()) await summaryOf.click()
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')) <= 0, query)
  }
  await context.close()
})

// ---------- Raft ----------

test('Raft goes on by the keyboard, keeps the focus and the way back, and breaks where it is told to', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/raft`)
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.locator('#raft-next').focus()
  for (let step = 1; step <= 8; step++) {
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.searchParams.get('do')?.split('.').length === step)
    await page.locator('.raft-count', { hasText: `step ${step} of` }).waitFor()
    assert.equal(await activeId(page), 'raft-next')
  }
  await page.locator('.raft-member.is-leader', { hasText: 'Member 2' }).waitFor()
  await page.goBack()
  await page.locator('.raft-member.is-candidate', { hasText: 'Member 2' }).waitFor()
  await page.goForward()
  const counted = await page.locator('.raft-count').textContent()
  await page.locator('#raft-all').click()
  // What is on the page until its answer comes would lead on from the moment before.
  await waitUntil(page, (before) => document.querySelector('.raft-count')?.textContent !== before, counted)
  await page.locator('#raft-write-2').click()
  await page.locator('.raft-messages').getByText('After entry 1 comes: x=1').first().waitFor()
  // The leader is gone before anybody hears of the write.
  await page.locator('#raft-stop-2').click()
  const underWay = page.getByRole('link', { name: /^Lose / })
  for (let left = 1; left >= 0; left--) {
    await underWay.first().click()
    // The address changes before the page does: the second link is that of the message that is still under way.
    await waitUntil(page, (count) => document.querySelectorAll('a[aria-label^="Lose "]').length === count, left)
  }
  await page.getByText('No message.').waitFor()
  for (let n = 0; n < 3; n++) {
    const before = page.url()
    await page.locator('#raft-second').click()
    await page.waitForURL((url) => url.href !== before)
  }
  assert.equal(await page.locator('.raft-member.is-leader').count(), 1)
  await page.locator('#raft-start-2').click()
  await page.locator('#raft-second').click()
  await page.getByText('Member 2 drops entry 2 (x=1): it was never committed.').waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false)
  assert.deepEqual(complaints, [])
  await context.close()
})
