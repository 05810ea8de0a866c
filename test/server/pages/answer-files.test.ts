/** Tasks whose answer is a file: it is saved as any other, and Grade hands it in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeOfFiles } from '../../../server/catalog/load.ts'
import { exported } from '../exported.ts'
import { createTestApp, visitor } from '../support.ts'

const url = '/challenges/which-nodes'
const file = 'nodes.txt'

const challenge = challengeOfFiles('which-nodes', {
  'challenge.md':
    '---\ntitle: Which nodes\nsummary: Name them.\n---\n\nName the nodes in `nodes.txt`. {names}\n\n## Debrief\n\nSo it is.\n',
  'challenge.yaml': `
version: 1
style: task
difficulty: 1
minutes: 3
topics: [kubectl]
world: { shape: { nodes: 2 }, settleSeconds: 5 }
workspace: { maxApplies: 1, maxVirtualSeconds: 600 }
checks:
  - id: names
    title: The nodes are named
    points: 100
    when: { mode: settled }
    assert: { answer: { file: nodes.txt, keys: [{ kubectl: kubectl get KEYLINE }] } }
observeSeconds: 5
`,
  'start/nodes.txt': '',
  'start/pod.yaml': 'kind: Pod\n',
})!

async function opened() {
  const { app, labs, catalog } = await createTestApp()
  catalog.challenges.set('which-nodes', challenge)
  const guest = await visitor(app)
  const attempt = async () => exported((await guest.get('/progress/export')).text).attempts.at(-1)
  return { guest, labs, attempt }
}

test('an answer is saved and not applied, whatever is pressed; another file is applied', async () => {
  const { guest, attempt } = await opened()
  const { text } = await guest.get(`${url}?file=${file}`).expect(200)
  assert.match(text, /This file is an answer: Grade hands it in\./)
  assert.doesNotMatch(text, /Apply nodes\.txt|KEYLINE/)
  assert.doesNotMatch(/<textarea id="editor"[^>]*>/.exec(text)![0], /data-yaml/)
  for (const act of ['save', 'apply', 'default'])
    await guest.post(url, { do: act, file, content: `node-1 ${act}` }).expect(303)
  assert.deepEqual((await attempt()).log, [])
  assert.equal((await attempt()).drafts[file], 'node-1 default')
  assert.match(
    (await guest.get(`${url}?file=pod.yaml`).expect(200)).text,
    /Apply<span class="visually-hidden"> pod\.yaml/,
  )
  await guest.post(url, { do: 'apply', file: 'pod.yaml', content: 'kind: Pod' }).expect(303)
  assert.equal((await attempt()).log.length, 1)
})

test('Grade hands in what was written since it was handed in last, and nothing that was not written', async () => {
  const { guest, attempt } = await opened()
  const answers = async () =>
    (await attempt()).log.map(
      ({ command }: { command: { op: string; text?: string } }) => `${command.op} ${command.text}`,
    )
  await guest.post(url, { do: 'grade', file: 'pod.yaml' }).expect(303)
  assert.deepEqual(await answers(), [])
  await guest.post(url, { do: 'grade', file, content: 'node-1' }).expect(303)
  assert.deepEqual(await answers(), ['answer node-1'])
  await guest.post(url, { do: 'grade', file, content: 'node-1' }).expect(303)
  assert.deepEqual(await answers(), ['answer node-1'])
  await guest.post(url, { do: 'grade', file, content: 'node-1 node-2' }).expect(303)
  assert.deepEqual(await answers(), ['answer node-1', 'answer node-1 node-2'])
  await guest.post(url, { do: 'undo', file }).expect(303)
  assert.deepEqual(await answers(), ['answer node-1'])
})

test('tasks stand in a list of their own, before the whole problems', async () => {
  const { guest } = await opened()
  const { text } = await guest.get('/challenges').expect(200)
  const [tasks, problems] = ['id="tasks"', 'id="longer"'].map((id) => text.indexOf(id))
  assert.ok(tasks! > 0 && problems! > tasks!)
  assert.ok(text.indexOf('Which nodes') > tasks! && text.indexOf('Which nodes') < problems!)
  const only = (await guest.get('/challenges?style=task').expect(200)).text
  assert.match(only, /Which nodes/)
  assert.doesNotMatch(only, /id="longer"/)
})
