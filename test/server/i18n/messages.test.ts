// Every text of the interface has its translation, and every translation its text.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { locales, original } from '../../../server/i18n/locale.ts'
import { messageFilesOf, messagesOf } from '../../../server/i18n/messages.ts'

/** Texts with where they are used: literals given to `t`, `th`, `msg`, and the second form given to `tn`. */
function textsUsedIn(folders: readonly string[]): Map<string, string> {
  const literal = `'(?:\\\\.|[^'\\\\\\n])*'|"(?:\\\\.|[^"\\\\\\n])*"|\`(?:\\\\.|[^\`\\\\$])*\``
  const calls = [
    new RegExp(`(?<![\\w.])(?:t|th|msg)\\(\\s*(${literal})`, 'g'),
    new RegExp(`(?<![\\w.])tn\\([^'"\`]+?,\\s*(?:${literal}),\\s*(${literal})`, 'g'),
  ]
  const found = new Map<string, string>()
  for (const folder of folders)
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|js|eta)$/.test(path) || path.startsWith('generated/') || path.startsWith('i18n/')) continue
      const code = readFileSync(`${folder}/${path}`, 'utf8')
      // A literal of the project's own code, as JavaScript reads it.
      for (const call of calls)
        for (const [, text] of code.matchAll(call))
          found.set(new Function(`return ${text}`)() as string, `${folder}/${path}`)
    }
  return found
}

const used = textsUsedIn(['server', 'sim', 'views', 'static'])
const usedByBrowser = textsUsedIn(['static'])

for (const locale of locales.filter((each) => each !== original)) {
  test(`${locale}: every text of the interface is translated`, () => {
    assert.ok(used.size > 10, `only ${used.size} texts were found`)
    const messages = messagesOf(locale)
    assert.deepEqual(
      [...used].filter(([text]) => !messages.has(text)).map(([text, path]) => `${path}: ${text}`),
      [],
    )
  })

  test(`${locale}: scripts find their texts in browser.yaml`, () => {
    const texts = messageFilesOf(locale)['browser.yaml'] ?? {}
    assert.deepEqual(
      [...usedByBrowser].filter(([text]) => !(text in texts)).map(([text, path]) => `${path}: ${text}`),
      [],
    )
  })

  test(`${locale}: no translation is left of a text that is gone`, () => {
    assert.deepEqual(
      [...messagesOf(locale).keys()].filter((text) => !used.has(text)),
      [],
    )
  })

  test(`${locale}: values and markup are those of the original`, () => {
    const marksOf = (text: string) => [...text.matchAll(/\{\w+\}|<\/?[a-z]+>/g)].map(([mark]) => mark).sort()
    for (const [text, translation] of messagesOf(locale))
      assert.deepEqual(marksOf(translation), marksOf(text), `${text}\n${translation}`)
  })
}
