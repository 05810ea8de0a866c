/** A class at one challenge: an instructor, a projector and two learners at once, each in a browser of their own. */
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

const says = (page: Page, selector: string, text: string): Promise<void> =>
  waitUntil(
    page,
    `document.querySelector(${JSON.stringify(selector)})?.textContent.includes(${JSON.stringify(text)}) === true`,
  )

async function barriers(page: Page, name: string): Promise<void> {
  assert.deepEqual(await findBarriersInBoth(page), [], name)
  if (!shots) return
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.screenshot({ path: `${shots}/${name}-dark.png`, fullPage: true })
  await page.emulateMedia({ colorScheme: 'light' })
}

/** A line of kubectl, as the terminal of the challenge's page sends it. */
const runs = (page: Page, line: string): Promise<unknown> =>
  page.evaluate(`fetch(document.querySelector('#workspace').action, { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('#workspace [name=_csrf]').value, do: 'kubectl', line: ${JSON.stringify(line)},
  }) })`)

test('clusters of a class are shown, compared, broken, put back, diagnosed and typed in', { skip }, async () => {
  const leads = await site.browser.newContext({ viewport: { width: 1280, height: 900 } })
  const { page: wall } = await openPage(leads)
  await wall.goto(`${site.url}/account`)
  await wall.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: 'ines', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  await site.grant('ines', 'instructor')
  await wall.goto(`${site.url}/workshops`)
  await wall.click('text=New workshop')
  await wall.fill('#plan-title', 'Up and reachable')
  await wall.selectOption('[name=item]', 'challenge:up-and-reachable')
  await wall.click('button[value=add]')
  await waitUntil(wall, 'document.querySelectorAll(".plan-step").length === 1')
  await wall.click('text=Open the room')
  const code = (await wall.locator('.wall-join .join-code').innerText()).trim()
  const id = /\/w\/([a-f0-9]+)/.exec(wall.url())![1]!
  await wall.click('button[value=open]')
  await wall.locator('.wall-join summary').click()
  const projectorHref = new URL((await wall.locator('.wall-join a').getAttribute('href'))!, site.url).href

  const joins = async (nickname: string, width: number): Promise<Page> => {
    const context = await site.browser.newContext({ viewport: { width, height: 844 } })
    const { page } = await openPage(context)
    await page.goto(`${site.url}/j/${code.replace(' ', '')}`)
    await page.fill('#nickname', nickname)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.join-words')
    await page.goto(`${site.url}/w/${id}/challenges/up-and-reachable`)
    await page.waitForSelector('#workspace')
    return page
  }
  const annika = await joins('Annika', 1280)
  const ben = await joins('Ben', 390)
  const { page: projector } = await openPage(
    await site.browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' }),
  )
  await projector.goto(projectorHref)
  await runs(annika, 'create deployment annika-shop --image=nginx:1.27 --replicas=2')
  await runs(ben, 'create deployment annika-shop --image=nginx:1.27 --replicas=2')
  for (const page of [annika, ben]) {
    await page.reload()
    await page.locator('#do-run60').evaluate((button: HTMLElement) => button.click())
    await says(page, '#challenge-cluster', 'annika-shop')
  }

  // 1. A cluster on the projector: nameless, live, until its owner says no.
  const { page: seat } = await openPage(leads)
  const seatOf = async (nickname: string): Promise<string> => {
    await wall.goto(`${site.url}/w/${id}/wall`)
    return new URL((await wall.locator('a.wall-name', { hasText: nickname }).getAttribute('href'))!, site.url).href
  }
  await seat.goto(await seatOf('Annika'))
  await seat.check('#show-lines')
  await seat.click('button[value=show]')
  await says(seat, '.seat-show .verdict-tag', 'on the projector')
  await barriers(seat, 'seat')
  await says(projector, '.projector', '•••-shop')
  await says(annika, '#workshop-notices', 'Your cluster is on the projector, without your name.')
  await barriers(annika, 'desk-on-projector')
  await runs(annika, 'scale deployment annika-shop --replicas=4')
  await annika.reload()
  await annika.click('#do-run60')
  await says(projector, '.projector', 'Pods: 4 ready')
  await says(projector, '.screen-lines', 'kubectl scale deployment •••-shop')
  assert.doesNotMatch(await projector.locator('body').innerText(), /annika/i)
  await barriers(projector, 'projector-cluster')
  // A moment that is over, chosen on the bar of time, and a copy to go on in.
  await seat.goto(`${seat.url()}&at=50000`)
  await seat.click('button[value=show]')
  await says(projector, '.projector', 'at this moment')
  await says(projector, '.projector', 'Pods: 2 ready')
  const before = await annika.locator('#time-clock').innerText()
  await seat.click('text=Go on in a copy')
  await seat.waitForURL(/\/sandboxes\//)
  await says(seat, 'main', 'annika-shop')
  assert.equal(await annika.locator('#time-clock').innerText(), before)
  await says(annika, '#workshop-notices', 'A moment of your cluster is on the projector')
  await annika.click('.cluster-notice button[value=off-screen]')
  await waitUntil(projector, 'document.querySelector(".screen-title") === null')
  await annika.goto(`${site.url}/w/${id}`)
  await annika.click('button[value=on-screen]')
  await waitUntil(annika, 'document.querySelector("button[value=on-screen]") === null')

  // 2. Side by side: the command at which they part, once both have come so far.
  await ben.locator('#do-run60').evaluate((button: HTMLElement) => button.click())
  await waitUntil(ben, 'Number(document.querySelector(".clock").dataset.clock) >= 120000')
  const { page: compare } = await openPage(leads)
  await compare.goto(`${site.url}/w/${id}/compare`)
  for (const box of await compare.locator('[name=seats]').all()) await box.check()
  await compare.click('button.is-primary')
  await says(
    compare,
    '.partings',
    'scale deployment •••-shop --replicas=4 changes Deployment/•••-shop (spec.replicas: 2 → 4)',
  )
  await barriers(compare, 'compare')
  await compare.click('text=Show on the projector, without names')
  await says(projector, '.projector', 'part at')
  assert.doesNotMatch(await projector.locator('body').innerText(), /annika/i)
  await barriers(projector, 'projector-compare')
  await says(ben, '#workshop-notices', 'Your cluster is on the projector')
  await barriers(ben, 'learner-390')
  await compare.close()

  // 3. A fault for all, tried on the model solution before.
  const { page: chaos } = await openPage(leads)
  await chaos.goto(`${site.url}/w/${id}/chaos`)
  await chaos.selectOption('#chaos-fault', 'node:down')
  await chaos.click('button[value=preview]')
  await says(chaos, '.chaos-preview', 'It takes effect after')
  await chaos.click('button[value=order]')
  await says(chaos, '#orders', 'node node-1 goes down')
  await says(ben, '#workshop-notices', 'Your instructor let this happen in your cluster')
  await annika.goto(`${site.url}/w/${id}/challenges/up-and-reachable`)
  // A click may meet the page as news comes in: it is pressed until the time has passed.
  const clockMs = () => annika.evaluate<number>("Number(document.querySelector('.clock').dataset.clock)")
  for (let n = 0; n < 60 && (await clockMs()) < 540_000; n++) {
    await annika.click('#do-run60')
    await annika.waitForTimeout(400)
  }
  assert.equal((await clockMs()) >= 540_000, true)
  await says(chaos, '#orders', 'well again')
  await barriers(chaos, 'chaos')

  // 4. All back to before it; each can go back to where they were.
  const worked = await annika.locator('#time-clock').innerText()
  await chaos.click('text=All back to before it…')
  await chaos.click('.chaos-order button[value=rewind]')
  await says(chaos, '#orders', 'clusters are back to before')
  await says(annika, '#workshop-notices', 'ines put your cluster back to')
  // What is shown follows by itself.
  await waitUntil(
    annika,
    `document.querySelector('#time-clock').textContent !== ${JSON.stringify(worked)} &&
    Number(document.querySelector('.clock').dataset.clock) < 180000`,
  )
  await annika.click('.cluster-notice button[value^=return]')
  await says(annika, '#workshop-notices', 'Your cluster is as you left it')
  await waitUntil(annika, "Number(document.querySelector('.clock').dataset.clock) >= 540000")
  await barriers(annika, 'desk-returned')
  await chaos.close()

  // 5. Failing by a cause that was diagnosed.
  await runs(ben, 'create deployment api --image=registry.example/nothing:1')
  await ben.reload()
  await ben.locator('.task-grade button').evaluate((button: HTMLElement) => button.click())
  await says(wall, '#wall-head', 'an image cannot be pulled')
  await wall.locator('.wall-causes summary').click()
  await barriers(wall, 'wall-causes')

  // 6. Typing with consent: each line is seen, and whose it is; the learner ends it.
  await ben.goto(`${site.url}/w/${id}`)
  await ben.check('#may-type')
  await ben.click('button[value=hand]')
  await says(wall, '#hands', 'you may type')
  await wall.click('#hands button[value^=take]')
  await ben.goto(`${site.url}/w/${id}/challenges/up-and-reachable`)
  await says(ben, '#workshop-notices', 'ines may type in your cluster for 10 more minutes')
  await seat.goto(await seatOf('Ben'))
  await seat.click('text=Type in their cluster')
  await seat.fill('#line', 'create deployment helped --image=nginx:1.27')
  await seat.click('button[value=kubectl]')
  await says(seat, '#said', 'deployment.apps/helped created')
  await barriers(seat, 'typing-desk')
  await says(ben, '#workshop-notices', 'Ran: kubectl create deployment helped')
  await seat.click('#do-run10')
  await says(ben, '#challenge-cluster', 'helped-')
  await barriers(ben, 'learner-typing')
  await ben.click('.cluster-notice button[value=end-typing]')
  await waitUntil(ben, 'document.querySelector("button[value=end-typing]") === null')
  const refused = await seat.evaluate(`fetch(document.querySelector('#workspace').action, { method: 'POST',
    body: new URLSearchParams({ _csrf: document.querySelector('#workspace [name=_csrf]').value, do: 'run10' }),
  }).then(({ status }) => status)`)
  assert.equal(refused, 403)
})
