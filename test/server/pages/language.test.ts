// The language of a page: chosen by its address, kept by a cookie, else the browser's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import supertest from 'supertest'
import { createTestApp, visitor } from '../support.ts'

const langOf = (html: string) => /<html lang="([^"]+)"/.exec(html)?.[1]

test('a page is in the language that the browser prefers, as far as there is a choice', async () => {
  const { app } = await createTestApp()
  const asked = async (accept: string) =>
    langOf((await supertest(app).get('/help').set('Accept-Language', accept)).text)
  assert.equal(await asked('zh-CN,zh;q=0.9,en;q=0.8'), 'zh-Hans')
  assert.equal(await asked('en-GB,zh;q=0.5'), 'en')
  assert.equal(await asked('fr'), 'en')
  assert.equal(langOf((await supertest(app).get('/help')).text), 'en')
  const page = await supertest(app).get('/help')
  assert.match(String(page.headers.vary), /Accept-Language/)
})

test('an address that names a language leads to the page itself, and the choice lasts', async () => {
  const { app } = await createTestApp()
  const { agent } = await visitor(app)
  const chosen = await agent.get('/questions?section=pod&lang=zh&level=1').expect(303)
  assert.equal(chosen.headers.location, '/questions?section=pod&level=1')
  assert.match(String(chosen.headers['set-cookie']), /podium-lang=zh; Max-Age=\d+; Path=\/;.*HttpOnly; SameSite=Lax/)
  const page = await agent.get('/questions').set('Accept-Language', 'en')
  assert.equal(langOf(page.text), 'zh-Hans')
  assert.match(page.text, /<h1>题目<\/h1>/)
  assert.match(page.text, /<a href="\/questions\?lang=en" hreflang="en" lang="en" data-language>English<\/a>/)
  await agent.get('/questions?lang=en').expect(303)
  assert.equal(langOf((await agent.get('/questions').set('Accept-Language', 'zh')).text), 'en')
})

test('a language that there is not changes nothing, and nobody is sent to another site', async () => {
  const { app } = await createTestApp()
  const page = await supertest(app).get('/help?lang=fr').expect(200)
  assert.equal(page.headers['set-cookie']?.includes('podium-lang'), false)
  for (const path of ['//evil.example/x?lang=zh', '/\\evil.example?lang=zh', '/%2F/evil.example?lang=zh']) {
    const { headers } = await supertest(app).get(path)
    if (headers.location) assert.match(headers.location, /^\/(?![/\\])/, path)
  }
})

test('an address that would be no URL by itself is answered like any other', async () => {
  const { app } = await createTestApp()
  assert.match((await supertest(app).get('//').expect(200)).text, /href="\/\?lang=zh"/)
  const missing = await supertest(app).get('//other.example/x').expect(404)
  assert.doesNotMatch(missing.text, /href="\/\/other/)
  await supertest(app).get('//?lang=zh').expect(303).expect('Location', '/')
  await supertest(app).get('//[').expect(404)
})

test('what is refused is told in the language of the page, which can still be changed', async () => {
  const { app } = await createTestApp()
  const learner = await visitor(app)
  const refused = await learner.agent
    .post('/questions/pod/choose/answer')
    .set('Accept-Language', 'zh-CN')
    .set('Referer', 'http://127.0.0.1/questions/pod/choose?v=2')
    .type('form')
    .send({ _csrf: learner.token })
    .expect(422)
  assert.equal(langOf(refused.text), 'zh-Hans')
  assert.match(refused.text, /没有评判，也不占次数。/)
  assert.match(refused.text, /href="\/questions\/pod\/choose\?v=2&amp;lang=en"/)
  const missing = await supertest(app).get('/nowhere').set('Accept-Language', 'zh').expect(404)
  assert.match(missing.text, /这个页面不存在。/)
  const forged = await supertest(app).post('/study/read').set('Accept-Language', 'zh').expect(403)
  assert.match(forged.text, /这个表单已经过期/)
})

test('requests at the same time are each answered in their own language', async () => {
  const { app } = await createTestApp()
  const pages = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const accept = n % 2 ? 'zh' : 'en'
      const { text } = await supertest(app).get('/lessons/pod/life').set('Accept-Language', accept)
      return [accept, langOf(text), /资料来源/.test(text)]
    }),
  )
  for (const [accept, lang, isChinese] of pages)
    assert.deepEqual([lang, isChinese], accept === 'zh' ? ['zh-Hans', true] : ['en', false])
})

test('what is not translated says in which language it is', async () => {
  const { app } = await createTestApp()
  const page = await supertest(app).get('/lessons/pod/life').set('Accept-Language', 'zh')
  assert.match(page.text, /<h1 lang="en">/)
  assert.match(page.text, /先显示英文原文/)
  const english = await supertest(app).get('/lessons/pod/life')
  assert.doesNotMatch(english.text, /<h1 lang=/)
})
