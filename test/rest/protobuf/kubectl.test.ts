/** The kubectl of today against what was recorded: what its typed commands send is what their JSON says. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { decodeProtobuf } from '../../../sim/rest/protobuf/decode.ts'
import { needsRealKubectl, realKubectl } from '../../support/real-kubectl.ts'
import { recordedBodies } from './bodies.ts'

const sent: Uint8Array[] = []

/** Takes what it is sent, and answers with an object of the kind that was recorded for the call. */
let answer: Record<string, unknown> = {}
const server = createServer((request, response) => {
  const chunks: Uint8Array[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    sent.push(Buffer.concat(chunks))
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
})

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => server.close())

const run = promisify(execFile)
const kubectl = async (args: readonly string[]): Promise<string> => {
  const { port } = server.address() as AddressInfo
  const { stdout } = await run(realKubectl(), ['--kubeconfig=/dev/null', `--server=http://127.0.0.1:${port}`, ...args])
  return stdout
}

/** Without what has to be there before the call: a file, another object, the names of resources. */
const calls = recordedBodies.filter(
  ({ args, printedBy }) =>
    printedBy === 'dry-run' &&
    args[0] === 'create' &&
    !/--(from|from-file|from-env-file|cert|resource)=/.test(args.join(' ')),
)

test('kubectl sends what its JSON says', needsRealKubectl, async () => {
  assert.ok(calls.length > 20)
  for (const { args, json } of calls) {
    answer = { apiVersion: json.apiVersion, kind: json.kind, metadata: { name: 'x' } }
    sent.length = 0
    await kubectl(args)
    assert.equal(sent.length, 1, args.join(' '))
    const dashes = args.includes('--') ? args.indexOf('--') : args.length
    const printed = await kubectl([...args.slice(0, dashes), '--dry-run=client', '-o=json', ...args.slice(dashes)])
    assert.deepEqual(decodeProtobuf(sent[0], { apiVersion: '', kind: '' }), JSON.parse(printed), args.join(' '))
  }
})
