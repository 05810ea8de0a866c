/** Terminals over a real WebSocket, with their shells in a thread: who may open one, what comes back, what ends one. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import type { CommandSink } from '../../../server/labs/sandboxes/types.ts'
import { readRefused } from '../../../server/pages/refused.ts'
import { HttpProblem } from '../../../server/render/problem.ts'
import { createStorage } from '../../../server/storage/aggregates.ts'
import { createMemoryStore } from '../../../server/storage/memory.ts'
import { isSameSite, refuseUpgrade, serveTerminal } from '../../../server/terminal/socket.ts'
import { Terminals } from '../../../server/terminal/terminals.ts'
import type { Command } from '../../../sim/index.ts'

const finished = { atMs: 0, doneMs: 1, exit: 0, stdout: '', stderr: '' }

/** A server with terminals for any sandbox, whose kubectl says what line it was given. */
async function open({ refusal, ...options }: { isInProcess?: boolean; memoryMb?: number; refusal?: Error } = {}) {
  const storage = createStorage(createMemoryStore())
  const errors: unknown[] = []
  const begun: Command[] = []
  const terminals = new Terminals({
    clusters: {
      async find(key) {
        if (refusal) throw refusal
        return storage.terminals.find(key)
      },
      async save(key, record) {
        await storage.terminals.save(key, record)
        return undefined
      },
      latestFiles: async () => ({}),
      async begin(_id: string, command: Command, sink: CommandSink) {
        begun.push(command)
        if (command.op === 'kubectl' && command.line.includes('forever'))
          return { input: () => undefined, interrupt: () => sink.done({ ...finished, exit: 130 }) }
        queueMicrotask(() => {
          sink.output('stdout', `ran ${'line' in command ? command.line : command.op}\n`)
          sink.done(finished)
        })
        return { input: () => undefined, interrupt: () => undefined }
      },
      complete: async () => [],
    },
    onError: (error) => void errors.push(error),
    ...options,
  })
  const server = createServer()
  const sockets = new Set<Duplex>()
  server.on('connection', (socket) => sockets.add(socket))
  server.on('upgrade', (req, socket, head) => {
    if (!isSameSite(req)) return refuseUpgrade(socket, '403 Forbidden')
    serveTerminal(req, socket, head, terminals, 'box', {
      ...{ readRefused, begun: () => undefined, onError: (error: unknown) => void errors.push(error) },
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const connect = async (origin = `http://127.0.0.1:${port}`) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { origin })
    let screen = ''
    let closed: number | undefined
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString())
      if (message.type === 'output') screen += message.data
      else if (message.type === 'refused') screen += message.why
    })
    socket.on('close', (code) => {
      closed = code
    })
    socket.on('error', () => undefined)
    await new Promise((done) => {
      socket.once('open', done)
      socket.once('close', done)
    })
    const shows = async (wanted: RegExp): Promise<void> => {
      for (let tries = 0; tries < 600; tries++) {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
        if (wanted.test(screen.replaceAll(/\x1b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\r', ''))) return
        await new Promise((done) => setTimeout(done, 50))
      }
      assert.fail(`never ${wanted}: ${JSON.stringify(screen)}`)
    }
    return {
      shows,
      closed: () => closed,
      say: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
      type: (data: string) => socket.send(JSON.stringify({ type: 'input', data })),
      close: () => socket.close(),
    }
  }
  return {
    connect,
    begun,
    errors,
    storage,
    terminals,
    async close() {
      terminals.close()
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

test('what is typed runs in the thread, and another page of the same sandbox sees it too', async () => {
  const site = await open()
  try {
    const first = await site.connect()
    await first.shows(/\$ $/)
    const second = await site.connect()
    await second.shows(/\$ $/)
    first.type('echo one | cat > f; cat f; kubectl get pods\r')
    await first.shows(/\none\nran kubectl get pods\n/)
    await second.shows(/\none\nran kubectl get pods\n/)
    assert.deepEqual(site.errors, [])
  } finally {
    await site.close()
  }
})

test('a page of another site, and a message that is not known, are refused', async () => {
  const site = await open({ isInProcess: true })
  try {
    const stranger = await site.connect('http://elsewhere.example')
    assert.notEqual(stranger.closed(), undefined)
    for (const bad of ['{', { type: 'nonsense' }, { type: 'resize', columns: -1, rows: 2 }]) {
      const page = await site.connect()
      await page.shows(/\$ $/)
      page.say(bad)
      for (let tries = 0; page.closed() === undefined && tries < 100; tries++)
        await new Promise((done) => setTimeout(done, 20))
      assert.equal(page.closed(), 1003)
    }
  } finally {
    await site.close()
  }
})

test('files and history come back when nobody had the terminal open', async () => {
  const first = await open({ isInProcess: true })
  const page = await first.connect()
  await page.shows(/\$ $/)
  page.type('echo kept > note\r')
  await page.shows(/note\n.*\$ $/)
  for (let tries = 0; tries < 100 && !(await first.storage.terminals.find('box')); tries++)
    await new Promise((done) => setTimeout(done, 20))
  assert.deepEqual(await first.storage.terminals.find('box'), {
    files: { '/home/learner/note': 'kept\n' },
    history: ['echo kept > note'],
  })
  await first.close()
})

test('a shell that computes without end is stopped, and the terminal goes on', async () => {
  const site = await open()
  try {
    const page = await site.connect()
    await page.shows(/\$ $/)
    page.type('while true; do true; done\r')
    await page.shows(/too many (commands|iterations)[\s\S]*\$ $|All shells were started again[\s\S]*\$ $/)
    page.type('echo alive\r')
    await page.shows(/\nalive\n/)
  } finally {
    await site.close()
  }
})

const greedyLines = [
  'x=aaaaaaaaaa; while true; do x=$x$x; done',
  'f() { echo "$1$1" | f "$1$1"; }; f aaaaaaaaaa',
  `jq -n 'reduce range(40) as $i ("aaaa"; .+.)'`,
  `awk 'BEGIN { s = "aaaa"; while (1) s = s s }'`,
  'cat /dev/zero > f; while true; do echo aaaa >> f; cat f f f f > g; cat g g g g > f; done',
]
for (const line of greedyLines)
  test(`a shell is stopped before it has the memory of all: ${line}`, async () => {
    const site = await open()
    try {
      const { output, exitCode } = await site.terminals.run('greedy', line)
      assert.notEqual(exitCode, 0)
      assert.match(output.split('\r\n').at(-2)!, /limit|exceed|too many|maximum|No space/i)
      assert.match((await site.terminals.run('greedy', 'echo alive')).output, /\r\nalive\r\n$/)
      assert.deepEqual(site.errors, [])
    } finally {
      await site.close()
    }
  })

test('when the shells had too much memory, each comes back with its files and history and says what happened', async () => {
  const site = await open({ memoryMb: 48 })
  const written: string[] = []
  const innocent = {
    write: (text: string) => void written.push(text),
    edit: () => undefined,
    editNews: () => undefined,
    close: () => undefined,
    announce: () => undefined,
  }
  try {
    const keyboard = await site.terminals.connect('innocent', innocent)
    keyboard.input('echo kept > note\r')
    for (let tries = 0; tries < 200 && !(await site.storage.terminals.find('innocent')); tries++)
      await new Promise((done) => setTimeout(done, 20))
    const { output, exitCode } = await site.terminals.run('greedy', greedyLines[1]!)
    assert.equal(exitCode, 1)
    const told = /All shells were started again: one of them needed too much memory\. .*files and history are kept\./
    assert.match(output, told)
    assert.match(String(site.errors), /memory/)
    assert.match((await site.terminals.run('innocent', 'cat note')).output, /\r\nkept\r\n$/)
    assert.match((await site.terminals.run('innocent', 'history')).output, / 1 {2}echo kept > note\r\n/)
    assert.match(written.join(''), told)
  } finally {
    await site.close()
  }
})

test('Ctrl-C ends a line of kubectl that runs on', async () => {
  const site = await open({ isInProcess: true })
  try {
    const page = await site.connect()
    await page.shows(/\$ $/)
    page.type('kubectl get pods -w forever\r')
    await new Promise((done) => setTimeout(done, 200))
    page.type('\x03')
    await page.shows(/\^C\n.*\$ $/)
  } finally {
    await site.close()
  }
})

test('a second shell has its own lines and screen, and the files of the first; what is kept is the lines of the first', async () => {
  const site = await open()
  const screens = ['', '']
  const view = (at: number) => ({
    write(text: string) {
      screens[at] += text
    },
    edit: () => undefined,
    editNews: () => undefined,
    announce: () => undefined,
    close() {
      screens[at] += 'ended'
    },
  })
  const shows = async (at: number, wanted: RegExp): Promise<void> => {
    for (let tries = 0; tries < 400 && !wanted.test(screens[at]!); tries++)
      await new Promise((done) => setTimeout(done, 20))
    assert.match(screens[at]!, wanted)
  }
  try {
    const first = await site.terminals.connect('box', view(0))
    const second = await site.terminals.connect('box~2', view(1))
    first.input('kubectl get pods -w forever\r')
    await shows(0, /forever\r.*\r\n$/)
    // While the first watches, the second acts, and both see its file.
    second.input('echo shared > note; kubectl get nodes\r')
    await shows(1, /ran kubectl get nodes/)
    assert.doesNotMatch(screens[0]!, /ran kubectl/)
    first.input('\x03')
    first.input('cat note\r')
    await shows(0, /\r\nshared\r\n/)
    second.input('history\r')
    await shows(1, /1 {2}echo shared/)
    const kept = await site.storage.terminals.find('box')
    assert.deepEqual(kept!.history, ['kubectl get pods -w forever', 'cat note'])
    assert.equal(kept!.files['/home/learner/note'], 'shared\n')
    second.end()
    await shows(1, /ended$/)
    // It begins anew, and only then without what it showed.
    screens[1] = ''
    const again = await site.terminals.connect('box~2', view(1))
    again.input('cat note\r')
    await shows(1, /\r\nshared\r\n/)
    assert.doesNotMatch(screens[1]!, /ran kubectl/)
    first.end()
    first.input('echo still\r')
    await shows(0, /\r\nstill\r\n/)
    assert.deepEqual(site.errors, [])
  } finally {
    await site.close()
  }
})

test('a terminal that is refused says why; one that is only busy asks the page to come again', async () => {
  const cases = [
    { status: 423, code: 1008, shown: /^It is locked\.$/ },
    { status: 429, code: 1013, shown: /^$/ },
  ]
  for (const { status, code, shown } of cases) {
    const site = await open({ isInProcess: true, refusal: new HttpProblem(status, 'It is locked.') })
    try {
      const page = await site.connect()
      for (let tries = 0; tries < 100 && page.closed() === undefined; tries++)
        await new Promise((done) => setTimeout(done, 20))
      assert.equal(page.closed(), code)
      await page.shows(shown)
      assert.deepEqual(site.errors, [])
    } finally {
      await site.close()
    }
  }
})

test('a learner has four shells besides the first of each cluster: one that nobody looks at makes room', async () => {
  const site = await open({ isInProcess: true })
  const view = {
    write: () => undefined,
    edit: () => undefined,
    editNews: () => undefined,
    announce: () => undefined,
    close: () => undefined,
  }
  try {
    const { terminals } = site
    const more = ['a~2', 'a~3', 'b~2', 'b~3']
    for (const key of more) assert.equal(terminals.makeRoom(key, 'ada'), true)
    assert.equal(terminals.makeRoom('c~2', 'ada'), false, 'while the others are being opened')
    for (const key of more) await terminals.connect(key, view)
    assert.equal(terminals.makeRoom('c~2', 'ada'), false)
    assert.equal(terminals.makeRoom('c', 'ada'), true)
    assert.equal(terminals.makeRoom('a~3', 'ada'), true)
    assert.equal(terminals.makeRoom('c~2', 'bob'), true)
    const seen = await terminals.connect('a~3', view)
    seen.end()
    assert.equal(terminals.makeRoom('c~2', 'ada'), true)
  } finally {
    await site.close()
  }
})
