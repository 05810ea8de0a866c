/** The desk that a challenge is worked on at: its panes, their borders, the dock, and the answer where the eyes are. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import {
  answered,
  findBarriers,
  gotoInOwnFaces,
  manifestIn,
  openPage,
  openSite,
  type Site,
  skip,
  terminalText,
  typeLine,
  waitUntil,
} from './support.ts'

let site: Site
before(async () => {
  if (!skip) site = await openSite()
})
after(() => site?.close())

async function open(viewport: { width: number; height: number }, path = '/challenges/up-and-reachable') {
  const context = await site.browser.newContext({ viewport })
  const { page, complaints } = await openPage(context)
  await gotoInOwnFaces(page, `${site.url}${path}`)
  await page.locator('[data-terminal][data-state=open]').waitFor({ state: 'attached' })
  await page.locator('.cm-content').waitFor({ state: 'attached' })
  const size = async (query: string) => (await page.locator(query).boundingBox())!
  return { context, page, complaints, size }
}

const screen = { width: 1920, height: 1080 }
const laptop = { width: 1280, height: 800 }
const phone = { width: 390, height: 844 }

test('at 1280 × 800 the page does not scroll, the editor has 22 lines, and a wide table does not wrap', {
  skip,
}, async () => {
  const { context, page, size, complaints } = await open(laptop)
  assert.ok((await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')) <= 0)
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0)
  const line = (await page.locator('.cm-line').first().boundingBox())!.height
  assert.ok((await size('.cm-scroller')).height / line >= 22)
  const grade = await size('.task-grade button')
  assert.ok(grade.y + grade.height <= 800, 'Grade is in sight')
  await manifestIn(page.locator('#workspace')).fill(await manifestIn(page.locator('#workspace')).text())
  await page.locator('[data-apply]').click()
  await page.locator('.xterm-rows', { hasText: /pod\/\w+ created/ }).waitFor()
  await page.getByRole('button', { name: 'Run 10 s' }).click()
  await page.locator('.clock', { hasText: '0:10' }).waitFor()
  await typeLine(page, 'kubectl get pods -o wide')
  await page.locator('.xterm-rows', { hasText: 'READINESS GATES' }).waitFor()
  const lines = (await terminalText(page)).split('\n')
  assert.match(lines.find((text) => text.includes('NOMINATED NODE'))!, /^NAME .* READINESS GATES\s*$/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('at 1920 × 1080 the window is used: more lines, a wider task, nothing cut; other pages keep their lines short', {
  skip,
}, async () => {
  const { context, page, size, complaints } = await open(screen)
  assert.ok((await page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')) <= 0)
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0)
  const line = (await page.locator('.cm-line').first().boundingBox())!.height
  assert.ok((await size('.cm-scroller')).height / line >= 30)
  const [task, hint] = [await size('.region.task'), await size('.terminal-hint')]
  assert.ok(task.width >= 400, `${task.width}`)
  assert.ok(hint.x + hint.width <= screen.width)
  const isCut = '(() => { const h = document.querySelector(".terminal-hint"); return h.scrollWidth > h.clientWidth })()'
  assert.equal(await page.evaluate(isCut), false)
  await page.setViewportSize(laptop)
  assert.equal(await page.evaluate(isCut), false, 'nor is the hint on a laptop')
  await page.setViewportSize(screen)
  for (const path of ['/', '/lessons', '/lessons/pod/probes', '/questions', '/challenges', '/study', '/sandboxes']) {
    await page.goto(`${site.url}${path}`)
    const widths = await page
      .locator('main p')
      .evaluateAll((all) => all.map((one) => (one as unknown as { clientWidth: number }).clientWidth))
    assert.ok(Math.max(...widths) <= 1120, `${path}: a paragraph of ${Math.max(...widths)} px`)
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0, path)
  }
  assert.deepEqual(complaints, [])
  await context.close()
})

test('what Apply answers stands in the terminal, a refusal too, and is told to a screen reader', { skip }, async () => {
  const { context, page, size } = await open(laptop)
  const editor = manifestIn(page.locator('#workspace'))
  await page.locator('[data-apply]').click()
  await page.locator('.xterm-rows', { hasText: /\$ kubectl apply -f pod.yaml/ }).waitFor()
  const told = page.locator('.dock [role=status]').filter({ hasText: /created/ })
  await told.waitFor({ state: 'attached' })
  await editor.fill(`${await editor.text()}  replicaz: 3\n`)
  await page.locator('[data-apply]').click()
  await page.locator('.xterm-rows', { hasText: 'unknown field' }).waitFor()
  const screen = await size('.terminal-screen')
  assert.ok(screen.y + screen.height <= laptop.height, 'in sight')
  await page.locator('.dock [role=status]').filter({ hasText: 'unknown field' }).waitFor({ state: 'attached' })
  // The same stands in the output, for who works without the terminal.
  await page.getByRole('tab', { name: 'Output' }).click()
  assert.match(await page.getByRole('tabpanel', { name: 'Output' }).innerText(), /unknown field "spec.replicaz"/)
  // It is there again when the page is loaded again.
  await page.reload()
  await page.locator('.xterm-rows', { hasText: 'unknown field' }).waitFor()
  await context.close()
})

/** What kubectl shows widest does not wrap there. @param rows how many of the terminal are in sight at least */
async function hasRoom(page: Page, rows: number): Promise<void> {
  const line = (await page.locator('.xterm-rows > div').first().boundingBox())!.height
  const screen = (await page.locator('.xterm-screen').boundingBox())!
  assert.ok(screen.height / line >= rows, `the terminal has ${screen.height / line} rows`)
  await typeLine(page, 'kubectl get pods -o wide')
  await page.locator('.xterm-rows', { hasText: 'READINESS GATES' }).waitFor()
  const lines = await page.locator('.xterm-rows > div').allInnerTexts()
  assert.match(lines.find((text) => text.includes('NOMINATED NODE'))!, /^NAME .* READINESS GATES\s*$/)
}

test('a task without a file gives the terminal the room, over the whole width, and the cluster above it one row of nodes', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page, complaints } = await openPage(context)
  await gotoInOwnFaces(page, `${site.url}/challenges/a-silent-kubelet`)
  await page.locator('[data-terminal][data-state=open]').waitFor({ state: 'attached' })
  const box = async (query: string) => (await page.locator(query).boundingBox())!
  const [dock, cluster, board] = [await box('.region.dock'), await box('.region.cluster'), await box('.cluster-board')]
  assert.ok(dock.width >= 960 && dock.width === cluster.width, `${dock.width} ${cluster.width}`)
  assert.ok(cluster.y + cluster.height <= dock.y)
  // Nodes side by side, whole; the clock and what moves it in one row.
  const nodes = await page.locator('.nodes > .node').all()
  const boxes = await Promise.all(nodes.map(async (node) => (await node.boundingBox())!))
  assert.equal(new Set(boxes.map(({ y }) => y)).size, 1)
  assert.ok(boxes.every(({ y, height }) => y + height <= board.y + board.height))
  assert.ok((await box('.cluster-time')).height < 60)
  assert.equal(await page.locator('.desk-border.is-side').isVisible(), false)
  await hasRoom(page, 17)
  assert.deepEqual(await findBarriers(page), [])
  await page.locator('.fold').click()
  assert.ok((await box('.region.dock')).width > dock.width + 150, 'a folded task leaves it more room')
  await page.getByRole('button', { name: 'Full screen' }).filter({ visible: true }).click()
  assert.ok((await box('.region.dock')).width > 1200, 'it has the window on demand')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('beside an answer of a few lines the terminal has the room, with a height of its own', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page, complaints } = await openPage(context)
  const box = async (query: string) => (await page.locator(query).boundingBox())!
  await gotoInOwnFaces(page, `${site.url}/challenges/busiest-pod`)
  await page.locator('[data-terminal][data-state=open]').waitFor({ state: 'attached' })
  const dock = await box('.region.dock')
  assert.ok(dock.width >= 960, `${dock.width}`)
  assert.ok((await box('#editor')).height >= 80, 'the answer has four lines')
  await hasRoom(page, 17)
  await typeLine(page, 'echo batch-1 > busiest.txt')
  await waitUntil(page, "document.querySelector('#editor')?.value.trim() === 'batch-1'")
  // It was saved as it was written: no mark says otherwise.
  assert.equal((await page.locator('.tab', { hasText: 'busiest.txt' }).innerText()).trim(), 'busiest.txt')
  assert.deepEqual(await findBarriers(page), [])
  const border = page.getByRole('separator', { name: 'Height of the terminal' })
  await border.focus()
  await page.keyboard.press('ArrowDown')
  assert.equal(Math.round((await box('.region.dock')).height), Math.round(dock.height) - 24)
  await page.reload()
  assert.equal(Math.round((await box('.region.dock')).height), Math.round(dock.height) - 24)
  // Beside manifests it is as it was.
  await gotoInOwnFaces(page, `${site.url}/challenges/crash-loop`)
  assert.ok((await box('.region.dock')).height < 300)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('borders are moved by keys and by the pointer, go back, and are where they were after a reload', {
  skip,
}, async () => {
  const { context, page, size } = await open(laptop)
  const border = page.getByRole('separator', { name: 'Height of the terminal' })
  const usual = (await size('.region.dock')).height
  await border.focus()
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  const higher = (await size('.region.dock')).height
  assert.equal(Math.round(higher - usual), 48)
  assert.equal(await border.getAttribute('aria-valuenow'), String(Math.round(higher)))
  const { x, y, width } = (await page.getByRole('separator', { name: 'Width of the task' }).boundingBox())!
  const before = (await size('.region.task')).width
  await page.mouse.move(x + width / 2, y + 300)
  await page.mouse.down()
  await page.mouse.move(x + width / 2 + 60, y + 300, { steps: 4 })
  await page.mouse.up()
  assert.equal(Math.round((await size('.region.task')).width - before), 60)
  await page.reload()
  assert.equal((await size('.region.dock')).height, higher)
  assert.equal(Math.round((await size('.region.task')).width - before), 60)
  await page.getByRole('separator', { name: 'Height of the terminal' }).focus()
  await page.keyboard.press('Enter')
  assert.equal((await size('.region.dock')).height, usual)
  // No smaller than can be used, no larger than leaves room.
  await page.keyboard.press('Home')
  assert.equal((await size('.region.dock')).height, 96)
  await page.keyboard.press('End')
  assert.ok((await size('.region.edit')).height >= 150)
  await context.close()
})

test('what the browser keeps and is not ours leaves the sizes as they are', { skip }, async () => {
  const { context, page, size } = await open(laptop)
  const usual = (await size('.region.task')).width
  for (const kept of ['{', 'null', '{"sizes":{"rail":"9999px;","side":-5,"other":3}}', '{"sizes":7}']) {
    await page.evaluate(`localStorage.setItem('desk', ${JSON.stringify(kept)})`)
    await page.reload()
    await page.getByRole('separator').first().waitFor()
    assert.equal((await size('.region.task')).width, usual, kept)
  }
  await context.close()
})

test('after a command the cluster plays its next seconds, and then waits; who wants it to stand still says so', {
  skip,
}, async () => {
  const { context, page, complaints } = await open(laptop)
  const plays = page.getByRole('checkbox', { name: 'play 10 s after a command' })
  assert.equal(await plays.isChecked(), false)
  await page.locator('[data-apply]').click()
  await page.locator('.time-state', { hasText: 'time waits for you' }).waitFor()
  await page.waitForTimeout(600)
  assert.match(await page.locator('#challenge-cluster .clock').innerText(), /0:00\./)
  await plays.check()
  await page.reload()
  assert.equal(await plays.isChecked(), true)
  await typeLine(page, 'kubectl create deployment web --image=nginx:1.27 --replicas=2')
  await page.locator('.time-state', { hasText: 'playing' }).waitFor()
  await page.locator('.time-state', { hasText: /^\s*settled/ }).waitFor()
  assert.equal(await page.locator('#challenge-cluster .pod.is-ready').count(), 3)
  const clock = () => page.locator('#challenge-cluster .clock').innerText()
  const then = await clock()
  assert.doesNotMatch(then, /0:00\./)
  // Who only looks lets no time pass.
  await typeLine(page, 'kubectl get pods')
  await answered(page, 'RESTARTS')
  await page.waitForTimeout(600)
  assert.equal(await clock(), then)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the slider under the cluster shows it as it was, and back to now it waits where it was', { skip }, async () => {
  const { context, page, complaints } = await open(laptop, '/challenges/image-pull-back-off')
  await page.getByRole('button', { name: 'Run 60 s' }).click()
  const clock = page.locator('#challenge-cluster .clock')
  await page.locator('#challenge-cluster .clock', { hasText: '1:00' }).waitFor()
  const slider = page.getByRole('slider', { name: 'History' })
  await slider.focus()
  await page.keyboard.press('Home')
  await page.locator('.region.cluster.is-then', { hasText: 'as it was at 0:00.0' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Run 10 s' }).count(), 0)
  assert.equal(await page.evaluate('document.activeElement.id'), 'moment')
  assert.deepEqual(await findBarriers(page), [])
  // What is done is done now, and shows the present.
  await page.getByRole('link', { name: 'Back to now' }).click()
  await page.getByRole('button', { name: 'Run 10 s' }).waitFor()
  assert.match(await clock.innerText(), /1:00/)
  assert.match(await page.locator('.time-state').innerText(), /time waits for you/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('who wants little motion sees the end of a play alone, and an edit meanwhile is kept', { skip }, async () => {
  const { context, page } = await open(laptop)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByRole('checkbox', { name: 'play 10 s after a command' }).check()
  await page.locator('[data-apply]').click()
  await page.locator('#workspace .cm-content').press('Control+End')
  await page.keyboard.type('# mine\n')
  await page.locator('.pod.is-ready').waitFor()
  assert.match(await page.locator('#editor').inputValue(), /# mine\n$/)
  await context.close()
})

test('the dock is gone through by keys, and has the window to itself on demand', { skip }, async () => {
  const { context, page, size } = await open(laptop)
  await page.getByRole('tab', { name: 'Terminal' }).focus()
  for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowRight')
  assert.equal(await page.getByRole('tab', { name: 'Events' }).getAttribute('aria-selected'), 'true')
  await page.getByRole('tabpanel', { name: 'Events' }).getByText('Starting kubelet.').first().waitFor()
  await page.keyboard.press('ArrowRight')
  assert.equal(await page.getByRole('tab', { name: 'Terminal' }).getAttribute('aria-selected'), 'true')
  const full = page.getByRole('button', { name: 'Full screen' })
  await full.click()
  assert.ok((await size('.terminal-screen')).height > 600)
  await full.click()
  assert.ok((await size('.terminal-screen')).height < 400)
  await context.close()
})

test('the task folds to a strip that still grades, and stays folded', { skip }, async () => {
  const { context, page, size } = await open(laptop)
  await page.getByRole('button', { name: 'Fold the task' }).click()
  assert.ok((await size('.region.task')).width < 60)
  await page.locator('[data-apply]').click()
  await page.locator('.xterm-rows', { hasText: /created/ }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Show the task' }).waitFor()
  assert.ok((await size('.region.task')).width < 60)
  assert.deepEqual(await findBarriers(page), [])
  await page.getByRole('button', { name: 'Show the task' }).click()
  await page.getByText('What is checked').waitFor()
  await context.close()
})

test('on a phone the parts are tabs, and Apply leads to its answer', { skip }, async () => {
  const { context, page, complaints } = await open(phone)
  const parts = page.getByRole('navigation', { name: 'Parts of the workspace' })
  assert.equal(await page.locator('.region.edit').isVisible(), false)
  assert.deepEqual(await findBarriers(page), [])
  await parts.getByRole('link', { name: 'Edit' }).click()
  assert.deepEqual(await findBarriers(page), [])
  await page.locator('[data-apply]').click()
  await waitUntil(page, 'document.querySelector(".xterm-rows").innerText.includes("created")')
  assert.equal(await page.locator('.region.dock').isVisible(), true)
  await parts.getByRole('link', { name: 'Cluster' }).click()
  await page.getByRole('button', { name: 'Run 10 s' }).click()
  await page.locator('.clock', { hasText: '0:10' }).waitFor()
  await page.locator('.pod.is-ready').waitFor()
  assert.deepEqual(await findBarriers(page), [])
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('below the width of the panes, Grade stands at the bottom in every part, and over nothing at its end', {
  skip,
}, async () => {
  const { context, page, complaints, size } = await open(phone)
  const grade = page.getByRole('button', { name: 'Grade' })
  const parts = page.getByRole('navigation', { name: 'Parts of the workspace' })
  for (const [part, region] of [
    ['Task', 'task'],
    ['Edit', 'edit'],
    ['Cluster', 'cluster'],
    ['Terminal', 'dock'],
  ] as const) {
    await parts.getByRole('link', { name: part }).click()
    const { y, height } = (await grade.boundingBox())!
    assert.ok(y + height <= phone.height && y > phone.height - 80, `${part}: Grade at ${y}`)
    assert.ok(height >= 44, `${part}: ${height} high`)
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
    const [bar, content] = [await size('.desk-act'), await size(`.region.${region}`)]
    assert.ok(content.y + content.height <= bar.y + 1, `${part} ends at ${content.y + content.height}, bar at ${bar.y}`)
  }
  // The bar of time is in reach above it.
  await parts.getByRole('link', { name: 'Cluster' }).click()
  const time = await size('.cluster-time')
  assert.ok(time.y + time.height <= (await size('.desk-act')).y + 1)
  await parts.getByRole('link', { name: 'Edit' }).click()
  await grade.click()
  await page.locator('#desk-result .verdict-word').waitFor()
  assert.ok(await grade.isVisible())
  assert.deepEqual(await findBarriers(page), [])
  await page.setViewportSize({ width: 900, height: 800 })
  await page.evaluate('scrollTo(0, 0)')
  const { y, height } = (await grade.boundingBox())!
  assert.ok(y + height <= 800 && height >= 44)
  await page.setViewportSize(laptop)
  assert.equal(await page.locator('.desk-act').isVisible(), false)
  assert.ok(await page.getByRole('button', { name: 'Grade' }).isVisible())
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a task with many checks keeps to the window, and a verdict has room while it is read', { skip }, async () => {
  const { context, page, complaints, size } = await open(laptop, '/challenges/wait-for-the-database')
  const beyond = () => page.evaluate<number>('document.documentElement.scrollHeight - innerHeight')
  assert.equal(await beyond(), 0)
  const before = (await size('#dock')).height
  await page.getByRole('button', { name: 'Grade' }).click()
  const result = page.getByRole('tabpanel', { name: 'Result' })
  await result.getByText('Not passed yet').waitFor()
  const first = await size('#panel-result .chain-node.is-check')
  const dock = await size('#dock')
  assert.ok(first.y + first.height <= dock.y + dock.height, 'what was lost first is in sight without scrolling')
  assert.ok(dock.height > before)
  assert.equal(await beyond(), 0)
  await page.getByRole('tab', { name: 'Terminal' }).click()
  assert.equal((await size('#dock')).height, before)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a grade is told beside the work: what is lost, what led to it, and the cluster as it was then', {
  skip,
}, async () => {
  const { context, page, complaints } = await open(laptop, '/challenges/image-pull-back-off')
  await page.getByRole('tab', { name: 'Result' }).click()
  await page.getByText('Nothing is graded yet.').waitFor()
  await page.getByRole('tab', { name: 'Terminal' }).click()
  await page.getByRole('button', { name: 'Run 60 s' }).click()
  await page.locator('.clock', { hasText: '1:00' }).waitFor()
  await page.getByRole('button', { name: 'Grade' }).click()
  const result = page.getByRole('tabpanel', { name: 'Result' })
  await result.getByText('Not passed yet').waitFor()
  await page.locator('.dock [role=status]').filter({ hasText: 'Not passed yet' }).waitFor({ state: 'attached' })
  const chain = result.locator('.chain').first().locator('.chain-node')
  assert.match(await chain.first().innerText(), /nginx 1\.27/)
  assert.match(await chain.last().innerText(), /image/)
  assert.match((await chain.last().getAttribute('class'))!, /is-root/)
  assert.deepEqual(await findBarriers(page), [])
  // The editor and the task are where they were.
  assert.ok(await page.locator('.cm-content').isVisible())
  await result
    .getByRole('link', { name: /See the cluster then|Jump to the moment/ })
    .first()
    .click()
  await page.getByText('As it was when it was graded.').waitFor()
  assert.deepEqual(await findBarriers(page), [])
  // What led to it has its moment as well: when the image was refused for the first time.
  await chain
    .last()
    .getByRole('link', { name: /See the cluster at 0:0\d/ })
    .click()
  await page.locator('#challenge-cluster .clock', { hasText: /0:0\d/ }).waitFor()
  await page.getByRole('link', { name: 'Back to now' }).click()
  await page.locator('.clock', { hasText: '1:00' }).waitFor()
  await page.getByRole('button', { name: 'Run 10 s' }).waitFor()
  // It is there again when the page is loaded again.
  await page.reload()
  await page.getByRole('tab', { name: 'Result' }).click()
  await result.getByText('Not passed yet').waitFor()
  await result.getByRole('link', { name: 'The whole result' }).click()
  await page.waitForURL('**/results/**')
  assert.deepEqual(complaints, [])
  await context.close()
})

test('where no terminal can begin, the plain line takes its place, and answers stand in the output', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: laptop })
  const { page, complaints } = await openPage(context)
  await page.addInitScript('delete window.WebSocket')
  await page.goto(`${site.url}/challenges/up-and-reachable`)
  await page.getByRole('tab', { name: 'Output', selected: true }).waitFor()
  assert.equal(await page.getByRole('tab', { name: 'Terminal' }).count(), 0)
  await page.locator('[data-apply]').click()
  await page
    .getByRole('tabpanel', { name: 'Output' })
    .getByText(/created/)
    .waitFor()
  await typeLine(page, 'kubectl get pods')
  await answered(page, 'RESTARTS')
  await page.getByRole('tab', { name: 'Events' }).click()
  await page.getByText('Starting kubelet.').first().waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('without script everything stands below one another and works', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: laptop, javaScriptEnabled: false })
  const { page } = await openPage(context)
  await page.goto(`${site.url}/challenges/up-and-reachable`)
  await page.locator('[data-apply]').click()
  await page.getByText(/pod\/\w+ created/).waitFor()
  await page.getByLabel('kubectl', { exact: true }).fill('get pods')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('#said', { hasText: 'NAME' }).waitFor()
  await page.getByRole('heading', { name: 'Events' }).waitFor()
  await context.close()
})
