/** The client library of Kubernetes for Python against `npm run sandbox`, over HTTPS with the kubeconfig that it writes. */
import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { program, root } from '../support/programs.ts'

/** Debian's, whose package python3-kubernetes belongs to. */
const python = '/usr/bin/python3'
const hasLibrary = spawnSync(python, ['-c', 'import kubernetes'], { timeout: 60_000 }).status === 0
const skip = hasLibrary || process.env.CI ? false : 'there is no client library (apt-get install python3-kubernetes)'
const patienceMs = 120_000

test('objects, watches, exec, logs and refusals are as the library for Python expects them', { skip }, async () => {
  const sandbox = spawn(process.execPath, [...program('scripts/sandbox.ts'), '--speed', '5'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const line = await new Promise<string>((done, failed) => {
      sandbox.once('exit', (code) => failed(new Error(`the sandbox ended with ${code}`)))
      createInterface({ input: sandbox.stdout! }).once('line', done)
    })
    const { kubeconfig } = JSON.parse(line) as { kubeconfig: string }
    const { stdout } = await promisify(execFile)(python, [`${root}test/clients/python-client.py`, kubeconfig], {
      timeout: patienceMs,
    })
    assert.deepEqual(
      Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((told) => JSON.parse(told)),
      ),
      {
        version: 'v1.36.2',
        watch: 2,
        exec: 'out\nerr\nPOD\n',
        log: true,
        scale: 3,
        dynamic: '1',
        gone: [404, 'configmaps "a" not found'],
        secret: { p: 'cQ==' },
        invalid: [
          422,
          `ConfigMap "UP" is invalid: metadata.name: Invalid value: "UP": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        ],
      },
    )
  } finally {
    const over = new Promise((done) => sandbox.once('exit', done))
    sandbox.kill('SIGTERM')
    await over
  }
})
