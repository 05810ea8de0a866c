/** A workshop with one who leads it and two who take part, each in a browser of their own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

const shots = process.env.SHOTS

let site: Site

before(async () => {
  if (!skip) site = await openSite()
})
after(async () => site?.close())

test('a workshop from its plan to its end: steps, hands and work are seen on both sides as they happen', {
  skip,
}, async () => {
  const leads = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const takes = await site.browser.newContext({ viewport: { width: 390, height: 844 } })
  const { page: wall } = await openPage(leads)
  const { page: room } = await openPage(takes)
  const barriers = async (page: typeof wall, name: string): Promise<void> => {
    assert.deepEqual(await findBarriersInBoth(page), [], name)
    if (shots) await page.screenshot({ path: `${shots}/ws-${name}.png`, fullPage: true })
  }

  // An account with the role.
  await wall.goto(`${site.url}/account`)
  await wall.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: 'ines', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  await site.grant('ines', 'instructor')

  // A plan.
  await wall.goto(`${site.url}/workshops`)
  await barriers(wall, 'index')
  await wall.click('text=New workshop')
  await wall.fill('#plan-title', 'From Pod to Service')
  const question = await wall.locator('[name=item] option[value^="question:pod/"]').first().getAttribute('value')
  await wall.selectOption('[name=item]', question)
  await wall.click('button[value=add]')
  await waitUntil(wall, 'document.querySelectorAll(".plan-step").length === 1')
  await wall.selectOption('[name=item]', 'challenge:up-and-reachable')
  await wall.click('button[value=add]')
  await waitUntil(wall, 'document.querySelectorAll(".plan-step").length === 2')
  await wall.fill('[name=talk]', 'What we have seen')
  await wall.click('button[value=talk]')
  await waitUntil(wall, 'document.querySelectorAll(".plan-step").length === 3')
  await barriers(wall, 'plan')
  await wall.click('text=Open the room')
  await wall.click('.wall-join summary')
  await barriers(wall, 'wall-empty')
  const code = (await wall.locator('.wall-join .join-code').innerText()).trim()

  // Somebody joins, and is on the wall at once.
  await room.goto(`${site.url}/j`)
  await barriers(room, 'code')
  await room.fill('#code', code.toLowerCase())
  await room.keyboard.press('Enter')
  await room.waitForSelector('#nickname')
  await barriers(room, 'join')
  await room.fill('#nickname', 'Ann')
  await room.keyboard.press('Enter')
  await room.waitForSelector('.join-words')
  await barriers(room, 'welcome')
  await room.click('text=To the workshop')
  await waitUntil(room, 'document.body.textContent.includes("It has not begun yet")')
  await waitUntil(wall, 'document.querySelector("#wall-rows")?.textContent.includes("Ann")')

  // It begins: the first step is open on the learner's page, which nobody has loaded again.
  await wall.click('button[value=open]')
  await waitUntil(room, 'document.querySelector(".room-step.is-current a.button") !== null')
  await barriers(room, 'room')

  // A hand goes up, and somebody comes.
  await room.fill('#says', 'The Pod does not start')
  await room.click('button[value=hand]')
  await waitUntil(room, 'document.body.textContent.includes("You are number 1")')
  await waitUntil(wall, 'document.querySelector("#hands")?.textContent.includes("The Pod does not start")')
  await barriers(wall, 'wall-hand')
  await wall.click('#hands button[value^=take]')
  await waitUntil(room, 'document.body.textContent.includes("ines comes to you")')
  await wall.click('#hands button[value^=done]')
  await waitUntil(room, 'document.querySelector("button[value=hand]") !== null')

  // The challenge is opened while the learner is at the question: the strip says so there.
  await room.click('.room-step.is-current a.button')
  await room.waitForSelector('#question')
  await wall.click('button[value^=open-step] >> nth=0')
  await waitUntil(room, 'document.querySelector(".workshop-strip").textContent.includes("Everybody is at")')
  await room.click('.workshop-strip .track-strip-next')
  await room.waitForSelector('#workspace')
  assert.match(room.url(), /\/w\/[a-f0-9]+\/challenges\/up-and-reachable$/)
  await barriers(room, 'challenge')
  await room.close()

  // Something is done there, and the wall says so.
  const { page: desk } = await openPage(takes)
  await desk.setViewportSize({ width: 1280, height: 800 })
  await desk.goto(`${site.url}/w/${/\/w\/([a-f0-9]+)/.exec(wall.url())![1]}/challenges/up-and-reachable`)
  await desk.waitForSelector('#workspace')
  await desk.click('.task-grade button')
  await waitUntil(wall, 'document.querySelector(".wall-cell.is-failing") !== null')
  await waitUntil(wall, 'document.querySelector(".wall-causes") !== null')
  await barriers(wall, 'wall-failing')
  if (shots) await desk.screenshot({ path: `${shots}/ws-desk.png` })

  // The work of a seat, looked at with its owner's knowledge.
  const { page: beside } = await openPage(leads)
  await beside.goto(new URL((await wall.locator('a.wall-name').first().getAttribute('href'))!, site.url).href)
  await beside.waitForSelector('.seat-desk')
  await barriers(beside, 'seat')
  await waitUntil(desk, 'document.querySelector(".workshop-strip").textContent.includes("ines is looking")')
  await wall.locator('.wall-join summary').click()
  await beside.goto(new URL((await wall.locator('.wall-join a').getAttribute('href'))!, site.url).href)
  await barriers(beside, 'projector')
  await beside.close()

  // By keys from row to row.
  await wall.locator('h1').click()
  await wall.keyboard.press('j')
  await waitUntil(wall, 'document.activeElement.classList.contains("wall-row")')

  await wall.click('.wall-end summary')
  await wall.click('button[value=close]')
  await wall.waitForSelector('.wall-life .verdict-tag')
  await wall.click('text=Report')
  await wall.waitForSelector('.report-table')
  await barriers(wall, 'report')
  await wall.click('text=Hide names')
  await wall.waitForSelector('text=Participant 1')
  await desk.goto(desk.url().replace(/\/challenges.*/, ''))
  await waitUntil(desk, 'document.body.textContent.includes("This workshop is over")')
  await barriers(desk, 'over')
})

test('a second instructor comes in by a link, and takes the hand that the first one did not take in time', {
  skip,
}, async () => {
  const [first, second, takes] = [
    await site.browser.newContext({ viewport: { width: 1280, height: 800 } }),
    await site.browser.newContext({ viewport: { width: 1280, height: 800 } }),
    await site.browser.newContext({ viewport: { width: 390, height: 844 } }),
  ]
  const { page: owner } = await openPage(first)
  const { page: other } = await openPage(second)
  const { page: room } = await openPage(takes)
  await owner.goto(`${site.url}/account`)
  await owner.evaluate(`fetch('/account', { method: 'POST', body: new URLSearchParams({
    _csrf: document.querySelector('[name=_csrf]').value, name: 'ivan', which: 'own',
    own: 'acorn river maple stone olive', again: 'acorn river maple stone olive',
  }) })`)
  await site.grant('ivan', 'instructor')
  await owner.goto(`${site.url}/workshops`)
  await owner.click('text=New workshop')
  await owner.fill('[name=talk]', 'Welcome')
  await owner.click('button[value=talk]')
  await waitUntil(owner, 'document.querySelectorAll(".plan-step").length === 1')
  await owner.click('text=Open the room')
  const wall = owner.url()

  // The link is shown once, and leads the second one in without an account.
  await owner.click('text=1 instructor')
  await owner.click('button[value=invite]')
  assert.deepEqual(await findBarriersInBoth(owner), [], 'instructors')
  if (shots) await owner.screenshot({ path: `${shots}/ws-instructors.png`, fullPage: true })
  await other.goto((await owner.locator('a[href*="/lead/"]').getAttribute('href'))!)
  assert.deepEqual(await findBarriersInBoth(other), [], 'invited')
  if (shots) await other.screenshot({ path: `${shots}/ws-invited.png`, fullPage: true })
  await other.fill('#name', 'Olga')
  await other.keyboard.press('Enter')
  await other.waitForSelector('#wall')
  assert.equal(await other.locator('button[value=open]').count(), 0)

  await owner.goto(wall)
  await owner.click('button[value=open]')
  await owner.click('.wall-join summary')
  const code = (await owner.locator('.wall-join .join-code').innerText()).trim()
  await room.goto(`${site.url}/j/${code.replace(' ', '')}`)
  await room.fill('#nickname', 'Ann')
  await room.keyboard.press('Enter')
  await room.click('text=To the workshop')
  const fourth = await site.browser.newContext()
  const { page: aaron } = await openPage(fourth)
  await aaron.goto(`${site.url}/j/${code.replace(' ', '')}`)
  await aaron.fill('#nickname', 'Aaron')
  await aaron.keyboard.press('Enter')
  await aaron.waitForSelector('.join-words')
  await fourth.close()
  const rowNames =
    '[...document.querySelectorAll("#wall-rows .wall-name")].map(({ textContent }) => textContent.trim()).join()'
  await waitUntil(owner, `${rowNames} === "Aaron,Ann"`)
  await owner.locator('h1').click()
  await owner.keyboard.press('j')
  // A hand moves its row to the top; the row that has the focus keeps it.
  await room.click('button[value=hand]')
  await waitUntil(owner, `${rowNames} === "Ann,Aaron"`)
  assert.equal(await owner.evaluate('document.activeElement.textContent.includes("Aaron")'), true)
  const take = '#hands button[value^=take]'
  await Promise.all([owner.waitForSelector(take), other.waitForSelector(take)])
  await other.click(take)
  await waitUntil(room, 'document.body.textContent.includes("Olga comes to you")')
  await waitUntil(owner, 'document.querySelector("#hands").textContent.includes("Olga is with them")')
  // An instructor goes away and comes back: all is as it was.
  await owner.close()
  const { page: back } = await openPage(first)
  await back.goto(wall)
  await waitUntil(back, 'document.querySelector("#hands").textContent.includes("Olga is with them")')
  await Promise.all([first.close(), second.close(), takes.close()])
})
