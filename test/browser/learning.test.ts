import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { isTurn } from '../../scripts/turn.mjs'
import { questionTypeNames } from '../../server/questions/registry.ts'
import { projectCatalog } from '../support/content.ts'
import {
  answered,
  barriersInBoth,
  findBarriers,
  grade,
  manifestIn,
  openPage,
  openSite,
  type Site,
  skip,
  typeLine,
  waitUntil,
} from './support.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

/** Takes the first of whatever the question's form offers, up to its verdict. */
async function answerSomehow(page: Page) {
  for (const select of await page.locator('.match select').all()) await select.selectOption({ index: 1 })
  const choice = page.locator('.option, .code-line').first()
  if (await choice.count()) await choice.click()
  const typed = page.locator('#typed')
  if (await typed.count()) await typed.fill('3')
  // What was handed out is no answer: steps are moved, and a manifest is changed.
  const form = page.locator('#question')
  if (await form.locator('textarea[data-yaml]').count()) {
    const manifest = manifestIn(form)
    await manifest.fill(`${await manifest.text()}\n# tried`)
  }
  const down = page.locator('.order button[value^="down:"]').first()
  if (await down.count()) {
    const before = await page.locator('.order li').first().innerText()
    await down.click()
    await page.locator('.order li').first().filter({ hasNotText: before }).waitFor()
  }
  const show = page.getByRole('button', { name: 'Show the model answer' })
  if (await show.count()) await show.click()
  await page.getByRole('button', { name: /^(Answer|Apply and judge|Mark my answer)$/ }).click()
  await page.locator('.verdict').waitFor()
}

const headingOf = (page: Page) => page.locator('h1').innerText()

/** A newcomer's whole way: home, lesson, demo, questions, a challenge failed, fixed and passed, progress. */
async function walk(page: Page) {
  await page.goto(site.url)
  await page.getByRole('button', { name: 'Delete a Pod' }).click()
  await page.getByRole('heading', { name: 'One Pod was deleted, and replaced' }).waitFor()
  assert.equal(await page.locator('#cluster .pod.is-ready').count(), 3)

  // A lesson, and its demo, changed and run again.
  await page.getByRole('link', { name: 'Lessons', exact: true }).first().click()
  await page.getByRole('link', { name: 'How a Pod comes to life' }).click()
  const demo = page.locator('#demo-one-pod')
  await demo.getByRole('button', { name: /^Run/ }).click()
  await demo.getByText('pod/hello created').waitFor()
  assert.ok((await demo.locator('.sequence .message').count()) >= 10)
  const manifest = manifestIn(demo)
  await manifest.fill((await manifest.text()).replace('name: hello', 'name: renamed'))
  await demo.getByRole('button', { name: /^Run/ }).click()
  await demo.getByText('pod/renamed created').waitFor()

  // A blank answer, a wrong one, a right one.
  await page.goto(`${site.url}/questions/pod/exit-zero-under-always`)
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.getByText('Not graded, no try used').waitFor()
  await page.locator('.option').first().click()
  await page.getByLabel('Fairly sure').check()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.locator('.verdict').waitFor()
  assert.ok((await page.locator('.feedback > li').count()) >= 3)
  const right = await page.locator('.feedback > .is-good .feedback-head > :nth-child(2)').innerText()
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.locator('.option').filter({ hasText: right }).click()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.locator('.verdict.is-right').waitFor()

  // Steps moved with buttons.
  await page.goto(`${site.url}/questions/pod/creation-flow-order`)
  const second = await page.locator('.order li').nth(1).locator('.order-text').innerText()
  await page
    .locator('.order li')
    .nth(1)
    .getByRole('button', { name: /^Move up/ })
    .click()
  await page.locator('.order li').first().locator('.order-text', { hasText: second }).waitFor()
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.locator('.verdict').waitFor()

  // A prediction, whose key the simulator computes.
  await page.goto(`${site.url}/questions/pod/restarts-after-half-a-minute`)
  const choices = page.locator('.option')
  if ((await choices.count()) > 0) await choices.first().click()
  else await page.getByLabel(/^Your prediction/).fill('2')
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.getByText('This is what the simulated cluster did.').waitFor()

  // A challenge: graded as it stands, it fails and says why.
  await page.goto(`${site.url}/challenges/crash-loop`)
  await grade(page)
  assert.match(await headingOf(page), /Not passed yet/)
  assert.ok((await page.locator('.test.is-fail').count()) >= 1)
  for (const part of ['Your cluster', 'Expected', 'What led to it'])
    await page.getByText(part, { exact: true }).first().waitFor()
  await page.getByRole('link', { name: 'Go on with this cluster' }).click()

  // Fixed with a file and two lines.
  await page.getByRole('button', { name: 'settings.yaml' }).click()
  await page.getByRole('button', { name: 'Apply settings.yaml' }).waitFor()
  const editor = manifestIn(page.locator('#workspace'))
  await editor.fill((await editor.text()).replace(/BACKEND_?U\w+:/, 'BACKEND_URL:'))
  const app = /name: (\w+)-settings/.exec(await editor.text())![1]
  await page.getByRole('button', { name: 'Apply settings.yaml' }).click()
  await answered(page, `configmap/${app}-settings configured`)
  await typeLine(page, `kubectl delete pods -l app=${app}`)
  await answered(page, /pod "[^"]+" deleted/)
  await page.getByRole('button', { name: 'Run 60 s' }).click()
  await page.locator('.clock', { hasText: /1:\d\d/ }).waitFor()
  assert.equal(await page.locator('.pod.is-failing').count(), 0)
  await grade(page)
  assert.match(await headingOf(page), /Passed/)
  await page.getByRole('heading', { name: 'Debrief' }).waitFor()

  await page.getByRole('link', { name: 'Study', exact: true }).click()
  await page.getByRole('link', { name: 'Progress' }).click()
  await page.getByText('✓ passed').waitFor()
  await page.getByRole('heading', { name: 'How well you know what you know' }).waitFor()
}

test('a newcomer reads, runs, answers, fails a challenge, fixes it and passes', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await walk(page)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('the same way works without script', { skip }, async () => {
  const context = await site.browser.newContext({ javaScriptEnabled: false })
  const { page, complaints } = await openPage(context)
  await walk(page)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('an edit saves itself and is there after a reload', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  await manifestIn(page.locator('#workspace')).fill('mine: 1')
  await page.getByText(/^Saved at/).waitFor()
  await page.reload()
  assert.equal(await page.locator('#editor').inputValue(), 'mine: 1')
  await context.close()
})

test('keys choose, answer and go on; Ctrl+Enter applies; Tab leaves the editor; focus goes to the verdict', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(`${site.url}/questions/pod/exit-zero-under-always`)
  await page.keyboard.press('b')
  assert.equal(await page.locator('input[data-key="b"]').isChecked(), true)
  await page.keyboard.press('Enter')
  await page.locator('.verdict').waitFor()
  await waitUntil(
    page,
    () =>
      (globalThis as unknown as { document: { activeElement: { id: string } } }).document.activeElement.id ===
      'verdict-title',
  )
  await page.keyboard.press('n')
  await page.waitForURL((url) => !url.pathname.endsWith('exit-zero-under-always'))

  await page.goto(`${site.url}/challenges/crash-loop`)
  const editor = page.getByRole('textbox', { name: /^Contents of/ })
  await editor.focus()
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate('document.activeElement.closest(".cm-editor")'), null)
  await editor.press('Control+Enter')
  await answered(page, 'kubectl apply')
  await context.close()
})

test('a request that fails leaves the page and the work on it as they are', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await page.goto(`${site.url}/challenges/crash-loop`)
  await manifestIn(page.locator('#workspace')).fill(`# ${'x'.repeat(300_000)}`)
  await page.getByRole('button', { name: /^Apply/ }).click()
  await page.locator('#page-problem').getByText('A form may have 256 KB in all').waitFor()
  assert.equal((await page.locator('#editor').inputValue()).length, 300_002)
  await manifestIn(page.locator('#workspace')).fill('kind: None')
  await page.getByRole('button', { name: /^Apply/ }).click()
  await answered(page, 'kubectl apply')
  assert.equal(await page.locator('#page-problem').innerText(), '')
  await context.close()
})

for (const javaScriptEnabled of [true, false])
  test(`the scheduler's attempts unfold into tables, ${javaScriptEnabled ? 'with' : 'without'} script`, {
    skip,
  }, async () => {
    const context = await site.browser.newContext({ javaScriptEnabled })
    const { page } = await openPage(context)
    await page.goto(`${site.url}/challenges/crash-loop`)
    const scheduling = page.locator('#scheduling-workspace')
    assert.equal(await scheduling.getByRole('table').count(), 0)
    await scheduling.getByText(/^Scheduling/).click()
    await scheduling.locator('.attempt > summary').first().click()
    const filters = scheduling.getByRole('table', { name: 'Filters' })
    assert.match(await filters.getByRole('row', { name: /^NodeResourcesFit/ }).innerText(), /passed/)
    if (javaScriptEnabled) {
      await page.getByRole('button', { name: 'Run 10 s' }).click()
      await page.locator('.clock', { hasText: '0:10' }).waitFor()
      await filters.waitFor()
      assert.deepEqual(await findBarriers(page), [])
    }
    await context.close()
  })

const plainPages = [
  '/',
  '/?after=delete',
  '/lessons',
  '/questions',
  '/challenges',
  '/progress',
  '/study',
  '/study/review',
  '/study/notebook',
  '/search?q=probe',
  '/simulated',
  '/components',
  '/help',
  '/nothing',
]

/** A page of each kind: a lesson of each section, a question of each type, a challenge of each style. */
async function onesOfAKind(): Promise<Record<'lessons' | 'questions' | 'challenges', string[]>> {
  const { lessons, questions, challenges } = await projectCatalog()
  const firstOfEach = <T>(items: Iterable<T>, kindOf: (item: T) => string) => [
    ...new Map([...items].reverse().map((item) => [kindOf(item), item])).values(),
  ]
  const types = firstOfEach(questions.values(), ({ type }) => type)
  assert.deepEqual(types.map(({ type }) => type).sort(), [...questionTypeNames].sort())
  return {
    lessons: firstOfEach(lessons.values(), ({ section }) => section).map(({ id }) => `/lessons/${id}`),
    questions: types.map(({ id }) => `/questions/${id}`),
    challenges: firstOfEach(challenges.values(), ({ spec }) => spec.style).map(({ id }) => `/challenges/${id}`),
  }
}

/** Looking costs seconds a page: a run takes each third page, others with each commit, and all of them with AXE=all. */
const thirds = 3

test('axe finds nothing on any kind of page, light or dark', { skip, timeout: 1_200_000 }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  const found: string[] = []
  const look = async (what: string) => {
    for (const barrier of await barriersInBoth(page)) found.push(`${what}: ${barrier}`)
  }
  let place = 0
  const isMine = () => isTurn(place++, thirds, process.env.AXE)
  for (const path of plainPages.filter(isMine)) {
    await page.goto(site.url + path)
    await look(path)
  }
  for (const [list, links] of Object.entries(await onesOfAKind())) {
    for (const href of links.filter(isMine)) {
      await page.goto(site.url + href)
      if (list === 'lessons')
        for (const run of await page.locator('[data-run]').all()) {
          await run.click()
          await page.waitForTimeout(50)
          await page.locator('.htmx-request').first().waitFor({ state: 'detached' })
        }
      await look(href)
      if (list === 'questions') {
        await answerSomehow(page)
        await look(`${href} answered`)
      }
      if (list === 'challenges') {
        await page.getByRole('button', { name: 'Run 60 s' }).click()
        await page.locator('.clock', { hasText: '1:00' }).waitFor()
        // The answer moves the eyes, and with them the focus, once it is whole.
        await page.locator('.htmx-request').first().waitFor({ state: 'detached' })
        await typeLine(page, 'kubectl get pods')
        await answered(page, 'kubectl get pods')
        await look(`${href} at work`)
        await grade(page)
        await look(`${href} result`)
      }
    }
  }
  await page.goto(`${site.url}/progress`)
  await look('progress with answers')
  assert.deepEqual(found, [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('no page scrolls sideways on a window of 320 pixels', { skip }, async () => {
  const context = await site.browser.newContext({ viewport: { width: 320, height: 640 } })
  const { page } = await openPage(context)
  for (const path of [
    ...plainPages,
    '/lessons/pod/pod-creation-flow',
    '/questions/pod/creation-flow-order',
    '/questions/pod/who-does-what-in-a-probe',
    '/questions/networking/service-finds-no-pods',
    '/questions/networking/ready-and-no-answer',
    '/challenges/crash-loop',
  ]) {
    await page.goto(site.url + path)
    for (const run of await page.locator('[data-run]').all()) await run.click()
    await page.waitForTimeout(200)
    const excess = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    assert.ok(excess <= 0, `${path} is ${excess} pixels too wide`)
  }
  await context.close()
})
