import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createReloads, type Reloads } from '../../server/reloads.ts'
import { openPage, openSite, skip, waitUntil } from './support.ts'

test('while developing, an open page is loaded again where it was: after a save, and after a start of the server', {
  skip,
}, async () => {
  let current = createReloads()
  const reloads: Reloads = {
    tell: () => current.tell(),
    handle: (req, res) => current.handle(req, res),
    close: () => current.close(),
  }
  const site = await openSite({ reloads })
  after(() => site.close())
  const context = await site.browser.newContext({ viewport: { width: 390, height: 500 } })
  const { page, complaints } = await openPage(context)
  const listening = page.waitForResponse('**/reloads')
  await page.goto(`${site.url}/help`)
  await listening
  for (const happen of [
    () => reloads.tell(),
    () => reloads.tell(),
    () => {
      const before = current
      current = createReloads()
      before.close()
    },
  ]) {
    await page.evaluate('scrollTo(0, 321); globalThis.isOld = true')
    const isBack = page.waitForEvent('load')
    const listensAgain = page.waitForResponse('**/reloads')
    happen()
    await isBack
    await listensAgain
    await waitUntil(page, 'scrollY === 321')
    assert.equal(await page.evaluate('globalThis.isOld'), undefined)
  }
  assert.deepEqual(complaints, [])
  reloads.close()
  await context.close()
})
