/** The end of the process as a load balancer and those who are there see it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { program } from '../support/programs.ts'
import { until } from '../support/until.ts'
import { fixtureFolder } from './support.ts'

const root = new URL('../../', import.meta.url).pathname

test('SIGTERM: not ready, still answering, streams end with a word, an open request ends, exit 0', async () => {
  const child = spawn(process.execPath, [...program('server/index.ts')], {
    cwd: root,
    env: {
      ...process.env,
      ...{ PORT: '0', HOST: '127.0.0.1', METRICS_PORT: '0', WORKERS: '1', STORAGE: 'memory', DRAIN_SECONDS: '4' },
      CONTENT_DIR: fixtureFolder,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  try {
    while (!/metrics are at/.test(text) || !/Podium is at/.test(text)) await once(child.stdout, 'data')
    const url = `http://127.0.0.1:${/"port":(\d+)/.exec(text)![1]}`
    const metrics = /metrics are at (\S+metrics)/.exec(text)![1]!
    assert.match(metrics, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const status = async (path: string) => (await fetch(url + path)).status
    await until(async () => (await status('/readyz')) === 200, 'it is ready')
    assert.match(await (await fetch(metrics)).text(), /podium_ready 1\n/)
    // A sandbox's page stays open for what changes.
    const first = await fetch(`${url}/sandboxes`)
    const cookie = String(first.headers.get('set-cookie')).split(';')[0]!
    const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(await first.text())!
    const body = new URLSearchParams({ _csrf: csrf!, name: 'box', nodes: '1' })
    const made = await fetch(`${url}/sandboxes`, { method: 'POST', body, headers: { cookie }, redirect: 'manual' })
    assert.equal(made.status, 303)
    const live = await fetch(`${url}${new URL(made.headers.get('location')!, url).pathname}/live`, {
      headers: { cookie },
    })
    assert.match(live.headers.get('content-type')!, /event-stream/)
    const stream = live.text()
    // A form that is still on its way when the signal comes.
    const slow = request(`${url}/try`, {
      ...{
        method: 'POST',
        headers: { cookie, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': 6 + csrf!.length },
      },
    })
    const slowAnswer = once(slow, 'response')
    slow.write('_csrf=')
    const toldMs = performance.now()
    child.kill('SIGTERM')
    const closed = once(child, 'close')
    await until(async () => (await status('/readyz')) === 503, 'it says that it is not ready')
    const help = await fetch(`${url}/help`)
    assert.deepEqual([help.status, help.headers.get('connection')], [200, 'close'])
    assert.equal(await status('/healthz'), 200)
    assert.match(await (await fetch(metrics)).text(), /podium_not_ready\{part="stopping"\} 1\n/)
    assert.match(await stream, /event: stopping\nretry: [12]\d{3}\ndata: the server is stopping\n\n$/)
    await assert.rejects(fetch(`${url}/help`), 'nothing new is taken any more')
    slow.end(csrf)
    const [answer] = await slowAnswer
    answer.resume()
    assert.equal(answer.statusCode, 303)
    const [code] = await closed
    const tookMs = performance.now() - toldMs
    assert.equal(code, 0, text)
    assert.ok(tookMs > 4000, `it took ${tookMs} ms`)
  } finally {
    child.kill('SIGKILL')
  }
})
