/** The terminal of a sandbox in a real browser: typed into, completed, interrupted, loaded again, left by keyboard. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBarriers, openPage, openSite, type Site, skip, waitUntil } from './support.ts'
import { line, openTerminal as openSandboxTerminal, shows } from './terminal-page.ts'

let site: Site
if (!skip) {
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())
}

const openTerminal = (page: Page): Promise<void> => openSandboxTerminal(page, site.url)

test('lines, pipes and files work, Tab completes, and what runs on is ended by Ctrl-C', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await openTerminal(page)
  await line(page, 'kubectl create deployment web --image=nginx:1.27')
  await shows(page, /deployment\.apps\/web created/)
  await line(page, 'k get deployment web -o name | tr a-z A-Z')
  await shows(page, /DEPLOYMENT\.APPS\/WEB/)
  await page.keyboard.type('kubectl get deployme')
  await page.keyboard.press('Tab')
  await shows(page, /kubectl get deployments\.apps /)
  await page.keyboard.press('Control+c')
  await line(page, 'k get pods -w')
  await shows(page, /web-\S+ +1\/1 +Running/)
  await page.keyboard.press('Control+c')
  await shows(page, /\^C\n.*learner@podium:~\$ *\n/)
  assert.deepEqual(complaints, [])
  await context.close()
})

for (const [width, height] of [
  [1280, 800],
  [390, 844],
] as const)
  test(`the last line is in sight as a whole, and no column is below the scroll bar, at ${width} pixels`, {
    skip,
  }, async () => {
    const context = await site.browser.newContext({ viewport: { width, height } })
    const { page } = await openPage(context)
    await openTerminal(page)
    await line(page, 'seq 1 99; printf "%300s\\n" end')
    await shows(page, /end/)
    const [bottoms, rights] = (await page.evaluate(`(() => {
      const edges = (selector) => document.querySelector('.terminal-screen ' + selector).getBoundingClientRect()
      const box = document.querySelector('.terminal-screen').getBoundingClientRect()
      const [text, bar] = [edges('.xterm-rows'), edges('.scrollbar.vertical')]
      return [[text.bottom, box.bottom], [text.right, bar.left]]
    })()`)) as [number, number][]
    assert.ok(bottoms![0] <= bottoms![1], `the rows end at ${bottoms}`)
    assert.ok(rights![0] <= rights![1], `the columns end at ${rights}`)
    if (width >= 1280) {
      await line(page, 'clear; kubectl create deployment web --image=nginx:1.27; sleep 3; kubectl get pods -o wide')
      await shows(page, /^NAME .*READINESS GATES *$/m)
    }
    await context.close()
  })

test('a screen reader hears once what a line printed, not each letter of it, and nothing of what is loaded again', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await openTerminal(page)
  const listen = () =>
    page.evaluate(`{
      window.heard = []
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const live = (target.nodeType === 3 ? target.parentElement : target)?.closest('[aria-live], [role=status]')
          if (live && live.getAttribute('aria-live') !== 'off') window.heard.push(live.textContent)
        }
      }).observe(document.querySelector('.terminal-box'), { subtree: true, childList: true, characterData: true })
    }`)
  await listen()
  /** After this the page has read out what it was going to: its timers come in the order of their times. */
  const spoken = () => page.evaluate('new Promise((done) => setTimeout(done, pauseMs + endMs))')
  const heard = async () => (await page.evaluate<string[]>('window.heard.splice(0)')).filter((text) => text.trim())
  await page.locator('.terminal-screen textarea').focus()
  await page.keyboard.type('kubectl get nodes', { delay: 30 })
  await shows(page, /kubectl get nodes/)
  await spoken()
  assert.deepEqual(await heard(), [])
  await page.keyboard.press('Enter')
  await shows(page, /NAME +STATUS/)
  await waitUntil(page, 'window.heard.length > 0')
  await spoken()
  const [told, ...more] = await heard()
  assert.match(told!, /^NAME +STATUS[\s\S]*node-1 +Ready[\s\S]*\ndone$/)
  assert.deepEqual(more, [])
  await page.keyboard.press('ArrowUp')
  await waitUntil(page, 'window.heard.some((text) => text.trim() !== "")')
  assert.deepEqual(await heard(), ['kubectl get nodes'])
  await page.keyboard.press('Control+c')
  await page.reload()
  await listen()
  await shows(page, /NAME +STATUS/)
  await spoken()
  assert.deepEqual(await heard(), [])
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a shell in a container and one on a node are typed into', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await openTerminal(page)
  await line(page, 'k run box --image=busybox -- sleep 3600; k wait --for=condition=Ready pod/box --timeout=60s')
  await shows(page, /condition met/)
  await line(page, 'k exec -it box -- sh')
  await shows(page, /\/ #/)
  await line(page, 'echo $((20+22)); exit')
  await shows(page, /42\n[\s\S]*learner@podium:~\$ *\n/)
  await line(page, 'ssh node-1')
  await shows(page, /root@node-1/)
  await line(page, 'crictl version')
  await shows(page, /RuntimeName: +containerd/)
  await line(page, 'exit')
  await shows(page, /Connection to node-1 closed/)
  await context.close()
})

test('after a reload the screen is as it was, and a file is changed in the editor', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await openTerminal(page)
  await line(page, 'echo before-the-reload > note')
  await line(page, 'cat note')
  await shows(page, /\nbefore-the-reload/)
  await page.reload()
  await shows(page, /\nbefore-the-reload/)
  await page.locator('.terminal-screen textarea').first().focus()
  await line(page, 'edit note')
  const editor = page.getByRole('dialog')
  await editor.waitFor()
  assert.equal(await editor.getByLabel('Text of the file').inputValue(), 'before-the-reload\n')
  await editor.getByLabel('Text of the file').fill('changed-by-hand\n')
  await page.keyboard.press('Control+s')
  await line(page, 'cat note')
  await shows(page, /\nchanged-by-hand/)
  await context.close()
})

test('the keyboard leads into the terminal and out of it, and nothing is in the way of a screen reader', {
  skip,
}, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await site.browser.newContext({ colorScheme })
    const { page } = await openPage(context)
    await openTerminal(page)
    await line(page, 'kubectl get nodes')
    await shows(page, /node-1 +Ready/)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    const isInside = await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: { activeElement: { closest(query: string): unknown } } }
      return document.activeElement.closest('.terminal-screen') !== null
    })
    assert.equal(isInside, false)
    assert.deepEqual(await findBarriers(page), [])
    await context.close()
  }
})

test('a challenge is solved from its terminal: its files are there, and what a line does shows on the page', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/image-pull-back-off`)
  await page.locator('[data-terminal][data-state=open]').waitFor()
  // What is out of sight is not drawn.
  await page.locator('.terminal-screen').scrollIntoViewIfNeeded()
  await shows(page, /learner@podium:~\$/)
  await page.locator('.terminal-screen textarea').first().focus()
  await page.keyboard.type('kubectl get deployme')
  await page.keyboard.press('Tab')
  await shows(page, /kubectl get deployments\.apps /)
  await page.keyboard.press('Control+c')
  await line(page, "sed -i 's/replicas: [0-9]*/replicas: 5/' deployment.yaml && kubectl apply -f deployment.yaml")
  await shows(page, /deployment\.apps\/\S+ configured/)
  await page.locator('#challenge-cluster', { hasText: '/5' }).waitFor()
  await line(page, 'clear')
  await line(page, 'kubectl exec -it client -- sh')
  await shows(page, /nothing can be typed into a program/)
  await line(page, 'clear')
  await line(page, 'KUBE_EDITOR=edit kubectl edit $(kubectl get -f deployment.yaml -o name)')
  const editor = page.getByRole('dialog').getByLabel('Text of the file')
  await editor.waitFor()
  await editor.fill((await editor.inputValue()).replace(/replicas: 5/, 'replicas: 6'))
  await page.keyboard.press('Control+s')
  await shows(page, /deployment\.apps\/\S+ edited/)
  await page.locator('#challenge-cluster', { hasText: '/6' }).waitFor()
  await page.reload()
  assert.match(await page.locator('#editor').inputValue(), /replicas: 5/)
  assert.deepEqual(complaints, [])
  await context.close()
})

test('an answer that a line of the terminal writes is handed in by Grade, and so is one that is typed', {
  skip,
}, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await page.goto(`${site.url}/challenges/volumes-by-size`)
  await page.locator('[data-terminal][data-state=open]').waitFor()
  await page.locator('.terminal-screen').scrollIntoViewIfNeeded()
  await shows(page, /learner@podium:~\$/)
  await page.locator('.terminal-screen textarea').first().focus()
  await line(
    page,
    "k get pv --sort-by=.spec.capacity.storage --no-headers | awk '{print $1}' > volumes.txt; cat volumes.txt",
  )
  await shows(page, /scratch\n/)
  await page.getByRole('button', { name: 'Grade' }).click()
  await page.locator('.verdict-line.is-right').waitFor()
  // Typed, and wrong: the last counts.
  await page.goto(`${site.url}/challenges/volumes-by-size`)
  assert.match(await page.locator('#editor').inputValue(), /scratch/)
  await page.locator('#editor').fill('scratch')
  await page.getByRole('button', { name: 'Grade' }).click()
  await page.locator('.verdict-line.is-wrong').waitFor()
  await page.locator('.chain', { hasText: /of the words of volumes\.txt, 3 missing/ }).waitFor()
  assert.deepEqual(complaints, [])
  await context.close()
})

test('a loop and a pipeline print line by line, and end by Ctrl-C', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await openTerminal(page)
  await line(page, 'while true; do k get nodes -o name | head -1; sleep 1; done')
  await shows(page, /node\/node-1\nnode\/node-1\n/)
  await page.keyboard.press('Control+c')
  await line(page, 'echo "ended: $?"')
  await shows(page, /ended: 130/)
  await line(page, 'clear')
  await line(page, 'k run web --image=nginx:1.27; k run other --image=nginx:1.27')
  await line(page, 'k get pods -w | grep web')
  const text = await shows(page, /\| grep web\n(?:web .*\n)*web +1\/1 +Running/)
  assert.doesNotMatch(text, /\nother/)
  await page.keyboard.press('Control+c')
  await line(page, 'echo "then: $?"')
  await shows(page, /then: 130/)
  await context.close()
})

test('a file that is chosen on the page is in the shell, by script and without', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await site.browser.newContext({ javaScriptEnabled })
    const { page, complaints } = await openPage(context)
    await page.goto(`${site.url}/sandboxes`)
    await page.getByRole('button', { name: 'Create cluster' }).click()
    await page.waitForURL(/\/sandboxes\/\w+$/)
    await page.locator('summary', { hasText: 'Put a file' }).click()
    await page.getByRole('button', { name: 'Put it there' }).click()
    await page.getByText('Choose a file first.').waitFor()
    assert.equal(await page.getByLabel('File', { exact: true }).getAttribute('aria-invalid'), 'true')
    await page
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'mine.yaml', mimeType: 'text/yaml', buffer: Buffer.from('a: 1\n') })
    await page.getByRole('button', { name: 'Put it there' }).click()
    await page.getByText('mine.yaml is in the home folder').waitFor()
    if (javaScriptEnabled) {
      await page.locator('.terminal-screen textarea').first().focus()
      await line(page, 'cat mine.yaml')
      await shows(page, /cat mine\.yaml\na: 1\n/)
    }
    assert.deepEqual(complaints, [])
    await context.close()
  }
})

test('only the owner’s page may open it', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page } = await openPage(context)
  await openTerminal(page)
  const stranger = await site.browser.newContext()
  const { page: other, complaints } = await openPage(stranger)
  await other.goto(`${site.url}/sandboxes`)
  const closed = await other.evaluate(
    (url) =>
      new Promise((done) => {
        const { WebSocket } = globalThis as unknown as {
          WebSocket: new (url: string) => { onopen: () => void; onerror: () => void }
        }
        const socket = new WebSocket(url)
        socket.onopen = () => done('open')
        socket.onerror = () => done('refused')
      }),
    `${page.url().replace('http:', 'ws:')}/terminal`,
  )
  assert.equal(closed, 'refused')
  assert.match(complaints.splice(0).join(), /^WebSocket connection .* 404$/)
  await context.close()
  await stranger.close()
})

test('a port is forwarded beside the line, and curl reaches the Pod through it', { skip }, async () => {
  const context = await site.browser.newContext()
  const { page, complaints } = await openPage(context)
  await openTerminal(page)
  await line(page, 'kubectl run web --image=nginx:1.27; kubectl wait --for=condition=Ready pod/web')
  await shows(page, /pod\/web condition met/)
  await line(page, 'kubectl port-forward web 8080:80 &')
  await shows(page, /\[1\] \d+\n[\s\S]*Forwarding from 127\.0\.0\.1:8080 -> 80/)
  await line(page, 'curl -s localhost:8080 | grep title')
  await shows(page, /<title>Welcome to nginx!<\/title>/)
  await shows(page, /Handling connection for 8080/)
  await line(page, 'kill %1')
  await shows(page, /\[1\]\+ {2}Terminated +kubectl port-forward web 8080:80/)
  assert.deepEqual(complaints, [])
  await context.close()
})
