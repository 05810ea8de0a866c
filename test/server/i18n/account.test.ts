import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createTestApp, visitor } from '../support.ts'
import { englishIn } from './english-in.ts'

/** Names, and values as the file's format has them. */
const given = [
  ...['maple-otter-4821', 'ann@example.org', 'podium-data.json', 'answers[0].id', 'attempts', 'name@example.org'],
  ...['类型必须是 string', '"sure", "fairly", "guess"', '"right", "partly", "wrong"'],
]
const passphrase = 'acorn river maple stone olive'

async function walk() {
  const pages: { name: string; html: string }[] = []
  const mail = { send: async () => undefined }
  const { app } = await createTestApp({ mail, logger: pino({ level: 'info' }, { write: () => undefined }) })
  const open = async () => {
    const guest = await visitor(app)
    const token = async () => /name="_csrf" value="([^"]+)"/.exec((await guest.get('/help')).text)![1]!
    const keep = (name: string, response: { text: string; status: number }) => {
      if (response.status !== 303) pages.push({ name: `${name} ${response.status}`, html: response.text })
    }
    return {
      see: async (path: string) => keep(path, await guest.get(path).set('Accept-Language', 'zh')),
      post: async (path: string, fields: Record<string, string> = {}) =>
        keep(
          `${path} ${Object.keys(fields).join()}`,
          await guest.agent
            .post(path)
            .set('Accept-Language', 'zh')
            .type('form')
            .send(new URLSearchParams({ _csrf: await token(), ...fields }).toString()),
        ),
      file: async (name: string, text: string) =>
        keep(
          name,
          await guest.agent
            .post('/progress/import')
            .set('Accept-Language', 'zh')
            .field('_csrf', await token())
            .attach('file', Buffer.from(text), 'podium-data.json'),
        ),
      data: async () => (await guest.get('/progress/export')).text,
    }
  }
  const own = { name: 'maple-otter-4821', which: 'own', own: passphrase, again: passphrase }
  const home = await open()
  await home.see('/account')
  await home.see('/account/sign-in')
  await home.see('/account/link?token=x')
  const changes: Record<string, string>[] = [
    { own: '' },
    { own: 'short' },
    { own: 'x'.repeat(20) },
    { again: 'other' },
    { name: 'x' },
    { which: 'made', made: 'x' },
  ]
  for (const change of changes) await home.post('/account', { ...own, ...change })
  await home.post('/account/sign-in', { name: 'nobody', passphrase: 'x' })
  await home.post('/account/links')
  await home.post('/account/links', { who: 'nobody' })
  await home.see('/account/sign-in?link=sent')
  await home.post('/questions/pod/always/answer', { v: '1', answer: 'a' })
  await home.post('/account', own)
  for (const done of [
    'made',
    'signed-in',
    'merged',
    'left',
    'others',
    'passphrase',
    'mail',
    'mail-sent',
    'mail-removed',
  ])
    await home.see(`/account?done=${done}`)
  await home.post('/account/passphrase', { ...own, current: 'x' })
  await home.post('/account/mail', { mail: 'x' })
  await home.see('/account/delete')
  await home.post('/account/delete')
  await home.post('/account/delete', { confirm: 'yes' })
  await home.post('/progress/delete', { confirm: 'yes', account: 'yes' })
  await home.see('/progress/delete')
  await home.post('/progress/delete')
  await home.see('/progress/import')
  await home.file('no file', '')
  await home.file('a broken file', '{"answers": [{"id": 7}]}')
  const data = await home.data()
  const away = await open()
  await away.post('/study/bookmarks', { item: 'question:pod/always', on: 'yes' })
  await away.file('a file', data)
  await away.see('/progress/import')
  await away.post('/account/sign-in', { name: own.name, passphrase })
  await away.see('/account/before?choose=yes')
  await away.see('/account')
  await home.post('/account/mail', { do: 'remove' })
  for (let n = 0; n < 10; n++) await home.post('/account/delete', { confirm: 'yes' })
  await home.post('/account/sign-out', { which: 'others' })
  await away.see('/account?done=signed-out')
  const stranger = await open()
  for (let n = 0; n < 11; n++) await stranger.post('/account/sign-in', { name: own.name, passphrase: 'x' })
  for (let n = 0; n < 4; n++) await stranger.post('/account/links', { who: own.name })
  for (let n = 0; n < 21; n++) await stranger.post('/account', own)
  // The last of each kind: what came before it is the same.
  return [...new Map(pages.map((page) => [page.name, page])).values()]
}

for (const { name, html } of await walk())
  test(`in Chinese: ${name}`, () => {
    assert.match(html, /<html lang="zh-Hans">/)
    assert.deepEqual(englishIn(html, given), [])
  })
