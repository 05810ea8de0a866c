/**
 * What a browser makes of the pages: Largest Contentful Paint, Cumulative Layout Shift and Interaction to Next Paint, as web.dev defines them,
 * what a first visit transfers, and how long it takes from a click to its result. Needs Chromium, or the path of one in CHROMIUM.
 */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { type Browser, chromium, type Page } from 'playwright-core'
import { loadCatalogOrThrow } from '../server/catalog/load.ts'
import { parseConfig } from '../server/config.ts'
import { createSite } from '../server/site.ts'
import { createMemoryStore } from '../server/storage/memory.ts'

/** A page, and what somebody does there first. */
interface Visit {
  path: string
  /** What has to be there before. */
  prepare?(page: Page): Promise<void>
  /** From the click to its result. */
  act(page: Page): Promise<void>
}

const visits: Record<string, Visit> = {
  home: {
    path: '/',
    async act(page) {
      await page.getByLabel('3', { exact: true }).check()
      await page.getByRole('button', { name: 'Delete a Pod', exact: true }).click()
      await page.locator('.home-said').waitFor()
    },
  },
  lesson: {
    path: '/lessons/pod/life-of-a-pod',
    async act(page) {
      await page.locator('[data-run]').first().click()
      await page.locator('.htmx-request').first().waitFor({ state: 'detached' })
    },
  },
  question: {
    path: '/questions/pod/exit-zero-under-always',
    async act(page) {
      await page.keyboard.press('a')
      await page.getByRole('button', { name: 'Answer', exact: true }).click()
      await page.locator('.verdict').waitFor()
    },
  },
  workspace: {
    path: '/challenges/crash-loop',
    async prepare(page) {
      await page.locator('.cm-content').first().click()
      await page.keyboard.type('# tried')
    },
    async act(page) {
      await page.getByRole('button', { name: 'Run 10 s' }).click()
      await page.locator('.clock', { hasText: '0:10' }).waitFor()
    },
  },
  apply: {
    path: '/challenges/crash-loop',
    prepare: (page) => page.locator('.cm-content').first().waitFor(),
    async act(page) {
      await page.locator('[data-apply]').click()
      await page.locator('.xterm-rows', { hasText: /configured|unchanged/ }).waitFor()
    },
  },
  grade: {
    path: '/challenges/crash-loop',
    prepare: (page) => page.locator('.cm-content').first().waitFor(),
    async act(page) {
      await page.getByRole('button', { name: 'Grade' }).click()
      await page.locator('.verdict-line').waitFor()
    },
  },
}

/** Noted from before the page's first line on. */
const observe = `
  window.vitals = { lcp: 0, cls: 0, inp: 0 }
  const each = (type, take, more = {}) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more })
  each('largest-contentful-paint', (entry) => { vitals.lcp = entry.startTime })
  each('layout-shift', (entry) => { if (!entry.hadRecentInput) vitals.cls += entry.value })
  each('event', (entry) => { if (entry.interactionId) vitals.inp = Math.max(vitals.inp, entry.duration) }, { durationThreshold: 16 })
`

/** @returns for each page, each visited by a browser that has seen nothing; milliseconds, and shares of the window */
export async function benchVitals(): Promise<Record<string, number>> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(`${executablePath} is not there: install chromium, or set CHROMIUM to the path of one`)
  const config = parseConfig({ LOG_LEVEL: 'silent', RATE_LIMIT: '1000000', WORKERS: '1', SANDBOX_THREADS: '1' })
  const catalog = await loadCatalogOrThrow('content')
  const site = await createSite({
    config,
    secret: 'a secret of at least thirty-two characters',
    store: createMemoryStore(),
    catalog: () => catalog,
    logger: pino({ level: 'silent' }),
  })
  site.server.listen(0, '127.0.0.1')
  await once(site.server, 'listening')
  const url = `http://127.0.0.1:${(site.server.address() as AddressInfo).port}`
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const figures: Record<string, number> = {}
    // What the server makes once is nobody's first visit.
    for (const visit of Object.values(visits)) await measure(browser, url, visit)
    for (const [name, visit] of Object.entries(visits)) {
      const { lcp, cls, inp, bytes, resultMs } = await measure(browser, url, visit)
      figures[`${name}ResultMs`] = resultMs
      if (Object.values(visits).find(({ path }) => path === visit.path) !== visit) continue
      Object.assign(figures, { [`${name}LcpMs`]: lcp, [`${name}Cls`]: cls, [`${name}InpMs`]: inp })
      figures[`${name}KB`] = bytes / 1024
    }
    const most = (end: string) =>
      Math.max(...Object.entries(figures).map(([name, figure]) => (name.endsWith(end) ? figure : 0)))
    return { ...figures, lcpMs: most('LcpMs'), cls: most('Cls'), inpMs: most('InpMs'), firstVisitKB: figures.homeKB! }
  } finally {
    await browser.close()
    await site.close()
  }
}

async function measure(browser: Browser, url: string, { path, prepare, act }: Visit) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  await page.addInitScript(observe)
  let bytes = 0
  const session = await context.newCDPSession(page)
  await session.send('Network.enable')
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await page.goto(url + path, { waitUntil: 'networkidle' })
  // What is transferred before somebody does anything.
  const first = bytes
  await prepare?.(page)
  const clicked = performance.now()
  await act(page)
  const resultMs = performance.now() - clicked
  const vitals = await page.evaluate<{ lcp: number; cls: number; inp: number }>('window.vitals')
  await context.close()
  return { ...vitals, bytes: first, resultMs }
}
