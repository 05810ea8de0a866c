import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { drawWithin } from '../../server/exams/draw.ts'
import { taskGroups } from '../../server/exams/pools.ts'
import { lengths } from '../../server/pages/hands-on/setup.ts'
import { projectCatalog } from '../support/content.ts'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

/** By which the CKA in its short form asks a task, whatever else there is to be drawn. */
async function seedThatDraws(task: string): Promise<string> {
  const catalog = await projectCatalog()
  const { count, minutes } = lengths.cka.short
  const minutesOf = (id: string): number => catalog.challenges.get(id)?.spec.minutes ?? 0
  const seeds = Array.from({ length: 1000 }, (_, n) => `seed${n}`)
  const found = seeds.find((seed) =>
    drawWithin(taskGroups(catalog, 'cka'), count, seed, { minutesOf, most: minutes }).some(({ id }) => id === task),
  )
  assert.ok(found, `no seed draws ${task}`)
  return found
}

/** The CKA in its short form, with the Pods of one node among its tasks. */
async function start(page: Page, mode = 'timed') {
  await page.goto(`${site.url}/study/hands-on`)
  await page.locator(`input[name=mode][value=${mode}]`).check()
  await page.getByLabel('Seed').fill(await seedThatDraws('pods-of-one-node'))
  await page.getByRole('button', { name: 'Start the exam' }).click()
  await page.waitForURL('**/tasks/1')
}

const taskOf = (page: Page, title: string) => page.getByRole('heading', { level: 1, name: title })

/** Goes on until the task of that title is on the desk. */
async function goTo(page: Page, title: string) {
  for (let n = 1; n < 7; n++) {
    if (await taskOf(page, title).count()) return
    await page.getByRole('link', { name: 'Next task' }).click()
    await page.waitForURL(`**/tasks/${n + 1}`)
  }
  assert.fail(`no task "${title}" is drawn`)
}

/** The line that answers the task on the desk, of whichever node it asks. */
async function namesLine(page: Page): Promise<string> {
  const statement = await page.locator('main').innerText()
  const [node] = /node-\d/.exec(statement) ?? []
  assert.ok(node, 'the task names a node')
  return `kubectl get pods -A --field-selector spec.nodeName=${node} --no-headers -o custom-columns=N:.metadata.name`
}

async function type(page: Page, line: string) {
  await page.locator('.terminal-box[data-state="open"]').waitFor()
  await page.locator('.terminal-screen').click()
  await page.keyboard.type(`${line}\n`)
}

const closing = (context: BrowserContext, complaints: string[]) => async () => {
  assert.deepEqual(complaints, [])
  await context.close()
}

test('an exam is sat in the terminal: tasks, flag, a reload, hand in, and points by domain', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  const close = closing(context, complaints)
  await start(page)
  assert.equal(await page.getByRole('button', { name: 'Grade' }).count(), 0)
  await page.keyboard.press('n')
  await page.waitForURL('**/tasks/2')
  await page.keyboard.press('p')
  await page.waitForURL('**/tasks/1')
  await page.keyboard.press('f')
  await page.locator('#exam-flag[aria-pressed="true"]').waitFor()
  await goTo(page, 'Pods of one node')
  // The answer is a few lines: the terminal has the room, under the strip of the exam too.
  const dock = (await page.locator('.region.dock').boundingBox())!
  assert.ok(dock.height >= 360 && dock.width >= 960, `${dock.width} × ${dock.height}`)
  await type(page, `${await namesLine(page)} > pods.txt`)
  // The file of the answer shows what the terminal has put there.
  await waitUntil(page, "document.querySelector('textarea[name=content]').value.trim() !== ''")
  await page.reload()
  assert.match(await page.locator('textarea[name=content]').inputValue(), /\w/)
  assert.equal(await page.locator('.exam-strip-task.is-begun').count(), 1)
  await page.getByRole('link', { name: 'Hand in…' }).click()
  await page.getByText('5 of 6 tasks are not begun').waitFor()
  await page.getByText('1 is flagged').waitFor()
  await page.getByRole('button', { name: 'Hand in for good' }).click()
  await page.getByRole('heading', { name: 'By domain, weakest first' }).waitFor()
  await page.locator('.exam-tasks li', { hasText: 'Pods of one node' }).getByText('Solved 100 %').waitFor()
  await page.getByRole('link', { name: /Checks and solutions.*Pods of one node/ }).click()
  await page.getByRole('heading', { name: 'How others do it' }).waitFor()
  await page.getByRole('link', { name: 'The result of the exam' }).click()
  await page.waitForURL('**/results')
  await close()
})

test('without script an exam is sat as well', { skip }, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page, complaints } = await openPage(context)
  const close = closing(context, complaints)
  await start(page)
  await goTo(page, 'Pods of one node')
  await page.getByLabel('kubectl', { exact: true }).fill(await namesLine(page))
  await page.getByRole('button', { name: 'Send' }).click()
  const said = await page.locator('#said pre').first().innerText()
  await page.getByLabel('Contents of pods.txt').fill(said.replace(/^\$.*\n/, ''))
  await page.getByRole('button', { name: 'Save' }).first().click()
  await page.locator('#exam-flag').click()
  await page.locator('#exam-flag[aria-pressed="true"]').waitFor()
  await page.getByRole('link', { name: 'Hand in…' }).click()
  await page.getByRole('button', { name: 'Hand in for good' }).click()
  for (let n = 0; n < 4 && (await page.locator('#judging').count()); n++) await page.locator('#judging button').click()
  await page.locator('.exam-tasks li', { hasText: 'Pods of one node' }).getByText('Solved 100 %').waitFor()
  await close()
})

test('the clock goes on while parts of the desk are drawn anew, and its end leads away', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  const close = closing(context, complaints)
  await page.clock.install()
  await start(page)
  await page.clock.fastForward('14:59')
  assert.match(await page.locator('#exam-clock').innerText(), /^30 min/)
  await page.getByRole('button', { name: 'Run 10 s' }).click()
  await page.locator('.clock', { hasText: '0:10' }).waitFor()
  await page.clock.fastForward('00:05')
  assert.match(await page.locator('#exam-clock').innerText(), /^29 min/)
  assert.equal(await page.locator('#exam-alert').innerText(), '30 minutes left.')
  await page.clock.fastForward('31:00')
  // This browser's clock is fast: for the server there is time, and the task stays.
  await page.waitForURL('**/tasks/1')
  await close()
})

test('no page of it has a barrier, in light and dark, and all fit a phone', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 390, height: 844 } })
  const { page, complaints } = await openPage(context)
  const close = closing(context, complaints)
  const fits = async () =>
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), page.url())
  const look = async () => {
    assert.deepEqual(await findBarriersInBoth(page), [], page.url())
    await fits()
  }
  await page.goto(`${site.url}/study/hands-on`)
  await look()
  await start(page, 'training')
  await look()
  await page.getByRole('link', { name: 'Finish…' }).click()
  await page.getByRole('heading', { name: 'Finish?' }).waitFor()
  await look()
  await page.getByRole('button', { name: 'Finish and see the result' }).click()
  await page.getByRole('heading', { name: 'By domain, weakest first' }).waitFor()
  await look()
  await close()
})
