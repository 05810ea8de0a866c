/**
 * The whole way of a hiring exercise on a server that is killed: work without network and without server, the receipt, two blind reviewers, the report,
 * grading again on a fixed check, and an erasure after which nothing of the candidate is in the data folder.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { type MeasuredSite, startSite } from '../../scripts/measured-site/site.ts'
import { launchChromium, skip } from '../support/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { program } from '../support/programs.ts'
import { openPage, waitUntil } from './support.ts'

/** The network is away for so long: four minutes where somebody asks for them. */
const cutMs = Number(process.env.CUT_SECONDS ?? 8) * 1000
/** What was typed longer ago is never lost. */
const keptAfterMs = 2000
/** An outage that is given back. */
const downMs = 12_000

const checks = (wanted: number): string => `version: 1
style: fix
difficulty: 2
minutes: 5
topics: [probes]
world:
  shape: {nodes: 1}
  settleSeconds: 10
workspace: {allowKubectl: true, maxApplies: 3, maxVirtualSeconds: 600}
checks:
- id: ready
  title: The Pods are ready
  points: 100
  when: {mode: settled}
  assert: {cel: "pods.filter(p, p.isReady()).size() == ${wanted}", message: the Pods must be ready}
observeSeconds: 60
`

/** Sends a form past the page, with its browser's cookies: the page itself may leave while the answer is under way. */
const post = async (
  page: Page,
  path: string,
  fields: Record<string, string>,
): Promise<{ status: number; text: string }> => {
  const token = await page.locator('[name=_csrf]').first().inputValue()
  const response = await page.request.post(new URL(path, page.url()).href, { form: { _csrf: token, ...fields } })
  return { status: response.status(), text: await response.text() }
}
const textOf = (page: Page, path: string): Promise<string> =>
  page.evaluate(async (address) => (await fetch(address)).text(), path)
/** What a browser keeps for the server. */
const outbox =
  'Object.keys(localStorage).filter((key) => key.startsWith("exercise-outbox:")).map((key) => localStorage.getItem(key)).join("")'
const holds = (text: string): string => `(${outbox}).includes(${JSON.stringify(text)})`
const type = (page: Page, selector: string, text: string): Promise<void> =>
  page.evaluate(
    ([place, typed]) => {
      const area = document.querySelector(place) as unknown as { value: string; dispatchEvent(event: unknown): void }
      area.value += typed
      area.dispatchEvent(new Event('input', { bubbles: true }))
    },
    [selector, text] as const,
  )

test('a candidate loses nothing by a network that is cut and a server that is killed, is judged blind, graded again, and erased for good', {
  skip,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-whole-'))
  const [dataDir, content] = [join(folder, 'data'), join(folder, 'content')]
  await cp('test/server/fixtures/content', content, { recursive: true })
  const challengeFile = join(content, 'challenges/three-pods/challenge.yaml')
  // The check is wrong: it asks for four of three.
  await writeFile(challengeFile, checks(4))
  const env = {
    ...{ CONTENT_DIR: content, PORT: String(await freePort()), WORKERS: '1', RATE_LIMIT: '1000000', NODE_ENV: 'test' },
    ...{ LOG_LEVEL: 'info', SETTLE_AFTER_MS: '200' },
  }
  const start = (): Promise<MeasuredSite> => startSite({ dataDir, env, program: program('server/index.ts').at(-1)! })
  const over = async (site: MeasuredSite): Promise<void> => {
    while (!site.isOver()) await sleep(50)
  }
  let site = await start()
  const { url } = site
  const browser = await launchChromium()
  const complaints: string[][] = []
  const opened = async (context: BrowserContext): Promise<Page> => {
    const { page, complaints: own } = await openPage(context)
    complaints.push(own)
    return page
  }
  try {
    const signedIn = async (name: string): Promise<{ context: BrowserContext; page: Page }> => {
      const context = await browser.newContext()
      const page = await opened(context)
      await page.goto(`${url}/account`)
      const own = 'acorn river maple stone olive'
      assert.equal((await post(page, '/account', { name, which: 'own', own, again: own })).status, 200)
      return { context, page }
    }
    const [{ page: mara }, { page: otto }, { page: rita }, { page: rob }] = await Promise.all(
      ['mara', 'otto', 'rita', 'rob'].map(signedIn) as [
        ReturnType<typeof signedIn>,
        ReturnType<typeof signedIn>,
        ReturnType<typeof signedIn>,
        ReturnType<typeof signedIn>,
      ],
    )
    await site.stop()
    for (const name of ['mara', 'otto']) {
      const { status, stderr } = spawnSync(process.execPath, [...program('server/grant.ts'), name, 'hiring-manager'], {
        encoding: 'utf8',
        env: { ...process.env, ...env, DATA_DIR: dataDir },
      })
      assert.deepEqual([status, stderr], [0, ''])
    }
    site = await start()

    // The exercise, its candidate, and two who review.
    await mara.goto(`${url}/hiring/jobs/new`)
    await mara.fill('#title', 'Platform engineer')
    await mara.fill('#contact', 'Mara Meyer')
    await mara.click('text=Make the job')
    const job = new URL(mara.url()).pathname
    await mara.click('button[value=first-round]')
    await mara.click('text=Candidates >> nth=-1')
    const exercise = new URL(mara.url()).pathname
    await mara.click('text=Open it')
    const invited = await post(mara, `${exercise}/invite`, {
      ...{ do: 'one', name: 'Kimberley Quist', mail: 'quist@example.org', from: '', factor: '1', language: 'en' },
      until: new Date(Date.now() + 5 * 24 * 3_600_000).toISOString().slice(0, 10),
    })
    const link = /\/c\/[a-f0-9]{32}/.exec(invited.text)![0]
    for (const [name, page] of [
      ['Rita', rita],
      ['Rob', rob],
    ] as const) {
      const made = await post(mara, `${job}/reviewers`, { do: 'invite' })
      const review = /\/review\/[a-f0-9]{54}/.exec(made.text)![0]
      await page.goto(url + review)
      assert.equal((await post(page, review, { name })).status, 200)
    }

    // Three tabs of one browser: the task, the question, the notepad.
    const kim = await browser.newContext()
    const first = await opened(kim)
    await first.goto(url + link)
    await first.check('#grading')
    await first.click('button[value=consent]')
    await first.click('text=I have them')
    await first.click('form[action$="/start"] button')
    const tabs = async (): Promise<Page[]> =>
      Promise.all(
        ['/challenges/three-pods', '/questions/pod/always', '/work'].map(async (path) => {
          const page = await opened(kim)
          await page.goto(url + link + path)
          return page
        }),
      )
    let [task, question, notes] = (await tabs()) as [Page, Page, Page]
    const run = (line: string) => post(task, `${link}/challenges/three-pods`, { do: 'kubectl', line })
    assert.equal((await run('create deployment web --image=nginx:1.27 --replicas=3')).status, 200)

    // The server is killed two seconds after the last keystroke.
    await type(task, '#editor', '# TYPED-ONLINE\n')
    await type(notes, '#notepad', 'NOTE-ONLINE ')
    await sleep(keptAfterMs)
    process.kill(site.pid, 'SIGKILL')
    await over(site)
    const killedMs = Date.now()
    // While it is away: a file, a note and an answer.
    // At the same moment, so that the tabs keep them at the same moment.
    await Promise.all([
      type(task, '#editor', '# TYPED-WITHOUT-SERVER\n'),
      type(notes, '#notepad', 'NOTE-WITHOUT-SERVER '),
    ])
    await question.check('input[value=a]')
    await question.click('button[value=answer]')
    await sleep(keptAfterMs)
    for (const text of ['TYPED-WITHOUT-SERVER', 'NOTE-WITHOUT-SERVER'])
      assert.equal(await notes.evaluate(holds(text)), true, text)
    assert.match((await notes.evaluate(outbox)) as string, /questions\/pod\/always\/answer/)
    await waitUntil(
      question,
      'document.querySelector("#exercise-saved").textContent.startsWith("kept in this browser")',
    )
    // The browser goes down as well.
    for (const page of [task, question, notes]) await page.close()
    await sleep(Math.max(0, downMs - (Date.now() - killedMs)))
    site = await start()
    ;[task, question, notes] = (await tabs()) as [Page, Page, Page]
    await waitUntil(notes, `(${outbox}) === ""`)
    await Promise.all([task, question, notes].map((page) => page.reload()))
    assert.match(await task.inputValue('#editor'), /# TYPED-ONLINE\n# TYPED-WITHOUT-SERVER/)
    assert.equal(await notes.inputValue('#notepad'), 'NOTE-ONLINE NOTE-WITHOUT-SERVER ')
    assert.equal(await question.isChecked('input[value=a]'), true)
    // The outage came back by itself: at least from the kill to the start, but for one heartbeat more.
    const minutes = Number(
      /([\d.]+) min[^<]*outage|outage[^<]*?([\d.]+) min/i
        .exec(await textOf(notes, `${link}/work`))
        ?.slice(1)
        .find(Boolean),
    )
    assert.equal(minutes * 60_000 >= downMs - 3000, true, `${minutes} min`)

    // The network is cut.
    await kim.setOffline(true)
    await type(task, '#editor', '# TYPED-OFFLINE\n')
    await type(notes, '#notepad', 'NOTE-OFFLINE')
    await sleep(Math.max(keptAfterMs, cutMs))
    assert.equal(await task.evaluate(holds('TYPED-OFFLINE')), true)
    assert.equal(await task.evaluate(holds('NOTE-OFFLINE')), true)
    await kim.setOffline(false)
    await waitUntil(task, `(${outbox}) === ""`)
    await Promise.all([task, notes].map((page) => page.reload()))
    assert.match(await task.inputValue('#editor'), /TYPED-ONLINE\n# TYPED-WITHOUT-SERVER\n# TYPED-OFFLINE/)
    assert.match(await notes.inputValue('#notepad'), /NOTE-WITHOUT-SERVER NOTE-OFFLINE/)

    // Handed in; killed at once, and graded all the same.
    await post(notes, `${link}/hand-in`, {})
    process.kill(site.pid, 'SIGKILL')
    await over(site)
    site = await start()
    await notes.goto(`${url}${link}/done`)
    // Who was grading it has died: it is the next one's turn.
    await notes.waitForSelector('a[download]')
    const receipt = join(folder, 'receipt.json')
    await writeFile(receipt, await textOf(notes, `${link}/receipt`))
    const key = /--key ([0-9a-f]{64})/.exec(await textOf(notes, `${link}/done`))![1]!
    const verify = () =>
      spawnSync(process.execPath, [...program('scripts/verify.ts'), receipt, '--key', key, '--content', content], {
        encoding: 'utf8',
      })
    const verified = verify()
    const lines = verified.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { task: string; same: boolean })
    assert.deepEqual(
      [verified.status, lines.map(({ task, same }) => [task, same])],
      [
        0,
        [
          ['question:pod/always', true],
          ['challenge:three-pods', true],
        ],
      ],
    )

    // Two reviewers, who do not know who it is.
    await rita.goto(`${url}/hiring/reviews`)
    const href = (await rita.locator('a[href*="/candidates/"]').first().getAttribute('href'))!.replace(/\/\w+$/, '')
    const levels = Object.fromEntries(
      ['diagnosis', 'safety', 'style', 'proof'].flatMap((id) => [
        [`level-${id}`, '4'],
        [`says-${id}`, 'SAID-OF-THEM'],
      ]),
    )
    for (const page of [rita, rob]) {
      await page.goto(`${url}${href}/report`)
      assert.match(await page.content(), /50 %/)
      assert.doesNotMatch(await page.content(), /Kimberley|Quist|quist@/)
      await page.goto(`${url}${href}/score`)
      assert.equal((await post(page, `${href}/score`, { ...levels, do: 'send' })).status, 200)
    }
    await mara.goto(`${url}${href}/score`)
    assert.match(await mara.content(), /SAID-OF-THEM/)

    // Closed; the check is fixed, and two people approve what comes of it.
    await mara.goto(url + exercise)
    await post(mara, `${exercise}/act`, { do: 'close' })
    await waitUntil(
      mara,
      `fetch(${JSON.stringify(exercise)}).then((one) => one.text()).then((text) => text.includes('/regrade"'))`,
    )
    await site.stop()
    await writeFile(challengeFile, checks(3))
    site = await start()
    const regrade = `${exercise}/regrade`
    const item = 'challenge:three-pods'
    const shown = async (page: Page, button: string): Promise<string> => {
      for (let tries = 0; tries < 100; tries++) {
        await page.goto(`${url}${regrade}?item=${encodeURIComponent(item)}`)
        const found = page.locator(`button[value^="${button}"]`).first()
        if ((await found.count()) > 0) return (await found.getAttribute('value'))!
        await sleep(300)
      }
      throw new Error(`there is no button ${button}`)
    }
    await post(mara, regrade, { do: await shown(mara, 'propose '), item, reason: '' })
    await post(otto, regrade, { do: await shown(otto, 'approve '), item })
    await mara.goto(`${url}${href}/report`)
    await waitUntil(
      mara,
      `fetch(${JSON.stringify(`${href}/report`)}).then((one) => one.text()).then((text) => text.includes('100 %'))`,
    )

    // The browser and htmx tell of each request that found no server or no network; and the terminal of the task, whose tab is still open,
    // finds no cluster once all is handed in.
    const expected =
      /net::ERR_|htmx:(?:sse:)?error: (?:network error|Failed to fetch) |\/three-pods\/terminal' failed: .* 404$/
    assert.deepEqual(
      complaints.flat().filter((text) => !expected.test(text)),
      [],
    )

    // Erased: not a byte of the person or of their work is left.
    const { seed, logSha256 } = (JSON.parse(await readFile(receipt, 'utf8')) as { tasks: Record<string, string>[] })
      .tasks[1]!
    await mara.goto(url + exercise)
    assert.equal((await post(mara, `${href}/erase`, {})).status, 200)
    await kim.close()
    await site.stop()
    const traces = /Kimberley|Quist|quist@|TYPED-|NOTE-|SAID-OF-THEM|"Candidate [0-9A-Z]{2}"/
    const left = (await readAll(dataDir)).filter(
      ({ text }) => traces.test(text) || [link.slice(3), seed!, logSha256!].some((trace) => text.includes(trace)),
    )
    assert.deepEqual(
      left.map(({ name, text }) => [name, traces.exec(text)?.[0]]),
      [],
    )
  } finally {
    await browser.close()
    await site.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

async function readAll(folder: string): Promise<{ name: string; text: string }[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    found
      .filter((one) => one.isFile())
      .map(async (one) => {
        const name = join(one.parentPath, one.name)
        return { name, text: await readFile(name, 'utf8') }
      }),
  )
}
