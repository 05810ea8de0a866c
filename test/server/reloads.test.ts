import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { program } from '../support/programs.ts'
import { fixtureFolder } from './support.ts'

const root = new URL('../../', import.meta.url).pathname

async function withServer(
  env: Record<string, string>,
  act: (site: { url: string; content: string; text: () => string }) => Promise<void>,
): Promise<void> {
  const content = await mkdtemp(join(tmpdir(), 'podium-reloads-'))
  await cp(fixtureFolder, content, { recursive: true })
  const child = spawn(process.execPath, [...program('server/index.ts')], {
    cwd: root,
    env: {
      ...process.env,
      ...{ PORT: '0', HOST: '127.0.0.1', WORKERS: '1', STORAGE: 'memory', CONTENT_DIR: content, LOG_LEVEL: 'info' },
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8')
  try {
    while (!/"msg":"Podium is at ([^"]+)"/.test(said)) said += (await once(child.stdout, 'data'))[0]
    child.stdout.on('data', (part: string) => {
      said += part
    })
    const url = /Podium is at (http:\/\/localhost:\d+)/.exec(said)![1]!.replace('localhost', '127.0.0.1')
    await act({ url, content, text: () => said })
  } finally {
    child.kill()
    await once(child, 'close')
    await rm(content, { recursive: true })
  }
}

/** The states that `/reloads` tells, one at a time. */
async function* statesOf(url: string): AsyncGenerator<string> {
  const response = await fetch(`${url}/reloads`, { signal: AbortSignal.timeout(60_000) })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  let text = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield /^data: (.*)$/m.exec(text.slice(0, end))![1]!
      text = text.slice(end + 2)
    }
  }
}

test('while developing, saved content is told when the pages show it, and the pages listen', async () => {
  await withServer({ NODE_ENV: 'development' }, async ({ url, content }) => {
    assert.match(await (await fetch(`${url}/help`)).text(), /<script src="\/static\/js\/reload\.js/)
    const states = statesOf(url)
    await states.next()
    const file = join(content, 'lessons/pod/life.md')
    const lesson = await readFile(file, 'utf8')
    for (const title of ['A title that was saved', 'And one saved after it']) {
      await writeFile(file, lesson.replace(/^title: .*$/m, `title: ${title}`))
      // Something else may be saved at the same time: a style, by whoever works on it.
      do assert.equal((await states.next()).done, false)
      while (!(await (await fetch(`${url}/lessons/pod/life`)).text()).includes(title))
    }
    await states.return(undefined)
  })
})

test('in production nobody listens and nothing tells', async () => {
  await withServer({ NODE_ENV: 'production' }, async ({ url }) => {
    assert.equal((await fetch(`${url}/reloads`)).status, 404)
    assert.doesNotMatch(await (await fetch(`${url}/help`)).text(), /reload\.js/)
  })
})
