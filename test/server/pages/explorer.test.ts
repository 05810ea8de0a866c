import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodScenario } from '../../../server/explorers/types.ts'
import { LabRefusal } from '../../../server/labs/types.ts'
import { createTestApp, visitor } from '../support.ts'

const lesson = '/lessons/pod/life'

async function open() {
  const { app, labs } = await createTestApp()
  const guest = await visitor(app)
  const scenarios = () =>
    labs.calls
      .filter(({ method }) => method === 'explorePod')
      .map(({ request }) => (request as { scenario: PodScenario }).scenario)
  const part = (query: string) => guest.get(`${lesson}?${query}`).set('HX-Request', 'true')
  return { guest, labs, scenarios, part }
}

test('a lesson shows its explorer as it is at first: form, picture, table and manifest', async () => {
  const { guest, scenarios } = await open()
  const { text } = await guest.get(lesson).expect(200)
  assert.match(text, /<form[^>]*method="get"[^>]*action="\/lessons\/pod\/life#explorer-pod-life"/)
  assert.match(text, /<option value="Always" selected>/)
  assert.match(text, /role="img" aria-label="Timeline of 120 seconds\. The container was started once\./)
  assert.match(
    text,
    /<th scope="row">Container main<\/th><td class="num">1\.4 s<\/td><td class="num">120\.0 s<\/td><td class="life-what">running</,
  )
  assert.match(text, /hljs-attr">restartPolicy/)
  assert.equal(scenarios().length, 1)
})

test('a preset is a link to its settings', async () => {
  const { guest } = await open()
  const { text } = await guest.get(lesson).expect(200)
  assert.match(
    text,
    /href="\/lessons\/pod\/life\?explorer=pod-life&amp;run=2&amp;exit=1#explorer-pod-life"[^>]*>Loop &amp; crash<\/a>/,
  )
})

test('an address with settings runs them, fills the form with them, and names the preset', async () => {
  const { guest, scenarios } = await open()
  const { text } = await guest.get(`${lesson}?explorer=pod-life&run=2&exit=1`).expect(200)
  assert.match(scenarios()[0]!.steps[0]!.apply!, /sleep 2 & wait \$!\n +exit 1/)
  assert.match(text, /name="run"[^>]*value="2"/)
  assert.match(text, /aria-current="true"[^>]*>Loop &amp; crash/)
})

test('what a plain form sends is answered with the short address of the same settings', async () => {
  const { guest } = await open()
  const sent = await guest.get(`${lesson}?explorer=pod-life&run=2&exit=1&restart=Always&grace=30&delete=`).expect(303)
  assert.equal(sent.headers.location, `${lesson}?explorer=pod-life&run=2&exit=1#explorer-pod-life`)
  await guest.get(sent.headers.location!.split('#')[0]!).expect(200)
})

test('an htmx change is answered with the explorer alone, and the short address', async () => {
  const { part } = await open()
  const answer = await part('explorer=pod-life&run=3&grace=30').expect(200)
  assert.match(answer.text.trim(), /^<section class="explorer"/)
  assert.equal(answer.headers['hx-replace-url'], `${lesson}?explorer=pod-life&run=3#explorer-pod-life`)
  assert.equal(answer.headers.vary?.includes('HX-Request'), true)
})

test('the same settings are run once', async () => {
  const { guest, scenarios } = await open()
  for (const run of ['4', '5', '4']) await guest.get(`${lesson}?explorer=pod-life&run=${run}`).expect(200)
  assert.equal(scenarios().length, 2)
})

for (const [query, control, message] of [
  ['run=-5', 'run', 'must be a whole number from 0 to 600, or empty: until stopped'],
  ['exit=256', 'exit', 'must be a whole number from 0 to 255'],
  ['restart=Sometimes', 'restart', 'must be one of Always, OnFailure, Never'],
  ['delete=119&watch=60', 'delete', 'must be before the end of the watched time, 60 s'],
  ['liveness=exec&liveness-period=0', 'liveness-period', 'must be a whole number from 1 to 300'],
] as const)
  test(`${query} is not run: the form comes back with what to fix, as a page and as a part`, async () => {
    const { guest, part, scenarios } = await open()
    for (const answer of [
      await guest.get(`${lesson}?explorer=pod-life&${query}`).expect(422),
      await part(`explorer=pod-life&${query}`).expect(422),
    ]) {
      assert.ok(answer.text.includes(`<a href="#pod-life-${control}">`))
      assert.ok(answer.text.includes(`id="pod-life-${control}-problem">${message}<`))
      assert.match(answer.text, new RegExp(`id="pod-life-${control}"[^>]*aria-invalid="true"`))
    }
    assert.equal(scenarios().length, 0)
  })

test('a plain form that is refused leads to the first control to fix', async () => {
  const { guest } = await open()
  const { headers } = await guest
    .get(`${lesson}?explorer=pod-life&run=&exit=0&delete=119&watch=60&liveness=exec&liveness-period=0`)
    .expect(303)
  assert.match(headers.location!, /#pod-life-delete$/)
  const { text } = await guest.get(headers.location!.split('#')[0]!).expect(422)
  // Told in the order of the form.
  assert.match(text, /To fix:.*#pod-life-delete.*#pod-life-liveness-period/)
})

test('a refused value is shown as text and reaches neither the manifest nor the page as markup', async () => {
  const { guest } = await open()
  const { text } = await guest.get(`${lesson}?explorer=pod-life&exit=${encodeURIComponent('"><script>x')}`).expect(422)
  assert.ok(!text.includes('<script>x'))
  assert.match(text, /value="&quot;&gt;&lt;script&gt;x"/)
})

test('a value that is given twice counts as not given', async () => {
  const { guest } = await open()
  await guest.get(`${lesson}?explorer=pod-life&run=1&run=2`).expect(200)
})

test('settings for another explorer, and words that are none, leave it as it is at first', async () => {
  const { guest, scenarios } = await open()
  await guest.get(`${lesson}?explorer=other&run=2`).expect(200)
  await guest.get(`${lesson}?explorer=pod-life&utm=1`).expect(200)
  assert.equal(scenarios().length, 1)
})

test('a lesson can be read while its explorer has to wait', async () => {
  const { guest, labs } = await open()
  labs.next.refusal = new LabRefusal(503, 'Many simulations are waiting. Try again in a few seconds.')
  const { text } = await guest.get(lesson).expect(200)
  assert.match(text, /Many simulations are waiting\./)
  await guest.get(`${lesson}?explorer=pod-life&run=2`).expect(503)
})
