/** A hiring exercise, with its manager and a candidate, each in a browser of their own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(async () => site?.close())

test('an exercise from the job to the receipt: time is pushed, breaks hide the tasks, notes save themselves', {
  skip,
}, async () => {
  const manages = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const sits = await site.browser.newContext({ viewport: { width: 390, height: 844 } })
  const { page: desk } = await openPage(manages)
  const { page, complaints } = await openPage(sits)
  const look = async (of: typeof page, name: string): Promise<void> => {
    assert.deepEqual(await findBarriersInBoth(of), [], name)
    if (!shots) return
    for (const scheme of ['light', 'dark'] as const) {
      await of.emulateMedia({ colorScheme: scheme })
      await of.screenshot({ path: `${shots}/hiring-${name}-${scheme}.png`, fullPage: true })
    }
    await of.emulateMedia({ colorScheme: 'light' })
  }

  await desk.goto(`${site.url}/account`)
  await desk.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: 'mara', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  await desk.goto(`${site.url}/hiring`)
  await look(desk, 'no-role')
  await site.grant('mara', 'hiring-manager')
  await desk.goto(`${site.url}/hiring`)
  await look(desk, 'index-empty')
  await desk.click('text=New job')
  await look(desk, 'job-new')
  await desk.click('text=Make the job')
  await waitUntil(desk, 'document.activeElement.id === "title"')
  await look(desk, 'job-refused')
  await desk.fill('#title', 'Platform engineer')
  await desk.fill('#contact', 'Mara Meyer, mara@example.org')
  await desk.click('text=Make the job')
  await look(desk, 'job-empty')

  // A ready-made exercise, with one item more.
  await desk.click('button[value=junior]')
  await desk.fill('#pool-words', 'quorum')
  await desk.click('button[value=find]')
  await waitUntil(desk, 'document.querySelectorAll(".exercise-found li").length > 0')
  await look(desk, 'edit')
  await desk.click('.exercise-found button:not([disabled])')
  await waitUntil(desk, 'document.querySelectorAll(".exercise-items li").length === 8')
  await desk.click('text=Candidates >> nth=-1')
  await look(desk, 'exercise-draft')
  await desk.click('text=Open it')
  await desk.click('text=Invite candidates')
  await look(desk, 'invite')
  await desk.fill('input[name=name]', 'Kim Example')
  await desk.click('button[value=one]')
  await look(desk, 'invited')
  const told = (await desk.locator('.hiring-link').innerText()).trim()
  await desk.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await desk.getByRole('button', { name: /^Copy ?: link for Kim Example/ }).click()
  await desk.getByRole('button', { name: /^Copied ?: link for Kim Example/ }).waitFor()
  assert.equal(await desk.evaluate('navigator.clipboard.readText()'), told)
  const link = new URL(told).pathname

  // The rules, consent, the words.
  await page.goto(`${site.url}${link}`)
  await look(page, 'rules')
  await page.check('#grading')
  await page.click('button[value=consent]')
  await look(page, 'words')
  await page.click('text=I have them')
  await look(page, 'ready')
  await page.click('text=Try the workspace first')
  await look(page, 'practice')
  await page.click('button[value=begin]')
  await waitUntil(page, 'document.querySelector("#challenge-cluster") !== null')
  await look(page, 'practice-desk')
  await page.click('button[value=end]')
  await page.click('form[action$="/start"] button')
  await waitUntil(page, 'document.querySelector("#question") !== null')
  await look(page, 'question')

  // An answer is saved as it is chosen: who goes on without the button has lost nothing.
  const asked = `${link}/questions/networking/service-finds-no-pods`
  const handIn = `${site.url}${link}/hand-in`
  await page.goto(handIn)
  assert.equal(await page.locator(`main a[href="${asked}"]`).count(), 1)
  await page.goto(`${site.url}${asked}`)
  await page.locator('#question input[name=answer]').first().check()
  await waitUntil(page, '/saved \\d+ s ago/.test(document.querySelector("#exercise-saved").textContent)')
  await page.goto(handIn)
  assert.equal(await page.locator(`main a[href="${asked}"]`).count(), 0, 'it is not among the empty ones')
  await page.goto(`${site.url}${asked}`)
  assert.equal(await page.locator('#question input[name=answer]').first().isChecked(), true)

  // The work page: notes save themselves, time that is given arrives without a reload, and can be hidden.
  await page.goto(`${site.url}${link}/work`)
  await waitUntil(page, '/59 min \\d+ s|1 h 0 min/.test(document.querySelector(".exercise-count").textContent)')
  await look(page, 'work')
  await page.fill('#notepad', 'The Service has no endpoints.')
  await waitUntil(page, '/saved \\d+ s ago/.test(document.querySelector("#exercise-saved").textContent)')
  await desk.goto(`${site.url}${new URL(desk.url()).pathname.replace(/\/invite$/, '')}`)
  await desk.click('.hiring-candidates summary')
  await desk.fill('input[name=minutes]', '30')
  await desk.click('button[value=credit]')
  await waitUntil(page, '/1 h (29|30) min/.test(document.querySelector(".exercise-count").textContent)')
  await look(desk, 'exercise-open')
  await page.click('#exercise-hide')
  assert.equal(await page.isVisible('.exercise-left'), false)
  await page.click('#exercise-hide')
  assert.equal(await page.isVisible('.exercise-left'), true)
  await page.click('button[value=break]')
  await waitUntil(page, 'document.querySelector("#break-title") !== null')
  assert.equal(await page.locator('.exercise-list').count(), 0)
  await look(page, 'break')
  await page.click('button[value=back]')
  await waitUntil(page, 'document.querySelector(".exercise-list") !== null')

  // A pause of the manager's reaches the page by itself.
  await desk.click('button[value=pause]')
  await waitUntil(page, 'document.body.innerText.includes("paused for all")')
  await desk.click('button[value=resume]')
  await waitUntil(page, '!document.body.innerText.includes("paused for all")')

  await page.goto(`${site.url}${link}/challenges/crash-loop`)
  await waitUntil(page, 'document.querySelector("#challenge-cluster") !== null')
  assert.equal(await page.locator('button[value=grade]').count(), 0)
  await look(page, 'task')
  await page.setViewportSize({ width: 1280, height: 800 })
  await look(page, 'task-wide')
  await page.setViewportSize({ width: 320, height: 700 })
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= 320'), true, 'at 320 px')
  await page.setViewportSize({ width: 390, height: 844 })

  // The network is away while something is typed: it is kept, and sent when that is back.
  await page.goto(`${site.url}${link}/challenges/crash-loop`)
  await waitUntil(page, 'document.querySelector("#editor") !== null')
  await sits.setOffline(true)
  await page.evaluate(`(() => {
    const area = document.querySelector('#editor')
    area.value = '# typed while the network was away\\n' + area.value
    area.dispatchEvent(new Event('input', { bubbles: true }))
  })()`)
  await waitUntil(page, 'document.querySelector("#exercise-saved").textContent.startsWith("kept in this browser")')
  await page.waitForTimeout(3500)
  assert.equal(await page.evaluate('Object.keys(localStorage).some((key) => key.startsWith("exercise-outbox:"))'), true)
  await sits.setOffline(false)
  await waitUntil(page, '/saved \\d+ s ago/.test(document.querySelector("#exercise-saved").textContent)')
  assert.equal(
    await page.evaluate('Object.keys(localStorage).some((key) => key.startsWith("exercise-outbox:"))'),
    false,
  )
  await page.reload()
  for (const complaint of complaints.splice(0)) assert.match(complaint, /ERR_INTERNET_DISCONNECTED/)
  assert.match(await page.inputValue('#editor'), /^# typed while the network was away/)

  await page.goto(`${site.url}${link}/hand-in`)
  await look(page, 'hand-in')
  await page.click('text=Hand in for good')
  await waitUntil(page, 'document.body.innerText.includes("Your receipt")')
  await look(page, 'done')
  // Without a reload: the table follows.
  await waitUntil(desk, 'document.querySelector(".hiring-candidates .is-handed-in") !== null')
  const exercise = new URL(desk.url()).pathname
  await desk.click('text=Export all of it')
  await look(desk, 'exercise-handed-in')
  for (const name of ['fairness', 'similarity']) {
    await desk.goto(`${site.url}${exercise}/${name}`)
    await look(desk, name)
  }
})
