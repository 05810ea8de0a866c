// On paper: the text is there, what is pressed is not, and nothing is cut off at the side.
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

test('lessons, questions and challenges print without controls and within the sheet', { skip }, async () => {
  // The width of A4 between its margins.
  const context = await site.browser.newContext({ viewport: { width: 690, height: 1000 }, colorScheme: 'light' })
  const { page } = await openPage(context)
  await page.emulateMedia({ media: 'print' })
  for (const [path, text] of [
    ['/lessons/pod/pod-creation-flow', 'Nobody calls the next in line'],
    ['/lessons/networking/services', 'What it is for'],
    ['/questions/pod/probe-facts', 'probe'],
    ['/challenges/crash-loop', 'What is checked'],
  ] as const) {
    await page.goto(site.url + path)
    assert.ok((await page.locator('main').innerText()).includes(text), path)
    assert.equal(await page.locator('.masthead').isVisible(), false, path)
    // What is folded on the screen is read on paper.
    for (const fold of await page.locator('.folded').all())
      assert.ok(await fold.locator('.folded-body > *').first().isVisible(), path)
    for (const control of await page.locator('main :is(button, .button, .toc, .terminal-screen)').all())
      assert.equal(await control.isVisible(), false, `${path}: ${(await control.innerText()).slice(0, 60)}`)
    const tooWide = (await page.evaluate(`[...document.querySelectorAll('main svg, main pre, main table')]
      .filter((one) => one.getClientRects().length > 0 && one.getBoundingClientRect().right > innerWidth + 1)
      .map((one) => one.outerHTML.slice(0, 100))`)) as string[]
    assert.deepEqual(tooWide, [], path)
  }
  await context.close()
})
