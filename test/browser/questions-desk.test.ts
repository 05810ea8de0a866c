/** A manifest to fix, on the desk: the question beside its editor, the verdict in place, and the run played below. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContextOptions } from 'playwright-core'
import {
  findBarriers,
  findBarriersInBoth,
  goToPart,
  manifestIn,
  openPage,
  openSite,
  type Site,
  skip,
} from './support.ts'

let site: Site
before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

const laptop = { width: 1280, height: 800 }

async function open(options: BrowserContextOptions = {}) {
  const context = await site.browser.newContext({ viewport: laptop, ...options })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/questions/scheduling/rollout-that-stands-still`)
  const size = async (query: string) => (await page.locator(query).first().boundingBox())!
  return { context, page, complaints, size }
}

test('at 1280 × 800 the editor has 22 lines, and the verdict, its checks and the run come where one works', {
  skip,
}, async () => {
  const { context, page, complaints, size } = await open()
  await page.locator('.cm-content').waitFor()
  assert.ok((await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')) <= 0)
  assert.ok((await size('.cm-scroller')).height / (await size('.cm-line')).height >= 22)
  const answer = await size('[data-submit]')
  assert.ok(answer.y + answer.height <= laptop.height, 'the answer is in sight')
  assert.deepEqual(await findBarriersInBoth(page), [])
  // As it was handed out it is no answer: told, and nothing is lost.
  await page.getByRole('button', { name: 'Apply and judge' }).click()
  await page.getByText('Not graded, no try used').waitFor()
  const manifest = manifestIn(page.locator('#question'))
  await manifest.fill(`${await manifest.text()}\n# tried`)
  await page.getByRole('button', { name: 'Apply and judge' }).click()
  await page.locator('#verdict-title:focus').waitFor()
  const result = page.getByRole('tabpanel', { name: 'Result' })
  await result.getByText('does not hold').first().waitFor()
  assert.match(await page.locator('.given').innerText(), /# tried/)
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.getByRole('tab', { name: 'What the cluster did' }).click()
  const run = page.getByRole('tabpanel', { name: 'What the cluster did' })
  await run.getByRole('slider', { name: 'Moment of the run' }).focus()
  await page.keyboard.press('Home')
  assert.equal(await run.locator('.moments > .is-now .moment-clock').innerText(), '0:00.0')
  assert.deepEqual(await findBarriers(page), [])
  await page.getByRole('link', { name: /^(New variant|Try again)$/ }).click()
  await page.getByRole('button', { name: 'Apply and judge' }).waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('on a phone question, editor and result are tabs, and a verdict leads to its own', { skip }, async () => {
  const { context, page } = await open({ viewport: { width: 320, height: 700 } })
  await goToPart(page, 'edit')
  const manifest = manifestIn(page.locator('#question'))
  await manifest.fill(`${await manifest.text()}\n# tried`)
  assert.deepEqual(await findBarriers(page), [])
  await goToPart(page, 'task')
  await page.getByRole('button', { name: 'Apply and judge' }).click()
  await page.locator('#dock .verdict-word').waitFor()
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0)
  assert.deepEqual(await findBarriers(page), [])
  await page.locator('#dock').getByRole('link', { name: 'Next question' }).click()
  await page.waitForURL(/\/questions\/(?!scheduling\/rollout)/)
  await context.close()
})

test('without script it is answered by a plain form', { skip }, async () => {
  const { context, page } = await open({ javaScriptEnabled: false })
  const field = page.getByLabel('Your manifest')
  await field.fill(`${await field.inputValue()}\n# tried`)
  await page.getByRole('button', { name: 'Apply and judge' }).click()
  await page.locator('#verdict-title').waitFor()
  await page.locator('#run-title').waitFor()
  assert.ok((await page.locator('.moments > li:visible').count()) > 1)
  await context.close()
})
