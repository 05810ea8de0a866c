import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import {
  answered,
  findBarriers,
  goToPart,
  grade,
  openPage,
  openSite,
  type Site,
  skip,
  typeLine,
  waitUntil,
} from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

/** Takes a Deployment that nobody may touch down to nothing, and has that graded. */
async function breakAndGrade(page: Page) {
  await page.goto(`${site.url}/challenges/crash-loop`)
  await goToPart(page, 'cluster')
  await page.getByRole('button', { name: 'Run 60 s' }).click()
  await page.locator('.clock', { hasText: '1:00.0' }).waitFor()
  await typeLine(page, 'kubectl scale deployment --all --replicas=0')
  await answered(page, 'scaled')
  await grade(page)
}

const clockOf = (page: Page) => page.locator('#run output').innerText()
/** The link of the gate's failure: other checks may have held and been lost as well, at moments of their own. */
const jumpToLeftAlone = (page: Page) =>
  page.locator('#test-others-alone').getByRole('link', { name: 'Jump to the moment it broke' })
const slider = (page: Page) => page.locator('#moment')
/** The lane of the gate, which was lost a minute after the hand-over. */
const leftAlone = (page: Page) => page.locator('#run .lane', { hasText: 'was left alone' })

test('a run is scrubbed by keyboard: the slider shows each moment, its lanes and its cluster', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await breakAndGrade(page)
  assert.match(await leftAlone(page).innerText(), /broken since 1:00/)
  assert.equal(await page.locator('#run-cluster').getAttribute('open'), null)
  await slider(page).focus()
  await page.keyboard.press('Home')
  await leftAlone(page).locator('.lane-word', { hasText: 'kept' }).waitFor()
  assert.equal(await clockOf(page), '0:00.0')
  assert.equal(new URL(page.url()).searchParams.get('at'), '0')
  assert.ok(await page.locator('#run-cluster .pod').first().isVisible())
  const { step } = await slider(page).evaluate(({ step, value }: HTMLInputElement) => ({ step: Number(step), value }))
  // Faster than the answers come: none of them pulls the slider back.
  for (let n = 0; n < 8; n++) await page.keyboard.press('ArrowRight')
  await page.waitForURL((address) => Number(address.searchParams.get('at')) === 8 * step)
  await page.locator('#run-status', { hasText: /^At 0:/ }).waitFor({ state: 'attached' })
  assert.equal(await slider(page).inputValue(), String(8 * step))
  assert.equal(await page.evaluate('document.activeElement.id'), 'moment')
  assert.match((await slider(page).getAttribute('aria-valuetext'))!, /^0:\d\d\.\d of \d+:\d\d\.\d$/)

  // The buttons go from change to change, and keep the focus.
  await page.locator('#run-next').focus()
  const from = await clockOf(page)
  await page.keyboard.press('Enter')
  await waitUntil(page, (clock) => document.querySelector('#run output')!.textContent !== clock, from)
  assert.equal(await page.evaluate('document.activeElement.id'), 'run-next')
  const at = Number(new URL(page.url()).searchParams.get('at'))
  assert.ok(Math.abs(Number(await slider(page).inputValue()) - at) <= step, 'the slider goes along')

  // A click on a lane goes there.
  const track = leftAlone(page).locator('svg')
  const { width } = (await track.boundingBox())!
  await track.click({ position: { x: width - 2, y: 8 } })
  await leftAlone(page)
    .getByText(/broken since/)
    .waitFor()
  // Back is the moment before.
  await page.goBack()
  await page.waitForURL((address) => Number(address.searchParams.get('at')) === at)
  assert.deepEqual(complaints, [])
  await context.close()
})

for (const javaScriptEnabled of [true, false])
  test(`from a check that was lost, a link jumps to the moment it broke${javaScriptEnabled ? '' : ', without script too'}`, {
    skip,
  }, async () => {
    const context = await site.browser.newContext({ javaScriptEnabled })
    const { page, complaints } = await openPage(context)
    await breakAndGrade(page)
    await jumpToLeftAlone(page).click()
    await page.waitForURL(/at=60\.\d+#run/)
    assert.match(await clockOf(page), /^1:00\.\d$/)
    assert.match(await leftAlone(page).innerText(), /broken since 1:00/)
    await page.locator('#run .run-here', { hasText: 'was left alone: broken' }).waitFor()
    assert.ok(await page.locator('#run-nodes, #run-pods').first().isVisible())
    assert.ok(await page.locator('#run').evaluate((run) => Math.abs(run.getBoundingClientRect().top) < 60))
    // The change before is the command that did it.
    await page.getByRole('button', { name: /^Previous change/ }).click()
    await page.locator('#run .run-here', { hasText: 'kubectl scale deployment --all --replicas=0' }).waitFor()
    assert.match(await leftAlone(page).innerText(), /kept/)
    if (!javaScriptEnabled) {
      await slider(page).fill('0')
      await page.getByRole('button', { name: 'Show this moment' }).click()
      await page.waitForURL(/at=0#run/)
      assert.equal(await clockOf(page), '0:00.0')
    }
    assert.deepEqual(complaints, [])
    await context.close()
  })

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds no barrier in a moment of a run: ${colorScheme}`, { skip }, async () => {
    const context = await site.browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } })
    const { page } = await openPage(context)
    await breakAndGrade(page)
    await jumpToLeftAlone(page).click()
    await page.waitForURL(/at=60\.\d+#run/)
    for (const id of ['run-list', 'run-courses']) await page.locator(`#${id} > summary`).click()
    assert.deepEqual(await findBarriers(page), [])
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
    await context.close()
  })

test('a run plays from change to change until somebody stops it, and its address is that of the moment', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await breakAndGrade(page)
  await slider(page).focus()
  await page.keyboard.press('Home')
  await page.waitForURL((address) => address.searchParams.get('at') === '0')
  await leftAlone(page).locator('.lane-word', { hasText: 'kept' }).waitFor()
  const visited = await page.evaluate<number>('history.length')
  const play = page.locator('#run-play')
  assert.equal(await play.innerText(), 'Play')
  await play.click()
  await waitUntil(page, () => document.querySelector('#run output')!.textContent !== '0:00.0')
  await page.locator('#run-play[aria-pressed=true]', { hasText: 'Stop' }).waitFor()
  assert.ok(await page.locator('#run-cluster .pod').first().isVisible())
  assert.deepEqual(await findBarriers(page), [])
  const first = await clockOf(page)
  await waitUntil(page, (clock) => document.querySelector('#run output')!.textContent !== clock, first)
  await play.click()
  await page.locator('#run-play[aria-pressed=false]', { hasText: 'Play' }).waitFor()
  const stopped = await clockOf(page)
  await page.waitForTimeout(1500)
  assert.equal(await clockOf(page), stopped)
  const at = Number(new URL(page.url()).searchParams.get('at'))
  assert.ok(at > 0)
  assert.equal(await page.evaluate<number>('history.length'), visited, 'the way back is as it was')
  // From its last change on it begins again.
  await slider(page).focus()
  await page.keyboard.press('End')
  await page.locator('#run-next[aria-disabled=true]').waitFor()
  await play.click()
  await waitUntil(page, () => document.querySelector('#run output')!.textContent === '0:00.0')
  await page.reload()
  assert.equal(await play.innerText(), 'Play')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a check with faults has a run of its own, in which they can be watched', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/up-and-reachable`)
  const manifest = await page.locator('#editor').inputValue()
  const [, app] = /^ {2}name: (\S+)/m.exec(manifest)!
  const [, says] = /-text=(.+?)['"]?$/m.exec(manifest)!
  const [, replicas] = /(\d) Pods answer/.exec(await page.locator('.checks').innerText())!
  for (const typed of [
    `create deployment ${app} --image=hashicorp/http-echo --replicas=${replicas} -- /http-echo '-text=${says}'`,
    `expose deployment ${app} --port=80 --target-port=5678`,
  ]) {
    await typeLine(page, `kubectl ${typed}`)
    await answered(page, typed.startsWith('create') ? 'created' : 'exposed')
  }
  await page.getByRole('button', { name: 'Run 60 s' }).click()
  await page.locator('.clock', { hasText: /^.*1:0/ }).waitFor()
  await grade(page)
  await page.getByRole('navigation', { name: 'Runs' }).getByRole('link').nth(1).click()
  await page.waitForURL(/after=/)
  await page.locator('#run-list > summary').click()
  const deleted = page.locator('#run-list tr', { hasText: `delete the Pod app=${app}` })
  assert.equal(await deleted.count(), 3)
  assert.equal(await page.locator('#run-pods .pod.is-ready').count(), Number(replicas))
  const before = await page.locator('#run-pods .pod-name').allInnerTexts()
  await deleted.first().getByRole('link').click()
  await page.waitForURL(/after=.*at=/)
  const then = await page.locator('#run-pods .pod-name').allInnerTexts()
  assert.ok(
    then.some((name) => !before.includes(name)),
    `${then} are not ${before}`,
  )
  assert.deepEqual(complaints, [])
  await context.close()
})
