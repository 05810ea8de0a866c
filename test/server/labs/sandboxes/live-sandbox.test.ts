/** A live sandbox by itself: how its clock goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveSandbox, realWall } from '../../../../server/labs/sandboxes/live-sandbox.ts'
import { createCluster } from '../../../../sim/index.ts'
import { handWall } from './support.ts'

test('a paused clock goes on while a line runs, and stands again after it', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'paused', shape: { nodes: [{ name: 'node-1' }] } },
      log: [],
      clock: { speed: 0, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  // The sandbox's own alarms keep no process alive.
  const alive = setInterval(() => undefined, 1000)
  try {
    const result = await new Promise<{ stdout: string }>((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get nodes' }, done, () => undefined)
    })
    assert.match(result.stdout, /node-1 +Ready/)
    const stoodAt = sandbox.cluster.nowMs
    assert.ok(stoodAt >= 80)
    await new Promise((done) => setTimeout(done, 50))
    sandbox.catchUp()
    assert.equal(Math.floor(sandbox.cluster.nowMs), Math.floor(stoodAt))
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})

test('a paused clock that is put ahead while a line runs stands there afterwards', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'paused', shape: { nodes: [{ name: 'node-1' }] } },
      log: [],
      clock: { speed: 0, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  const alive = setInterval(() => undefined, 1000)
  try {
    const ended = new Promise((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get nodes' }, done, () => undefined)
    })
    while (!sandbox.runAhead(60_000, () => false));
    await ended
    while (!sandbox.catchUp());
    assert.ok(sandbox.cluster.nowMs >= 60_000)
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})

test('a line that runs when a budget is used up ends, and says why', async () => {
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'budget', shape: { nodes: [{ name: 'node-1' }] }, limits: { virtualMs: 30_000 } },
      log: [],
      clock: { speed: 1, wallMs: Date.now(), virtualMs: 0 },
    },
    realWall,
  )
  const alive = setInterval(() => undefined, 1000)
  try {
    let printed = ''
    const result = await new Promise<{ exit: number }>((done) => {
      sandbox.begin({ op: 'kubectl', line: 'kubectl get pods -w' }, done, (_, text) => {
        printed += text
      })
      sandbox.setSpeed(3600)
    })
    assert.equal(result.exit, 1)
    assert.match(printed, /error: .*Branch it at an earlier moment, or reset it/)
  } finally {
    clearInterval(alive)
    sandbox.close()
  }
})

/** With a Pod that runs, whose log then has room for so many more commands. */
function almostFull(more: number): LiveSandbox {
  const cluster = createCluster({ seed: 'full', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl run web --image=nginx --port=80' })
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'full', shape: { nodes: [{ name: 'node-1' }] } },
      log: cluster.log,
      clock: { speed: 0, wallMs: Date.now(), virtualMs: 30_000 },
      most: { commands: cluster.log.length + more, characters: 1_000_000 },
    },
    realWall,
  )
  while (!sandbox.catchUp());
  return sandbox
}

const asked = (url: string) => ({
  method: 'GET',
  url,
  headers: { connection: 'Upgrade', upgrade: 'websocket' },
  body: new Uint8Array(),
})
const web = '/api/v1/namespaces/default/pods/web'
const typed = new TextEncoder().encode('echo hello\n')

test('a full log takes no request that a Pod would answer', () => {
  const sandbox = almostFull(0)
  const { length } = sandbox.cluster.log
  const outcome = sandbox.request(asked(`${web}/proxy/`))
  assert.equal(outcome.kind === 'answer' && outcome.status, 403)
  const read = sandbox.request(asked(web))
  assert.equal(read.kind === 'answer' && read.status, 200)
  assert.equal(sandbox.cluster.log.length, length)
  sandbox.close()
})

test('what is typed into a shell of the API ends it when the log is full', () => {
  const sandbox = almostFull(10)
  const { length } = sandbox.cluster.log
  const outcome = sandbox.request(asked(`${web}/exec?command=sh&stdin=true&stdout=true`))
  assert.ok(outcome.kind === 'exec')
  const ends: Record<string, unknown>[] = []
  const input = outcome.open({
    stdout: () => undefined,
    stderr: () => undefined,
    end: (status) => void ends.push(status),
  })
  for (let n = 0; n < 50; n++) input.write(typed)
  assert.deepEqual(
    ends.map(({ code }) => code),
    [403],
  )
  // The last word is that the session is over.
  assert.equal(sandbox.cluster.log.length, length + 11)
  assert.ok(sandbox.isIdle)
  sandbox.close()
})

test('a forwarded port takes no more when the log is full', () => {
  const sandbox = almostFull(10)
  const { length } = sandbox.cluster.log
  const outcome = sandbox.request(asked(`${web}/portforward`))
  assert.ok(outcome.kind === 'port-forward')
  const errors: string[] = []
  const sink = { data: () => undefined, error: (text: string) => void errors.push(text), end: () => undefined }
  const input = outcome.connect(80, sink)
  for (let n = 0; n < 50; n++) input.write(typed)
  for (let n = 0; n < 50; n++) outcome.connect(80, sink)
  assert.equal(errors.length, 50)
  assert.ok(sandbox.cluster.log.length <= length + 11)
  outcome.close()
  sandbox.close()
})

test('a session that is taken up when a budget is used up is refused in words', () => {
  const cluster = createCluster({ seed: 'late', shape: { nodes: [{ name: 'node-1' }] } })
  cluster.execute({ op: 'kubectl', line: 'kubectl run web --image=nginx --port=80' })
  const { engine } = cluster
  const originMs = engine.nowMs - cluster.nowMs
  const wall = handWall()
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'late', shape: { nodes: [{ name: 'node-1' }] }, limits: { virtualMs: originMs + 60_000 } },
      log: cluster.log,
      clock: { speed: 1, wallMs: wall.nowMs(), virtualMs: 30_000 },
    },
    wall,
  )
  while (!sandbox.catchUp());
  const shell = sandbox.request(asked(`${web}/exec?command=sh&stdin=true&stdout=true`))
  const ports = sandbox.request(asked(`${web}/portforward`))
  assert.ok(shell.kind === 'exec' && ports.kind === 'port-forward')
  wall.pass(600_000)
  const ends: Record<string, unknown>[] = []
  const sink = { stdout: () => undefined, stderr: () => undefined, end: (end: object) => void ends.push({ ...end }) }
  const { length } = sandbox.cluster.log
  shell.open(sink)
  assert.deepEqual([ends.length, ends[0]?.code, sandbox.cluster.log.length], [1, 403, length])
  const errors: string[] = []
  ports.connect(80, { data: () => undefined, error: (text) => void errors.push(text), end: () => undefined })
  assert.match(errors.join(), /^the sandbox is stopped: The run passed its budget/)
  ports.close()
  assert.ok(sandbox.isIdle)
  sandbox.close()
})

test('what is typed into a line ends it when the log is full', () => {
  const sandbox = almostFull(10)
  const { length } = sandbox.cluster.log
  let printed = ''
  const exits: number[] = []
  const line = sandbox.begin(
    { op: 'kubectl', line: 'kubectl exec -it web -- sh', keyboard: { columns: 80, rows: 24 } },
    ({ exit }) => void exits.push(exit),
    (_, text) => {
      printed += text
    },
  )
  const data = Buffer.from(typed).toString('base64')
  for (let n = 0; n < 50; n++) line.input({ act: 'write', data })
  assert.deepEqual(exits, [130])
  assert.match(printed, /error: It has taken \d+ commands/)
  assert.equal(sandbox.cluster.log.length, length + 11)
  sandbox.close()
})
