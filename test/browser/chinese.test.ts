// What scripts say, and how pages lay themselves out, in Chinese.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { findBarriers, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
let context: BrowserContext
let page: Page
let complaints: string[]
if (!skip) {
  before(async () => {
    site = await openSite()
    context = await site.browser.newContext({ locale: 'zh-CN', viewport: { width: 320, height: 640 } })
    const opened = await openPage(context)
    page = opened.page
    complaints = opened.complaints
  })
  after(() => site.close())
}

/** Sits down to an exam of two questions, and leads to its first. */
async function startExam() {
  await page.goto(`${site.url}/study/exams`)
  await page.getByRole('radio', { name: '自定义' }).check()
  await page.getByRole('textbox', { name: '题目' }).fill('2')
  await page.getByRole('textbox', { name: '分钟' }).fill('16')
  await page.getByLabel('种子').fill('keyboard')
  await page.getByRole('button', { name: '开始考试' }).click()
  await page.waitForURL('**/questions/1')
}

test('the clocks of exam and interview speak Chinese', { skip }, async () => {
  await page.clock.install()
  await startExam()
  await page.clock.fastForward('00:30')
  assert.match(await page.locator('#exam-clock').innerText(), /^15 分 \d+ 秒$/)
  await page.clock.fastForward('01:00')
  assert.equal(await page.locator('#exam-alert').innerText(), '还剩 15 分钟。')
  await page.goto(`${site.url}/study/interview`)
  await page.getByRole('button', { name: '开始面试' }).click()
  await page.waitForURL('**/questions/1')
  await page.clock.fastForward('02:05')
  assert.match(await page.locator('#interview-clock').innerText(), /^已用 2 分 \d+ 秒，共 2 分钟$/)
  await page.getByText('两分钟到了。').waitFor()
  await page.clock.resume()
  assert.deepEqual(complaints, [])
})

test('a search finds what is in Chinese and what is in English, as it is typed', { skip }, async () => {
  await page.goto(`${site.url}/search`)
  for (const words of ['调度', 'drain']) {
    await page.locator('#search').fill(words)
    await page.getByText(`“${words}”有关的内容`).waitFor()
    await page.locator('#found a[href^="/questions/"]').first().waitFor()
  }
  assert.deepEqual(complaints, [])
})

test('axe finds nothing on Chinese pages, and none scrolls sideways at 320 pixels', { skip }, async () => {
  const found: string[] = []
  const look = async (what: string) => {
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans')
    for (const barrier of await findBarriers(page)) found.push(`${what}: ${barrier}`)
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    if (excess > 0) found.push(`${what} is ${excess} pixels too wide`)
  }
  for (const path of ['/', '/search?q=drain', '/study/exams', '/study/interview']) {
    await page.goto(site.url + path)
    await look(path)
  }
  await startExam()
  await look('asked')
  await page.locator('#flag').click()
  await page.locator('#flag[aria-pressed="true"]').waitFor()
  await page.goto(page.url().replace(/questions.*/, 'finish'))
  await look('before it is handed in')
  await page.getByRole('button', { name: '确认交卷' }).click()
  await page.getByRole('heading', { name: '各领域，最弱的在前' }).waitFor()
  await page.getByRole('link', { name: '全部展开' }).click()
  await page.getByRole('link', { name: '收起所有题目' }).waitFor()
  await look('result')
  for (const path of ['/study', '/study/review', '/study/notebook', '/progress']) {
    await page.goto(site.url + path)
    await look(path)
  }
  assert.deepEqual(found, [])
  assert.deepEqual(complaints, [])
})
