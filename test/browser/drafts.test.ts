import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

test('two tabs write on one file: the later is asked, and the other text can be had back', { skip }, async () => {
  const context = await site.browser.newContext()
  const [one, two] = [await openPage(context), await openPage(context)]
  for (const { page } of [one, two]) await page.goto(`${site.url}/challenges/crash-loop`)
  const type = async ({ page }: typeof one, text: string) => {
    await page.evaluate((line) => {
      const editor = document.querySelector<HTMLTextAreaElement>('#editor')!
      editor.value = line
      editor.dispatchEvent(new Event('input', { bubbles: true }))
    }, text)
  }
  await type(one, 'one: 1')
  await one.page.locator('#saved', { hasText: 'Saved at' }).waitFor()
  // What a tab has saved itself is no other tab's.
  await type(one, 'one: 11')
  await one.page.locator('#saved', { hasText: 'Not saved yet' }).waitFor()
  await one.page.locator('#saved', { hasText: 'Saved at' }).waitFor()
  await type(two, 'two: 2')
  await two.page.getByRole('heading', { name: /was saved in another tab meanwhile/ }).waitFor()
  await two.page.getByRole('button', { name: 'Take mine' }).click()
  await two.page.locator('#earlier-texts').waitFor()
  assert.equal(await two.page.locator('#draft-conflict section').count(), 0)
  assert.equal(await two.page.locator('#editor').inputValue(), 'two: 2')
  assert.match((await two.page.locator('#earlier-texts').textContent())!, /one: 11/)
  assert.deepEqual(
    [...one.complaints, ...two.complaints].filter((text) => !text.includes('409')),
    [],
  )
  await context.close()
})
