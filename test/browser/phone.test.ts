import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findBarriers, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

test('on a phone, the parts of a challenge are one touch apart, and nothing lies over where one lands', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 390, height: 844 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  const bar = page.getByRole('navigation', { name: 'Parts of the workspace' })
  for (const part of ['Cluster', 'Edit', 'Task']) {
    await bar.getByRole('link', { name: part }).click()
    const end = (await bar.boundingBox())!
    const heading = (await page.locator(`#${part.toLowerCase()}-title`).boundingBox())!
    assert.ok(
      heading.y >= end.y + end.height && heading.y < 300,
      `${part} at ${heading.y}, the bar ends at ${end.y + end.height}`,
    )
  }
  assert.deepEqual(await findBarriers(page), [])
  assert.deepEqual(complaints, [])
  await page.setViewportSize({ width: 1280, height: 800 })
  assert.equal(await bar.isVisible(), false)
  await context.close()
})
