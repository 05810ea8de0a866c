/** Files for other systems: statements and packages have the structure that their specifications ask for, and tell nothing too early. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { strFromU8, unzipSync } from 'fflate'
import { z } from 'zod'
import { isTurn } from '../../../scripts/turn.mjs'
import { parseConfig } from '../../../server/config.ts'
import { isExportable, itemOf, packageOf } from '../../../server/doors/qti.ts'
import type { NumericQuestion } from '../../../server/questions/numeric.ts'
import { type OrderQuestion, order } from '../../../server/questions/order.ts'
import { renderInline } from '../../../server/render/markdown.ts'
import { projectCatalog } from '../../support/content.ts'
import { manager } from '../pages/hiring-site.ts'
import { createTestApp, visitor } from '../support.ts'

/** What xAPI 1.0.3 asks of a statement, and nothing else. */
const languageMap = z.record(z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/), z.string())
const statement = z.strictObject({
  id: z.uuid(),
  actor: z.strictObject({
    objectType: z.literal('Agent'),
    account: z.strictObject({ homePage: z.url(), name: z.string().min(1) }),
  }),
  verb: z.strictObject({ id: z.url(), display: languageMap }),
  object: z.strictObject({
    objectType: z.literal('Activity'),
    id: z.url(),
    definition: z.strictObject({ type: z.url(), name: languageMap }),
  }),
  result: z
    .strictObject({
      score: z
        .strictObject({
          scaled: z.number().min(-1).max(1),
          ...{ raw: z.number().optional(), min: z.number().optional(), max: z.number().optional() },
        })
        .refine(({ raw, min, max }) => raw === undefined || (raw >= min! && raw <= max!))
        .optional(),
      success: z.boolean().optional(),
      completion: z.boolean().optional(),
      duration: z.iso.duration().optional(),
    })
    .optional(),
  context: z.strictObject({ platform: z.string(), language: z.string() }),
  timestamp: z.iso.datetime(),
})

test('a learner’s own work is statements, the same ones each time, with no id of the cookie', async () => {
  const { app } = await createTestApp({
    config: parseConfig({ LOG_LEVEL: 'silent', PUBLIC_URL: 'https://podium.example' }),
  })
  const guest = await visitor(app)
  const get = async () => JSON.parse((await guest.get('/progress/xapi').expect(200)).text) as unknown[]
  assert.deepEqual(await get(), [])
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'b' })
  await guest.post('/study/read', { item: 'lesson:pod/life', lesson: 'pod/life' })
  await guest.get('/challenges/three-pods')
  await guest.post('/challenges/three-pods', { do: 'kubectl', line: 'scale deployment web --replicas=3' })
  await guest.post('/challenges/three-pods', { do: 'grade' })
  const told = z.array(statement).parse(await get())
  const verbs = told.map(({ verb }) => verb.id.split('/').at(-1))
  assert.equal(verbs.includes('answered'), true)
  assert.equal(verbs.includes('passed') || verbs.includes('failed'), true)
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length)
  assert.deepEqual(await get(), told)
  const [id] = /[a-f0-9]{30}/.exec(guest.cookie)!
  assert.equal(JSON.stringify(told).includes(id), false)
  assert.deepEqual(JSON.parse((await (await visitor(app)).get('/progress/xapi')).text), [])
})

test('what a timed exam that is open asks is in no statement', async () => {
  const { app } = await createTestApp()
  const guest = await visitor(app)
  await guest.post('/questions/pod/always/answer', { v: '1', answer: 'b' })
  assert.match((await guest.get('/progress/xapi')).text, /questions\/pod\/always/)
  await guest
    .post('/study/exams', { pool: 'all', size: 'own', count: '60', minutes: '20', mode: 'timed', seed: 'one' })
    .expect(303)
  assert.doesNotMatch((await guest.get('/progress/xapi')).text, /questions\/pod\/always/)
})

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
})
interface Xml {
  [name: string]: (Xml & { '#text'?: string })[] & string
}

/** Checks an item as an importer would. */
function checkItem(xml: string): void {
  assert.equal(XMLValidator.validate(xml), true, xml)
  const [item] = (parser.parse(xml) as Xml)['qti-assessment-item']!
  assert.equal(item!.xmlns, 'http://www.imsglobal.org/xsd/imsqtiasi_v3p0')
  const [response] = item!['qti-response-declaration']!
  const values = response!['qti-correct-response']![0]!['qti-value']!.map((value) =>
    String((value as { '#text'?: string })['#text'] ?? value),
  )
  const [body] = item!['qti-item-body']!
  const [interaction] = body!['qti-choice-interaction'] ?? body!['qti-order-interaction'] ?? []
  assert.equal(values.length >= 1, true)
  if (interaction) {
    const ids = interaction['qti-simple-choice']!.map(({ identifier }) => String(identifier))
    assert.equal(new Set(ids).size, ids.length)
    assert.deepEqual(
      values.filter((value) => !ids.includes(value)),
      [],
    )
    assert.equal(response!['base-type'], 'identifier')
    const most = interaction['max-choices'] as string | undefined
    assert.equal(response!.cardinality, most === undefined ? 'ordered' : most === '1' ? 'single' : 'multiple')
    for (const id of ids) assert.match(id, /^[A-Za-z_][\w.-]*$/)
  } else if (body!['qti-match-interaction']) {
    const sides = body!['qti-match-interaction'][0]!['qti-simple-match-set']!.map((side) =>
      side['qti-simple-associable-choice']!.map(({ identifier }) => String(identifier)),
    )
    for (const value of values)
      assert.deepEqual(
        value.split(' ').map((id, n) => sides[n]!.includes(id)),
        [true, true],
        value,
      )
    assert.equal(values.length, sides[0]!.length)
  } else assert.match(xml, /<qti-text-entry-interaction response-identifier="RESPONSE"/)
  const standard =
    /<qti-response-processing template="https:\/\/purl\.imsglobal\.org\/spec\/qti\/v3p0\/rptemplates\/(?:match_correct|map_response)\.xml"\/>/
  assert.equal(standard.test(xml), !/<qti-response-condition>/.test(xml))
  assert.equal(/map_response/.test(xml), /<qti-mapping /.test(xml))
}

test('each question of the content that can be asked elsewhere is a whole item, and the points are those of exams here', async () => {
  const questions = [...(await projectCatalog()).questions.values()]
  const items = questions.flatMap((question) => itemOf(question) ?? [])
  assert.equal(items.length > 100, true, String(items.length))
  // An item by turns of the commits: they are many, and made by the same few templates.
  for (const [n, item] of items.entries()) if (isTurn(n, 4, process.env.ITEMS)) checkItem(item)
  for (const question of questions.filter(({ type }) => type === 'multiple')) {
    const points = [...itemOf(question)!.matchAll(/mapped-value="(-?[\d.]+)"/g)].map(([, value]) => Number(value))
    const most = points.filter((value) => value > 0).reduce((sum, value) => sum + value, 0)
    assert.equal(Math.abs(most - 1) < 1e-4, true, question.id)
  }
  for (const { type } of questions.filter((question) => !isExportable(question)))
    assert.match(type, /^(?:numeric|spot|fix|predict|open)$/)
})

/** What the conditions of an item give, computed as QTI says: an order of ids, or a number. */
function scoreOf(xml: string, given: readonly string[] | number): number {
  const [rule] = (parser.parse(/<qti-response-processing>[\s\S]*<\/qti-response-processing>/.exec(xml)![0]) as Xml)[
    'qti-response-processing'
  ]!
  const stands = (match: Xml): boolean => {
    const place = Number(match['qti-index']![0]!.n)
    return (given as readonly string[])[place - 1] === textOf(match['qti-base-value']![0]!)
  }
  const conditions: Xml[] = rule!['qti-response-condition']!
  return conditions.reduce((score, one) => {
    const [condition] = one['qti-response-if']!
    const bound = condition!['qti-gt']?.[0]
    if (bound) {
      // Only an order has it: what is above the bound is stretched, all else is nothing.
      const least = Number(textOf(bound['qti-base-value']![0]!))
      const [less] = condition!['qti-set-outcome-value']![0]!['qti-subtract']!
      const by = Number(textOf(less!['qti-product']![0]!['qti-base-value']![0]!))
      return score > least ? score * by - Number(textOf(less!['qti-base-value']![0]!)) : 0
    }
    const equal = condition!['qti-equal']?.[0]
    const pairs: Xml[] = condition!['qti-or']?.[0]?.['qti-and'] ?? []
    const holds = equal
      ? Math.abs(Number(given) - Number(/<qti-value>([^<]*)/.exec(xml)![1])) <=
        Number(String(equal.tolerance).split(' ')[0])
      : pairs.some((both) => (both['qti-match'] as Xml[]).every(stands))
    const [sum] = condition!['qti-set-outcome-value']![0]!['qti-sum']!
    return holds ? score + Number(textOf(sum!['qti-base-value']![0]!)) : score
  }, 0)
}

const textOf = (node: unknown): string => String((node as { '#text'?: unknown })['#text'] ?? node)

test('an order earns there what it earns here, and a number is right within what it may miss by', async () => {
  const questions = [...(await projectCatalog()).questions.values()]
  const orders = questions.filter(({ type }) => type === 'order')
  for (const question of orders) {
    const { items } = question.data as OrderQuestion
    const here = order.view(
      question.data as never,
      { params: {} } as never,
      { shuffle: (all: readonly unknown[]) => [...all] } as never,
    )
    const codes = new Map(
      (here as unknown as { choices: { id: string; text: string }[] }).choices.map(({ id, text }) => [text, id]),
    )
    for (const given of [
      items,
      items.toReversed(),
      [...items.slice(1), items[0]!],
      [...items.slice(2), ...items.slice(0, 2)],
    ]) {
      const there = scoreOf(
        itemOf(question)!,
        given.map(({ id }) => `i-${id}`),
      )
      const earned = order.grade(
        question.data as never,
        { params: {} } as never,
        given.map(({ text }) => codes.get(renderInline(text))!),
      )
      assert.equal(Math.abs(there - (earned as { score: number }).score) < 1e-4, true, `${question.id}: ${there}`)
    }
  }
  assert.equal(orders.length > 5, true)
  const any = questions.find(({ type }) => type === 'numeric')!
  const about = { ...any, data: { ...(any.data as NumericQuestion), kind: 'number', answer: 100, tolerance: 5 } }
  const xml = itemOf(about as typeof any)!
  checkItem(xml)
  assert.deepEqual(
    [95, 105, 100, 94, 110].map((given) => scoreOf(xml, given)),
    [1, 1, 1, 0, 0],
  )
})

test('markup of a question stays text, and what is no XHTML is left out', async () => {
  const [any] = (await projectCatalog()).questions.values()
  const question = {
    ...{
      ...any!,
      id: '1/x"<y',
      type: 'single' as const,
      title: 'A "<b>" & more',
      prompt: 'Is `a < b && c`?\n\n<script>x</script><br>\n\n![](http://x)',
    },
    data: {
      options: [
        { id: 'a', text: '`<Pod>` & *more*', correct: true, why: '' },
        { id: '2', text: 'no', correct: false, why: '' },
      ],
    },
  }
  const xml = itemOf(question)!
  checkItem(xml)
  assert.doesNotMatch(xml, /<script|<img|<b>/)
  assert.match(xml, /&lt;Pod&gt;/)
})

test('a package holds what its manifest says, and the same questions give the same bytes', async () => {
  const { app, deps, catalog } = await createTestApp()
  const site = { app, deps } as Awaited<ReturnType<typeof createTestApp>>
  const teacher = await manager(site, 'ines', 'instructor')
  assert.match((await teacher.get('/qti').expect(200)).text, /href="\/qti\/package\?section=pod"/)
  const { body, headers } = await teacher
    .get('/qti/package?section=pod')
    .buffer(true)
    .parse((res, done) => {
      const pieces: Buffer[] = []
      res.on('data', (piece: Buffer) => pieces.push(piece))
      res.on('end', () => done(null, Buffer.concat(pieces)))
    })
  assert.match(headers['content-disposition']!, /podium-pod-qti3\.zip/)
  const files = unzipSync(new Uint8Array(body as Buffer))
  const manifest = strFromU8(files['imsmanifest.xml']!)
  for (const file of Object.values(files)) assert.equal(XMLValidator.validate(strFromU8(file)), true)
  assert.match(manifest, /<schema>QTI Package<\/schema><schemaversion>3\.0\.0<\/schemaversion>/)
  const hrefs = [...manifest.matchAll(/<file href="([^"]+)"/g)].map(([, href]) => href!)
  assert.deepEqual(
    hrefs.sort(),
    Object.keys(files)
      .filter((name) => name !== 'imsmanifest.xml')
      .sort(),
  )
  const resources = new Set([...manifest.matchAll(/<resource identifier="([^"]+)"/g)].map(([, id]) => id))
  for (const [, id] of manifest.matchAll(/identifierref="([^"]+)"/g)) assert.equal(resources.has(id), true, id)
  const refs = [
    ...strFromU8(files['test.xml']!).matchAll(/<qti-assessment-item-ref identifier="[^"]+" href="([^"]+)"/g),
  ].map(([, href]) => href!)
  assert.equal(refs.length > 0, true)
  for (const href of refs) assert.equal(Object.hasOwn(files, href), true, href)
  const questions = [...catalog.questions.values()]
  assert.deepEqual(packageOf('a', questions).zip, packageOf('a', questions).zip)
  await teacher.get('/qti/package?section=none').expect(404)
  await (await visitor(app)).get('/qti/package?section=pod').expect(403)
})
