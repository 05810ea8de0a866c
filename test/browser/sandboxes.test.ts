/** The sandbox in a real browser: made, filled, watched, broken, gone back in, branched and shared. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import {
  findBarriers,
  findBarriersInBoth,
  goToPart,
  openPage,
  openSite,
  type Site,
  skip,
  waitUntil,
} from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
`

async function makeCluster(page: Page): Promise<string> {
  await page.goto(`${site.url}/sandboxes`)
  await page.getByLabel('Name').last().fill('Mine')
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await page.waitForURL(/\/sandboxes\/\w+$/)
  return page.url()
}

async function applyWeb(page: Page) {
  await goToPart(page, 'dock')
  await page.getByRole('link', { name: 'Terminal', exact: true }).click()
  await page.locator('summary', { hasText: 'Apply a manifest' }).click()
  await page.getByLabel('Manifest, also what a line with -f - reads').fill(web)
  await page.getByRole('button', { name: 'Apply', exact: true }).click()
  await page.locator('.shell .said', { hasText: 'deployment.apps/web created' }).waitFor()
}

const readyPods = (page: Page) => page.locator('#board-pods .pod.is-ready')
const countReady = (page: Page) => readyPods(page).count()
const clockMs = async (page: Page) => {
  const [minutes, seconds] = (await page.locator('.clock-face').innerText()).split(':').slice(-2)
  return Number(minutes) * 60_000 + Number(seconds) * 1000
}
const lookAt = (page: Page, ms: number) =>
  page.locator('#moment').evaluate((node, value) => {
    const slider = node as unknown as { value: string; dispatchEvent(event: unknown): void }
    slider.value = String(value)
    const { Event } = globalThis as unknown as { Event: new (type: string, init: object) => unknown }
    for (const type of ['input', 'change']) slider.dispatchEvent(new Event(type, { bubbles: true }))
  }, ms)

test('a Deployment becomes ready before one’s eyes; back in time there are fewer Pods; a branch goes on from there', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  const url = await makeCluster(page)
  await applyWeb(page)
  // Nothing is pressed from here on: the picture changes by itself.
  await readyPods(page).nth(2).waitFor()
  const paceBefore = await page.locator('.time-state').innerText()
  assert.match(paceBefore, /^runs at 1×/)

  // The clock goes on by itself, as fast as it was told to, and stands when it is stopped.
  await page.getByRole('button', { name: '60 times as fast' }).click()
  await page.locator('.time-state', { hasText: 'runs at 60×' }).waitFor()
  const from = await clockMs(page)
  await waitUntil(
    page,
    (ms) => {
      const [minutes, seconds] = document.querySelector('.clock-face')!.textContent!.split(':').slice(-2)
      return Number(minutes) * 60_000 + Number(seconds) * 1000 > ms
    },
    from + 20_000,
  )
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.time-state', { hasText: 'paused' }).waitFor()
  // A look that was under way may still come in.
  await page.waitForTimeout(600)
  const stood = await clockMs(page)
  await page.waitForTimeout(400)
  assert.equal(await clockMs(page), stood)
  await page.getByRole('button', { name: '+1 min' }).click()
  await waitUntil(
    page,
    (ms) => {
      const [minutes, seconds] = document.querySelector('.clock-face')!.textContent!.split(':').slice(-2)
      return Number(minutes) * 60_000 + Number(seconds) * 1000 >= ms
    },
    stood + 60_000,
  )

  // What is being typed is left alone by what comes in.
  await page.getByRole('button', { name: '60 times as fast' }).click()
  const manifest = page.getByLabel('Manifest, also what a line with -f - reads')
  await manifest.focus()
  await page.keyboard.type('# mine')
  await page.waitForTimeout(1000)
  assert.match(await manifest.inputValue(), /# mine/)
  assert.equal(await page.evaluate('document.activeElement.id'), 'manifest')

  // Before the manifest there was nothing.
  await lookAt(page, 0)
  await page.getByText('as it was at 0:00.0').waitFor()
  assert.equal(await countReady(page), 0)
  assert.match(page.url(), /at=0/)
  assert.equal(await page.getByRole('button', { name: 'Pause' }).count(), 0)
  await page.locator('.shell .said', { hasText: 'deployment.apps/web created' }).waitFor()
  await page.getByRole('link', { name: 'Back to now' }).click()
  await readyPods(page).nth(2).waitFor()
  await page.goBack()
  await page.getByText('as it was at 0:00.0').waitFor()

  await page.getByRole('button', { name: 'Branch from here' }).click()
  await page.getByText('goes on from 0:00.0 of “Mine”').waitFor()
  assert.notEqual(page.url().split('?')[0], url)
  assert.equal(await countReady(page), 0)
  await page.goto(url)
  assert.equal(await countReady(page), 3)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a button that its answer takes away leaves the focus on the part that it stood in', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await page.getByRole('button', { name: 'Run it for me' }).focus()
  await page.keyboard.press('Enter')
  await page.locator('#sandbox-first', { hasText: 'Now break something' }).waitFor()
  await waitUntil(page, () => document.activeElement?.id === 'sandbox-first')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('it is live, however late the scripts come one after the other', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  const url = await makeCluster(page)
  const { page: watching } = await openPage(context)
  let late = 0
  await watching.route(/\.js\?/, async (route) => {
    late += 200
    await watching.waitForTimeout(late)
    await route.continue()
  })
  await watching.goto(url)
  await applyWeb(page)
  // Nothing is pressed on this page.
  await readyPods(watching).nth(2).waitFor()
  await context.close()
})

test('a Pod is followed from the picture to its revisions, their difference, and what led to it', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await applyWeb(page)
  await readyPods(page).nth(2).waitFor()
  await page.locator('#board-pods a.pod-name').first().click()
  await page.locator('#object-title:focus').waitFor()
  await page.locator('.diff ins', { hasText: 'phase: Running' }).waitFor()
  await page.locator('.versions tbody a[id^=revision-]').last().click()
  await page.locator('.versions tr.is-shown', { hasText: 'created' }).waitFor()
  assert.equal(await page.locator('.diff').count(), 0, 'the first revision has none before it')
  await page.locator('.versions tbody a[id^=revision-]').first().click()
  // With the first, before it had a node: how many come after it is the kubelet's affair.
  const comparedWith = page.getByLabel('Compared with revision')
  await comparedWith.locator('option').nth(2).waitFor({ state: 'attached' })
  await comparedWith.selectOption({ index: (await comparedWith.locator('option').count()) - 1 })
  await page.locator('.diff ins', { hasText: 'nodeName: node-' }).waitFor()
  await page.getByRole('link', { name: 'What led to it' }).click()
  await page.locator('.causes-table').waitFor()
  const rows = page.locator('.causes-table tbody tr')
  assert.match(await rows.first().innerText(), /you\s+kubectl apply/)
  assert.ok((await rows.filter({ hasText: 'CRI StartContainer' }).count()) >= 1)
  assert.ok((await page.locator('.lanes circle, .lanes rect, .lanes path').count()) >= (await rows.count()))
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a node without power turns red by itself, and a reset makes all well', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await applyWeb(page)
  await readyPods(page).nth(2).waitFor()
  await page.getByRole('link', { name: 'Faults' }).click()
  await page.getByLabel('Node', { exact: true }).selectOption('node-2')
  await page.getByRole('button', { name: 'Power off the node' }).click()
  await page.getByText('Done: node node-2 goes down. The cluster shows what follows from it').waitFor()
  await page.getByRole('button', { name: '60 times as fast' }).click()
  await page.locator('.node.is-failing', { hasText: 'node-2' }).waitFor()
  await page.locator('#sandbox-summary', { hasText: 'Nodes: 2 of 3 ready' }).waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Back to the first moment').check()
  await page.getByRole('button', { name: 'Reset the cluster' }).click()
  await page.getByText('This is the cluster as it was made').waitFor()
  assert.equal(await page.locator('#board-pods .pod').count(), 0)
  assert.equal(await page.locator('.node.is-failing').count(), 0)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a node is added by keyboard, what is wrong is told at its field, and a look back does not know it', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await page.getByRole('link', { name: 'Faults' }).click()
  const form = page.getByRole('form', { name: 'A new node' })
  await form.getByLabel('Name').fill('node-2')
  await form.getByLabel('Zone').focus()
  await page.keyboard.type('zone-b')
  await page.keyboard.press('Enter')
  await page.getByText('is the name of another node of this sandbox').waitFor()
  assert.equal(await form.getByLabel('Name').getAttribute('aria-invalid'), 'true')
  assert.equal(await form.getByLabel('Zone').inputValue(), 'zone-b')
  assert.deepEqual(await findBarriers(page), [])
  await form.getByLabel('Name').fill('extra')
  await form.getByLabel('Taint').fill('dedicated=batch:NoSchedule')
  await form.getByRole('button', { name: 'Add the node' }).click()
  await page.locator('.desk-said', { hasText: 'extra joins the cluster' }).waitFor()
  await page.locator('#sandbox-summary', { hasText: 'Nodes: 4 ready' }).waitFor()
  assert.equal(await form.getByLabel('Name').getAttribute('aria-invalid'), null)
  assert.equal(await form.getByLabel('Name').inputValue(), 'node-5')
  await page.getByRole('link', { name: 'History', exact: true }).click()
  await page.locator('.history-line', { hasText: 'extra' }).waitFor()
  await lookAt(page, 0)
  await page.getByText('as it was at 0:00.0').waitFor()
  assert.equal(await page.locator('.node', { hasText: 'extra' }).count(), 0)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('on a phone every button of the clock is in sight', { skip }, async () => {
  for (const width of [390, 320]) {
    const context = await site.browser.newContext({ viewport: { width, height: 844 } })
    const { page } = await openPage(context)
    await makeCluster(page)
    for (const button of await page.locator('.time-controls button').all()) {
      const { x, y, width: own, height } = (await button.boundingBox())!
      assert.ok(x >= 0 && x + own <= width, `${await button.innerText()} at ${width}`)
      assert.ok(y + height <= 844, `${await button.innerText()} at ${width}`)
    }
    assert.ok((await page.locator('.cluster-time').boundingBox())!.height <= 160)
    assert.equal(await page.locator('#dock').isVisible(), false)
    // A Pod or a node in the picture leads to what is told of it, in the other part.
    await page.getByRole('link', { name: /^Break it.*node-3/ }).click()
    await page.locator('#fault-node:focus').waitFor()
    assert.equal(await page.locator('#fault-node').inputValue(), 'node-3')
    await page.getByRole('link', { name: 'Cluster', exact: true }).click()
    await page.locator('.time-state', { hasText: 'runs at 1×' }).waitFor()
    await context.close()
  }
})

const laptop = { width: 1280, height: 800 }

test('it stands on the desk of the challenges: cluster and dock fill the window, their border is moved and stays', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await page.locator('[data-terminal][data-state=open]').waitFor()
  const size = async (query: string) => (await page.locator(query).first().boundingBox())!
  assert.ok((await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')) <= 0)
  const time = await size('.time-controls')
  assert.ok(time.y + time.height <= laptop.height, 'the bar of time is in sight')
  assert.ok((await size('.terminal-screen')).height > 400)
  // Three nodes: none stands alone beside an empty half.
  const places = await page.locator('.node').evaluateAll((nodes) =>
    nodes.map((node) => {
      const { left, width } = (
        node as unknown as { getBoundingClientRect(): { left: number; width: number } }
      ).getBoundingClientRect()
      return `${left} ${width}`
    }),
  )
  assert.equal(places.length, 3)
  assert.equal(new Set(places).size, 1, places.join())
  const border = page.getByRole('separator', { name: 'Width of the cluster' })
  const usual = (await size('.region.cluster')).width
  await border.focus()
  await page.keyboard.press('ArrowRight')
  assert.equal(Math.round((await size('.region.cluster')).width - usual), 24)
  await page.reload()
  assert.equal(Math.round((await size('.region.cluster')).width - usual), 24)
  const full = page
    .getByRole('navigation', { name: 'Views of this sandbox' })
    .locator('xpath=../..')
    .getByRole('button')
  await full.click()
  assert.ok((await size('.terminal-screen')).width > 1200)
  await full.click()
  assert.equal(await page.locator('.region.cluster').isVisible(), true)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('of three control planes each static Pod can be told from the others, and what a node uses stays in its box', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/sandboxes`)
  await page.locator('summary', { hasText: 'Control plane' }).click()
  await page.locator('select[name=members]').selectOption('static-3')
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await page.locator('.pod-node').first().waitFor()
  const [cut, outside] = (await page.evaluate(`(() => {
    const node = document.querySelector('.node')
    const edge = node.getBoundingClientRect().right - 8
    const heads = [...node.querySelectorAll('.pod-head')].filter((head) => head.scrollWidth > head.clientWidth)
    const parts = [...node.querySelectorAll('.capacity dd > *')]
    return [
      heads.map((head) => head.textContent),
      parts.filter((part) => part.getBoundingClientRect().right > edge).length,
    ]
  })()`)) as [string[], number]
  assert.deepEqual(cut, [])
  assert.equal(outside, 0)
  await context.close()
})

test('a new one says what to do first, and after it what comes next: Pods, a broken node, a look back', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await page.locator('[data-terminal][data-state=open]').waitFor()
  await page.getByRole('heading', { name: 'Begin here' }).waitFor()
  assert.equal(await page.getByText('No Services').count(), 0)
  await page.getByRole('button', { name: 'Run it for me' }).click()
  // As if it had been typed.
  await page.locator('.xterm-rows', { hasText: 'deployment.apps/web created' }).waitFor()
  await page.getByRole('heading', { name: 'Now break something' }).waitFor()
  await readyPods(page).nth(2).waitFor()
  await page.getByRole('button', { name: /^Power off node-/ }).click()
  await page.getByText('The cluster shows what follows from it').waitFor()
  await page.getByRole('heading', { name: 'Now look back' }).waitFor()
  await page.getByRole('link', { name: /just before$/ }).click()
  await page.locator('.time-state', { hasText: 'in the past' }).waitFor()
  await page.getByRole('button', { name: 'Branch from here' }).waitFor()
  await page.getByRole('link', { name: 'Back to now' }).click()
  await page.locator('.time-state', { hasText: 'runs at 1×' }).waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a shared link shows it live to somebody else, who can change nothing, until it is taken back', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  const url = await makeCluster(page)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.locator('#share-url').innerText()
  const elsewhere = await site.browser.newContext()
  const { page: other, complaints } = await openPage(elsewhere)
  await other.goto(link)
  await other.getByText('read-only').waitFor()
  assert.equal(await other.locator('form[method=post]').count(), 0)
  assert.equal(await other.getByLabel('A kubectl line').count(), 0)
  await applyWeb(page)
  await readyPods(other).nth(2).waitFor()
  assert.equal((await other.goto(url))?.status(), 404)
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Stop sharing' }).click()
  await page.getByText('The link no longer shows anything').waitFor()
  assert.equal((await other.goto(link))?.status(), 404)
  assert.deepEqual(complaints, [])
  await elsewhere.close()
  await context.close()
})

test('an export is a file that makes the same cluster again', { skip }, async () => {
  const context = await site.browser.newContext({ acceptDownloads: true })
  const { page } = await openPage(context)
  await makeCluster(page)
  await applyWeb(page)
  await readyPods(page).nth(2).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.time-state', { hasText: 'paused' }).waitFor()
  const names = await page.locator('#board-pods .pod-name').allInnerTexts()
  await page.getByRole('link', { name: 'History', exact: true }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Export as a scenario' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'mine.yaml')
  await page.goto(`${site.url}/sandboxes`)
  await page.getByLabel('A scenario file').setInputFiles(await download.path())
  await waitUntil(page, `document.getElementById('scenario').value.startsWith('name: Mine')`)
  await page.getByRole('button', { name: 'Play this scenario' }).click()
  await page.getByText('The scenario has been played').waitFor()
  assert.deepEqual(await page.locator('#board-pods .pod-name').allInnerTexts(), names)
  await context.close()
})

test('the address for one’s own kubectl is made, copied, downloaded and revoked', { skip }, async () => {
  const context = await site.browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const { page } = await openPage(context)
  await makeCluster(page)
  await page.getByRole('link', { name: 'Your kubectl' }).click()
  await page.getByRole('button', { name: 'Make an address' }).click()
  const address = await page.locator('#api-address').innerText()
  await page.getByRole('button', { name: 'Copy' }).first().click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), address)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Download podium-mine/ }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'podium-mine.yaml')
  await page.getByRole('button', { name: 'Make a new one' }).click()
  await page.getByText('This is a new address').waitFor()
  assert.notEqual(await page.locator('#api-address').innerText(), address)
  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Make an address' }).waitFor()
  await context.close()
})

test('all of it works without script', { skip }, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page, complaints } = await openPage(context)
  await makeCluster(page)
  await applyWeb(page)
  await page.getByRole('button', { name: 'Until settled' }).click()
  assert.equal(await countReady(page), 3)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.time-state', { hasText: 'paused' }).waitFor()
  await page.getByLabel('A kubectl line').fill('scale deployment web --replicas=1')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('deployment.apps/web scaled').waitFor()
  await page.getByRole('link', { name: 'Objects', exact: true }).click()
  await page.getByLabel('Kind').selectOption('deployments.apps')
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.getByRole('link', { name: 'web', exact: true }).click()
  await page.locator('.versions').waitFor()
  await page.getByRole('link', { name: 'What led to it' }).click()
  await page.locator('.causes-table', { hasText: 'kubectl scale' }).waitFor()
  await page.getByRole('link', { name: 'Faults' }).click()
  await page.getByRole('button', { name: 'Stop kube-scheduler' }).click()
  await page.getByText('Done: kube-scheduler is stopped. The cluster shows what follows from it').waitFor()
  await page.getByRole('link', { name: 'History', exact: true }).click()
  await page.locator('.history a').last().click()
  await page.getByText('as it was at').waitFor()
  assert.equal(await countReady(page), 0)
  await page.getByRole('button', { name: 'Branch from here' }).click()
  await page.getByText('goes on from').waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByLabel('Delete this sandbox for good').check()
  await page.getByRole('button', { name: 'Delete the sandbox' }).click()
  await page.getByRole('heading', { name: 'Yours' }).waitFor()
  assert.equal(await page.locator('.sandbox-list > li').count(), 1)
  assert.deepEqual(complaints, [])
  await context.close()
})

const tabs = ['Terminal', 'Objects', 'Events', 'Faults', 'Causes', 'History', 'Your kubectl', 'Settings']

async function everyState(context: BrowserContext, look: (page: Page, state: string) => Promise<void>) {
  const { page } = await openPage(context)
  await page.goto(`${site.url}/sandboxes`)
  for (const summary of await page.locator('main summary').all()) await summary.click()
  await look(page, 'the empty list')
  await makeCluster(page)
  await look(page, 'a new one')
  await applyWeb(page)
  await goToPart(page, 'cluster')
  await readyPods(page).nth(2).waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.locator('.time-state', { hasText: 'paused' }).waitFor()
  await page.locator('#board-pods a.pod-name').first().click()
  await page.locator('.diff').waitFor()
  await goToPart(page, 'dock')
  for (const tab of tabs) {
    await page.getByRole('link', { name: tab, exact: true }).click()
    await page.locator('.dock-tab[aria-current]', { hasText: tab }).waitFor()
    if (tab === 'Your kubectl') await page.getByRole('button', { name: 'Make an address' }).click()
    if (tab === 'Your kubectl') await page.locator('#api-address').waitFor()
    if (tab === 'Settings') await page.getByRole('button', { name: 'Make a link' }).click()
    if (tab === 'Settings') await page.locator('#share-url').waitFor()
    await look(page, tab)
  }
  const link = await page.locator('#share-url').innerText()
  await goToPart(page, 'cluster')
  await lookAt(page, 0)
  await page.getByText('as it was at 0:00.0').waitFor()
  await look(page, 'the past')
  await page.goto(`${site.url}/sandboxes`)
  for (const summary of await page.locator('main summary').all()) await summary.click()
  await look(page, 'the list')
  await page.goto(link)
  await look(page, 'the shared link')
}

test('axe finds nothing in any state of the sandbox, light or dark', { skip }, async () => {
  const context = await site.browser.newContext()
  await everyState(context, async (page, state) => assert.deepEqual(await findBarriersInBoth(page), [], state))
  await context.close()
})

test('nothing scrolls sideways on a window of 320 pixels', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 320, height: 640 } })
  await everyState(context, async (page, state) => {
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    assert.ok(over <= 0, `${state}: ${over} px`)
  })
  await context.close()
})
