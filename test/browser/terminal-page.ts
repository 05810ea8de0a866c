/** What tests do with a terminal in the browser. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { goToPart } from './support.ts'

/** Makes a sandbox and goes into its terminal. */
export async function openTerminal(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sandboxes`)
  await page.getByLabel('Name').last().fill('Typed')
  await page.getByRole('button', { name: 'Create cluster' }).click()
  await page.waitForURL(/\/sandboxes\/\w+$/)
  await goToPart(page, 'dock')
  await page.locator('[data-terminal][data-state=open]').waitFor()
  // What is out of sight is not drawn.
  await page.locator('.terminal-screen').first().scrollIntoViewIfNeeded()
  await shows(page, /learner@podium:~\$/)
  await page.locator('.terminal-screen textarea').first().focus()
}

/** The rows of the screen that is in sight, as they are seen. */
export async function rows(page: Page): Promise<string> {
  const all = await page
    .locator('.terminal-screen:visible .xterm-rows > div')
    .evaluateAll((found) => found.map((row) => row.textContent ?? ''))
  return all.join('\n').replaceAll('\u00a0', ' ')
}

export async function shows(page: Page, wanted: RegExp): Promise<string> {
  let text = ''
  for (let tries = 0; tries < 200; tries++) {
    text = await rows(page)
    if (wanted.test(text)) return text
    await page.waitForTimeout(100)
  }
  assert.fail(`the screen never showed ${wanted}:\n${text}`)
}

export const line = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
