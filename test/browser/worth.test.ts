// What people show to a friend: the replay card, the daily incident, duels, golf. In a real browser, with and without script.
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

const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'

async function check(page: Page, path: string) {
  await page.goto(`${site.url}${path}`)
  assert.deepEqual(await findBarriersInBoth(page), [], path)
  await page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await page.evaluate(isWide), false, `${path} at 320 px`)
  await page.setViewportSize({ width: 1280, height: 800 })
}

test('the incident of the day is begun, worked on with a clock that ticks, and told, also without script', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await check(page, '/daily')
  await page.getByRole('button', { name: 'Begin, five minutes' }).press('Enter')
  await page.waitForURL(/\/daily\/\d{4}-\d\d-\d\d$/)
  const address = page.url()
  await waitUntil(page, "/^4 min/.test(document.getElementById('daily-clock').textContent)")
  await page.locator('.terminal-box[data-state="open"]').waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  const squares = page.locator('#daily-so-far .squares')
  assert.match((await squares.getAttribute('aria-label')) ?? '', /^0 of/)
  await page.getByRole('button', { name: 'Grade' }).click()
  await waitUntil(page, "document.querySelector('#desk-result .verdict-line') !== null")
  assert.match((await squares.getAttribute('aria-label')) ?? '', /^0 of [1-9]/)
  await check(page, `${new URL(address).pathname}/result`)
  await check(page, '/daily')
  await page.getByRole('link', { name: 'Go on with it' }).click()
  await page.waitForURL(address)
  assert.deepEqual(complaints, [])
  // In another window of the same browser, without script.
  const plain = await site.browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() })
  const { page: other } = await openPage(plain)
  await other.goto(address)
  assert.match(await other.locator('#daily-clock').innerText(), /^4 min/)
  await other.getByRole('button', { name: 'Grade' }).click()
  await other.getByRole('link', { name: 'Your squares' }).click()
  assert.match(await other.locator('#share-text').inputValue(), /^Podium · The daily incident \d{4}-\d\d-\d\d\n⬜/)
  await plain.close()
  await context.close()
})

test('a duel is played by keys, without script, and its pages have no barriers', { skip }, async () => {
  const plain = await site.browser.newContext({ javaScriptEnabled: false })
  const { page } = await openPage(plain)
  await page.goto(`${site.url}/duels`)
  await page.getByLabel('Your name in it').fill('Ann')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'First question' }).click()
  for (let n = 1; n <= 5; n++) {
    await page.getByText(`Question ${n} of 5`).waitFor()
    const typed = page.locator('input.text-input[name=answer]')
    if (await typed.count()) await typed.fill('1')
    else await page.locator('input[name=answer]').first().check()
    await page.getByLabel('A guess').check()
    await page.getByRole('button', { name: 'That is my answer' }).click()
  }
  await page.getByRole('heading', { name: 'Who was right, and who knew it?' }).waitFor()
  const link = await page.locator('#duel-link').inputValue()
  const context = await site.browser.newContext({ storageState: await plain.storageState() })
  const { page: own, complaints } = await openPage(context)
  await check(own, new URL(link).pathname)
  await check(own, '/duels')
  const { page: guest } = await openPage(await site.browser.newContext())
  await check(guest, new URL(link).pathname)
  await guest.getByRole('button', { name: 'Accept' }).click()
  await guest.getByRole('link', { name: 'First question' }).click()
  await guest.getByText('Question 1 of 5').waitFor()
  assert.deepEqual(await findBarriersInBoth(guest), [])
  assert.deepEqual(complaints, [])
  await guest.context().close()
  await context.close()
  await plain.close()
})

test('a pass has its card, which plays, stands still for who wants no motion, and is a hole of golf', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/image-pull-back-off`)
  const [, app = ''] = /Deployment (\S+) to nginx/.exec(await page.locator('.task-text').innerText())!
  const form = { _csrf: await page.locator('#workspace input[name=_csrf]').inputValue(), do: 'kubectl' }
  for (const line of [`set image deployment/${app} web=nginx:1.27`, `rollout status deployment/${app} --timeout=90s`])
    await page.request.post(page.url(), { form: { ...form, line } })
  const graded = await page.request.post(page.url(), { form: { ...form, do: 'grade' } })
  await page.goto(graded.url())
  const image = page.locator('.replay-card img')
  await image.scrollIntoViewIfNeeded()
  await waitUntil(page, "document.querySelector('.replay-card img').naturalWidth === 840")
  await check(page, new URL(graded.url()).pathname)
  const address = `${site.url}${await image.getAttribute('src')}`
  const motions = 'document.getAnimations().length'
  await page.goto(address)
  assert.ok(Number(await page.evaluate(motions)) > 2)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  assert.equal(await page.evaluate(motions), 0)
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.held').parentNode).opacity"), '1')
  await check(page, '/golf')
  await page.getByText('Repair an image that cannot be pulled').waitFor()
  await check(page, '/progress')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a poster is drawn of one’s own Pod, on one sheet', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await check(page, '/poster')
  await page
    .getByLabel('Manifest of the Pod')
    .fill('kind: Pod\napiVersion: v1\nmetadata: {name: mine}\nspec: {containers: [{name: a, image: "nginx:1.27"}]}\n')
  await page.getByRole('button', { name: 'Draw it' }).click()
  await page.getByRole('heading', { name: 'How mine came to life' }).waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.setViewportSize({ width: 320, height: 640 })
  assert.equal(await page.evaluate(isWide), false)
  const sheet = await page.pdf({ preferCSSPageSize: true })
  assert.equal([...sheet.toString('latin1').matchAll(/\/MediaBox/g)].length, 1)
  assert.deepEqual(complaints, [])
  await context.close()
})
