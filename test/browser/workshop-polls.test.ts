/** Polls of a workshop: who leads it, the projector and two who take part, each in a browser of their own, at once. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(async () => site?.close())

async function looksRight(page: Page, name: string): Promise<void> {
  assert.deepEqual(await findBarriersInBoth(page), [], name)
  const wider = await page.evaluate(
    `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth)
      .map((element) => element.tagName + '.' + element.className)`,
  )
  assert.deepEqual(wider, [], `${name} is wider than its window`)
  if (!shots) return
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: `${shots}/${name}-dark.png`, fullPage: true })
  await page.emulateMedia({ colorScheme: 'light' })
}

const holds = (page: Page, text: string): Promise<void> =>
  waitUntil(page, `document.body.textContent.replace(/\\s+/g, ' ').includes(${JSON.stringify(text)})`)

/** Somebody who leads workshops, at the plan of a new one. */
async function leader(name: string): Promise<Page> {
  const { page } = await openPage(await site.browser.newContext({ viewport: { width: 1280, height: 800 } }))
  await page.goto(`${site.url}/account`)
  await page.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: '${name}', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  await site.grant(name, 'instructor')
  await page.goto(`${site.url}/workshops`)
  await page.click('form[action="/workshops/new"] button')
  await page.waitForSelector('#plan-title')
  return page
}

async function addItem(page: Page, item: string): Promise<void> {
  const rows = await page.locator('.plan-step').count()
  await page.selectOption('[name=item]', item)
  await page.click('button[value=add]')
  await waitUntil(page, `document.querySelectorAll('.plan-step').length === ${rows + 1}`)
}

/** Somebody in the workshop, on a phone. */
async function learner(code: string, nickname: string, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const context = await site.browser.newContext({ viewport: { width: 320, height: 640 }, ...options })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/j/${code.replaceAll(/\s/g, '')}`)
  await page.fill('#nickname', nickname)
  await page.click('button[value=join]')
  await page.click('text=To the workshop')
  return page
}

test('a class votes, discusses and votes again, on the projector, on phones, and without script', {
  skip,
}, async () => {
  const leads = await leader('ines')
  await leads.fill('#plan-title', 'Peer instruction')
  await addItem(leads, 'question:pod/crash-loop-back-off-is')
  await leads.click('[name=as-poll]')
  await leads.click('#plan-own-poll summary')
  await leads.fill('.poll-fields [name=poll-text]', 'Which way in do *you* use most?')
  for (const [n, text] of ['`kubectl exec`', 'An ephemeral container', 'Neither'].entries())
    await leads.fill(`.poll-fields [name=poll-option] >> nth=${n}`, text)
  await leads.click('button[value=poll]')
  await waitUntil(leads, "document.querySelectorAll('.plan-step').length === 2")
  await looksRight(leads, 'plan')
  await leads.click('text=Open the room')
  const code = (await leads.locator('.wall-join .join-code').innerText()).trim()
  const { page: projector } = await openPage(await site.browser.newContext({ viewport: { width: 1280, height: 800 } }))
  await leads.click('.wall-join summary')
  await projector.goto(new URL((await leads.locator('.wall-join a').getAttribute('href'))!, site.url).href)
  const ann = await learner(code, 'Ann')
  const bob = await learner(code, 'Bob', { javaScriptEnabled: false })

  await leads.click('button[value=open]')
  await leads.click('.wall-table a.wall-step-title >> nth=0')
  await leads.waitForSelector('.poll-lead')
  await looksRight(leads, 'lead-waiting')
  await leads.click('button[value=open]')
  await holds(projector, '0 of 2 people have voted')
  await holds(leads, '0 of 2 people have voted')
  await waitUntil(ann, "document.querySelector('.room-vote a') !== null")
  await looksRight(ann, 'room')
  await ann.click('.room-vote a')
  await ann.waitForSelector('.poll-form')
  await looksRight(ann, 'vote')

  // One by script and keys, one without; the projector counts, and tells no more.
  await ann.focus('.poll-form input[type=radio]')
  await ann.keyboard.press('Space')
  await ann.keyboard.press('Enter')
  await holds(ann, 'Your vote is counted')
  await holds(projector, '1 of 2 people have voted')
  await bob.reload()
  await bob.click('.room-vote a')
  await bob.click('.poll-form label.option >> nth=1')
  await bob.click('.poll-form button')
  await bob.waitForSelector('text=Your vote is counted')
  await holds(projector, '2 of 2 people have voted')
  await holds(leads, '2 of 2 people have voted')
  assert.equal(await projector.locator('.poll-result').count(), 0)
  await looksRight(projector, 'projector-open')

  await leads.click('button[value=close]')
  await waitUntil(projector, "document.querySelector('.poll-result') !== null")
  await waitUntil(ann, "document.querySelector('.poll-result') !== null")
  assert.equal(await ann.locator('.poll-right').count(), 0)
  await looksRight(projector, 'projector-closed')
  await bob.click('.poll-form label.option >> nth=0')
  await bob.click('.poll-form button')
  await bob.waitForSelector('text=came too late and is not counted')
  await looksRight(leads, 'lead-closed')

  await leads.click('button[value=open]')
  await waitUntil(ann, "document.querySelector('.poll-form') !== null")
  assert.equal(await ann.locator('.poll-form input:checked').count(), 0, 'a new round begins empty')
  await ann.click('.poll-form label.option >> nth=1')
  await ann.click('.poll-form button')
  await holds(leads, '1 of 2 people have voted')
  await leads.click('button[value=close]')
  await waitUntil(leads, "document.querySelector('button[value=reveal]') !== null")
  await leads.click('button[value=reveal]')
  await holds(ann, 'changed to right')
  await holds(projector, 'changed to right')
  for (const [page, name] of [
    [projector, 'projector-revealed'],
    [ann, 'revealed'],
    [leads, 'lead-revealed'],
  ] as const)
    await looksRight(page, name)
  await ann.click('text=Answer it yourself')
  await ann.waitForSelector('#question')

  // A poll of the own, opened while somebody is elsewhere: the strip leads there.
  await leads.goto(leads.url().replace(/\/polls\/.*/, '/wall'))
  await leads.click('.wall-table a.wall-step-title >> nth=1')
  await leads.click('button[value=open]')
  await waitUntil(ann, "document.querySelector('.workshop-vote') !== null")
  await looksRight(ann, 'strip')
  await ann.click('.workshop-vote')
  await ann.click('.poll-form label.option >> nth=2')
  await ann.click('.poll-form button')
  await holds(projector, '1 of 2 people have voted')
  await leads.goto(leads.url().replace(/\/polls\/.*/, '/wall'))
  await looksRight(leads, 'wall')
})

test('a class predicts what a cluster does, and the projector runs it', { skip }, async () => {
  const leads = await leader('ida')
  await addItem(leads, 'question:scheduling/what-drain-takes')
  await leads.click('[name=as-poll]')
  await leads.click('.plan-end button[value=save]')
  await waitUntil(leads, "document.querySelector('.plan-kind')?.textContent.includes('Poll')")
  await leads.click('text=Open the room')
  const code = (await leads.locator('.wall-join .join-code').innerText()).trim()
  const { page: projector } = await openPage(await site.browser.newContext({ viewport: { width: 1280, height: 800 } }))
  await leads.click('.wall-join summary')
  await projector.goto(new URL((await leads.locator('.wall-join a').getAttribute('href'))!, site.url).href)
  const [ann, bob] = [await learner(code, 'Ann'), await learner(code, 'Bob')]
  await leads.click('button[value=open]')
  await leads.click('.wall-table a.wall-step-title')
  await leads.click('.poll-acts button[value=open]')
  for (const [page, answer] of [
    [ann, '2'],
    [bob, '5'],
  ] as const) {
    await page.click('.room-vote a')
    await page.fill('.poll-form [name=answer]', answer)
    await page.click('.poll-form button')
    await holds(page, 'Your vote is counted')
  }
  await looksRight(ann, 'predict-vote')
  await leads.click('button[value=close]')
  await leads.click('button[value=run]')
  await waitUntil(projector, "document.querySelector('.played.is-live') !== null")
  await waitUntil(projector, "document.querySelector('.run-screen .time-state').textContent.includes('10')")
  assert.equal(await projector.locator('.run-outcome[open]').count(), 0, 'the end is not told before')
  await looksRight(projector, 'run')
  // Somebody comes in meanwhile: the run goes on.
  await learner(code, 'Eve')
  await waitUntil(projector, "document.querySelector('.run-outcome').open")
  await holds(projector, 'of 2 voted right')
  await looksRight(projector, 'run-over')
  await leads.click('button[value=reveal]')
  await holds(ann, 'of 2 voted right')
  await looksRight(leads, 'predict-lead')
})

test('a ready-made workshop is read, made and walked through; a step that is due opens on the phone', {
  skip,
}, async () => {
  const leads = await leader('ilse')
  await leads.goto(`${site.url}/workshops`)
  await looksRight(leads, 'index')
  await leads.click('text=etcd and the control plane')
  await leads.waitForSelector('.guide-step')
  await looksRight(leads, 'ready-made')
  await leads.click('button[name=from]')
  await leads.waitForSelector('.plan-step')
  await looksRight(leads, 'plan-made')
  const plan = leads.url()
  await leads.click('text=Guide')
  await leads.waitForSelector('.guide-step')
  await looksRight(leads, 'guide')
  await leads.goto(plan)
  await leads.click('text=Walk through it as a learner')
  await leads.waitForSelector('.room-rehearsal')
  await looksRight(leads, 'rehearsal')
  await leads.click('.room-steps a >> text=Four members instead of three')
  await leads.click('.poll-acts button[value=open]')
  await leads.click('.poll-form label.option >> nth=0')
  await leads.click('.poll-form button')
  await holds(leads, 'Your vote is counted')
  await leads.click('.poll-acts button[value=close]')
  await leads.waitForSelector('.poll-result')
  await looksRight(leads, 'rehearsal-poll')

  // The second step opens by itself with the beginning.
  await leads.goto(plan)
  await leads.selectOption('[name=opens] >> nth=1', 'time')
  await leads.fill('[name=opens-minute] >> nth=1', '0')
  await leads.click('.plan-end button[value=save]')
  await waitUntil(leads, "document.querySelectorAll('[name=opens]')[1].value === 'time'")
  await leads.click('text=Open the room')
  const code = (await leads.locator('.wall-join .join-code').innerText()).trim()
  const ann = await learner(code, 'Ann')
  await holds(ann, 'It has not begun yet')
  await leads.click('button[value=open]')
  await waitUntil(ann, "document.querySelectorAll('.room-step a[href*=etcd]').length > 0")
  await looksRight(ann, 'room-timed')
  await ann.goto(`${ann.url()}?lang=zh`)
  await looksRight(ann, 'room-zh')
})
