/** Scripts and styles: what comes compressed says the same, and the build's form of it is the smallest. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gzipSync } from 'node:zlib'
import supertest from 'supertest'
import { compressAssets, readAssets } from '../../../server/render/assets.ts'
import { createTestApp } from '../support.ts'

test('each script and style is served to whoever takes no compression, gzip or br, and says the same', async () => {
  const { app } = await createTestApp()
  const assets = readAssets()
  assert.ok(assets.length > 20)
  for (const { path, type, text, brotli } of assets) {
    const asked = (encoding: string) =>
      supertest(app)
        .get(`/static${path}`)
        .set('Accept-Encoding', encoding)
        .buffer(true)
        .parse((res, done) => {
          const parts: Buffer[] = []
          res.on('data', (part: Buffer) => parts.push(part)).on('end', () => done(null, Buffer.concat(parts)))
        })
        .expect(200)
        .expect('Content-Type', type === 'css' ? /^text\/css/ : /javascript/)
        .expect('Vary', /Accept-Encoding/)
        .expect('Cache-Control', /max-age=31536000, immutable/)
    const plain = await asked('identity')
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.ok((plain.body as Buffer).equals(Buffer.from(text)), path)
    // supertest unpacks what is in gzip, not always what is in br.
    const { headers, body } = await asked('gzip, br')
    const got = body as Buffer
    if (text.length < 1024 && brotli === undefined) continue
    assert.match(String(headers['content-encoding']), /^(?:br|gzip)$/, path)
    const isPacked = headers['content-encoding'] === 'br' && brotli !== undefined && got.equals(brotli)
    assert.ok((isPacked ? brotliDecompressSync(got) : got).equals(Buffer.from(text)), path)
    const other = await asked('gzip, br;q=0')
    assert.notEqual(other.headers['content-encoding'], 'br')
  }
})

test('the build compresses each of them, and what it made of another text is not taken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-assets-'))
  try {
    const { characters, bytes } = compressAssets(folder)
    let total = 0
    for (const { path, text, brotli } of readAssets({ folder })) {
      assert.ok(brotli, path)
      assert.equal(brotliDecompressSync(brotli).toString(), text)
      assert.ok(text.length < 1000 || brotli.length < gzipSync(text).length, path)
      total += text.length
    }
    assert.equal(characters, total)
    assert.ok(bytes < characters / 3, `${bytes} of ${characters}`)
    for (const file of await readdir(folder)) await rename(join(folder, file), join(folder, `0${file.slice(1)}`))
    const left = readAssets({ folder }).filter(({ brotli }) => brotli)
    assert.ok(left.length < 6, String(left.length))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('while developing they are read anew, and never taken from the build', () => {
  for (const asset of readAssets({ isReadAnew: true })) assert.equal(asset.brotli, undefined)
})
