/** The editor of manifests, as somebody uses it who types. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findBarriersInBoth, manifestIn, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const open = async (path = '/challenges/crash-loop') => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(site.url + path)
  const editor = page.locator('.cm-content')
  await editor.waitFor()
  return { context, page, complaints, editor, text: manifestIn(page.locator('#workspace')) }
}

test('fields are completed from the schema, with their types, and not those that are there', { skip }, async () => {
  const { page, editor, text, complaints, context } = await open()
  await text.fill('apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 2\n  ')
  await editor.press('Control+End')
  await editor.press('Control+Space')
  const options = page.getByRole('option')
  await options.filter({ hasText: 'template' }).waitFor()
  const shown = await options.allInnerTexts()
  assert.ok(
    shown.some((option) => /^selector\s*LabelSelector, required/.test(option)),
    shown.join('|'),
  )
  assert.ok(!shown.some((option) => option.startsWith('replicas')))
  await page.keyboard.type('min')
  await options.filter({ hasText: 'minReadySeconds' }).waitFor()
  await editor.press('Enter')
  assert.match(await text.text(), /\n {2}minReadySeconds: $/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a file that is reset while its draft waits to be saved stays as it was first', { skip }, async () => {
  const { page, text, context } = await open()
  const before = await text.text()
  // The draft would be saved while the cluster is made anew.
  await page.route('**/challenges/crash-loop', async (route) => {
    if (route.request().method() === 'POST') await new Promise((resolve) => setTimeout(resolve, 1500))
    await route.continue()
  })
  const drafts: string[] = []
  page.on('request', (request) => request.url().endsWith('/draft') && drafts.push(request.postData() ?? ''))
  // Not the answer of a check of what was typed, which comes sooner.
  const isReset = page.waitForResponse(
    (response) => response.request().method() === 'POST' && response.url().endsWith('/challenges/crash-loop'),
  )
  // Within a moment, however busy the machine is.
  await page.evaluate(`{
    const editor = document.getElementById('editor')
    editor.value = 'kind: Draft'
    editor.dispatchEvent(new Event('input', { bubbles: true }))
    document.querySelector('button[value="reset"]').click()
  }`)
  await isReset
  await page.waitForTimeout(1200)
  assert.deepEqual(drafts, [])
  await page.reload()
  assert.equal(await text.text(), before)
  await context.close()
})

test('what is wrong is underlined with the API server’s own words, and goes when it is fixed', { skip }, async () => {
  const { page, editor, text, context } = await open()
  await text.fill(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    imagee: nginx\n',
  )
  await page.locator('.cm-lintRange-error').first().waitFor()
  await page.locator('.cm-lintRange-error').first().hover()
  await page.getByText('unknown field "imagee"').waitFor()
  await text.fill(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: nginx\n',
  )
  await page.locator('.cm-lintRange-error').first().waitFor({ state: 'detached' })
  assert.ok(await editor.isVisible())
  await context.close()
})

test('a field tells what it is for under the pointer', { skip }, async () => {
  const { page, text, context } = await open()
  await text.fill('apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  restartPolicy: Never\n')
  await page.getByText('restartPolicy', { exact: true }).hover()
  await page.locator('.cm-hover', { hasText: 'spec.restartPolicy string' }).waitFor()
  await context.close()
})

test('an apply keeps the text, the place in it and the focus; changes are shown against the start', {
  skip,
}, async () => {
  const { page, editor, text, context } = await open()
  const before = await text.text()
  await editor.locator('.cm-line').first().click()
  await editor.press('Control+Home')
  await page.keyboard.type('# mine\n')
  await editor.press('Control+Enter')
  await page.locator('#said .transcript').waitFor({ state: 'attached' })
  await editor.waitFor()
  assert.equal(await text.text(), `# mine\n${before}`)
  assert.equal(await page.evaluate('document.activeElement.className.includes("cm-content")'), true)
  await page.keyboard.type('# here\n')
  assert.match(await text.text(), /^# mine\n# here\n/)
  await page.getByRole('button', { name: 'Show my changes' }).click()
  await page.locator('.cm-changedLine').first().waitFor()
  await context.close()
})

test('another file is another text, and the first one is there again', { skip }, async () => {
  const { page, text, context } = await open()
  const first = await text.text()
  const tabs = page.locator('.tabs .tab')
  const [firstName, secondName] = await tabs.evaluateAll((nodes) =>
    nodes.map((node) => (node as unknown as { value: string }).value.replace('file:', '')),
  )
  await tabs.nth(1).click()
  await page.getByRole('textbox', { name: `Contents of ${secondName}` }).waitFor()
  assert.notEqual(await text.text(), first)
  await page.getByRole('textbox', { name: `Contents of ${secondName}` }).press('Control+Home')
  await page.keyboard.type('# second\n')
  await tabs.nth(0).click()
  await page.getByRole('textbox', { name: `Contents of ${firstName}` }).waitFor()
  assert.equal(await text.text(), first)
  await tabs.nth(1).click()
  await page.getByRole('textbox', { name: `Contents of ${secondName}` }).waitFor()
  assert.match(await text.text(), /^# second\n/)
  await context.close()
})

test('axe finds nothing in the editor with a list and a mistake, light or dark', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  const editor = page.locator('.cm-content')
  await manifestIn(page.locator('#workspace')).fill('apiVersion: v1\nkind: Pod\nspec:\n  ')
  await page.locator('.cm-lintRange-error').first().waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await editor.press('Control+End')
  await editor.press('Control+Space')
  await page.getByRole('option').first().waitFor()
  assert.deepEqual(await findBarriersInBoth(page), [])
  await context.close()
})
