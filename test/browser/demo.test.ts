/** A demo's result in a real browser: played, stopped, gone through by keys, and told as a list to whoever wants little motion. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

let site: Site
before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

/** The first demo of the lesson, run. */
async function run(options: BrowserContextOptions = {}) {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/workloads/deployments`)
  const demo = page
    .locator('.demo')
    .filter({ has: page.locator('[data-run]') })
    .first()
  await demo.locator('[data-run]').click()
  const played = page.locator('.played').first()
  await played.waitFor()
  return { context, page, complaints, played }
}

const nowOf = (page: Page) => page.locator('.played').first().locator('.moments > .is-now .moment-clock')

test('a demo’s result is played: each moment’s picture, what changed at it, and the clock under them', {
  skip,
}, async () => {
  const { context, page, complaints, played } = await run()
  const end = await nowOf(page).innerText()
  const slider = played.getByRole('slider', { name: 'Moment of the run' })
  await played.getByRole('button', { name: '60 times as fast' }).click()
  await waitUntil(page, (at) => document.querySelector('.played .is-now .moment-clock')!.textContent !== at, end)
  await played.locator('.time-state', { hasText: /plays at 60×/ }).waitFor()
  // It comes to its end and waits.
  await waitUntil(page, (at) => document.querySelector('.played .is-now .moment-clock')!.textContent === at, end)
  await played.locator('.time-state', { hasText: 'time waits for you' }).waitFor()
  assert.equal(await played.locator('.moments > li:visible').count(), 1)
  // By keys: the beginning shows what was there before all.
  await slider.focus()
  await page.keyboard.press('Home')
  assert.equal(await nowOf(page).innerText(), '0:00.0')
  assert.equal(await played.locator('.clock-face').innerText(), '0:00.0')
  const podsAtFirst = await played.locator('[data-picture] .pod').count()
  await played.getByRole('button', { name: 'Next change' }).click()
  assert.notEqual(await nowOf(page).innerText(), '0:00.0')
  await page.keyboard.press('Enter')
  await slider.focus()
  await page.keyboard.press('End')
  assert.ok((await played.locator('[data-picture] .pod').count()) > podsAtFirst)
  assert.ok(
    (await played
      .locator('.moments > li')
      .filter({ has: page.locator('ins') })
      .count()) > 1,
  )
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a play is paused, and another demo’s run goes on by itself', { skip }, async () => {
  const { context, page, complaints, played } = await run()
  await played.getByRole('button', { name: '1 times as fast' }).click()
  await played.locator('.time-state', { hasText: /plays at 1×/ }).waitFor()
  await played.getByRole('button', { name: 'Pause' }).click()
  const clock = await played.locator('.clock-face').innerText()
  await page.waitForTimeout(400)
  assert.equal(await played.locator('.clock-face').innerText(), clock)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('who wants little motion has all moments as a list, and goes to each by the slider', { skip }, async () => {
  const { context, page, played } = await run({ reducedMotion: 'reduce' })
  assert.equal(await played.getByRole('button', { name: 'Pause' }).count(), 0)
  const all = await played.locator('.moments > li').count()
  assert.equal(await played.locator('.moments > li:visible').count(), all)
  assert.ok(all > 2)
  await played.getByRole('slider').focus()
  await page.keyboard.press('Home')
  assert.equal(await nowOf(page).innerText(), '0:00.0')
  await context.close()
})

test('without script the moments are a list beside the last picture; at 320 pixels nothing scrolls sideways', {
  skip,
}, async () => {
  const { context, page, played } = await run({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
  assert.ok((await played.locator('.moments > li:visible').count()) > 2)
  assert.equal(await played.getByRole('slider').count(), 0)
  assert.ok((await page.locator('.demo').first().boundingBox())!.width <= 320)
  await context.close()
})
