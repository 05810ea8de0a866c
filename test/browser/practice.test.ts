import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip } from './support.ts'

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

const place = (page: Page, n: number) => page.locator('.eyebrow', { hasText: `${n} of 10` })
const verdict = (page: Page) => page.locator('[data-leads]')

/** The answer that was chosen leads on, or is explained and left by Enter. */
async function goOn(page: Page, n: number): Promise<'right' | 'explained'> {
  const next = n < 10 ? place(page, n + 1) : page.getByRole('heading', { name: /^\d+ of 10 right$/ })
  await next.or(verdict(page)).first().waitFor()
  if ((await verdict(page).count()) === 0) return 'right'
  if (n === 1) assert.deepEqual(await findBarriersInBoth(page), [])
  await page.keyboard.press('Enter')
  await next.waitFor()
  return 'explained'
}

test('a round is answered by single keys, and its summary leads to another', { skip, timeout: 240_000 }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/study/practice`)
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.getByRole('link', { name: '10 questions, my weak spots' }).click()
  await place(page, 1).waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  // Arrow keys walk through the options, as everywhere.
  await page.getByRole('radio').first().focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(await page.getByRole('radio').nth(1).isChecked(), true)
  assert.equal(await verdict(page).count(), 0)
  const ends = new Set<string>()
  for (let n = 1; n <= 10; n++) {
    await page.keyboard.press(n % 2 === 0 ? 'a' : 'b')
    ends.add(await goOn(page, n))
  }
  assert.ok(ends.size > 0)
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.keyboard.press('n')
  await place(page, 1).waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a click on an option is the answer; without script it is sent by its button', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await site.browser.newContext({ javaScriptEnabled, viewport: { width: 390, height: 844 } })
    const { page, complaints } = await openPage(context)
    await page.goto(`${site.url}/study/practice/new?of=pod`)
    await place(page, 1).waitFor()
    await page.locator('.option').first().click()
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Answer', exact: true }).click()
    await place(page, 2).or(page.locator('.verdict')).first().waitFor()
    assert.deepEqual(complaints, [])
    await context.close()
  }
})

test('steps are dragged by the pointer and moved by keys, and one’s own order stands beside the right one', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/questions/pod/creation-flow-order`)
  const texts = async () => (await page.locator('.order-text').allInnerTexts()).map((text) => text.trim())
  const before = await texts()
  const box = async (part: string, n: number) => (await page.locator(part).nth(n).boundingBox())!
  /** Drags step n down below step m, and gives the page once the server has drawn the list anew. */
  const drag = async (n: number, m: number, part = '.order-handle') => {
    await page.evaluate(`document.querySelector('.order').dataset.before = ''`)
    const [from, to] = [await box(part, n), await box('.order-handle', m)]
    await page.mouse.move(from.x + 5, from.y + from.height / 2)
    await page.mouse.down()
    await page.mouse.move(to.x + 5, to.y + to.height + 8, { steps: 8 })
    await page.mouse.up()
    await page.locator('.order[data-drag]:not([data-before])').waitFor()
  }
  await drag(0, 2)
  const dragged = [before[1]!, before[2]!, before[0]!, ...before.slice(3)]
  assert.deepEqual(await texts(), dragged)

  // To the end, held by its text, and up again by a key.
  await drag(0, before.length - 1, '.order-text')
  await page.locator('.order li').last().locator('.order-text', { hasText: dragged[0]! }).waitFor()
  await page.locator('.order li').last().locator('button').first().focus()
  await page.keyboard.press('Alt+ArrowUp')
  await page
    .locator('.order li')
    .nth(before.length - 2)
    .locator('.order-text', { hasText: dragged[0]! })
    .waitFor()
  assert.match(String(await page.evaluate('document.activeElement.id')), /^up-/)
  // Who does not see the list hears where the step stands now.
  const count = before.length
  const told = page.locator('[role=status]', { hasText: `: now ${count - 1} of ${count}` })
  await told.waitFor({ state: 'attached' })
  assert.ok((await told.innerText()).startsWith(dragged[0]!))
  assert.deepEqual(await findBarriersInBoth(page), [])
  const given = await texts()
  await page.getByRole('button', { name: 'Answer', exact: true }).click()
  await page.locator('.verdict').waitFor()
  assert.deepEqual(
    (await page.locator('.own-order li > :last-child').allInnerTexts()).map((text) => text.trim()),
    given,
  )
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a lesson asks at the end of its sections, and is answered in its place', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/architecture/first-words`)
  const beats = page.locator('.beat')
  assert.equal(await beats.count(), 4)
  await beats.nth(1).scrollIntoViewIfNeeded()
  const service = beats.nth(1).locator('.option', { hasText: 'The Service, because' })
  await service.click()
  await beats.nth(1).getByRole('button', { name: 'Answer' }).click()
  await beats.nth(1).locator('.verdict.is-wrong h4:focus').waitFor()
  assert.equal(new URL(page.url()).pathname, '/lessons/architecture/first-words')
  // By keys: an option is chosen by its arrow, and sent by Enter.
  await beats.nth(3).scrollIntoViewIfNeeded()
  await beats.nth(3).locator('.option input').first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await beats.nth(3).locator('.verdict').waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.setViewportSize({ width: 390, height: 844 })
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
  assert.deepEqual(complaints, [])
  await context.close()
})

test('steps are put into order within a lesson, by a key, and judged there', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/pod/probes`)
  const beat = page.locator('.beat').filter({ has: page.locator('[hx-get*="readiness-to-traffic-order"], .order') })
  await beat.first().scrollIntoViewIfNeeded()
  const steps = beat.first().locator('.order li')
  await steps.first().waitFor()
  const texts = async () => (await steps.locator('.order-text').allInnerTexts()).map((text) => text.trim())
  const before = await texts()
  await steps.first().locator('button').last().focus()
  await page.keyboard.press('Alt+ArrowDown')
  await steps.nth(1).locator('.order-text', { hasText: before[0]! }).waitFor()
  assert.deepEqual(await texts(), [before[1], before[0], ...before.slice(2)])
  assert.equal(new URL(page.url()).pathname, '/lessons/pod/probes')
  await beat.first().getByRole('button', { name: 'Answer', exact: true }).click()
  await page.locator('.beat .verdict').waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.deepEqual(complaints, [])
  await context.close()
})
