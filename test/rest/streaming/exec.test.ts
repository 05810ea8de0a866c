import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smallCluster } from '../ask.ts'
import { bytesOf, execUrl, openSession, runPod, shellPod, upgrade } from './session.ts'

const both = 'stdout=true&stderr=true'
const piped = `stdin=true&${both}`
const terminal = 'stdin=true&stdout=true&tty=true'

test('a program writes to two streams and ends with its code', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['sh', '-c', 'echo out; echo err >&2; exit 3'], both))
  cluster.advance(1000)
  assert.equal(session.stdout(), 'out\n')
  assert.equal(session.stderr(), 'err\n')
  assert.deepEqual(session.status(), {
    metadata: {},
    status: 'Failure',
    message: 'command terminated with non-zero exit code: command terminated with exit code 3',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  })
})

test('input arrives over time, and its end ends the program', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(
    cluster,
    execUrl('web', ['sh', '-c', 'while read l; do echo "<$l>"; done; echo end'], piped),
  )
  session.type('one\ntw')
  assert.equal(session.stdout(), '<one>\n')
  session.type('o\n')
  assert.equal(session.stdout(), '<one>\n<two>\n')
  assert.equal(session.status(), undefined)
  session.input.end()
  cluster.advance(1000)
  assert.equal(session.stdout(), '<one>\n<two>\nend\n')
  assert.deepEqual(session.status(), { metadata: {}, status: 'Success' })
})

test('a shell at a terminal prompts, echoes, survives Ctrl-C and ends at exit', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['sh'], terminal))
  cluster.advance(1000)
  assert.equal(session.stdout(), '/ # ')
  session.type('cd /tmp\r')
  session.type('echo $((6*7))x\x7f\r')
  session.type('sleep 1000\r')
  session.type('\x03')
  session.type('echo $?\r')
  session.type('half a line\x03')
  session.type('for i in 1 2; do\r')
  session.type('echo $i; done\r')
  session.input.resize(132, 43)
  // The prompt is drawn again.
  session.type('stty size\r')
  session.type('exit 4\r')
  assert.equal(
    session.stdout(),
    [
      '/ # cd /tmp',
      '/tmp # echo $((6*7))x\b \b',
      '42',
      '/tmp # sleep 1000',
      '^C',
      '/tmp # echo $?',
      '130',
      '/tmp # half a line^C',
      '/tmp # for i in 1 2; do',
      '> echo $i; done',
      '1',
      '2',
      '/tmp # \r/tmp # \x1b[Jstty size',
      '43 132',
      '/tmp # exit 4',
      '',
    ].join('\r\n'),
  )
  assert.match(String(session.status()?.message), /exit code 4$/)
})

test('Ctrl-D ends a shell, and bash says so', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', { containers: [{ name: 'main', image: 'nginx:1.27' }] })
  const dash = openSession(cluster, execUrl('web', ['sh'], terminal))
  dash.type('\x04')
  assert.equal(dash.stdout(), '# ')
  assert.deepEqual(dash.status(), { metadata: {}, status: 'Success' })
  const bash = openSession(cluster, execUrl('web', ['bash'], terminal))
  bash.type('\x04')
  assert.equal(bash.stdout(), 'root@web:/# exit\r\n')
})

test('a program that a terminal started ends at Ctrl-C with 130', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['sleep', '100'], terminal))
  session.type('\x03')
  assert.match(String(session.status()?.message), /exit code 130$/)
})

test('bytes that are no text go through a program unharmed', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const every = Uint8Array.from({ length: 512 }, (_, n) => (n * 7) % 256)
  const session = openSession(
    cluster,
    execUrl('web', ['sh', '-c', 'cat > /tmp/f; cat /tmp/f; wc -c < /tmp/f >&2'], piped),
  )
  session.input.write(every.slice(0, 100))
  session.input.write(every.slice(100))
  session.input.end()
  cluster.advance(1000)
  assert.deepEqual(new Uint8Array(session.bytes()), every)
  assert.equal(session.stderr(), '512\n')
})

test('the program goes on when its caller is gone', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['sh', '-c', 'sleep 5; echo late > /tmp/late'], both))
  cluster.advance(1000)
  session.input.close()
  cluster.advance(10_000)
  const look = openSession(cluster, execUrl('web', ['cat', '/tmp/late'], both))
  cluster.advance(1000)
  assert.equal(look.stdout(), 'late\n')
})

test('a session ends with its container', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['sh'], terminal))
  cluster.execute({ op: 'kubectl', line: 'kubectl delete pod web --grace-period=1' })
  assert.match(String(session.status()?.message), /exit code 137$/)
})

const failures = [
  {
    name: 'a program that is not there',
    url: execUrl('web', ['nope'], both),
    message:
      /^Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in \$PATH/,
  },
  {
    name: 'no program at all',
    url: `web/exec?${both}`,
    message: /OCI runtime exec failed: exec failed: args must not be empty/,
  },
  {
    name: 'a container that does not run',
    url: execUrl('absent', ['ls'], both),
    message: /^Internal error occurred: unable to upgrade connection: container not found \("main"\)$/,
  },
]
for (const { name, url, message } of failures)
  test(`a session fails for ${name}`, () => {
    const cluster = smallCluster()
    runPod(cluster, 'web', shellPod)
    runPod(cluster, 'absent', { containers: [{ name: 'main', image: 'busybox:9.9' }] })
    const session = openSession(cluster, url)
    cluster.advance(1000)
    assert.match(String(session.status()?.message), message)
    assert.equal(session.status()?.reason, 'InternalError')
  })

const refusals = [
  { name: 'an unknown Pod', url: execUrl('none', ['ls'], both), status: 404, message: 'pods "none" not found' },
  {
    name: 'an unknown container',
    url: `${execUrl('two', ['ls'], both)}&container=x`,
    status: 400,
    message: 'container x is not valid for pod two',
  },
  {
    name: 'no container among several',
    url: execUrl('two', ['ls'], both),
    status: 400,
    message: 'a container name must be specified for pod two, choose one of: [setup a b]',
  },
  {
    name: 'no stream',
    url: execUrl('web', ['ls'], 'tty=false'),
    status: 400,
    message: 'you must specify at least 1 of stdin, stdout, stderr',
  },
  {
    name: 'a Pod on no node',
    url: execUrl('waiting', ['ls'], both),
    status: 400,
    message: 'pod waiting does not have a host assigned',
  },
]
for (const { name, url, status, message } of refusals)
  test(`a session is refused for ${name}`, () => {
    const cluster = smallCluster()
    runPod(cluster, 'web', shellPod)
    runPod(cluster, 'waiting', { ...shellPod, nodeSelector: { disk: 'none' } })
    runPod(cluster, 'two', {
      initContainers: [{ name: 'setup', image: 'busybox:1.36', command: ['true'] }],
      containers: [
        { name: 'a', image: 'busybox:1.36', command: ['sleep', '3600'] },
        { name: 'b', image: 'busybox:1.36', command: ['sleep', '3600'] },
      ],
    })
    const outcome = upgrade(cluster, url)
    assert.equal(outcome.kind, 'answer')
    if (outcome.kind !== 'answer') return
    assert.equal(outcome.status, status)
    assert.equal(JSON.parse(String(outcome.body)).message, message)
  })

test('a request that does not ask for another protocol is refused', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const outcome = upgrade(cluster, execUrl('web', ['ls'], both), 'GET', { connection: 'keep-alive' })
  assert.equal(outcome.kind === 'answer' && JSON.parse(String(outcome.body)).message, 'Upgrade request required')
})

test('to open a session by GET one has to be allowed to get and to create it', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  cluster.execute({ op: 'kubectl', line: 'kubectl create role looker --verb=get --resource=pods,pods/exec' })
  cluster.execute({ op: 'kubectl', line: 'kubectl create rolebinding looker --role=looker --user=ann' })
  cluster.execute({ op: 'kubectl', line: 'kubectl create role opener --verb=create --resource=pods/exec' })
  cluster.execute({ op: 'kubectl', line: 'kubectl create rolebinding opener --role=opener --user=bob' })
  const asked = (user: string, method: string): number | string => {
    const outcome = upgrade(cluster, execUrl('web', ['ls'], both), method, { 'impersonate-user': user })
    return outcome.kind === 'answer' ? `${outcome.status} ${JSON.parse(String(outcome.body)).message}` : outcome.kind
  }
  assert.equal(
    asked('ann', 'GET'),
    '403 pods "web" is forbidden: User "ann" cannot create resource "pods/exec" in API group "" in the namespace "default"',
  )
  assert.equal(
    asked('bob', 'GET'),
    '403 pods "web" is forbidden: User "bob" cannot get resource "pods/exec" in API group "" in the namespace "default"',
  )
  assert.equal(asked('bob', 'POST'), 'exec')
})

test('whoever attaches sees what is written from then on and types into the first process', () => {
  const cluster = smallCluster()
  runPod(cluster, 'counter', {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'main',
        image: 'busybox:1.36',
        stdin: true,
        stdinOnce: true,
        command: ['sh', '-c', 'echo before; while read l; do echo "<$l>"; done; echo end'],
      },
    ],
  })
  const session = openSession(cluster, `counter/attach?${piped}`)
  session.type('one\n')
  assert.equal(session.stdout(), '<one>\n')
  session.input.end()
  cluster.advance(1000)
  assert.equal(session.stdout(), '<one>\nend\n')
  assert.deepEqual(session.status(), { metadata: {}, status: 'Success' })
})

test('two who attach to one terminal see the same, and one leaves without ending it', () => {
  const cluster = smallCluster()
  runPod(cluster, 'shell', {
    containers: [{ name: 'main', image: 'busybox:1.36', stdin: true, tty: true, command: ['sh'] }],
  })
  const one = openSession(cluster, `shell/attach?${terminal}`)
  const two = openSession(cluster, `shell/attach?${terminal}`)
  one.type('echo hi\r')
  two.input.close()
  one.type('\x03')
  assert.equal(two.stdout(), 'echo hi\r\nhi\r\n/ # ')
  assert.equal(one.stdout(), 'echo hi\r\nhi\r\n/ # ^C\r\n/ # ')
  assert.equal(one.status(), undefined)
})

test('what comes after the end of a session is not even noted', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', shellPod)
  const session = openSession(cluster, execUrl('web', ['true'], piped))
  cluster.advance(1000)
  const noted = cluster.log.length
  session.input.write(bytesOf('late'))
  session.input.close()
  assert.equal(cluster.log.length, noted)
})

test('a shell remembers its lines, and dash does not', () => {
  const cluster = smallCluster()
  runPod(cluster, 'web', { containers: [{ name: 'main', image: 'nginx:1.27' }] })
  const bash = openSession(cluster, execUrl('web', ['bash'], terminal))
  cluster.advance(100)
  bash.type('echo $((1+1))\r')
  bash.type('\x1b[A\x1b[D5\r')
  assert.match(bash.stdout(), /\r\n2\r\n[\s\S]*echo \$\(\(1\+1\)5\)[\s\S]*$/)
  bash.type('\x03\x1b[A\x1b[A\x1b[D\x1b[D5\r')
  assert.match(bash.stdout(), /\r\n16\r\n/)
  const dash = openSession(cluster, execUrl('web', ['sh'], terminal))
  cluster.advance(100)
  dash.type('\x1b[A')
  assert.equal(dash.stdout(), '# ^[[A')
})
