import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findBarriersInBoth, openPage, openSite, type Site, skip } from './support.ts'

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

test('a newcomer guesses, presses a Pod, chooses a track by keys, and is led from page to page', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(site.url)
  await page.getByLabel('2', { exact: true }).check()
  await page
    .getByRole('button', { name: /^Delete this Pod/ })
    .first()
    .click()
  await page.getByText('You said 2. It is 3.').waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])

  await page.goto(`${site.url}/tracks`)
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.getByRole('link', { name: 'Interview in a week' }).click()
  await page.getByRole('button', { name: 'Make it my track' }).focus()
  await page.keyboard.press('Enter')
  const strip = page.getByRole('navigation', { name: 'Your track' })
  await strip.waitFor()
  await page.getByRole('heading', { name: /^Today/ }).waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])

  await strip.getByRole('link', { name: /^Next:/ }).click()
  await strip.locator('.track-strip-place', { hasText: /step 1 of \d+/ }).waitFor()
  await page
    .getByRole('button', { name: /^Read\. Next: kube-apiserver/ })
    .first()
    .click()
  await strip.locator('.track-strip-place', { hasText: /step 2 of \d+/ }).waitFor()
  await page.goto(site.url)
  await page.getByRole('heading', { name: 'Go on', level: 1 }).waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await page.getByRole('link', { name: 'Go on', exact: true }).click()
  await page.waitForURL(/\/lessons\/architecture\/kube-apiserver$/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the strip keeps within a narrow window and above a desk, and can be done without script', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await site.browser.newContext({ javaScriptEnabled, viewport: { width: 320, height: 640 } })
    const { page } = await openPage(context)
    await page.goto(`${site.url}/tracks/cka`)
    await page.getByRole('button', { name: 'Make it my track' }).click()
    const strip = page.getByRole('navigation', { name: 'Your track' })
    // Else what is loaded next would cut off what the button sends.
    await strip.waitFor()
    for (const path of ['/', '/tracks/cka', '/lessons', '/challenges/crash-loop']) {
      // Without script no picture is lazy: those of all lessons, drawn for the first time, are not waited for.
      await page.goto(site.url + path, { waitUntil: 'domcontentloaded' })
      await strip.getByRole('link', { name: /^Next:/ }).waitFor()
      if (javaScriptEnabled) {
        const excess = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
        assert.ok(excess <= 0, `${path} is ${excess} pixels too wide`)
      }
    }
    if (javaScriptEnabled) {
      await page.setViewportSize({ width: 1280, height: 800 })
      const [head, desk] = await Promise.all([
        page.locator('.masthead').boundingBox(),
        page.locator('.desk').boundingBox(),
      ])
      assert.ok(head && desk && head.height < 50 && desk.y + desk.height <= 801, 'the desk still fills the window')
    }
    await context.close()
  }
})
