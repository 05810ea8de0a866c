// Every text of the interface has its translation, and every translation its text.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { locales, original } from '../../../server/i18n/locale.ts'
import { messageFilesOf, messagesOf } from '../../../server/i18n/messages.ts'
import { textsUsedIn } from './texts-used.ts'

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
