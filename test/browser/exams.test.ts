import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, manifestIn, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

/** Sets up an exam of a few questions and opens its first. */
async function start(page: Page, { count, minutes = '20', mode = 'timed' }: Record<string, string>) {
  await page.goto(`${site.url}/study/exams`)
  await page.getByRole('radio', { name: 'Your own' }).check()
  await page.getByRole('textbox', { name: 'Questions' }).fill(count!)
  await page.getByRole('textbox', { name: 'Minutes' }).fill(minutes)
  await page.locator(`input[name=mode][value=${mode}]`).check()
  await page.getByLabel('Seed').fill('keyboard')
  await page.getByRole('button', { name: 'Start the exam' }).click()
  await page.waitForURL('**/questions/1')
}

/** Takes the first of whatever the form offers. */
async function chooseSomehow(page: Page) {
  for (const select of await page.locator('#exam-form .match select').all()) await select.selectOption({ index: 1 })
  const choice = page.locator('#exam-form .option, #exam-form .code-line').first()
  if (await choice.count()) await choice.click()
  const typed = page.locator('#typed')
  if (await typed.count()) await typed.fill('3')
  const form = page.locator('#exam-form')
  if (await form.locator('textarea[data-yaml]').count()) await manifestIn(form).fill('kind: Pod')
  const down = page.locator('.order button[value^="down:"]').first()
  if (await down.count()) {
    const before = await page.locator('.order li').first().innerText()
    await down.click()
    await page.locator('.order li').first().filter({ hasNotText: before }).waitFor()
    // The focus comes back to the button a moment after the steps are drawn.
    await page.waitForTimeout(200)
  }
}

const focused = (page: Page) => page.evaluate<string>('document.activeElement.outerHTML')

/** Presses Tab until the focus is where it should be. */
async function tabTo(page: Page, selector: string) {
  for (let n = 0; n < 120; n++) {
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`Tab does not lead to ${selector}`)
}

test('an exam of three questions is sat from its setup to its result by the keyboard alone', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/study`)
  await tabTo(page, 'a[href="/study/exams"]')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/study/exams')
  await tabTo(page, 'input[name="size"]')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('3')
  await tabTo(page, '#seed')
  await page.keyboard.type('by-keys')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/questions/1')
  await page.locator('h1:focus').waitFor()

  // f flags and keeps the focus on the button that was meant; n and p move, and the heading has the focus.
  await page.keyboard.press('f')
  await page.locator('#flag[aria-pressed="true"]').waitFor()
  await page.keyboard.press('n')
  await page.waitForURL('**/questions/2')
  await page.locator('h1:focus').waitFor()
  await page.keyboard.press('p')
  await page.waitForURL('**/questions/1')

  for (let n = 1; n <= 3; n++) {
    await page.getByText(`Question ${n} of 3`).waitFor()
    const control = [
      '.option input',
      '.code-line input',
      '#typed',
      '.match select',
      '#manifest',
      '.order button',
    ].join()
    await tabTo(page, `#exam-form :is(${control})`)
    if (/id="typed"/.test(await focused(page))) await page.keyboard.type('3')
    else if (/id="manifest"|cm-content/.test(await focused(page))) {
      await page.locator('.cm-content:focus').waitFor()
      await page.keyboard.type('# mine ')
    } else if (!/<select/.test(await focused(page))) await page.keyboard.press('Space')
    while (/<select/.test(await focused(page))) {
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Tab')
    }
    await tabTo(page, '#save')
    await page.keyboard.press('Enter')
    await page.waitForURL(n < 3 ? `**/questions/${n + 1}` : '**/finish')
  }
  await page.getByText('All 3 questions are answered.').waitFor()
  await page.getByText('1 is flagged').waitFor()
  await tabTo(page, 'form [data-submit]')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'By domain, weakest first' }).waitFor()
  await tabTo(page, '.exam-answers summary')
  await page.keyboard.press('Enter')
  await page.locator('.exam-answers [open] .feedback').first().waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

for (const javaScriptEnabled of [true, false])
  test(`an exam is left, found again, changed and handed in, ${javaScriptEnabled ? 'with' : 'without'} script`, {
    skip,
  }, async () => {
    const context = await site.browser.newContext({ javaScriptEnabled })
    const { page, complaints } = await openPage(context)
    await start(page, { count: '4' })
    for (let n = 1; n <= 3; n++) {
      await chooseSomehow(page)
      await page.locator('#next').click()
      await page.waitForURL(`**/questions/${n + 1}`)
    }
    await page.goto(`${site.url}/study`)
    await page.getByRole('link', { name: 'Go on with your exam' }).click()
    await page.waitForURL('**/questions/4')
    await page.getByRole('button', { name: 'Hand in…' }).click()
    await page.waitForURL('**/finish')
    await page.getByText('1 of 4 questions is not answered').waitFor()
    await page.getByRole('button', { name: 'Hand in for good' }).click()
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Judge my answers' }).click()
    await page.getByRole('heading', { name: 'By domain, weakest first' }).waitFor()
    await page.getByRole('link', { name: 'Unfold all' }).click()
    assert.equal(await page.locator('.exam-answers > li > details[open]').count(), 4)
    assert.deepEqual(complaints, [])
    await context.close()
  })

test('an answer saves itself, and is there after a reload and in another tab', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await start(page, { count: '4' })
  while ((await page.locator('#exam-form .option').count()) === 0) {
    const url = page.url()
    await page.locator('#next').click()
    await page.waitForURL((now) => now.href !== url)
  }
  await page.locator('#exam-form .option').nth(1).click()
  await page.locator('#saved', { hasText: 'Saved' }).waitFor()
  const { page: other } = await openPage(context)
  for (const tab of [page, other]) {
    await tab.goto(page.url())
    assert.equal(await tab.locator('#exam-form .option input').nth(1).isChecked(), true)
  }
  await context.close()
})

test('the time left is told at 15 and at 5 minutes; at the end the server is asked whether it is over', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.clock.install()
  await start(page, { count: '2', minutes: '16' })
  const alert = page.locator('#exam-alert')
  assert.equal(await alert.getAttribute('aria-live'), 'polite')
  await page.clock.fastForward('00:30')
  assert.equal(await alert.innerText(), '')
  assert.match(await page.locator('#exam-clock').innerText(), /^15 min \d+ s$/)
  await page.clock.fastForward('01:00')
  assert.equal(await alert.innerText(), '15 minutes left.')
  await page.clock.fastForward('10:00')
  assert.equal(await alert.innerText(), '5 minutes left.')
  // This browser's clock is fast: the server's is not over, so the question stays.
  await page.clock.fastForward('06:00')
  await page.waitForURL('**/questions/1')
  await page.getByText('Question 1 of 2').waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('an interview goes from question to question, by words and aloud, to what was left out', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.clock.install()
  await page.goto(`${site.url}/study/interview`)
  await page.getByRole('button', { name: 'Start the interview' }).click()
  await page.waitForURL('**/questions/1')
  await page.clock.fastForward('02:05')
  await page.getByText('Two minutes are up.').waitFor()
  for (let n = 1; n <= 5; n++) {
    if (n % 2) await page.getByLabel('Your answer').fill('In my own words.')
    await page.getByRole('button', { name: 'Show the model answer' }).click()
    await page.locator('#model-title:focus').waitFor()
    await page.locator('.option').first().click()
    await page.getByRole('button', { name: 'Mark it, and go on' }).click()
    await page.waitForURL(n < 5 ? `**/questions/${n + 1}` : '**/summary')
  }
  await page.getByRole('heading', { name: 'Left out most' }).waitFor()
  await page.getByText('5 of 5 questions marked by yourself').waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('axe finds nothing on the pages of exams and interviews, light or dark, and none scrolls sideways at 320 pixels', {
  skip,
  timeout: 240_000,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 320, height: 640 } })
  const { page, complaints } = await openPage(context)
  const found: string[] = []
  const look = async (what: string) => {
    for (const barrier of await findBarriersInBoth(page)) found.push(`${what}: ${barrier}`)
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    if (excess > 0) found.push(`${what} is ${excess} pixels too wide`)
  }
  await page.goto(`${site.url}/study/exams`)
  await page.getByLabel('Seed').fill('a b')
  await page.getByRole('button', { name: 'Start the exam' }).click()
  await page.locator('.notice').waitFor()
  await look('a setup that is refused')
  for (const mode of ['training', 'exam']) {
    await start(page, { count: '3', mode })
    await look(`${mode}, asked`)
    for (let n = 1; n <= 3; n++) {
      await page.getByText(`Question ${n} of 3`).waitFor()
      await chooseSomehow(page)
      if (n === 2) {
        await page.locator('#flag').press('Enter')
        await page.locator('#flag[aria-pressed="true"]').waitFor()
      }
      if (mode === 'training') {
        await page.locator('#answer').click()
        await page.locator('.verdict').waitFor()
        await look(`${mode}, question ${n} with its verdict`)
      }
      await page.locator('#next').click()
    }
    await page.waitForURL('**/finish')
    await look(`${mode}, before it is handed in`)
    await page.locator('form [data-submit]').click()
    await page.getByRole('heading', { name: 'By domain, weakest first' }).waitFor()
    await page.getByRole('link', { name: 'Unfold all' }).click()
    await page.getByRole('link', { name: 'Fold the questions' }).waitFor()
    await look(`${mode}, result`)
  }
  await page.goto(`${site.url}/study/exams`)
  await look('past exams')
  await page.goto(`${site.url}/study/interview`)
  await look('the setup of an interview')
  await page.getByRole('button', { name: 'Start the interview' }).click()
  await page.waitForURL('**/questions/1')
  await look('an interview, asked')
  await page.getByRole('button', { name: 'Show the model answer' }).click()
  await page.locator('.open-answer').waitFor()
  await look('an interview, to be marked')
  await page.locator('.option').first().click()
  await page.getByRole('button', { name: 'Mark it, and go on' }).click()
  await page.waitForURL('**/questions/2')
  await page.getByRole('button', { name: 'End the interview' }).click()
  await page.getByRole('heading', { name: 'Left out most' }).waitFor()
  await look('an interview, summed up')
  await page.goto(`${site.url}/study`)
  await look('study')
  assert.deepEqual(found, [])
  assert.deepEqual(complaints, [])
  await context.close()
})
