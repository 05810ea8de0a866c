/** Scripts and styles: what comes compressed says the same, and the build's form of it is the smallest. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { brotliDecompressSync, gzipSync } from 'node:zlib'
import supertest from 'supertest'
import { createApp } from '../../../server/app.ts'
import { compressAssets, readAssets } from '../../../server/render/assets.ts'
import { createTestApp } from '../support.ts'

/** Where the build puts what it compressed; for as long as the test takes. */
async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-assets-'))
  try {
    await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('each script and style comes as it is, in gzip, or as the build compressed it, and says the same', () =>
  inFolder(async (folder) => {
    compressAssets(folder)
    const { deps } = await createTestApp()
    const assets = readAssets({ folder })
    const app = createApp({ ...deps, renderer: { ...deps.renderer, assets } })
    assert.ok(assets.length > 20)
    for (const { path, type, text, brotli } of assets) {
      const asked = async (encodings: string) => {
        const { headers, body } = await supertest(app)
          .get(`/static${path}`)
          .set('Accept-Encoding', encodings)
          .buffer(true)
          .parse((res, done) => {
            const parts: Buffer[] = []
            res.on('data', (part: Buffer) => parts.push(part)).on('end', () => done(null, Buffer.concat(parts)))
          })
          .expect(200)
          .expect('Content-Type', type === 'css' ? /^text\/css/ : /javascript/)
          .expect('Vary', /Accept-Encoding/)
          .expect('Cache-Control', /max-age=31536000, immutable/)
        return { encoding: headers['content-encoding'], got: body as Buffer }
      }
      const same = Buffer.from(text)
      const plain = await asked('identity')
      assert.equal(plain.encoding, undefined)
      assert.ok(plain.got.equals(same), path)
      // As browsers ask. Whether supertest has unpacked it depends on its version.
      const packed = await asked('gzip, deflate, br')
      assert.equal(packed.encoding, 'br', path)
      assert.ok(packed.got.equals(brotli!) || packed.got.equals(same), path)
      const refused = await asked('gzip, br;q=0')
      if (text.length > 1024) assert.equal(refused.encoding, 'gzip', path)
      assert.ok(refused.got.equals(same), path)
    }
  }))

test('the build compresses each of them, and what it made of another text is not taken', () =>
  inFolder(async (folder) => {
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
  }))

test('while developing they are read anew, and never taken from the build', () => {
  for (const asset of readAssets({ isReadAnew: true })) assert.equal(asset.brotli, undefined)
})
