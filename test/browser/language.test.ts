// A page in Chinese: switching keeps the place and what was filled in; nobody meets a barrier.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriers, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const languageOf = (page: Page) => page.locator('html').getAttribute('lang')
const switchTo = async (page: Page, name: string) => {
  await page.getByRole('link', { name, exact: true }).click()
  await page.waitForLoadState()
}

test('switching in the middle of a lesson leads to the same part of it', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/pod/pod-creation-flow`)
  assert.equal(await languageOf(page), 'en')
  // The fourth heading, with some lines of it already above the window.
  const heading = () => page.locator('.lesson h2').nth(3)
  const topOf = async () => (await heading().boundingBox())!.y
  await heading().evaluate((element) => globalThis.scrollTo(0, element.getBoundingClientRect().top + 140))
  const before = await topOf()
  // The link is out of sight, and activated without scrolling to it, as a keyboard's or a voice's user may.
  await page.locator('[data-language]').dispatchEvent('click')
  await page.waitForURL('**/pod-creation-flow')
  await page.locator('html[lang="zh-Hans"]').waitFor()
  assert.ok(Math.abs((await topOf()) - before) < 3, `${await topOf()} instead of ${before}`)
  assert.match(await heading().innerText(), /\p{Script=Han}/u)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a passphrase that was typed is not kept for the page in the other language', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/account/sign-in`)
  await page.locator('input[name="name"]').fill('ann')
  await page.locator('#passphrase').fill('four words of mine')
  await switchTo(page, '中文')
  assert.equal(await page.locator('input[name="name"]').inputValue(), 'ann')
  assert.equal(await page.locator('#passphrase').inputValue(), '')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('what was chosen in a question is still chosen in the other language, and judged alike', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/questions/architecture/which-manager`)
  const selects = page.locator('.match select')
  for (const [n, select] of (await selects.all()).entries()) await select.selectOption({ index: (n % 3) + 1 })
  const chosen = async () => Promise.all((await selects.all()).map((select) => select.inputValue()))
  const before = await chosen()
  await switchTo(page, '中文')
  assert.equal(await languageOf(page), 'zh-Hans')
  assert.deepEqual(await chosen(), before)
  await page.getByRole('button', { name: '提交答案' }).click()
  const verdict = page.locator('.verdict')
  await verdict.waitFor()
  const right = await page.locator('.feedback > .is-good').count()
  await switchTo(page, 'English')
  assert.equal(await page.locator('.feedback > .is-good').count(), right)
  assert.match(await page.locator('.verdict h2').innerText(), /Right|right/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('without script a page is switched as well', { skip }, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/questions?section=pod`)
  await switchTo(page, '中文')
  assert.equal(page.url(), `${site.url}/questions?section=pod`)
  assert.equal(await page.locator('h1').innerText(), '题目')
  await context.close()
})

test('Chinese pages have no barrier, in light and dark, and fit a narrow window', { skip }, async () => {
  const paths = [
    '/',
    '/lessons',
    '/lessons/pod/life-of-a-pod',
    '/lessons/storage/configuration',
    '/questions',
    '/questions/pod/exit-zero-under-always',
    '/challenges',
    '/challenges/crash-loop',
    '/study',
    '/study/exams',
    '/study/interview',
    '/sandboxes',
    '/search?q=探针',
    '/progress',
    '/help',
    '/simulated',
    '/components',
  ]
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await site.browser.newContext({
      ...{ colorScheme, locale: 'zh-CN' },
      viewport: colorScheme === 'light' ? { width: 1280, height: 900 } : { width: 320, height: 800 },
    })
    const { page } = await openPage(context)
    for (const path of paths) {
      await page.goto(site.url + path)
      assert.equal(await languageOf(page), 'zh-Hans', path)
      assert.deepEqual(await findBarriers(page), [], `${path}, ${colorScheme}`)
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      assert.ok((overflow as number) <= 0, `${path} is ${overflow} pixels too wide`)
    }
    await context.close()
  }
})
