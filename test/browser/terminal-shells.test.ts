/** What stands above the terminal, in a real browser: a second shell, copy and paste, the full screen. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriersInBoth, openPage, openSite, type Site, skip, waitUntil } from './support.ts'
import { line, openTerminal, rows, shows } from './terminal-page.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const clipboard = (page: Page): Promise<string> =>
  page.evaluate(() =>
    (
      globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
    ).navigator.clipboard.readText(),
  )

test('a second shell acts while the first watches, is gone to by keys, comes again after a reload, and is ended', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await openTerminal(page, site.url)
  const tabs = page.getByRole('tablist', { name: 'Shells' }).getByRole('tab')
  assert.equal(await tabs.first().isVisible(), false)
  await line(page, 'kubectl get pods -w')
  await page.getByRole('button', { name: 'Another shell' }).click()
  await shows(page, /learner@podium:~\$ *\n/)
  await line(page, 'kubectl run web --image=nginx:1.27; echo here > note')
  await shows(page, /pod\/web created/)
  const current = (name: string) => page.getByRole('tab', { name, selected: true }).waitFor()
  await current('Shell 2')
  assert.deepEqual(await findBarriersInBoth(page), [])
  await tabs.nth(1).focus()
  await page.keyboard.press('ArrowLeft')
  await current('Shell 1')
  const watched = await shows(page, /web +1\/1 +Running/)
  assert.doesNotMatch(watched, /created/)
  await page.keyboard.press('ArrowLeft')
  await current('Shell 2')
  await page.reload()
  await current('Shell 2')
  await shows(page, /pod\/web created/)
  await page.getByRole('tab', { name: 'Shell 1' }).click()
  // It watches still.
  await shows(page, /web +1\/1 +Running/)
  await page.locator('.terminal-screen:visible textarea').first().focus()
  await page.keyboard.press('Control+c')
  await line(page, 'clear')
  await line(page, 'cat note')
  await shows(page, /^here$/m)
  await page.getByRole('button', { name: 'Another shell' }).click()
  await current('Shell 3')
  await page.getByRole('button', { name: 'Another shell' }).click({ force: true })
  assert.equal(await tabs.count(), 3)
  await shows(page, /learner@podium:~\$ *\n/)
  await page.getByRole('button', { name: 'End shell 3' }).click()
  await current('Shell 2')
  await tabs.nth(1).focus()
  await page.keyboard.press('Delete')
  assert.equal(await tabs.first().isVisible(), false)
  await shows(page, /^here$/m)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('what is selected or was printed last is copied, by mouse and by keys, and pasted', { skip }, async () => {
  const context = await site.browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
  const { page, complaints } = await openPage(context)
  await openTerminal(page, site.url)
  await line(page, 'echo one; echo two')
  await shows(page, /one\ntwo\nlearner/)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Copy', exact: true }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await clipboard(page), 'one\ntwo\n')
  await page.locator('.terminal-screen textarea').first().focus()
  await line(page, 'echo three')
  await shows(page, /three\nlearner/)
  await page.keyboard.press('Control+Shift+C')
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await clipboard(page), 'three\n')
  await page
    .locator('.xterm-screen')
    .first()
    .dblclick({ position: { x: 30, y: 8 } })
  await page.getByRole('button', { name: /^Cop/ }).click()
  await waitUntil(page, 'navigator.clipboard.readText().then((text) => text === "shell")')
  await page.getByRole('button', { name: 'Clear' }).click()
  await line(page, 'echo >')
  await page.keyboard.press('Control+c')
  await page.keyboard.type('echo a-')
  await page.getByRole('button', { name: 'Paste' }).click()
  assert.equal(await page.evaluate('document.activeElement.closest(".terminal-screen") !== null'), true)
  await shows(page, /echo a-shell *$/m)
  await page.keyboard.press('Enter')
  await shows(page, /^a-shell$/m)
  assert.doesNotMatch(await rows(page), /three/)
  // An editor in the same place is copied from and pasted into.
  await line(page, 'vi note')
  await page.locator('.terminal-editing').waitFor()
  await page.getByRole('button', { name: 'Paste' }).click()
  await page.getByRole('textbox', { name: 'note in vim' }).getByText('shell').waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the full screen covers all below the masthead, fits its columns, and is left by Escape twice or by its button', {
  skip,
}, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await openTerminal(page, site.url)
  const full = page.getByRole('button', { name: 'Full screen' })
  const widthOf = async () => (await page.locator('.xterm-screen').boundingBox())!.width
  const before = await widthOf()
  await full.click()
  const { height = 0 } = (await page.locator('.masthead').boundingBox()) ?? {}
  const box = await page.locator('#dock').boundingBox()
  assert.deepEqual(box, { x: 0, y: height, width: 1280, height: 800 - height })
  await waitUntil(
    page,
    (least: number) => document.querySelector('.xterm-screen')!.getBoundingClientRect().width > least,
    before + 300,
  )
  assert.deepEqual(await findBarriersInBoth(page), [])
  // One Escape is the shell's, or an editor's.
  await line(page, 'vi note')
  await page.locator('.terminal-editing').waitFor()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  assert.equal(await full.getAttribute('aria-pressed'), 'true')
  await line(page, ':q')
  await page.locator('.terminal-editing').waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  assert.equal(await full.getAttribute('aria-pressed'), 'true')
  await page.keyboard.press('Escape')
  assert.equal(await full.getAttribute('aria-pressed'), 'false')
  await full.click()
  await full.click()
  // With another view in it, what is pressed is not the shell's.
  await full.click()
  await full.focus()
  await page.keyboard.press('Escape')
  assert.equal(await full.getAttribute('aria-pressed'), 'false')
  await page.getByRole('link', { name: 'Lessons' }).click()
  await page.waitForURL(/\/lessons$/)
  assert.deepEqual(complaints, [])
  await context.close()
})
