import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCatalogOrThrow } from '../../../../server/catalog/load.ts'
import { proveLesson } from '../../../../server/labs/proofs/lesson-proofs.ts'
import { fixtureFolder } from '../../support.ts'

async function problemsOfLife(shows: string[]): Promise<string[]> {
  const lesson = (await loadCatalogOrThrow(fixtureFolder)).lessons.get('pod/life')!
  const parts = lesson.parts.map((part) =>
    'explorer' in part
      ? { explorer: { ...part.explorer, presets: part.explorer.presets.map((preset) => ({ ...preset, shows })) } }
      : part,
  )
  return proveLesson({ ...lesson, parts }).problems
}

test('an explorer whose presets show what they claim is proven', async () => {
  assert.deepEqual(await problemsOfLife(['Container main: waiting: CrashLoopBackOff', 'started']), [])
})

test('a preset that does not show what it claims is told with its line', async () => {
  const [problem, ...others] = await problemsOfLife(['Pod phase: Succeeded'])
  assert.match(
    problem!,
    /^content\/lessons\/pod\/life\.md:14: explorer pod-life: preset "Loop & crash" does not show “Pod phase: Succeeded”:/,
  )
  assert.deepEqual(others, [])
})
