// What a person does who has no pointer: a question, a challenge and a review, from the first Tab to the verdict.
import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { findBarriers, grade, openPage, openSite, type Site, skip, waitUntil } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => {
    mock.timers.reset()
    return site.close()
  })
}

const isFocused = (place: Locator) => place.evaluate((element) => element === element.ownerDocument.activeElement)

/** Presses Tab until the place has the focus, as often as a page may need it. */
async function tabTo(page: Page, place: Locator, key = 'Tab'): Promise<void> {
  await place.waitFor()
  for (let n = 0; n < 240; n++) {
    if (await isFocused(place)) return await expectVisibleFocus(page)
    await page.keyboard.press(key)
  }
  assert.fail(`${key} never came to ${place}`)
}

/** In the browser: where the focus is, whether an outline marks it, and whether something lies over it. */
const lookAtFocus = `(() => {
  const element = document.activeElement
  const box = element.getBoundingClientRect()
  const over = document.elementFromPoint(box.left + Math.min(box.width / 2, 12), box.top + Math.min(box.height / 2, 12))
  const label = element.closest('label') ?? element.labels?.[0]
  const frame = element.closest('.cm-editor, .terminal-line')
  const marked = [element, label, frame].some((one) => {
    if (!one) return false
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
  })
  const inside = over !== null && (element.contains(over) || over.contains(element) || label?.contains(over) === true)
  return { what: element.outerHTML.slice(0, 120), marked, inside }
})()`

/** Whoever tabs has to see where they are: an outline, and nothing that lies over it. */
async function expectVisibleFocus(page: Page): Promise<void> {
  const look = () => page.evaluate(lookAtFocus) as Promise<{ what: string; marked: boolean; inside: boolean }>
  let found = await look()
  // The editor of manifests draws its outline with its next frame.
  for (let n = 0; n < 20 && !found.marked; n++) {
    await page.waitForTimeout(50)
    found = await look()
  }
  assert.ok(found.marked, `the focus cannot be seen on ${found.what}`)
  assert.ok(found.inside, `something lies over ${found.what}`)
}

test('a question is found, answered and left for the next one by keyboard', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(site.url)
  await page.keyboard.press('Tab')
  assert.equal(await page.locator(':focus').innerText(), 'Skip to the content')
  await tabTo(page, page.getByRole('link', { name: 'Questions', exact: true }).first())
  await page.keyboard.press('Enter')
  await page.waitForURL('**/questions')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('document.activeElement.id'), 'main')
  await tabTo(page, page.getByRole('link', { name: 'Exit 0 under Always' }))
  await page.keyboard.press('Enter')
  await page.waitForURL('**/exit-zero-under-always')
  // By arrow keys, as radio buttons are chosen.
  await tabTo(page, page.locator('.option input').first())
  await page.keyboard.press('ArrowDown')
  assert.ok(await page.locator('.option input').nth(1).isChecked())
  await tabTo(page, page.getByLabel('Sure', { exact: true }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('button', { name: 'Answer' }))
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  assert.equal(await page.evaluate('document.activeElement.id'), 'verdict-title')
  const next = page.getByRole('link', { name: 'Next question' })
  await tabTo(page, next)
  const href = await next.getAttribute('href')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${href}`)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the same by single letters, where they are on', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(`${site.url}/questions/pod/exit-zero-under-always`)
  await page.keyboard.press('b')
  assert.ok(await page.locator('.option input').nth(1).isChecked())
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  await page.keyboard.press('n')
  await waitUntil(page, '!location.pathname.endsWith("exit-zero-under-always")')
  // The sheet of keys lies over the page, holds the focus while it is there, and gives it back.
  const before = page.url()
  await tabTo(page, page.locator('.option input, main a, main button, main select').first())
  const focused = await page.evaluate('document.activeElement.outerHTML')
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await sheet.waitFor()
  assert.deepEqual(await findBarriers(page), [])
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  assert.equal(await page.evaluate('document.activeElement.outerHTML'), focused)
  assert.equal(page.url(), before)
  // A hint costs points: its key leads there and no further.
  await page.goto(`${site.url}/challenges/crash-loop`)
  await page.keyboard.press('h')
  assert.match(await page.locator(':focus').innerText(), /^Open hint 1/)
  await context.close()
})

test('a challenge is worked on, graded and read by keyboard, and nothing holds the focus', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  await tabTo(page, page.getByRole('button', { name: 'settings.yaml' }))
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Apply settings.yaml' }).waitFor()
  const editor = page.locator('#workspace .cm-content')
  const area = page.locator('#workspace textarea[data-yaml]')
  await tabTo(page, (await editor.count()) ? editor : area)
  await editor.waitFor()
  // A word is corrected with the keys of an editor: all of it is selected and typed again.
  const text = await area.inputValue()
  const app = /name: (\w+)-settings/.exec(text)![1]
  await editor.focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text.replace(/BACKEND_?U\w+:/, 'BACKEND_URL:'))
  assert.match(await area.inputValue(), /BACKEND_URL:/)
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/challenges/crash-loop'))
      sent.push(request.postData() ?? '')
  })
  await page.keyboard.press('Control+Enter')
  await page.locator('.xterm-rows', { hasText: `configmap/${app}-settings configured` }).waitFor()
  // Once: a second apply would change nothing, say so in place of this, and count.
  await page.waitForTimeout(500)
  assert.equal(sent.length, 1)
  // Tab leaves the editor, as the page says.
  await page.locator('#workspace .cm-content').focus()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  assert.equal(await isFocused(page.locator('#workspace .cm-content')), false)
  await tabTo(page, page.getByRole('textbox', { name: /^Terminal/ }))
  await page.keyboard.type(`kubectl delete pods -l app=${app}`)
  await page.keyboard.press('Enter')
  await page.locator('.xterm-rows', { hasText: /pod "[^"]+" deleted/ }).waitFor()
  await page.keyboard.press('Escape')
  await tabTo(page, page.getByRole('button', { name: 'Run 60 s' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.locator('.clock', { hasText: /1:\d\d/ }).waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Grade' }), 'Shift+Tab')
  await grade(page, { byKey: true })
  assert.match(await page.locator(':focus').innerText(), /Passed/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a review is begun, answered and gone on with by keyboard', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 1280, height: 800 } })
  const { page, complaints } = await openPage(context)
  // A wrong answer is what makes a concept due.
  await page.goto(`${site.url}/questions/pod/exit-zero-under-always`)
  await page.keyboard.press('a')
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 24 * 3_600_000 })
  await page.goto(`${site.url}/study`)
  const review = page.getByRole('link', { name: 'Review', exact: true })
  await tabTo(page, review)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/study/review')
  await page.getByRole('heading', { name: 'Review', exact: true }).waitFor()
  await tabTo(page, page.getByRole('link', { name: 'Start the review' }))
  await page.keyboard.press('Enter')
  await page.waitForURL('**in=review')
  // Whatever the question is: a choice is made, steps are moved, a word is typed.
  const first = page.locator('main form :is(input:not([type="hidden"]), select, textarea, button.icon-button)').first()
  await tabTo(page, first)
  const control = (await first.getAttribute('type')) ?? ''
  if (control === 'text') await page.keyboard.type('1')
  else await page.keyboard.press(control === 'radio' || control === 'checkbox' ? 'Space' : 'ArrowDown')
  await tabTo(page, page.locator('main [data-submit]'))
  await page.keyboard.press('Enter')
  await page.locator('.verdict, #problem').first().waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})
