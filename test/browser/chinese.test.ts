// In Chinese: a challenge is solved and graded, and a sandbox is broken, followed live and switched.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { answered, findBarriers, goToPart, grade, manifestIn, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const openChinese = async (width = 1280) =>
  site.browser.newContext({ locale: 'zh-CN', viewport: { width, height: 900 } })

/** Nothing is wider than the window, and nobody meets a barrier. */
async function assertFits(page: Page, name: string): Promise<void> {
  assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth')) <= 0, name)
  assert.deepEqual(await findBarriers(page), [], name)
}

test('a challenge is solved in Chinese: what fails is explained, and the result fits', { skip }, async () => {
  const context = await openChinese(390)
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  await page.getByRole('heading', { name: '检查项' }).waitFor()
  // The task is in the language of the page, so are the titles of its checks and what led to it; names of the cluster stay.
  assert.equal(await page.locator('h1').getAttribute('lang'), null)
  assert.match(await page.locator('h1').innerText(), /\p{Script=Han}/u)
  assert.match(await page.locator('.check-title').first().innerText(), /\p{Script=Han}/u)
  await grade(page)
  assert.match(await page.locator('h1').innerText(), /还没有通过/)
  const failed = page.locator('.test.is-fail').first()
  assert.match(await failed.locator('.test-title').innerText(), /\p{Script=Han}/u)
  assert.equal(await failed.locator('.test-title').getAttribute('lang'), null)
  const actual = failed.locator('.verdict-rows dd span').first()
  assert.match(await actual.innerText(), /\p{Script=Han}/u)
  assert.equal(await actual.getAttribute('lang'), null)
  const causes = failed.locator('.causes li')
  assert.match(await causes.first().innerText(), /\p{Script=Han}/u)
  assert.equal(await causes.first().getAttribute('lang'), null)
  await page.getByRole('button', { name: '找出最小改动。哪个对象？' }).first().click()
  await page.locator('.change.is-open li', { hasText: 'ConfigMap' }).waitFor({ timeout: 60_000 })
  await assertFits(page, 'a result')
  await page.getByRole('link', { name: '继续用这个集群' }).click()
  await goToPart(page, 'edit')
  await page.getByRole('button', { name: 'settings.yaml' }).click()
  await page.getByRole('button', { name: '应用 settings.yaml' }).waitFor()
  await page.getByRole('button', { name: '显示我的改动' }).waitFor()
  const editor = manifestIn(page.locator('#workspace'))
  await editor.fill((await editor.text()).replace(/BACKEND_?U\w+:/, 'BACKEND_URL:'))
  await page.getByText('已保存', { exact: false }).waitFor()
  await page.getByRole('button', { name: '应用 settings.yaml' }).click()
  await answered(page, /configmap\/\w+-settings configured/)
  await assertFits(page, 'the terminal')
  await goToPart(page, 'edit')
  await page.getByRole('button', { name: /^撤销/ }).waitFor()
  await assertFits(page, 'the workspace')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a sandbox in Chinese: its live view stays in the language, also while others look in theirs', {
  skip,
}, async () => {
  const context = await openChinese()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/sandboxes`)
  await page.getByRole('button', { name: '创建集群' }).click()
  await page.waitForURL('**/sandboxes/*')
  await page.locator('#sandbox-summary', { hasText: '节点：3 个就绪。Pod：无。' }).waitFor()
  await page.getByRole('link', { name: '故障' }).click()
  await page.getByLabel('节点', { exact: true }).selectOption('node-2')
  await page.getByRole('button', { name: /^断电/ }).click()
  await page.getByText('已执行：节点 node-2 断电。').waitFor()
  await page.getByRole('button', { name: '60 倍速' }).click()
  // Drawn by the live view, not by an answer to the page.
  await page.locator('#sandbox-summary', { hasText: '节点：3 个中 2 个就绪。' }).waitFor()
  await page.locator('.time-state', { hasText: '以 60× 运行' }).waitFor()
  await page.getByRole('link', { name: '历史' }).click()
  await page.locator('.history-line', { hasText: '节点 node-2 断电' }).waitFor()
  await assertFits(page, 'a sandbox')
  await page.locator('[data-language]').click()
  await page.locator('#sandbox-summary', { hasText: 'Nodes: 2 of 3 ready' }).waitFor()
  await page.locator('.history-line', { hasText: 'node node-2 goes down' }).waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})
