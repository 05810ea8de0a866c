import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriers, openPage, openSite, type Site, skip } from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const question = '/questions/pod/exit-zero-under-always'

/** Tab by Tab, until the control of that name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate<string>(
      "((e) => [e.labels?.[0]?.innerText, e.ariaLabel, e.innerText].find((text) => text?.trim()) ?? '')(document.activeElement)",
    )
    if (name.test(label.trim())) return
  }
  throw new Error(`no control ${name} comes by Tab at ${page.url()}`)
}

async function pressButton(page: Page, name: RegExp, leadsTo: string): Promise<void> {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname + url.search === leadsTo)
}

async function answerByKeys(page: Page): Promise<void> {
  await page.goto(site.url + question)
  await page.keyboard.press('b')
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
}

const headingOf = (page: Page) => page.locator('h1').innerText()

for (const [colorScheme, other] of [
  ['light', 'dark'],
  ['dark', 'light'],
] as const)
  test(`an account is made in one browser (${colorScheme}) and signed in to in another (${other}), by keys alone`, {
    skip,
    timeout: 300_000,
  }, async () => {
    const found: string[] = []
    const open = async (scheme: 'light' | 'dark') => {
      const context = await site.browser.newContext({ colorScheme: scheme })
      const opened = await openPage(context)
      const look = async () => {
        for (const barrier of await findBarriers(opened.page)) found.push(`${opened.page.url()}: ${barrier}`)
      }
      return { ...opened, context, look }
    }

    // At home: some work, then an account with the words that are proposed.
    const home = await open(colorScheme)
    await answerByKeys(home.page)
    await tabTo(home.page, /^Account$/)
    await home.page.keyboard.press('Enter')
    await home.page.waitForURL('**/account')
    await home.look()
    const words = await home.page.locator('#passphrase-words').innerText()
    const name = await home.page.locator('#name').inputValue()
    await tabTo(home.page, /^Make the account$/)
    await home.page.keyboard.press('Enter')
    await home.page.getByText('tick the box: it is not shown again').waitFor()
    await home.look()
    assert.equal(await home.page.locator('#passphrase-words').innerText(), words)
    await tabTo(home.page, /^I have kept the passphrase$/)
    await home.page.keyboard.press('Space')
    await pressButton(home.page, /^Make the account$/, '/account?done=made')
    assert.equal(await home.page.evaluate('document.activeElement.tagName'), 'H1')
    await home.look()

    // Elsewhere: other work, a wrong passphrase, the right one, and both become one.
    const away = await open(other)
    await away.page.goto(`${site.url}/lessons/pod/restart-policy`)
    await away.page.getByRole('button', { name: /Bookmark/ }).press('Enter')
    await away.page.getByRole('button', { name: /Bookmarked/ }).waitFor()
    await away.page.goto(`${site.url}/account/sign-in`)
    await away.look()
    const fill = async (phrase: string) => {
      await tabTo(away.page, /^Name of the account$/)
      await away.page.keyboard.press('Control+a')
      await away.page.keyboard.type(name.toUpperCase())
      await away.page.keyboard.press('Tab')
      await away.page.keyboard.type(phrase)
      await away.page.keyboard.press('Enter')
    }
    await fill('not the passphrase')
    await away.page.getByText('The name or the passphrase is wrong').waitFor()
    await away.look()
    await fill(words)
    await away.page.waitForURL('**/account/before')
    assert.match(await headingOf(away.page), /work of its own/)
    await away.look()
    await pressButton(away.page, /^Bring it into the account$/, '/account?done=merged')
    await away.look()
    await away.page.goto(`${site.url}/study/notebook`)
    await away.page.getByRole('heading', { name: 'Notebook' }).waitFor()
    const bookmarks = await away.page.locator('.listing-title').allInnerTexts()
    await home.page.goto(`${site.url}/study/notebook`)
    assert.deepEqual(await home.page.locator('.listing-title').allInnerTexts(), bookmarks)
    assert.ok(bookmarks.length >= 1)
    await away.page.goto(`${site.url}/progress`)
    await away.page.getByRole('heading', { name: 'Last answers' }).waitFor()

    // From home the other browser is signed out; it is told, and holds nothing of the account.
    await home.page.goto(`${site.url}/account`)
    await pressButton(home.page, /^Sign out 1 other browser$/, '/account?done=others')
    await away.page.goto(`${site.url}/progress`)
    await away.page.getByText('This browser was signed out of its account').waitFor()
    await away.look()
    assert.equal(await away.page.getByRole('heading', { name: 'Last answers' }).count(), 0)

    // The account goes, the work stays at home.
    await home.page.goto(`${site.url}/account/delete`)
    await home.look()
    await tabTo(home.page, /^Current passphrase$/)
    await home.page.keyboard.type(words)
    await tabTo(home.page, /^Delete the account for good$/)
    await home.page.keyboard.press('Space')
    await pressButton(home.page, /^Delete the account$/, '/account?done=removed')
    await home.look()
    await home.page.goto(`${site.url}/progress`)
    await home.page.getByRole('heading', { name: 'Last answers' }).waitFor()

    assert.deepEqual(found, [])
    assert.deepEqual([...home.complaints, ...away.complaints], [])
    await home.context.close()
    await away.context.close()
  })

test('one’s data is downloaded, deleted and read back in without script, and each step can be seen by everybody', {
  skip,
  timeout: 300_000,
}, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page, complaints } = await openPage(context)
  await page.goto(site.url + question)
  await page.locator('.option').first().click()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.locator('.verdict').waitFor()
  await page.goto(`${site.url}/sandboxes`)
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await page.waitForURL(/\/sandboxes\/[a-f0-9]{18}/)
  const sandbox = page.url()

  await page.goto(`${site.url}/progress/delete`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download my data' }).click(),
  ])
  const file = await download.path()
  await page.getByLabel('Delete all of it').check()
  await page.getByRole('button', { name: 'Delete my data' }).click()
  await page.getByText('Nothing yet.').waitFor()
  assert.equal((await page.goto(sandbox))?.status(), 404)

  await page.goto(`${site.url}/progress/import`)
  await page.setInputFiles('#file', file)
  await page.getByRole('button', { name: 'See what is in it' }).click()
  await page.getByText('1 answer to a question').waitFor()
  await page.getByText('1 sandbox', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Add it to my data' }).click()
  await page.getByRole('heading', { name: 'Your data is read back in' }).waitFor()
  await page.getByRole('link', { name: 'See your progress' }).click()
  await page.getByRole('heading', { name: 'Last answers' }).waitFor()
  assert.equal((await page.goto(sandbox))?.status(), 200)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the pages of one’s data have no barriers, and none of these pages scrolls sideways at 320 pixels', {
  skip,
  timeout: 300_000,
}, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await site.browser.newContext({ colorScheme, viewport: { width: 320, height: 640 } })
    const { page, complaints } = await openPage(context)
    const look = async () => {
      assert.deepEqual(await findBarriers(page), [], `${page.url()} ${colorScheme}`)
      const excess = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      assert.ok(excess <= 0, `${page.url()} is ${excess} pixels too wide`)
    }
    await answerByKeys(page)
    for (const path of [
      '/progress',
      '/progress/import',
      '/progress/delete',
      '/account',
      '/account/sign-in',
      '/account/link?token=x',
    ]) {
      await page.goto(site.url + path)
      await look()
    }
    const sendFile = async (text: string) => {
      await page.goto(`${site.url}/progress/import`)
      await page.setInputFiles('#file', { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(text) })
      await page.getByRole('button', { name: 'See what is in it' }).click()
    }
    await sendFile('{"answers": [{"id": 7}]}')
    await page.getByText('answers[0].id').waitFor()
    await look()
    const answer = JSON.parse(await (await page.request.get(`${site.url}/progress/export`)).text())
    answer.acts[0].data.answer = 'f'.repeat(18)
    await sendFile(JSON.stringify(answer))
    await page.getByRole('heading', { name: 'This would be added' }).waitFor()
    await look()
    await page.getByRole('button', { name: 'Add it to my data' }).click()
    await page.getByRole('heading', { name: 'Your data is read back in' }).waitFor()
    await look()
    assert.deepEqual(complaints, [])
    await context.close()
  }
})
