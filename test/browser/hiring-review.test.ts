/** Two reviewers and a manager, each in a browser of their own, judge what a candidate has handed in. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(async () => site?.close())

const wide = { width: 1280, height: 800 }
const narrow = { width: 390, height: 844 }

async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await findBarriersInBoth(page), [], name)
  if (!shots) return
  for (const [size, viewport] of Object.entries({ wide, narrow }))
    for (const colorScheme of size === 'wide' ? (['light', 'dark'] as const) : (['light'] as const)) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: `${shots}/review-${name}-${size}-${colorScheme}.png`, fullPage: true })
    }
  await page.setViewportSize(wide)
  await page.emulateMedia({ colorScheme: 'light' })
}

/** Somebody with an account. */
async function signedIn(name: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await site.browser.newContext({ viewport: wide })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/account`)
  await page.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: '${name}', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  return { context, page }
}

/** Sends a form past the page, with its browser's cookies: the page itself may leave while the answer is under way. */
const post = async (page: Page, path: string, fields: Record<string, string>): Promise<void> => {
  const token = await page.locator('[name=_csrf]').first().inputValue()
  await page.request.post(new URL(path, page.url()).href, { form: { _csrf: token, ...fields } })
}

test('a candidate’s work is judged by two reviewers: keys, evidence from the replay, others after the own, and one sheet of paper', {
  skip,
}, async () => {
  const { page: desk } = await signedIn('mara')
  await site.grant('mara', 'hiring-manager')
  await desk.goto(`${site.url}/hiring/jobs/new`)
  await desk.fill('#title', 'Platform engineer')
  await desk.fill('#contact', 'Mara Meyer, mara@example.org')
  await desk.click('text=Make the job')
  const job = new URL(desk.url()).pathname
  await desk.click('button[value=junior]')
  await desk.click('text=Candidates >> nth=-1')
  const exercise = new URL(desk.url()).pathname
  await desk.click('text=Open it')
  await desk.click('text=Invite candidates')
  await desk.fill('input[name=name]', 'Kim Example')
  await desk.click('button[value=one]')
  const link = new URL((await desk.locator('.hiring-link').innerText()).trim()).pathname

  // The candidate: a question, a task with a look and a change, a note.
  const { page: kim } = await openPage(await site.browser.newContext({ viewport: wide }))
  await kim.goto(`${site.url}${link}`)
  await post(kim, link, { do: 'consent', grading: 'yes' })
  await post(kim, `${link}/start`, {})
  await kim.goto(`${site.url}${link}/work`)
  const question = (await kim.locator('a[href*="/questions/"]').first().getAttribute('href'))!
  await kim.goto(site.url + question)
  await post(kim, `${question}/answer`, { answer: '3' })
  const task = `${link}/challenges/crash-loop`
  await kim.goto(site.url + task)
  for (const line of ['get pods -A', 'describe pods', 'get events', 'create namespace spare', 'delete namespace spare'])
    await post(kim, task, { do: 'kubectl', line })
  await kim.goto(`${site.url}${link}/work`)
  await post(kim, `${link}/work`, { do: 'note', text: 'Asked a language model what exit code 137 means.' })
  await post(kim, `${link}/hand-in`, {})
  // The page of the work leaves by itself once it is over: the receipt is opened beside it.
  const { page: receipt } = await openPage(kim.context())
  await receipt.goto(`${site.url}${link}/done`)
  await waitUntil(receipt, '!document.querySelector("#done").hasAttribute("hx-get")')

  // Reviewers come by links that the manager makes.
  await desk.goto(`${site.url}${job}/reviewers`)
  await look(desk, 'reviewers-empty')
  const invitation = async (): Promise<string> => {
    await desk.click('button[value=invite]')
    return new URL((await desk.locator('.hiring-link').innerText()).trim()).pathname
  }
  const stranger = (await openPage(await site.browser.newContext({ viewport: wide }))).page
  const first = await invitation()
  await look(desk, 'reviewers-link')
  await stranger.goto(site.url + first)
  await look(stranger, 'invited-signed-out')
  const [rita, otto] = [(await signedIn('rita')).page, (await signedIn('otto')).page]
  await rita.goto(`${site.url}/hiring/reviews`)
  await look(rita, 'reviews-empty')
  await rita.goto(site.url + first)
  await look(rita, 'invited')
  await rita.click('text=Become a reviewer')
  await waitUntil(rita, 'document.querySelector(".hiring-candidates tbody tr") !== null')
  await look(rita, 'reviews')
  await otto.goto(site.url + (await invitation()))
  await otto.click('text=Become a reviewer')
  await waitUntil(otto, 'document.querySelector(".hiring-candidates tbody tr") !== null')

  // The report, on the screen and on one sheet.
  await rita.click('.hiring-candidates a[href$="/report"]')
  await waitUntil(rita, 'document.querySelector(".review-report") !== null')
  const report = new URL(rita.url()).pathname
  const score = report.replace(/report$/, 'score')
  await look(rita, 'report')
  const sheet = await rita.pdf({
    format: 'A4',
    preferCSSPageSize: true,
    ...(shots ? { path: `${shots}/report.pdf` } : {}),
  })
  assert.equal(sheet.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1, 'one A4')
  // As long as it gets: each task with four checks that do not hold, and notes without end.
  await rita.evaluate(`(() => {
    const failing = document.querySelector('.review-failing').outerHTML
    for (const item of document.querySelectorAll('.review-item:not(:has(.review-failing))')) item.insertAdjacentHTML('beforeend', failing)
    document.querySelector('.review-notes').textContent = 'A line of notes.\\n'.repeat(60)
  })()`)
  const full = await rita.pdf({
    format: 'A4',
    preferCSSPageSize: true,
    ...(shots ? { path: `${shots}/report-full.pdf` } : {}),
  })
  if (shots) {
    // The width of A4 between its margins.
    await rita.setViewportSize({ width: 703, height: 1000 })
    await rita.emulateMedia({ media: 'print' })
    await rita.screenshot({ path: `${shots}/review-report-paper.png`, fullPage: true })
    await rita.emulateMedia({ media: 'screen' })
    await rita.setViewportSize(wide)
  }
  assert.equal(full.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1, 'one A4, however much there is')
  await rita.reload()
  for (const summary of await rita.locator('.review-report summary').all()) await summary.click()
  await look(rita, 'report-open')

  // A moment of the replay becomes evidence.
  await rita.click('.review-verdict a[href*="/replay/crash-loop"]')
  await waitUntil(rita, 'document.querySelector(".replay-pin") !== null')
  await rita.locator('.replay-list a', { hasText: 'describe pods' }).first().click()
  await waitUntil(rita, 'location.search.includes("at=")')
  await look(rita, 'replay')
  await rita.selectOption('.replay-pin select', { label: 'Diagnosis' })
  await rita.fill('#pin-says', 'Describes the Pods before any change.')
  await rita.click('button[value=pin]')
  // With its script, which has the keys.
  await waitUntil(rita, 'document.readyState === "complete" && document.querySelector(".review-evidence a") !== null')

  // Levels by keys; what is typed is kept without a button.
  await rita.locator('[data-dimension] input[type=radio]').first().focus()
  await rita.keyboard.press('4')
  assert.equal(await rita.locator('[data-dimension] >> nth=0 >> input[value="4"]').isChecked(), true)
  await rita.locator('[data-dimension] textarea').first().fill('Reads 5 events: CANARY.')
  assert.equal(await rita.locator('[data-dimension] >> nth=0 >> input[value="4"]').isChecked(), true)
  await waitUntil(rita, 'document.querySelector("#score-saved").textContent === "Saved"')
  await rita.goto(site.url + score)
  assert.equal(await rita.locator('[data-dimension] textarea').first().inputValue(), 'Reads 5 events: CANARY.')
  await look(rita, 'score-draft')
  await rita.click('button[value=send]')
  await waitUntil(rita, 'document.readyState === "complete" && document.querySelector("[role=alert]") !== null')
  const count = await rita.locator('[data-dimension]').count()
  for (let n = 1; n < count; n++) {
    await rita.locator('[data-dimension]').nth(n).locator('input[type=radio]').first().focus()
    await rita.keyboard.press('5')
  }
  await rita.click('button[value=send]')
  await waitUntil(rita, 'document.body.innerText.includes("Your scores are sent.")')
  await look(rita, 'score-sent')

  // The other one sees nothing of it before their own is sent, without script as well.
  await otto.goto(site.url + score)
  assert.equal((await otto.content()).includes('CANARY'), false)
  for (let n = 0; n < count; n++) await otto.locator('[data-dimension]').nth(n).locator('input[value="2"]').check()
  await desk.goto(site.url + score)
  await look(desk, 'scores-waiting')
  await otto.click('button[value=send]')
  await waitUntil(otto, 'document.body.innerText.includes("Worth a conversation")')
  assert.match(await otto.innerText('main'), /CANARY/)
  await look(otto, 'score-differences')
  await otto.locator('.review-dimension summary').first().click()
  await otto.locator('.review-dimension select').first().selectOption('3')
  await otto.locator('.review-dimension input[type=text]').first().fill('I had missed the events.')
  await otto.locator('button[value^=correct]').first().click()
  await waitUntil(otto, 'document.body.innerText.includes("Corrected from 2 to 3")')
  await desk.goto(site.url + score)
  assert.match(await desk.innerText('main'), /2 of 2 reviewers[\s\S]*Worth a conversation[\s\S]*weighted kappa/)
  await look(desk, 'scores-all')
  await desk.goto(site.url + exercise)
  await look(desk, 'exercise')

  // Nothing to be graded again as long as it goes on; and what was done stands in the audit log.
  await desk.goto(`${site.url}${exercise}/regrade`)
  assert.match(await desk.innerText('main'), /Close the exercise first/)
  await look(desk, 'regrade')
  await site.grant('mara', 'admin')
  await desk.goto(`${site.url}/admin/audit`)
  assert.match(await desk.innerText('main'), /The log is whole\.[\s\S]*names-read/)
  await look(desk, 'audit')
})
