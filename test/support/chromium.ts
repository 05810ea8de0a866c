/** The browser of the tests: Debian's Chromium, its headless shell where that is installed (it draws no window, which costs most of a page). */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const executablePath = process.env.CHROMIUM ?? places.find((path) => existsSync(path))

/** How long a page is waited for, in milliseconds: several browsers on two slow cores take long, and no test is about that. */
export const patienceMs = 120_000

/** The reason to skip a test that needs the browser, or false. In CI a missing browser is a failure. */
export const skip: string | false =
  process.env.CI === 'true' || (executablePath !== undefined && existsSync(executablePath))
    ? false
    : `${process.env.CHROMIUM ?? places.join(' or ')} is not there`

/** @returns a browser whose pages and requests are waited for with patience */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: executablePath ?? places[0]!, args: ['--no-sandbox'] })
  const newContext = browser.newContext.bind(browser)
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(patienceMs)
    return context
  }
  return browser
}
