import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { Task } from '../../../../server/labs/tasks/lab-process.ts'
import { WorkerLost, WorkerPool } from '../../../../server/labs/tasks/worker-pool.ts'

const module = new URL('../../../../server/child-processes.ts', import.meta.url).href
const register = import.meta.resolve('tsx/esm/api')

let folder: string
let pool: WorkerPool
let errors: unknown[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'podium-pool-'))
  errors = []
})
afterEach(async () => {
  await pool.close()
  await rm(folder, { recursive: true })
})

/** Its processes do what the text of a `lint` task says. */
async function openPool(processes: number) {
  const entry = join(folder, 'entry.mjs')
  await writeFile(
    entry,
    `import { register } from ${JSON.stringify(register)}
register()
const { connectToParent } = await import(${JSON.stringify(module)})
connectToParent((data, say) => async ({ text }) => {
  if (text === 'wait') await new Promise((done) => setTimeout(done, 300))
  if (text === 'grow') say({ ok: [...'x'.repeat(500_000_000)].length })
  if (text === 'loop') for (;;);
  say({ ok: process.pid })
})
`,
  )
  pool = new WorkerPool({ entry, processes, memoryMb: 64, onError: (error) => errors.push(error) })
}

const task = (text: string): Task => ({ kind: 'lint', text })
const run = (text: string, signal = new AbortController().signal) => pool.run(task(text), signal, () => undefined)
const pidOf = async (reply: Promise<unknown>): Promise<number> => ((await reply) as { ok: number }).ok

test('each process has a task at a time, and the next goes to who is free', async () => {
  await openPool(2)
  const pids = await Promise.all([run('wait'), run('wait'), run('wait'), run('wait')].map(pidOf))
  assert.equal(new Set(pids).size, 2)
  assert.deepEqual(errors, [])
})

test('somebody’s tasks go to the process that had the last one, as long as it is free', async () => {
  await openPool(2)
  const { signal } = new AbortController()
  const of = (whose: string, text: string) => pidOf(pool.run(task(text), signal, () => undefined, whose))
  // Until both are at work at once: the second may take longer to load than a task of the first.
  let [ann, bob] = [0, 0]
  while (ann === bob) [ann, bob] = await Promise.all([of('ann', 'wait'), of('bob', 'wait')])
  for (let n = 0; n < 3; n++) {
    assert.equal(await of('bob', 'pid'), bob)
    assert.equal(await of('ann', 'pid'), ann)
  }
  // Nobody waits for it while another is free.
  const [first, second] = await Promise.all([of('ann', 'wait'), of('ann', 'pid')])
  assert.deepEqual([first, second], [ann, bob])
})

test('a task that needs more memory than there is loses its process and nothing else: the next one runs in another', async () => {
  await openPool(1)
  const first = await pidOf(run('pid'))
  const waiting = run('grow')
  const next = pidOf(run('pid'))
  await assert.rejects(waiting, (error) => error instanceof WorkerLost && error.isOutOfMemory)
  assert.notEqual(await next, first)
})

test('a task that is ended, or that does not wait any longer, is refused with the reason; the others go on', async () => {
  await openPool(1)
  await run('pid')
  const [loop, wait] = [new AbortController(), new AbortController()]
  const looping = run('loop', loop.signal)
  const impatient = run('pid', wait.signal)
  const patient = run('pid')
  wait.abort()
  await assert.rejects(impatient, { name: 'AbortError' })
  loop.abort()
  await assert.rejects(looping, { name: 'AbortError' })
  assert.equal(typeof (await pidOf(patient)), 'number')
  assert.equal(pool.living, 1)
})

test('a process that cannot load is told of, and tried again', async () => {
  const entry = join(folder, 'broken.mjs')
  await writeFile(entry, "throw new Error('no such module')\n")
  pool = new WorkerPool({ entry, processes: 1, memoryMb: 64, onError: (error) => errors.push(error) })
  for (let n = 0; n < 100 && errors.length === 0; n++) await new Promise((done) => setTimeout(done, 50))
  assert.match(String(errors[0]), /a worker process was lost: Error: no such module/)
})
