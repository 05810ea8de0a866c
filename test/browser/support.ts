/** A real browser on a real server: the content of the project, the simulator, worker threads. Skipped where there is no Chromium, unless CI asks for it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { isTurn } from '../../scripts/turn.mjs'
import { parseConfig } from '../../server/config.ts'
import { createSite, type SiteOptions } from '../../server/site.ts'
import type { GivenRole } from '../../server/sittings/roles.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import { launchChromium, patienceMs } from '../support/chromium.ts'
import { projectCatalog } from '../support/content.ts'

export { skip } from '../support/chromium.ts'

export interface Site {
  url: string
  browser: Browser
  /** Gives a role to an account, as an admin does. */
  grant(name: string, role: GivenRole): Promise<void>
  /** @throws AssertionError when the browser complained about a page, and no test took note of it */
  close(): Promise<void>
}

/** Of every page of this process. A test that means to provoke one takes it out. */
const allComplaints: string[][] = []

export async function openSite({
  env = {},
  ...over
}: Pick<SiteOptions, 'reloads'> & { env?: Record<string, string> } = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-browser-'))
  const catalog = await projectCatalog()
  let ids = 0
  const site = await createSite({
    // Counted, so that each run draws the same variants.
    newId: () => (++ids).toString(16).padStart(18, '0'),
    config: parseConfig({
      ...{ RATE_LIMIT: '1000000', SANDBOX_THREADS: '1', SANDBOXES_PER_OWNER: '50' },
      ...{ WORKERS: '1', WORKER_MEMORY_MB: '512', SIMULATION_TIMEOUT_MS: '10000' },
      ...env,
    }),
    secret: 'a secret of at least thirty-two characters',
    store: await createLowdbStore({ folder }),
    catalog: () => catalog,
    logger: pino({ level: 'error' }),
    ...over,
  })
  const { server } = site
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const browser = await launchChromium()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    browser,
    async grant(name, role) {
      await site.deps.staff.grant((await site.deps.accounts.find(name))!, role, null)
    },
    close: async () => {
      await browser.close()
      await site.close()
      await rm(folder, { recursive: true })
      if (looks.asked > 0) console.log(`axe looked at ${looks.done} of ${looks.asked} pages (AXE=all for all of them)`)
      assert.deepEqual(allComplaints.flat(), [], 'the browser complained')
    },
  }
}

/** A page that notes everything the browser complains about: errors of scripts and of the Content-Security-Policy. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage()
  // Tests look at clocks: a cluster that plays on by itself after a command is for those that are about it.
  // Only a document with an origin of its own may keep anything: about:blank may not.
  await page.addInitScript(
    `if (location.protocol === 'http:') localStorage.getItem('desk') ?? localStorage.setItem('desk', '{"plays":false}')`,
  )
  const complaints: string[] = []
  allComplaints.push(complaints)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal is answered with 4xx on purpose, and the browser notes every such answer. Chromium itself gives a style to text that a
    // test fills into an editor, and then blocks it: that comes from no script of the page.
    const isOfScript = message.location().url.includes('/static/')
    const isOfEditing = !isOfScript && message.text().startsWith('Applying inline style violates')
    const isExpected = isOfEditing || /status of 4\d\d/.test(message.text())
    if (message.type() === 'error' && !isExpected) complaints.push(message.text())
  })
  return { page, complaints }
}

/**
 * Waits until what is asked of the page is true. Playwright's own waitForFunction evaluates a string in the page from its second try on,
 * which the Content-Security-Policy refuses.
 * @throws AssertionError after 30 seconds
 */
export async function waitUntil<Arg>(page: Page, isSo: string | ((arg: Arg) => boolean), arg?: Arg): Promise<void> {
  const end = Date.now() + patienceMs
  for (;;) {
    // A page that is being left has no answer.
    const isTrue = await page.evaluate(isSo as (arg: unknown) => boolean, arg).catch((error: Error) => {
      if (!/context was destroyed|navigation/.test(error.message)) throw error
      return false
    })
    if (isTrue) return
    assert.ok(Date.now() < end, `${isSo} was not true within ${patienceMs / 1000} seconds`)
    await page.waitForTimeout(50)
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const allRules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
const contrast = { runOnly: { type: 'rule', values: ['color-contrast'] } }

/** Axe costs as much as the rest of a test of a page: a run looks at each third of them, others with each commit, and at all with AXE=all. */
const partsOfLooks = 3
const looks = { asked: 0, done: 0 }

/** What axe finds wrong with the page as it is: rule and elements. Nothing where it is not the page's turn. */
export async function findBarriers(page: Page, options: object = allRules): Promise<string[]> {
  return isLookedAt() ? barriersOf(page, options) : []
}

/** The same, and of the dark page what can differ there: its colours. The page is left light. */
export async function findBarriersInBoth(page: Page): Promise<string[]> {
  return isLookedAt() ? barriersInBoth(page) : []
}

function isLookedAt(): boolean {
  const isTheirTurn = isTurn(looks.asked++, partsOfLooks, process.env.AXE)
  if (isTheirTurn) looks.done++
  return isTheirTurn
}

/** As `findBarriersInBoth`, whosever turn it is. */
export async function barriersInBoth(page: Page): Promise<string[]> {
  const found = await barriersOf(page, allRules)
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await barriersOf(page, contrast)
  await page.emulateMedia({ colorScheme: 'light' })
  return [...found, ...dark.map((barrier) => `dark: ${barrier}`)]
}

/**
 * Nothing moves meanwhile: half faded in, a colour is none that anybody reads. Parts that stick to an edge of the window lie where the page has them:
 * what they hide for now, scrolling brings out.
 */
async function barriersOf(page: Page, options: object): Promise<string[]> {
  const isCalm = await page.evaluate<boolean>('matchMedia("(prefers-reduced-motion: reduce)").matches')
  if (!isCalm) await page.emulateMedia({ reducedMotion: 'reduce' })
  const found = await barriersOfCalm(page, options)
  if (!isCalm) await page.emulateMedia({ reducedMotion: 'no-preference' })
  return found
}

async function barriersOfCalm(page: Page, options: object): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axeSource)
  return page.evaluate(async (options) => {
    const endsAtMs = ({ effect }: Animation) => Number(effect?.getComputedTiming().endTime)
    for (const animation of document.getAnimations()) if (Number.isFinite(endsAtMs(animation))) animation.finish()
    interface Found {
      violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
    }
    const axe = (globalThis as unknown as { axe: { run(options: object): Promise<Found> } }).axe
    const sticking = [...document.querySelectorAll<HTMLElement>('body *')].filter(
      (element) => getComputedStyle(element).position === 'sticky',
    )
    for (const element of sticking) element.style.position = 'static'
    const { violations } = await axe.run(options)
    for (const element of sticking) element.style.position = ''
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    )
  }, options)
}

/**
 * A page in the site's own faces, as everybody has it who was here before: on a first visit to a busy machine they come too late to be drawn, and
 * lines are as long as in the faces of the system.
 */
export async function gotoInOwnFaces(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.evaluate('Promise.all([...document.fonts].map((face) => face.load())).then(() => {})')
  await page.goto(url)
}

/** Goes to a part of the desk where they are tabs: on a phone, with script. */
export async function goToPart(page: Page, part: 'task' | 'edit' | 'cluster' | 'dock'): Promise<void> {
  const link = page.locator(`.desk-parts [data-part=${part}]`)
  if (await link.isVisible()) await link.click()
}

/** Types a line into the terminal of the desk; without script into its field. */
export async function typeLine(page: Page, line: string): Promise<void> {
  const field = page.getByLabel('kubectl', { exact: true })
  if (await field.isVisible()) {
    await field.fill(line.replace(/^kubectl /, ''))
    await field.press('Enter')
    return
  }
  const terminal = page.locator('[data-terminal][data-state=open]')
  await terminal.waitFor({ state: 'attached' })
  await goToPart(page, 'dock')
  const tab = page.getByRole('tab', { name: 'Terminal' })
  if (await tab.isVisible()) await tab.click()
  await terminal.waitFor()
  await page.getByRole('textbox', { name: /^Terminal/ }).focus()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

/** Waits until that text is what an action has answered: in the terminal, or in the output where there is none. */
export async function answered(page: Page, text: string | RegExp): Promise<void> {
  await page.locator('.xterm-rows, #said').filter({ hasText: text }).filter({ visible: true }).first().waitFor()
}

/** Grades, and goes to the page of the result: the verdict stands in the dock, without script the page comes by itself. */
export async function grade(page: Page, { byKey = false } = {}): Promise<void> {
  await goToPart(page, 'task')
  if (byKey) await page.keyboard.press('Enter')
  else await page.getByRole('button', { name: /^(Grade|评分)$/ }).click()
  const link = page.locator('.verdict-line a[href*="/results/"]')
  const isNew = page.locator('[data-shows=result]').locator('.verdict-line')
  await Promise.race([isNew.waitFor(), page.waitForURL('**/results/**')])
  if (page.url().includes('/results/')) return
  await link.click()
  await page.waitForURL('**/results/**')
}

/** What the terminal shows. */
export const terminalText = async (page: Page): Promise<string> =>
  (await page.locator('.xterm-rows').innerText()).replaceAll(' ', ' ')

/** A manifest's text, in its textarea or in the editor that takes its place. */
export function manifestIn(form: Locator) {
  const area = form.locator('textarea[data-yaml]')
  return {
    text: () => area.inputValue(),
    async fill(text: string) {
      // While a page still loads, Chromium names a line of it for the style that it gives to what is filled in.
      await form.page().waitForLoadState('load')
      // The editor may be about to come.
      if (await area.isVisible()) await area.focus()
      if (await form.page().evaluate('typeof htmx === "object"')) await form.locator('.cm-content').waitFor()
      await ((await area.isVisible()) ? area : form.locator('.cm-content')).fill(text)
    },
  }
}
