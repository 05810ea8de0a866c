// No Location leads off the site, whatever somebody has made of an address.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { localAddress } from '../../../server/render/local-address.ts'
import { createTestApp, fixtureFolder } from '../support.ts'

const origin = 'http://site.example'

/** Pieces of which addresses are made that lead elsewhere. */
const piece = fc.constantFrom(
  ...['/', '//', '\\', '.', '..', '%2e', '%2E%2e', '%2f', '%5c', '\t', '\n', '@', ':', 'http:', '#', '?', '&', 'x'],
  ...['evil.example', '[', ']', '%', '\u3002', '\ud800', ' ', ';', 'lessons', '?lang=zh', '/..'],
)
const address = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))

test('an address that is built of anything is resolved to the site itself', () => {
  fc.assert(
    fc.property(fc.oneof(address, fc.string()), (text) => {
      const local = localAddress(text)
      assert.equal(new URL(local, origin).origin, origin, local)
      assert.match(local, /^\/(?![/\\])/)
      assert.equal(localAddress(local), local)
    }),
    { numRuns: 5000 },
  )
})

test('an address of the site stays as it is', () => {
  for (const same of ['/', '/lessons/pod/life?run=a-1#demo-a', '/questions?section=pod&level=1', '/a//b', '/%E4%B8%AD'])
    assert.equal(localAddress(same), same)
})

/** As a raw client asks: nothing tidies the address on its way. */
function rawGet(port: number, path: string): Promise<string | undefined> {
  return new Promise((done, fail) => {
    const asked = request({ port, path, host: '127.0.0.1' }, (answer) => {
      answer.resume()
      done(answer.headers.location)
    })
    asked.on('error', fail)
    asked.end()
  })
}

test('no answer to a path has a Location off the site', async () => {
  const catalog = await loadCatalogOrThrow(fixtureFolder)
  const moved = new Map([['lesson:pod/gone', 'lesson:pod/life']])
  const { app } = await createTestApp({ catalog: () => ({ ...catalog, moved }) })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as AddressInfo
  try {
    const known = ['/.//evil.example', '/x/..//evil.example', '/%2e//evil.example', '/%2e%2e//evil.example']
    const others = [
      '//evil.example',
      '/\\evil.example',
      '/.\\/evil.example',
      '/%2F/evil.example',
      '/%5c%5cevil.example',
    ]
    let redirected = 0
    const check = async (path: string) => {
      const location = await rawGet(port, path)
      if (location === undefined) return
      redirected++
      assert.equal(new URL(location, origin).origin, origin, `${path} leads to ${location}`)
    }
    for (const path of [...known, ...others]) await check(`${path}?lang=zh`)
    assert.equal(redirected, 9)
    for (const path of ['/static/css', '/static//evil.example/..', '/lessons/pod/gone/..//../..//evil.example'])
      await check(path)
    const wire = fc.stringMatching(/^[!-~]*$/)
    const paths = fc.oneof(
      address.filter((text) => /^[!-~]*$/.test(text)),
      wire,
    )
    await fc.assert(
      fc.asyncProperty(paths, (text) => check(`/${text}${text.includes('?') ? '&' : '?'}lang=zh`)),
      { numRuns: 150 },
    )
  } finally {
    server.close()
    server.closeAllConnections()
  }
})

test('only one function builds addresses to be sent to', () => {
  const files = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const by = (pattern: RegExp) => files.filter((path) => pattern.test(readFileSync(`server/${path}`, 'utf8'))).sort()
  assert.deepEqual(by(/['"]Location['"]|writeHead\(3|\bres\.location\b/i), ['middleware/local-redirects.ts'])
  assert.deepEqual(by(/['"]HX-Redirect['"]|['"]HX-Location['"]/), ['render/page.ts'])
})
