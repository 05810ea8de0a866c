/** The linter of the Dockerfile knows what it is for, and the Dockerfile passes it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
// @ts-expect-error a script without types
import { lintDockerfile, parseDockerfile, stagesOf } from '../../scripts/image/dockerfile.mjs'

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const [shipped, ignored] = [read('Dockerfile'), read('.dockerignore')]
const lint = (text: string, without = ignored): string[] => lintDockerfile(text, without)

test('the Dockerfile has no problems, two stages of one version, and a last one that is not root', () => {
  assert.deepEqual(lint(shipped), [])
  const stages = stagesOf(parseDockerfile(shipped)) as { from: string }[]
  assert.equal(stages.length, 2)
  assert.equal(stages[0]!.from, stages[1]!.from)
})

for (const { name, from, to, said } of [
  {
    name: 'an image without a version',
    from: /node:\S+/,
    to: 'node:latest',
    said: /node:latest is another image tomorrow/,
  },
  { name: 'an image without a tag', from: /node:\S+/, to: 'node', said: /node is another image tomorrow/ },
  { name: 'root', from: /^USER .*$/m, to: '', said: /it runs as root/ },
  { name: 'root by number', from: /^USER .*$/m, to: 'USER 0', said: /number other than 0/ },
  { name: 'a user by name', from: /^USER .*$/m, to: 'USER node', said: /number other than 0/ },
  {
    name: 'a shell around the server',
    from: /^CMD .*$/m,
    to: 'CMD node dist/server/index.js',
    said: /keeps signals from the server/,
  },
  { name: 'no health check', from: /^HEALTHCHECK .*$/m, to: '', said: /one HEALTHCHECK/ },
  { name: 'npm install', from: /npm ci/, to: 'npm install', said: /npm ci/ },
  { name: 'a secret', from: /^EXPOSE/m, to: 'ENV SESSION_SECRET=abc\nEXPOSE', said: /a secret in ENV/ },
  { name: 'the whole context', from: /^EXPOSE/m, to: 'COPY . .\nEXPOSE', said: /whole context/ },
  { name: 'ADD', from: /^EXPOSE/m, to: 'ADD x.tar.gz /\nEXPOSE', said: /COPY says what it does/ },
  { name: 'RUN behind USER', from: /^EXPOSE/m, to: 'RUN id\nEXPOSE', said: /RUN behind USER/ },
  { name: 'apt-get alone', from: /^USER/m, to: 'RUN apt-get install -y x\nUSER', said: /apt-get update before it/ },
  { name: 'unseen scripts', from: /^USER/m, to: 'RUN curl https://example.org/x | sh\nUSER', said: /run unseen/ },
  { name: 'a relative folder', from: /WORKDIR \/app/, to: 'WORKDIR app', said: /has to be absolute/ },
])
  test(`${name} is told with its line`, () => {
    assert.match(shipped, from)
    const problems = lint(shipped.replace(from, to))
    assert.match(problems.join('\n'), said)
    assert.match(problems[0]!, /^Dockerfile:\d+: /)
  })

test('a context with secrets and the history in it is told', () => {
  assert.deepEqual(
    lint(shipped, 'node_modules\n'),
    ['.git', 'data', '**/.env*'].map((entry) => `.dockerignore: ${entry} is not in it`),
  )
})

test('an instruction over several lines is one, and comments between are none', () => {
  assert.deepEqual(parseDockerfile('# x\nFROM a:1 AS b\nRUN x \\\n  && y\n'), [
    { line: 2, name: 'FROM', rest: 'a:1 AS b' },
    { line: 3, name: 'RUN', rest: 'x && y' },
  ])
})
