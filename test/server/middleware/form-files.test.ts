// Forms with files: what arrives is what was sent, whatever the pieces it comes in; what is broken is refused, and nothing stays open.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { type IncomingMessage, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import fc from 'fast-check'
import request from 'supertest'
import { formFiles, spooledFormFiles } from '../../../server/middleware/form-files.ts'
import type { FormFile, SpooledFile } from '../../../server/pages/form.ts'

const boundary = 'b0undary'
const type = { 'Content-Type': `multipart/form-data; boundary=${boundary}` }
const part = (head: string, content: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`
const end = `--${boundary}--\r\n`

/** Tells of the body what can be written as JSON. */
const tell: RequestHandler = async (req, res) => {
  const told: [string, unknown][] = []
  for (const [name, value] of Object.entries(req.body as Record<string, string | FormFile | SpooledFile>)) {
    if (typeof value === 'string') told.push([name, value])
    else if ('bytes' in value) told.push([name, [value.fileName, value.bytes.toString('latin1')]])
    else {
      const bytes = Buffer.alloc(value.length)
      await value.handle.read(bytes, 0, value.length, 0)
      told.push([name, [value.fileName, bytes.toString('latin1')]])
    }
  }
  res.json(Object.fromEntries(told))
}
const refuse: ErrorRequestHandler = (error, _req, res, _next) =>
  void res.status(error.status ?? 500).send(error.message)
const appWith = (reader: RequestHandler) => express().post('/', reader, reader, tell).use(refuse)

const readers = { 'in memory': formFiles(100_000), 'on disk': spooledFormFiles(100_000) }

for (const [where, reader] of Object.entries(readers)) {
  const app = appWith(reader)

  test(`texts and files of a form are read, ${where}`, async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 256))
    const answer = await request(app)
      .post('/')
      .field('word', 'grün 🌱')
      .field('__proto__', 'a name as any other')
      .attach('file', bytes, '../../配置.json')
    assert.equal(answer.status, 200, answer.text)
    const told = new Map(Object.entries(JSON.parse(answer.text)))
    assert.equal(told.get('word'), 'grün 🌱')
    assert.deepEqual(told.get('file'), ['配置.json', bytes.toString('latin1')])
  })

  test(`a control without a file is one without a name, ${where}`, async () => {
    const body = part('name="file"; filename=""\r\nContent-Type: application/octet-stream', '') + end
    const answer = await request(app).post('/').set(type).send(body)
    assert.deepEqual([answer.status, answer.body], [200, { file: ['', ''] }])
  })

  for (const [what, headers, body] of [
    ['that ends too early', type, part('name="a"', 'x')],
    ['whose file ends too early', type, part('name="file"; filename="a"', 'x').slice(0, -2)],
    ['that has no boundary', { 'Content-Type': 'multipart/form-data' }, part('name="a"', 'x') + end],
    ['with another boundary', { 'Content-Type': 'multipart/form-data; boundary=other' }, part('name="a"', 'x') + end],
  ] as const)
    test(`a form ${what} is refused, ${where}`, async () => {
      const answer = await request(app).post('/').set(headers).send(body)
      assert.deepEqual([answer.status, answer.text], [400, 'This form could not be read. Go back and send it again.'])
    })

  test(`a form that is too large is refused by what it says of its length, ${where}`, async () => {
    const answer = await request(app).post('/').attach('file', Buffer.alloc(100_001), 'a')
    assert.equal(answer.status, 413)
  })

  test(`so many texts and files are read, and one more is refused, not left out, ${where}`, async () => {
    const many = (count: number, head: (n: number) => string) =>
      Array.from({ length: count }, (_, n) => part(head(n), 'x')).join('')
    const texts = (count: number) => many(count, (n) => `name="t${n}"`)
    const files = (count: number) => many(count, (n) => `name="f${n}"; filename="a"`)
    const send = (body: string) =>
      request(app)
        .post('/')
        .set(type)
        .send(body + end)
    const most = await send(texts(200) + files(8))
    assert.deepEqual([most.status, Object.keys(most.body).length], [200, 208])
    assert.deepEqual((await send(texts(201) + files(8))).status, 413)
    assert.deepEqual((await send(texts(200) + files(9))).status, 400)
  })
}

/** The files without a name that are open here. */
const spooled = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('podium-form-')
    } catch {
      return false
    }
  }).length

async function listening(t: TestContext, reader: RequestHandler): Promise<number> {
  const server = appWith(reader).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

const linuxOnly = { skip: process.platform === 'linux' ? false : 'open files are listed in /proc' }

test('who leaves in the middle of a file leaves nothing behind', linuxOnly, async (t) => {
  const port = await listening(t, spooledFormFiles(100_000))
  const asked = send({ host: '127.0.0.1', port, method: 'POST', headers: { ...type, 'Content-Length': '90000' } })
  asked.on('error', () => undefined)
  asked.write(part('name="file"; filename="a"', 'x'.repeat(50_000)))
  while (spooled() === 0) await new Promise((done) => setTimeout(done, 5))
  asked.destroy()
  while (spooled() > 0) await new Promise((done) => setTimeout(done, 5))
})

test('files that were answered are closed', linuxOnly, async (t) => {
  const port = await listening(t, spooledFormFiles(100_000))
  for (let n = 0; n < 3; n++)
    assert.equal(
      (await request(`http://127.0.0.1:${port}`).post('/').attach('file', Buffer.alloc(50_000), 'a')).status,
      200,
    )
  while (spooled() > 0) await new Promise((done) => setTimeout(done, 5))
})

test('a form is answered whatever is broken in it, and nothing stays open', linuxOnly, async (t) => {
  const port = await listening(t, spooledFormFiles(100_000))
  const whole =
    part('name="a"', 'x') + part('name="f"; filename="q"\r\nContent-Type: text/plain', 'y'.repeat(200)) + end
  const pieces = [
    '\r\n',
    `--${boundary}`,
    `--${boundary}--`,
    '\r',
    '"',
    ';',
    '\0',
    '\r\n\r\n',
    'é',
    "filename*=utf-8''%zz",
  ]
  const change = fc.record({
    at: fc.nat(whole.length),
    cut: fc.nat(60),
    piece: fc.constantFrom('', ...pieces),
  })
  const sending = fc.record({ changes: fc.array(change, { maxLength: 4 }), firstBytes: fc.nat(400), leaves: fc.nat(9) })
  await fc.assert(
    fc.asyncProperty(sending, async ({ changes, firstBytes, leaves }) => {
      let text = whole
      for (const { at, cut, piece } of changes) text = text.slice(0, at) + piece + text.slice(at + cut)
      const bytes = Buffer.from(text)
      const headers = { ...type, 'Content-Length': bytes.length }
      const asked = send({ host: '127.0.0.1', port, method: 'POST', headers })
      asked.on('error', () => undefined)
      asked.write(bytes.subarray(0, firstBytes))
      if (leaves === 0) return void setTimeout(() => asked.destroy(), 1)
      setImmediate(() => asked.end(bytes.subarray(firstBytes)))
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      assert.ok(answer.statusCode === 200 || answer.statusCode === 400, String(answer.statusCode))
    }),
    { seed: 1, numRuns: 300 },
  )
  while (spooled() > 0) await new Promise((done) => setTimeout(done, 5))
})
