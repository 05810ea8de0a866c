/** A demo's result in a real browser: played, stopped, gone through by keys, and told as a list to whoever wants little motion. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

let site: Site
before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

/** The first demo of the lesson, run. */
async function run(options: BrowserContextOptions = {}, lesson = 'workloads/deployments', id = '') {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/${lesson}`)
  const demo = page
    .locator(id ? `#demo-${id}` : '.demo')
    .filter({ has: page.locator('[data-run]') })
    .first()
  await demo.locator('[data-run]').click()
  const played = page.locator('.played').first()
  await played.waitFor()
  // It plays once.
  if (options.javaScriptEnabled !== false && options.reducedMotion !== 'reduce') await isAtRest(played)
  return { context, page, complaints, played }
}

const isAtRest = (played: Locator) => played.locator('.time-state', { hasText: 'time waits for you' }).waitFor()

const nowOf = (page: Page) => page.locator('.played').first().locator('.moments > .is-now .moment-clock')

test('a demo’s result is played: each moment’s picture, what changed at it, and the clock under them', {
  skip,
}, async () => {
  const { context, page, complaints, played } = await run()
  const end = await nowOf(page).innerText()
  const slider = played.getByRole('slider', { name: 'Moment of the run' })
  await played.getByRole('button', { name: '60 times as fast' }).click()
  await waitUntil(page, (at) => document.querySelector('.played .is-now .moment-clock')!.textContent !== at, end)
  await played.locator('.time-state', { hasText: /plays at 60×/ }).waitFor()
  // It comes to its end and waits.
  await waitUntil(page, (at) => document.querySelector('.played .is-now .moment-clock')!.textContent === at, end)
  await played.locator('.time-state', { hasText: 'time waits for you' }).waitFor()
  assert.equal(await played.locator('.moments > li:visible').count(), 1)
  // By keys: the beginning shows what was there before all.
  await slider.focus()
  await page.keyboard.press('Home')
  assert.equal(await nowOf(page).innerText(), '0:00.0')
  assert.equal(await played.locator('.clock-face').innerText(), '0:00.0')
  const podsAtFirst = await played.locator('[data-picture] .pod').count()
  await played.getByRole('button', { name: 'Next change' }).click()
  const at = await nowOf(page).innerText()
  assert.notEqual(at, '0:00.0')
  assert.match(
    (await played.locator('[role=status]').last().textContent()) ?? '',
    new RegExp(`^${at} .+`),
    'it is told',
  )
  await page.keyboard.press('Enter')
  await slider.focus()
  await page.keyboard.press('End')
  assert.ok((await played.locator('[data-picture] .pod').count()) > podsAtFirst)
  assert.ok(
    (await played
      .locator('.moments > li')
      .filter({ has: page.locator('ins') })
      .count()) > 1,
  )
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the timeline shows the moment of the picture, and a click on it goes to another', { skip }, async () => {
  const { context, page, complaints, played } = await run({}, 'networking/pod-network', 'shared-localhost')
  const chart = page.locator('.demo-result [data-timeline]').first()
  const cursors = chart.locator('.timeline-cursor')
  /** In percent; of each lane the same. */
  const x = async () => {
    const places = await cursors.evaluateAll((lines) => lines.map((line) => line.getAttribute('x1')!))
    assert.equal(new Set(places).size, 1, `${places}`)
    return Number.parseFloat(places[0]!)
  }
  const endMs = Number(await chart.getAttribute('data-timeline'))
  const slider = played.getByRole('slider', { name: 'Moment of the run' })
  await slider.focus()
  await page.keyboard.press('Home')
  assert.equal(await x(), 0)
  await page.keyboard.press('End')
  const last = await x()
  assert.ok(last > 50 && last <= 100, `${last}`)
  const track = chart.locator('.time-lane-track').first()
  const { width, height } = (await track.boundingBox())!
  await track.click({ position: { x: width / 4, y: height / 2 } })
  assert.ok(Math.abs((await x()) - 25) < 1, `${await x()}`)
  const clock = (await played.locator('.clock-face').innerText()).split(':')
  const seconds = Number(clock[0]) * 60 + Number(clock[1])
  assert.ok(Math.abs(seconds - endMs / 4000) < 1, `${seconds} of ${endMs}`)
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a play is paused, and another demo’s run goes on by itself', { skip }, async () => {
  const { context, page, complaints, played } = await run()
  await played.getByRole('button', { name: '1 times as fast' }).click()
  await played.locator('.time-state', { hasText: /plays at 1×/ }).waitFor()
  await played.getByRole('button', { name: 'Pause' }).click()
  const clock = await played.locator('.clock-face').innerText()
  await page.waitForTimeout(400)
  assert.equal(await played.locator('.clock-face').innerText(), clock)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('who wants little motion has all moments as a list, and goes to each by the slider', { skip }, async () => {
  const { context, page, played } = await run({ reducedMotion: 'reduce' })
  assert.equal(await played.getByRole('button', { name: 'Pause' }).count(), 0)
  const all = await played.locator('.moments > li').count()
  assert.equal(await played.locator('.moments > li:visible').count(), all)
  assert.ok(all > 2)
  await played.getByRole('slider').focus()
  await page.keyboard.press('Home')
  assert.equal(await nowOf(page).innerText(), '0:00.0')
  await context.close()
})

test('what has just been run is played once: messages are drawn in their order, lanes grow, Pods come; then time waits at the end', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/pod/pod-creation-flow`)
  // What moves is counted: a Pod that comes is animated, and so is an arrow on its way.
  await page.evaluate(`document.addEventListener('animationstart', ({ animationName }) => (window.drawn = animationName));
    Element.prototype.animate = new Proxy(Element.prototype.animate, {
      apply: (animate, of, given) => ((window.moved = (window.moved ?? 0) + 1), Reflect.apply(animate, of, given)),
    })`)
  const demo = page
    .locator('.demo')
    .filter({ has: page.locator('[data-run]') })
    .first()
  await demo.locator('[data-run]').click()
  const played = page.locator('.played').first()
  await page.locator('.demo-result .sequence.is-drawing .message.is-drawn').first().waitFor({ state: 'attached' })
  await page.locator('.demo-result [data-timeline].is-playing').first().waitFor()
  const end = await played.locator('.moments > li').last().getAttribute('data-at')
  await waitUntil(page, (at) => document.querySelector<HTMLElement>('.played .is-now')!.dataset.at !== at, end)
  await isAtRest(played)
  assert.equal(await played.locator('.moments > .is-now').getAttribute('data-at'), end)
  await waitUntil(page, "document.querySelector('.sequence.is-drawing') === null")
  assert.equal(await page.locator('[data-timeline].is-playing').count(), 0)
  assert.equal(await page.evaluate('window.drawn'), 'message-on-its-way')
  assert.ok((await page.evaluate<number>('window.moved')) >= 2, 'a Pod came, and changed')
  assert.equal(await page.locator('.pod-ghost').count(), 0)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('without script the moments are a list beside the last picture; at 320 pixels nothing scrolls sideways', {
  skip,
}, async () => {
  const { context, page, played } = await run({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } })
  assert.ok((await played.locator('.moments > li:visible').count()) > 2)
  assert.equal(await played.getByRole('slider').count(), 0)
  assert.ok((await page.locator('.demo').first().boundingBox())!.width <= 320)
  await context.close()
})

test('Run stays in sight while a manifest is read, and the line that the text speaks of is tinted, in the editor too', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 390, height: 844 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/pod/probes`)
  const demo = page.locator('#demo-readiness')
  const area = demo.locator('textarea')
  assert.match((await demo.locator('.demo-marks').innerText()).replace(/\s+/g, ' '), /line 16 readinessProbe:/)
  assert.match(await area.evaluate((one) => getComputedStyle(one).backgroundImage), /linear-gradient/)
  const below = (await demo.locator('[data-run]').boundingBox())!.y - (await demo.boundingBox())!.y
  assert.ok(below < 240, `Run is ${below} px below the demo's head`)
  // Far down in the manifest.
  await area.evaluate((one) => scrollTo(0, one.getBoundingClientRect().bottom + scrollY - 200))
  const { y } = (await demo.locator('[data-run]').boundingBox())!
  assert.ok(y >= 0 && y < 200, `Run is at ${y}`)
  await area.focus()
  const marked = demo.locator('.cm-line.cm-marked')
  await marked.first().waitFor()
  assert.ok((await marked.allInnerTexts()).some((text) => text.trim() === 'readinessProbe:'))
  // What is typed before it moves it.
  await demo.locator('.cm-content').press('Control+Home')
  await page.keyboard.type('# mine\n')
  assert.ok((await marked.allInnerTexts()).some((text) => text.trim() === 'readinessProbe:'))
  assert.deepEqual(await findBarriersInBoth(page), [])
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
  assert.deepEqual(complaints, [])
  await context.close()
})

test('drawn anew by a run, a manifest is tinted as before, and the page’s policy refuses no style', {
  skip,
}, async () => {
  const { context, page, complaints } = await run({}, 'pod/probes', 'readiness')
  const area = page.locator('#demo-readiness textarea')
  assert.match(await area.evaluate((one) => getComputedStyle(one).backgroundImage), /linear-gradient/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('back to the first manifest takes back that manifest alone: what was chosen elsewhere on the page stays', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/lessons/pod/probes`)
  const demo = page.locator('#demo-readiness')
  const area = demo.locator('textarea')
  const original = await area.inputValue()
  await area.focus()
  await demo.locator('.cm-content').press('Control+Home')
  await page.keyboard.type('# mine\n')
  await demo.locator('[data-run]').click()
  const back = demo.getByRole('link', { name: 'Back to the first manifest' })
  await back.waitFor()
  assert.match(await area.inputValue(), /^# mine/)
  const beat = page.locator('.beat').nth(1)
  await beat.scrollIntoViewIfNeeded()
  const chosen = beat.locator('.option input').first()
  await chosen.check()
  await back.click()
  await back.waitFor({ state: 'detached' })
  assert.equal(await area.inputValue(), original)
  assert.equal(await chosen.isChecked(), true)
  assert.doesNotMatch(page.url(), /fresh/)
  await page.reload()
  assert.equal(await area.inputValue(), original)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a fold is opened by a key, and its answer is there without script', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await site.browser.newContext({ javaScriptEnabled })
    const { page, complaints } = await openPage(context)
    await page.goto(`${site.url}/lessons/pod/probes`)
    const fold = page.locator('.folded').first()
    const answer = fold.locator('.folded-body')
    assert.equal(await answer.isVisible(), false)
    await fold.locator('summary').focus()
    await page.keyboard.press('Enter')
    await answer.waitFor()
    if (javaScriptEnabled) assert.deepEqual(await findBarriersInBoth(page), [])
    assert.deepEqual(complaints, [])
    await context.close()
  }
})
