import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Command, createCluster, type LiveCluster, replayCluster } from '../../sim/index.ts'

const options = { seed: 'node-shell', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] }, strict: true }
const manifest =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: c, image: "nginx:1.27"}]\n'
const aCluster = (): LiveCluster => createCluster(options)

function ssh(cluster: LiveCluster, line: string, session?: string): { output: string; exit: number } {
  const { stdout, stderr, exit } = cluster.execute({ op: 'node', node: 'node-1', line, session })
  return { output: stdout + stderr, exit }
}

/** Starts a line and gives what it said in that time, and what stops it. */
function startLine(cluster: LiveCluster, command: Command, ms: number) {
  const seen = { output: '', exit: undefined as number | undefined }
  const driven = cluster.start(
    command,
    ({ exit }) => {
      seen.exit = exit
    },
    (_, text) => {
      seen.output += text
    },
  )
  cluster.advance(ms)
  return { seen, driven }
}

test('lines of one session share their directory, variables, functions and exit code', () => {
  const cluster = aCluster()
  ssh(cluster, 'cd /etc/kubernetes; colour=blue; greet() { echo "hello $1"; }', 'a')
  assert.deepEqual(ssh(cluster, 'pwd; echo $colour; greet you', 'a'), {
    output: '/etc/kubernetes\nblue\nhello you\n',
    exit: 0,
  })
  assert.equal(ssh(cluster, 'false', 'a').exit, 1)
  assert.equal(ssh(cluster, 'echo $?', 'a').output, '1\n')
})

test('a line that is not complete waits for more, as a here-document does', () => {
  const cluster = aCluster()
  const type = (line: string) => cluster.execute({ op: 'node', node: 'node-1', line, session: 'a' })
  assert.equal(type('cd /etc').prompt, 'root@node-1:/etc# ')
  assert.equal(type('cat > /root/poem <<END').prompt, '> ')
  assert.equal(type('  two').prompt, '> ')
  assert.equal(type('lines').prompt, '> ')
  assert.equal(type('END').prompt, 'root@node-1:/etc# ')
  assert.equal(ssh(cluster, 'cd; cat poem', 'a').output, '  two\nlines\n')
  assert.equal(type('for i in 1 2').prompt, '> ')
  const { stdout, prompt } = type('do echo $i; done')
  assert.deepEqual({ stdout, prompt }, { stdout: '1\n2\n', prompt: 'root@node-1:~# ' })
})

test('sessions, and lines without one, know nothing of each other', () => {
  const cluster = aCluster()
  ssh(cluster, 'cd /tmp; colour=blue', 'a')
  assert.equal(ssh(cluster, 'pwd; echo "[$colour]"', 'b').output, '/root\n[]\n')
  assert.equal(ssh(cluster, 'pwd; echo "[$colour]"').output, '/root\n[]\n')
})

test('a session survives errors, words them as a login shell, and begins anew after exit', () => {
  const cluster = aCluster()
  assert.deepEqual(ssh(cluster, 'nothing', 'a'), { output: '-bash: nothing: command not found\n', exit: 127 })
  assert.equal(ssh(cluster, 'cd /nowhere', 'a').exit, 1)
  ssh(cluster, 'cd /etc', 'a')
  assert.equal(ssh(cluster, 'exit 4', 'a').exit, 4)
  assert.equal(ssh(cluster, 'pwd', 'a').output, '/root\n')
})

test('an interrupt ends what a session runs, and leaves its directory and variables', () => {
  const cluster = aCluster()
  ssh(cluster, 'cd /var/log; colour=blue', 'a')
  const command: Command = { op: 'node', node: 'node-1', line: 'while true; do echo tick; sleep 1; done', session: 'a' }
  const { seen, driven } = startLine(cluster, command, 3500)
  assert.equal(seen.output, 'tick\ntick\ntick\ntick\n')
  driven.interrupt()
  cluster.advance(5000)
  assert.equal(seen.output, 'tick\ntick\ntick\ntick\n')
  assert.equal(ssh(cluster, 'pwd; echo $colour; ps -e | grep -c sleep', 'a').output, '/var/log\nblue\n0\n')
})

test('a line that follows the journal tells what comes, and who logs it as a command gets it for ten seconds', () => {
  const cluster = aCluster()
  const follow: Command = { op: 'node', node: 'node-1', line: 'journalctl -fu kubelet -n 0 -o cat' }
  const { seen, driven } = startLine(cluster, follow, 1000)
  cluster.execute({ op: 'node', node: 'node-1', line: 'cat > /etc/kubernetes/manifests/web.yaml', stdin: manifest })
  cluster.advance(5000)
  driven.interrupt()
  assert.match(seen.output, /"SyncLoop ADD" source="file" pods=\["default\/web-node-1"\]/)
  const beganMs = cluster.nowMs
  assert.equal(ssh(cluster, 'journalctl -fu kubelet -n 1').exit, 130)
  assert.equal(cluster.nowMs - beganMs, 10_000)
})

/** A session with a keyboard: begins a line, types into it, and gives what the screen shows at its end. */
function atKeyboard(cluster: LiveCluster, line: string, typed: readonly string[]): { screen: string; exit?: number } {
  const seen: { screen: string; exit?: number } = { screen: '' }
  const begun = cluster.begin(
    { op: 'node', node: 'node-1', line, session: 'k', keyboard: { columns: 80, rows: 24 } },
    ({ exit }) => {
      seen.exit = exit
    },
    (_, text) => {
      seen.screen += text
    },
  )
  for (const data of typed) {
    cluster.advance(1500)
    begun.input({ act: 'write', data })
  }
  cluster.advance(1500)
  return seen
}

test('at a keyboard a program reads what is typed, and sees its end', () => {
  const cluster = aCluster()
  assert.deepEqual(atKeyboard(cluster, 'cat > /root/note', ['first\n', 'second\n', '\x04']), {
    screen: 'first\nsecond\n',
    exit: 0,
  })
  assert.equal(ssh(cluster, 'cat /root/note', 'k').output, 'first\nsecond\n')
})

test('at a keyboard crictl exec -it is a shell in a container', () => {
  const cluster = aCluster()
  cluster.execute({ op: 'node', node: 'node-1', line: 'cat > /etc/kubernetes/manifests/web.yaml', stdin: manifest })
  cluster.advance(5000)
  const { screen, exit } = atKeyboard(cluster, 'crictl exec -it $(crictl ps -q) sh', ['hostname\n', 'exit\n'])
  assert.match(screen, /hostname\nweb-node-1\n/)
  assert.equal(exit, 0)
})

test('crictl ps lists those with all labels that are asked for', () => {
  const cluster = aCluster()
  cluster.execute({ op: 'node', node: 'node-1', line: 'cat > /etc/kubernetes/manifests/web.yaml', stdin: manifest })
  cluster.advance(5000)
  const listed = (labels: string) => ssh(cluster, `crictl ps -q ${labels} | wc -l`, 'a').output.trim()
  const all = listed('')
  assert.notEqual(all, '0')
  assert.equal(listed('--label io.kubernetes.pod.name=web-node-1'), '1')
  assert.equal(listed('--label=io.kubernetes.pod.name=web-node-1 --label io.kubernetes.pod.namespace=kube-system'), '0')
  assert.equal(listed('--label io.kubernetes.pod.name=none'), '0')
  assert.match(ssh(cluster, 'crictl ps --label web', 'b').output, /incorrectly specified label: web/)
})

test('Ctrl-C at a keyboard ends the rest of the line, and not its shell', () => {
  const cluster = aCluster()
  atKeyboard(cluster, 'cd /etc', [])
  const { exit, screen } = atKeyboard(cluster, 'while true; do echo tick; sleep 1; done; echo never', ['\x03'])
  assert.equal(exit, 130)
  assert.equal(screen, 'tick\ntick\n^C\n')
  assert.equal(ssh(cluster, 'pwd; echo $?', 'k').output, '/etc\n0\n')
  const again = replayCluster(options, cluster.log, cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
})

test('a machine that goes off breaks the connections to it', () => {
  const cluster = aCluster()
  ssh(cluster, 'cd /etc', 'a')
  const { seen } = startLine(cluster, { op: 'node', node: 'node-1', line: 'sleep 100', session: 'a' }, 1000)
  cluster.execute({ op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'down' } })
  assert.deepEqual(seen, { output: 'Connection to node-1 closed by remote host.\n', exit: 255 })
  cluster.execute({ op: 'fault', fault: { kind: 'node', node: 'node-1', state: 'up' } })
  assert.equal(ssh(cluster, 'pwd', 'a').output, '/root\n')
})

test('what was done on nodes is done again by a replay', () => {
  const cluster = aCluster()
  cluster.execute({ op: 'node', node: 'node-2', line: 'cat > /etc/kubernetes/manifests/web.yaml', stdin: manifest })
  cluster.advance(5000)
  ssh(cluster, 'cd /etc/kubernetes', 'a')
  ssh(cluster, 'systemctl stop kubelet; ls', 'a')
  cluster.advance(60_000)
  ssh(cluster, 'systemctl start kubelet; crictl ps; journalctl -u kubelet', 'a')
  cluster.advance(10_000)
  const again = replayCluster(options, cluster.log, cluster.nowMs)
  assert.equal(again.stateHash(), cluster.stateHash())
  assert.deepEqual(again.objects('pods'), cluster.objects('pods'))
  assert.equal(again.objects('pods').length, 1)
})
