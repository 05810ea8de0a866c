import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FilmedPod } from '../../../server/labs/types.ts'
import { type ReplayCard, renderReplayCard, stylesOf } from '../../../server/pages/challenges/replay-card.ts'
import { aFilm } from '../fake-labs.ts'

const words: ReplayCard['words'] = {
  lang: 'en',
  about: 'The run of a solved challenge.',
  checks: 'Checks',
  ready: 'ready',
  waiting: 'not ready',
  failing: 'failing',
  noNode: 'no node yet',
  commands: 'commands',
  more: 'more, not drawn',
  end: '1:00.0',
}

const aCard = (over: Partial<ReplayCard> = {}): ReplayCard => ({
  title: 'Three Pods',
  result: '3 commands, solved at 0:12.0',
  reference: 'reference: 2 commands',
  film: aFilm(),
  checks: [
    {
      title: 'Ready',
      turns: [
        { atMs: 0, holds: false },
        { atMs: 12_000, holds: true },
      ],
    },
    { title: 'Survives', turns: [] },
  ],
  commandsMs: [8000, 9000],
  words,
  ...over,
})

/** What the class of the n-th shape of that name stands at without motion, and through which keyframes it goes. */
function motionOf(svg: string, name: string, n: number) {
  const shape = [...svg.matchAll(new RegExp(`class="${name} (a\\d+)"`, 'g'))][n]![1]!
  const still = new RegExp(`\\.${shape}\\{([^}]*)\\}`).exec(svg)![1]!
  const frames = new RegExp(`@keyframes ${shape}\\{((?:[^{}]*\\{[^}]*\\})*)\\}`).exec(svg)![1]!
  return { still, frames }
}

test('a Pod that dies fades out of the picture, its successor comes, waits and becomes ready', () => {
  const svg = renderReplayCard(aCard())
  const dead = motionOf(svg, 'pod', 0)
  assert.equal(dead.still, 'opacity:0', 'the still picture is the end')
  assert.match(dead.frames, /^0%,\d+\.\d%\{[^}]*--failing[^}]*\}\d+%,100%\{opacity:0\}$/)
  // Its successor has no node for a moment, then one.
  const unplaced = motionOf(svg, 'pod', 1)
  assert.match(unplaced.frames, /^0%,\d+\.\d%\{opacity:0\}.*--waiting.*\{opacity:0\}$/)
  const ready = motionOf(svg, 'pod', 2)
  assert.match(ready.still, /--ready/)
  assert.match(ready.frames, /^0%,\d+\.\d%\{opacity:0\}\d+%,\d+\.\d%\{[^}]*--waiting[^}]*\}\d+%,100%\{[^}]*--ready/)
  assert.match(svg, />no node yet</)
})

test('checks turn green when they came to hold, and those that only the end could tell at the end', () => {
  const svg = renderReplayCard(aCard())
  const groups = [...svg.matchAll(/<g class="(a\d+)">/g)].map(([, name]) => name!)
  const framesOf = (name: string) => new RegExp(`@keyframes ${name}\\{((?:[^{}]*\\{[^}]*\\})*)\\}`).exec(svg)![1]!
  assert.match(framesOf(groups[0]!), /^0%,\d+\.\d%\{opacity:0\}\d+%,100%\{opacity:1\}$/)
  assert.match(framesOf(groups[1]!), /^0%,96\.1%\{opacity:0\}97%,100%\{opacity:1\}$/)
})

test('where motion is not wanted nothing moves: every animation stands in the rule for who has nothing against it', () => {
  const styles = stylesOf(renderReplayCard(aCard()))
  const [still, moving] = styles.split('@media (prefers-reduced-motion:no-preference)')
  assert.doesNotMatch(still!, /animation|@keyframes/)
  assert.match(moving!, /animation:a0 5000ms/)
  assert.match(still!, /prefers-color-scheme:dark/)
})

test('the track says when commands were given and checks turned, as far as there is room', () => {
  const clocksOf = (svg: string) =>
    [...svg.matchAll(/<text class="small" x="([\d.]+)" y="394" text-anchor="middle">([\d:.]+)</g)].map(
      ([, x, text]) => [Number(x), text] as const,
    )
  const few = clocksOf(renderReplayCard(aCard()))
  assert.ok(few.length >= 1 && few.every(([, text]) => ['0:08.0', '0:09.0', '0:12.0'].includes(text!)), `${few}`)
  const many = clocksOf(renderReplayCard(aCard({ commandsMs: Array.from({ length: 40 }, (_, n) => 500 + n * 1000) })))
  assert.ok(many.length > 3 && many.length < 12, `${many}`)
  for (const [n, [x]] of many.entries()) assert.ok(n === 0 || x - many[n - 1]![0] >= 64, `${many}`)
})

test('texts are escaped, long ones are shortened, and nothing in it is a script or leads anywhere', () => {
  const hostile = '<script>alert("1")</script>&\u0000 \ud800'
  const svg = renderReplayCard(
    aCard({
      title: hostile.repeat(5),
      result: hostile,
      checks: [{ title: hostile, turns: [] }],
      film: { ...aFilm(), nodes: [{ name: hostile, turns: [{ atMs: 0, is: 'ready' }] }] },
    }),
  )
  assert.doesNotMatch(svg, /<script|alert\("|href|url\(|\son\w+=/)
  assert.ok(!svg.includes('\u0000') && !svg.includes('\ud800'))
  assert.match(svg, /&#60;script&#62;alert\(&#34;1&#34;\)&#60;\/script&#62;&#38;/)
  assert.match(svg, /class="title"[^>]*>[^<]{1,400}…</)
})

test('the same run is the same picture, and a run of any size is a card', () => {
  const pod = (n: number): FilmedPod => ({
    name: `web-${n}`,
    node: `node-${n % 9}`,
    turns: Array.from({ length: 60 }, (_, at) => ({
      atMs: n * 7 + at * 311,
      is: (['waiting', 'ready', 'failing', 'ending'] as const)[at % 4]!,
      node: at === 0 ? '' : `node-${n % 9}`,
    })),
  })
  const big = aCard({
    film: {
      endMs: 600_000,
      nodes: Array.from({ length: 40 }, (_, n) => ({ name: `node-${n}`, turns: [{ atMs: 0, is: 'ready' as const }] })),
      pods: Array.from({ length: 300 }, (_, n) => pod(n)),
    },
    checks: Array.from({ length: 30 }, (_, n) => ({
      title: `Check ${n}`,
      turns: Array.from({ length: 200 }, (_, at) => ({ atMs: at * 100, holds: at % 2 === 1 })),
    })),
    commandsMs: Array.from({ length: 500 }, (_, n) => n * 1000),
  })
  const svg = renderReplayCard(big)
  assert.equal(renderReplayCard(big), svg)
  assert.ok(svg.length < 40_000, `${svg.length}`)
  assert.match(svg, />\+\d+ more, not drawn</)
  assert.ok(renderReplayCard(aCard()).length < 12_000)
})

test('a run without Pods, nodes, checks or length is drawn as well', () => {
  const svg = renderReplayCard(
    aCard({ film: { endMs: 0, nodes: [], pods: [] }, checks: [], commandsMs: [], reference: '' }),
  )
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/)
  assert.match(svg, />3 commands, solved at 0:12\.0</)
})
