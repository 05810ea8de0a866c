/** A browser that blocks what pages keep in it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPage, openSite, type Site, skip } from './support.ts'

let site: Site
before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

test('where the browser blocks storage, a lesson runs and the language changes', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.addInitScript(
    `Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('blocked', 'SecurityError') } })`,
  )
  await page.goto(`${site.url}/lessons/architecture/first-words`)
  await page.getByRole('button', { name: /^Run for/ }).click()
  await page.getByRole('heading', { name: 'What happened' }).waitFor()
  await page.locator('a[data-language]').first().click()
  await page.locator('html[lang^=zh]').waitFor({ state: 'attached' })
  assert.deepEqual(complaints, [])
  await context.close()
})
