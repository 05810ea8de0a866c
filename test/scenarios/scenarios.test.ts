/** Plays every transcript beside it, or in the folder or file that TRANSCRIPTS names: `UPDATE_GOLDEN=1` writes what the cluster says into them instead. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseTranscript, playTranscript, printTranscript } from './transcript.ts'

const place = join('test/scenarios', process.env.TRANSCRIPTS ?? '')
const paths = place.endsWith('.txt')
  ? [place]
  : readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.txt'))
      .map((path) => `${place}/${path.replaceAll('\\', '/')}`)
      .sort()

for (const path of paths) {
  const text = readFileSync(path, 'utf8')
  const transcript = parseTranscript(text, path)
  test(transcript.name, () => {
    const printed = printTranscript(transcript, playTranscript(transcript))
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, printed)
    else assert.equal(printed, text, path)
  })
}

test('there are transcripts, each of a behaviour of its own', () => {
  const names = paths.map((path) => parseTranscript(readFileSync(path, 'utf8'), path).name)
  assert.ok(names.length > 0)
  assert.equal(new Set(names).size, names.length)
})
