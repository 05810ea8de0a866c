// Processes of a container: PID 1's privileges, signals, traps, pipes, orphans, limits, exec.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Engine } from '../../sim/engine/engine.ts'
import { layerOf } from '../../sim/images/base-files.ts'
import { busybox } from '../../sim/images/busybox.ts'
import { stress } from '../../sim/images/stress.ts'
import { startContainer } from '../../sim/runtime/container.ts'
import { createFileSystem } from '../../sim/runtime/file-system.ts'
import { createPipe } from '../../sim/runtime/pipe.ts'
import { noNetwork, runShell, startBox, startEpochMs } from './run-shell.ts'

/** Runs a line, sends a signal at a moment, and tells how and when it ended. */
function signalled(line: string, signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGUSR1', atMs: number, untilMs: number) {
  const box = startBox(['sh', '-c', line])
  box.engine.runUntil(atMs)
  if (signal === 'SIGKILL') box.container.kill()
  else box.container.signal(signal)
  box.engine.runUntil(untilMs)
  return { exit: box.exit(), atMs: box.exitMs(), stdout: box.stdout() }
}

const signalCases = [
  {
    name: 'PID 1 without a handler ignores SIGTERM',
    line: 'sleep 600',
    signal: 'SIGTERM',
    want: { exit: undefined, stdout: '' },
  },
  {
    name: 'a shell that waits for a child ignores SIGTERM',
    line: 'sleep 300; sleep 300',
    signal: 'SIGTERM',
    want: { exit: undefined, stdout: '' },
  },
  {
    name: 'SIGKILL from outside always ends it with 137',
    line: "trap '' TERM; sleep 600",
    signal: 'SIGKILL',
    want: { exit: { exitCode: 137, signal: 'SIGKILL' }, stdout: '' },
  },
  {
    name: 'a trap interrupts wait at once',
    line: "trap 'exit 0' TERM; sleep 3600 & wait",
    signal: 'SIGTERM',
    want: { exit: { exitCode: 0 }, stdout: '' },
  },
  {
    name: 'a trap waits for the foreground child',
    line: "trap 'echo got; exit 7' TERM; sleep 15; echo no",
    signal: 'SIGTERM',
    want: { exit: { exitCode: 7 }, stdout: 'got\n' },
  },
  {
    name: 'an ignored signal stays ignored',
    line: "trap '' TERM; while true; do sleep 1; done",
    signal: 'SIGTERM',
    want: { exit: undefined, stdout: '' },
  },
  {
    name: 'wait gives 128 + n after a trap that does not exit',
    line: "trap 'echo t' USR1; sleep 100 & wait; echo $?; exit 2",
    signal: 'SIGUSR1',
    want: { exit: { exitCode: 2 }, stdout: 't\n138\n' },
  },
  {
    name: 'a trap runs between the turns of a loop',
    line: "trap 'echo bye; exit 0' INT; while :; do sleep 1; done",
    signal: 'SIGINT',
    want: { exit: { exitCode: 0 }, stdout: 'bye\n' },
  },
  {
    name: 'a trap runs in a busy loop',
    line: "trap 'exit 5' TERM; while :; do :; done",
    signal: 'SIGTERM',
    want: { exit: { exitCode: 5 }, stdout: '' },
  },
  {
    name: 'an exec of a program loses its traps',
    line: "trap 'exit 0' TERM; exec sleep 100",
    signal: 'SIGTERM',
    want: { exit: undefined, stdout: '' },
  },
] as const

for (const { name, line, signal, want } of signalCases)
  test(name, () => {
    const { exit, stdout } = signalled(line, signal, 10_000, 40_000)
    assert.deepEqual({ exit, stdout }, want)
  })

test('a trap that interrupts wait runs in the same millisecond', () => {
  assert.equal(signalled("trap 'exit 0' TERM; sleep 3600 & wait", 'SIGTERM', 10_000, 40_000).atMs, 10_000)
})

test('PID 1 can not be killed from inside, and sees what the shell says', () => {
  assert.deepEqual(runShell('kill -9 $$').exit, { exitCode: 0 })
  assert.equal(runShell('kill -TERM $$; sleep 1; exit 5').exitCode, 5)
})

test('a child that a signal ends gives 128 + n', () => {
  const result = runShell(
    'sleep 100 & kill -9 $!; wait $!; echo $?; sleep 100 & kill $!; wait $!; echo $?; sh -c "kill -9 \\$\\$"; echo $?',
  )
  assert.deepEqual([result.stdout, result.stderr], ['137\n143\n137\n', 'Killed\n'])
})

test('when PID 1 ends, everything ends', () => {
  const result = runShell('(sleep 5; echo late) & echo early')
  assert.deepEqual([result.stdout, result.exitCode], ['early\n', 0])
})

test('orphans belong to PID 1', () => {
  const result = runShell('sh -c "sleep 50 & echo \\$!" > /tmp/pid; grep PPid /proc/$(cat /tmp/pid)/status')
  assert.equal(result.stdout, 'PPid:\t1\n')
})

test('a child that ended and was not waited for is a zombie', () => {
  // sleep, which took the shell's place, never waits for the child it inherited.
  const box = startBox(['sh', '-c', 'sleep 1 & exec sleep 100'])
  let seen = ''
  box.engine.runUntil(5000)
  box.container.exec({
    argv: ['ps'],
    onOutput: (_, text) => {
      seen += text
    },
    onExit() {},
  })
  box.engine.runUntil(6000)
  assert.match(seen, /\[sleep\]/)
})

test('the last command of sh -c takes the place of the shell', () => {
  const box = startBox(['sh', '-c', 'echo start; sleep 60'])
  box.engine.runUntil(1000)
  let seen = ''
  box.container.exec({
    argv: ['ps'],
    onOutput: (_, text) => {
      seen += text
    },
    onExit() {},
  })
  box.engine.runUntil(2000)
  assert.match(seen, /^ {4}1 root {6}0:00 sleep 60$/m)
})

test('a shell with a trap stays PID 1', () => {
  const box = startBox(['sh', '-c', "trap 'exit 0' TERM; sleep 60"])
  box.engine.runUntil(1000)
  let seen = ''
  box.container.exec({
    argv: ['ps'],
    onOutput: (_, text) => {
      seen += text
    },
    onExit() {},
  })
  box.engine.runUntil(2000)
  assert.match(seen, /^ {4}1 root {6}0:00 sh -c trap/m)
})

const timeCases = [
  { line: 'sleep 2', seconds: 2 },
  { line: 'sleep 1; sleep 1.5', seconds: 2.5 },
  { line: 'sleep 3 & sleep 3 & wait', seconds: 3 },
  { line: 'sleep 2 | sleep 1', seconds: 2 },
  { line: 'x=$(sleep 4)', seconds: 4 },
  { line: 'timeout 3 sleep 100', seconds: 3 },
  { line: 'for i in 1 2 3; do sleep 1; done', seconds: 3 },
  { line: 'read -t 2 x', seconds: 0 },
]
for (const { line, seconds } of timeCases)
  test(`'${line}' takes ${seconds} virtual seconds`, () => {
    const tookMs = runShell(line).tookMs!
    assert.ok(tookMs >= seconds * 1000 && tookMs < seconds * 1000 + 100, `took ${tookMs} ms`)
  })

test('a pipe holds its writer back, and a writer without readers ends by SIGPIPE', () => {
  const result = runShell('yes | (sleep 10; head -1); echo end')
  assert.deepEqual([result.stdout, result.exitCode], ['y\nend\n', 0])
  assert.ok(result.tookMs! < 11_000)
})

test('a busy loop costs a bounded number of events, however long it runs', () => {
  const box = startBox(['sh', '-c', 'while true; do :; done'])
  box.engine.runUntil(3_600_000)
  assert.ok(box.engine.eventsProcessed < 40_000, `${box.engine.eventsProcessed} events`)
  assert.equal(box.exit(), undefined)
})

test('a container that has been busy for an hour runs another command at its usual speed', () => {
  const box = startBox(['sh', '-c', 'while true; do :; done'])
  box.engine.runUntil(3_600_000)
  let endedMs: number | undefined
  box.container.exec({
    argv: ['sh', '-c', 'cat /etc/hostname | wc -l'],
    onOutput() {},
    onExit: () => {
      endedMs = box.engine.nowMs
    },
  })
  box.engine.runUntil(3_700_000)
  assert.ok(endedMs !== undefined && endedMs - 3_600_000 <= 20, `took ${endedMs && endedMs - 3_600_000} ms`)
})

const hostile = [
  { name: 'endless recursion', line: 'f() { f; }; f' },
  { name: 'a fork bomb', line: 'f() { f | f & }; f; sleep 1000' },
  { name: 'a variable that doubles', line: 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done' },
  { name: 'endless output', line: 'while :; do echo line; done' },
  { name: 'an endless file', line: 'while :; do echo 0123456789 >> /tmp/f; done' },
  { name: 'an endless device', line: 'cat /dev/zero > /dev/null' },
  { name: 'endless processes', line: 'while :; do sleep 1000 & done' },
  { name: 'endless substitution', line: 'x=$(yes)' },
  { name: 'deep nesting', line: '$('.repeat(300) + ')'.repeat(300) },
  { name: 'a script that runs itself', line: 'echo ". /tmp/s" > /tmp/s; . /tmp/s' },
  { name: 'eval of eval', line: 'x=\'eval "$x"\'; eval "$x"' },
]
for (const { name, line } of hostile)
  test(`${name} harms nobody but its container`, () => {
    const box = startBox(['sh', '-c', line])
    box.engine.runUntil(600_000)
    assert.ok(box.engine.eventsProcessed < 300_000, `${box.engine.eventsProcessed} events`)
    box.container.kill()
    assert.equal(box.container.isRunning, false)
    assert.equal(box.engine.nextDueMs(), undefined, 'nothing of it is left in the queue')
  })

test('memory beyond the limit ends the container with 137 and OOMKilled', () => {
  for (const [argv, image] of [
    [['sh', '-c', 'tail /dev/zero'], busybox],
    [['stress', '--vm', '1', '--vm-bytes', '250M', '--vm-hang', '1'], stress],
  ] as const) {
    const box = startBox(argv, { image, limits: { memoryBytes: 100 * 1024 * 1024 } })
    box.engine.runUntil(30_000)
    assert.deepEqual(box.exit(), { exitCode: 137, signal: 'SIGKILL', reason: 'OOMKilled' })
  }
})

test('a container within its memory limit lives', () => {
  const box = startBox(['stress', '--vm', '1', '--vm-bytes', '50M', '--vm-hang', '1'], {
    image: stress,
    limits: { memoryBytes: 100 * 1024 * 1024 },
  })
  box.engine.runUntil(30_000)
  assert.equal(box.exit(), undefined)
  assert.ok(box.container.memoryUsage() > 50 * 1024 * 1024)
})

test('a CPU limit makes work take longer', () => {
  const line = 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done'
  const free = runShell(line).tookMs!
  const limited = runShell(line, { limits: { cpuMillis: 100 } }).tookMs!
  assert.ok(limited > free * 8, `${free} ms without, ${limited} ms with the limit`)
})

test('exec runs beside PID 1, with its own output, input and status', () => {
  const box = startBox(['sleep', '100'])
  box.engine.runUntil(1000)
  let stdout = ''
  let status: number | undefined
  const stdin = createPipe()
  box.container.exec({
    argv: ['sh', '-c', 'read x; echo "got $x"; exit 3'],
    stdin: stdin.input,
    onOutput: (_, text) => {
      stdout += text
    },
    onExit: ({ exitCode }) => {
      status = exitCode
    },
  })
  box.engine.runUntil(2000)
  assert.equal(status, undefined)
  stdin.output.write('word\n')
  box.engine.runUntil(3000)
  assert.deepEqual([stdout, status, box.container.isRunning], ['got word\n', 3, true])
})

test('exec of what is not there is refused in the words of the runtime', () => {
  const box = startBox(['sleep', '100'])
  box.engine.runUntil(10)
  assert.deepEqual(box.container.exec({ argv: ['nope'], onOutput() {}, onExit() {} }), {
    error:
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH',
  })
})

test('a shell at a terminal prompts, survives errors, and ends with its input', () => {
  const box = startBox(['sleep', '100'])
  const stdin = createPipe({ isTerminal: true })
  let seen = ''
  let status: number | undefined
  box.container.exec({
    argv: ['sh'],
    tty: true,
    stdin: stdin.input,
    onOutput: (_, text) => {
      seen += text
    },
    onExit: ({ exitCode }) => {
      status = exitCode
    },
  })
  for (const line of ['cd /etc\n', 'echo "a\n', 'b"\n', 'nosuch\n', 'exit 4\n']) {
    stdin.output.write(line)
    box.engine.runUntil(box.engine.nowMs + 100)
  }
  assert.deepEqual([seen, status], ['/ # /etc # > a\nb\n/etc # sh: nosuch: not found\n/etc # ', 4])
})

test('a container whose PID 1 ends takes its exec sessions with it', () => {
  const box = startBox(['sleep', '1'])
  let status: number | undefined
  box.container.exec({
    argv: ['sleep', '100'],
    onOutput() {},
    onExit: ({ exitCode }) => {
      status = exitCode
    },
  })
  box.engine.runUntil(5000)
  assert.deepEqual([box.exit()?.exitCode, status], [0, 137])
})

const startFailures = [
  { argv: ['x'], why: 'exec: "x": executable file not found in $PATH' },
  { argv: ['/x'], why: 'exec: "/x": stat /x: no such file or directory' },
  { argv: ['/etc/passwd'], why: 'exec: "/etc/passwd": permission denied' },
  { argv: ['/etc'], why: 'exec: "/etc": is a directory' },
]
for (const { argv, why } of startFailures)
  test(`starting ${argv[0]} fails because ${why}`, () => {
    const engine = new Engine({ seed: 's', startEpochMs })
    const started = startContainer({
      engine,
      image: busybox,
      argv,
      env: {},
      files: createFileSystem({ base: layerOf(busybox), nowEpochMs: () => engine.epochMs }),
      network: noNetwork,
      hostname: 'p',
      onOutput() {},
      onExit() {},
    })
    assert.deepEqual(started, {
      error: `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${why}`,
      exitCode: 128,
    })
  })

test('the same seed gives the same run', () => {
  const run = () => {
    const box = startBox(['sh', '-c', 'for i in 1 2 3; do echo $RANDOM; sleep 0.$((RANDOM % 9)); done'])
    box.engine.runUntil(60_000)
    return [box.stdout(), box.exitMs(), box.engine.stateHash]
  }
  assert.deepEqual(run(), run())
})
