// Items that got another name: what is kept stays with them, also when it is changed afterwards.
import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadCatalog, loadCatalogOrThrow } from '../../../server/catalog/load.ts'
import { printProblem } from '../../../server/catalog/source.ts'
import { practiceSeat } from '../../../server/seat.ts'
import { createTestApp, fixtureFolder, visitor } from '../support.ts'

async function fixtureWith(moved: string): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'podium-moved-'))
  await cp(fixtureFolder, folder, { recursive: true })
  await writeFile(join(folder, 'moved.yaml'), moved)
  return { folder, remove: () => rm(folder, { recursive: true }) }
}

test('answers, marks and addresses of a former name are those of the present one', async () => {
  const { folder, remove } = await fixtureWith(
    'question:pod/once: question:pod/always\nlesson:pod/once: lesson:pod/restarts\nchallenge:once: challenge:three-pods\n',
  )
  const catalog = await loadCatalogOrThrow(folder)
  await remove()
  const { app, deps } = await createTestApp({ catalog: () => catalog })
  const learner = await visitor(app)
  await learner.post('/questions/pod/always/answer', { v: '1', answer: 'b' }).expect(303)
  await learner.post('/study/notes', { item: 'lesson:pod/restarts', text: 'a note' }).expect(303)
  const { stored } = await rename(deps, learner.cookie, {
    'question:pod/always': 'question:pod/once',
    'lesson:pod/restarts': 'lesson:pod/once',
  })
  assert.deepEqual(stored, ['question:pod/once', 'lesson:pod/once'])

  const notebook = await learner.get('/study/notebook').expect(200)
  assert.match(notebook.text, /What does Always do\?/)
  assert.match(notebook.text, /a note/)
  await learner.post('/study/notes', { item: 'lesson:pod/restarts', text: 'another note' }).expect(303)
  const again = await learner.get('/study/notebook').expect(200)
  assert.doesNotMatch(again.text, />a note</)

  await learner.get('/questions/pod/once?v=3').expect(301).expect('Location', '/questions/pod/always?v=3')
  await learner.get('/lessons/pod/once').expect(301).expect('Location', '/lessons/pod/restarts')
  await learner.get('/challenges/once').expect(301).expect('Location', '/challenges/three-pods')
  await learner
    .post('/questions/pod/once/answer', { v: '1' })
    .expect(308)
    .expect('Location', '/questions/pod/always/answer')
  await learner.get('/questions/pod/never-was').expect(404)
})

/** Puts back former names into what is stored, as if it had been written before. */
async function rename(
  { journals }: Awaited<ReturnType<typeof createTestApp>>['deps'],
  cookie: string,
  names: Record<string, string>,
) {
  const who = /podium=([a-f0-9]{30})/.exec(cookie)![1]!
  const acts = await journals.acts(practiceSeat(who))
  await journals.remove(practiceSeat(who))
  await journals.add(
    practiceSeat(who),
    acts.map((act) => ({ ...act, item: names[act.item!] ?? act.item })),
  )
  return { stored: (await journals.acts(practiceSeat(who))).map(({ item }) => item) }
}

test('a name that is there, that leads nowhere, or to another kind, is told', async () => {
  const { folder, remove } = await fixtureWith(
    'question:pod/always: question:pod/choose\nquestion:pod/gone: question:pod/nowhere\nquestion:pod/x: lesson:pod/restarts\nquestion:pod/two words: x\n',
  )
  const { problems } = await loadCatalog(folder)
  await remove()
  assert.match(problems.map(printProblem).join('\n'), /content\/moved\.yaml:4: question:pod\/two words/)
  const other = await fixtureWith(
    'question:pod/always: question:pod/choose\nquestion:pod/gone: question:pod/nowhere\nquestion:pod/x: lesson:pod/restarts\n',
  )
  const found = (await loadCatalog(other.folder)).problems.map(printProblem)
  await other.remove()
  assert.deepEqual(found, [
    'content/moved.yaml:1: question:pod/always: is there under this name',
    'content/moved.yaml:2: question:pod/gone: "question:pod/nowhere" does not exist',
    'content/moved.yaml:3: question:pod/x: becomes lesson:pod/restarts, which is of another kind',
  ])
})
