/** A terminal session on a live sandbox: what is typed, and what the screen shows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveSandbox, realWall } from '../../../server/labs/sandboxes/live-sandbox.ts'
import { localBus } from '../../../server/storage/bus.ts'
import { echoIn, showEchoes } from '../../../server/terminal/echo.ts'
import type { EditNews, EditRequest } from '../../../server/terminal/editing.ts'
import { type SessionCluster, TerminalSession } from '../../../server/terminal/session.ts'
import type { FileSet } from '../../../server/terminal/shell.ts'

/**
 * A session on a cluster of its own, whose clock runs fast.
 * @param whyNot what keeps files from being saved
 */
function open(state: { files?: FileSet; history?: string[] } = {}, whyNot?: (files: FileSet) => string | undefined) {
  const nowMs = Date.now()
  const sandbox = new LiveSandbox(
    {
      options: { seed: 'terminal', shape: { nodes: [{ name: 'node-1' }] } },
      log: [],
      clock: { speed: 50, wallMs: nowMs, virtualMs: 0 },
    },
    realWall,
  )
  let saved: FileSet = {}
  const cluster: SessionCluster = {
    async begin(command, output) {
      let running: ReturnType<LiveSandbox['begin']> | undefined
      const result = new Promise<Parameters<Parameters<LiveSandbox['begin']>[1]>[0]>((done) => {
        running = sandbox.begin(command, done, output)
      })
      return { result, input: (input) => running?.input(input), interrupt: () => running?.interrupt() }
    },
    complete: async () => ['pods', 'podtemplates'],
    latestFiles: async () => ({}),
    saveFiles: async (files) => {
      const why = whyNot?.(files)
      if (why === undefined) saved = files
      return why
    },
  }
  const session = new TerminalSession(cluster, state)
  let screen = ''
  const edits: EditRequest[] = []
  const news: EditNews[] = []
  const view = {
    write(text: string) {
      screen += text
    },
    edit: (request: EditRequest) => void edits.push(request),
    editNews: (said: EditNews) => void news.push(said),
    announce: () => undefined,
  }
  session.attach(view)
  return {
    session,
    view,
    edits,
    news,
    sandbox,
    saved: () => saved,
    screen: () => plain(screen),
    /** Types a line and waits for the next prompt. */
    async line(text: string): Promise<string> {
      screen = ''
      session.input(`${text}\r`)
      await shows(() => /[$#] $/.test(plain(screen).split('\n').at(-1) ?? ''), `a prompt after ${text}: ${screen}`)
      return plain(screen).split('\n').slice(1, -1).join('\n')
    },
    type(text: string) {
      screen = ''
      session.input(text)
    },
    close() {
      session.close()
      sandbox.close()
    },
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const plain = (text: string): string => text.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r', '')

async function shows(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (holds()) return
    await new Promise((done) => setTimeout(done, 25))
  }
  assert.fail(`never: ${what}`)
}

test('who asks twice in the same moment is told that time stands still, and what lets it pass', async () => {
  const terminal = open({})
  terminal.sandbox.setSpeed(0)
  await terminal.line('kubectl get nodes')
  await new Promise((done) => setTimeout(done, 700))
  assert.match(await terminal.line('kubectl get nodes'), /node-1 .*\n# The cluster's time stands still.*`sleep 10`/)
  // Another question, or time that has passed, has another answer.
  await new Promise((done) => setTimeout(done, 700))
  assert.doesNotMatch(await terminal.line('kubectl get nodes -o wide'), /stands still/)
  await terminal.line('sleep 10')
  assert.doesNotMatch(await terminal.line('kubectl get nodes -o wide'), /stands still/)
  terminal.sandbox.setSpeed(50)
  await terminal.line('kubectl get nodes')
  await new Promise((done) => setTimeout(done, 700))
  assert.doesNotMatch(await terminal.line('kubectl get nodes'), /stands still/)
  terminal.close()
})

test('what is printed without a newline at its end stays on the screen, and the prompt comes below it', async () => {
  const terminal = open()
  try {
    assert.equal(await terminal.line('printf abc'), 'abc')
    assert.equal(await terminal.line("kubectl get nodes -o jsonpath='{.items[0].metadata.name}'"), 'node-1')
    assert.equal(await terminal.line("printf 'one\\ntwo'"), 'one\ntwo')
    assert.equal(await terminal.line('echo whole'), 'whole', 'no empty line after a whole one')
    await terminal.line('ssh node-1')
    assert.equal(await terminal.line('echo -n there'), 'there')
    assert.equal(await terminal.line('true'), '')
  } finally {
    terminal.close()
  }
})

test('kubectl and k reach the cluster, and pipes, files and loops go around them', async () => {
  const terminal = open()
  try {
    assert.match(await terminal.line('kubectl get nodes'), /^NAME +STATUS.*\nnode-1 +Ready/)
    assert.equal(await terminal.line('k get nodes -o name | tr a-z A-Z'), 'NODE/NODE-1')
    assert.equal(await terminal.line('k get nodes -o json | jq -r ".items[].metadata.name"'), 'node-1')
    await terminal.line('k create deployment web --image=nginx:1.27 --dry-run=client -o yaml > web.yaml')
    assert.equal(await terminal.line('k apply -f web.yaml && ls'), 'deployment.apps/web created\nweb.yaml')
    assert.ok('/home/learner/web.yaml' in terminal.saved())
    assert.equal(await terminal.line('for i in 1 2; do echo $i; done'), '1\n2')
    assert.equal(await terminal.line('nonsense'), 'bash: nonsense: command not found')
  } finally {
    terminal.close()
  }
})

test('helm has the files of the shell: a chart that was made there is changed, rendered and installed', async () => {
  const terminal = open()
  try {
    assert.equal(
      await terminal.line('helm create web && ls web'),
      'Creating web\nChart.yaml\ncharts\ntemplates\nvalues.yaml',
    )
    await terminal.line("sed -i 's/replicaCount: 1/replicaCount: 2/' web/values.yaml")
    assert.equal(await terminal.line('helm template x web | grep replicas'), '  replicas: 2')
    assert.match(await terminal.line('helm install web ./web --wait'), /STATUS: deployed/)
    assert.match(await terminal.line('kubectl get deploy web'), /2\/2/)
    assert.equal(await terminal.line('helm list -q | wc -l | tr -d " "'), '1')
    assert.match(await terminal.line('helm get values web -a | grep replicaCount'), /replicaCount: 2/)
    assert.equal(
      await terminal.line(
        'kubectl get secret sh.helm.release.v1.web.v1 -o json | jq -r .data.release | base64 -d | base64 -d | gzip -d | jq -r .name',
      ),
      'web',
    )
  } finally {
    terminal.close()
  }
})

test('folder and variables last from line to line, and files from session to session', async () => {
  const first = open()
  await first.line('mkdir app; cd app; echo hello > note; X=5')
  assert.equal(await first.line('pwd; echo $X'), '/home/learner/app\n5')
  const files = first.saved()
  first.close()
  const second = open({ files, history: ['cat app/note'] })
  try {
    second.type('\x1b[A\r')
    await shows(() => second.screen().includes('hello'), 'the file of the former session')
  } finally {
    second.close()
  }
})

test('the lines that elsewhere turn on the completion of kubectl and k do no harm', async () => {
  const { line, close } = open()
  try {
    assert.equal(await line('source <(kubectl completion bash) && alias k=kubectl'), '')
    assert.equal(await line('complete -o default -F __start_kubectl k; echo $?'), '0')
    assert.match(await line('k get nodes --no-headers'), /^node-1 +Ready/)
  } finally {
    close()
  }
})

test('the past lines go down a pipe, and the shell knows whose it is', async () => {
  const { line, close } = open({ history: ['kubectl get nodes'] })
  try {
    assert.equal(await line('whoami; echo $USER $SHELL'), 'learner\nlearner /bin/bash')
    assert.equal(await line('history | grep -c nodes'), '2')
    assert.equal(await line('history 1'), '    4  history 1')
  } finally {
    close()
  }
})

test('what could not be saved is told by the editor that writes it, and by the line that does', async () => {
  const tooLong = (files: FileSet) => (String(files['/home/learner/f'] ?? '').length > 5 ? 'too long' : undefined)
  const { line, session, edits, news, saved, type, screen, close } = open({}, tooLong)
  try {
    assert.equal(await line('echo short > f'), 'podium: not saved: too long')
    assert.equal(await line('echo abc > f'), '')
    type('vi f\r')
    await shows(() => edits.length === 1, 'the editor')
    const { id } = edits[0]!
    session.edited(id, 'far too long', true)
    await shows(() => news.length === 1, 'an answer')
    assert.deepEqual(news, [{ id, is: 'refused', why: 'too long' }])
    session.edited(id, 'ab\n', true)
    await shows(() => news.length === 2, 'another answer')
    assert.deepEqual(news[1], { id, is: 'saved' })
    assert.equal(saved()['/home/learner/f'], 'ab\n')
    session.edited(id, 'far too long')
    await shows(() => screen().endsWith('$ '), 'a prompt')
    assert.match(screen(), /podium: not saved: too long\n/)
    assert.equal(saved()['/home/learner/f'], 'ab\n')
  } finally {
    close()
  }
})

test('a view that comes later, of whatever width, gets each line once, and the one being typed', async () => {
  const { line, type, session, close } = open()
  const later = (): string => {
    const written: string[] = []
    const view = {
      write: (text: string) => void written.push(text),
      edit: () => undefined,
      editNews: () => undefined,
      announce: () => undefined,
    }
    session.attach(view)
    session.detach(view)
    return plain(written.join(''))
  }
  const long = `echo ${'a'.repeat(100)}`
  try {
    await line(long)
    await line('echo b')
    type('echo half')
    assert.equal(
      later().slice(later().indexOf('learner')),
      [
        `learner@podium:~$ ${long}`,
        'a'.repeat(100),
        'learner@podium:~$ echo b',
        'b',
        'learner@podium:~$ echo half',
      ].join('\n'),
    )
    session.input('\x03')
    assert.match(later(), /\$ echo half\^C\nlearner@podium:~\$ $/)
    assert.equal((await session.runLine('echo c')).output, 'echo c\r\nc\r\n')
    assert.match(later(), /\nlearner@podium:~\$ echo c\nc\nlearner@podium:~\$ $/)
  } finally {
    close()
  }
})

test('what runs on streams as it comes, and Ctrl-C ends it', async () => {
  const terminal = open()
  try {
    terminal.type('kubectl get pods -w\r')
    await new Promise((done) => setTimeout(done, 50))
    terminal.sandbox.begin(
      { op: 'kubectl', line: 'kubectl run p --image=nginx:1.27' },
      () => undefined,
      () => undefined,
    )
    await shows(() => /p +1\/1 +Running/.test(terminal.screen()), 'the Pod runs')
    terminal.session.input('\x03')
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.match(terminal.screen(), /\^C\n\S*\$ $/)
  } finally {
    terminal.close()
  }
})

test('a session is shown again to a page that was loaded again', async () => {
  const terminal = open()
  try {
    await terminal.line('echo kept')
    let again = ''
    terminal.session.attach({
      write(text) {
        again += text
      },
      edit: () => undefined,
      editNews: () => undefined,
      announce: () => undefined,
    })
    assert.match(plain(again), /echo kept\nkept\n/)
    assert.match(plain(again), /\$ $/)
  } finally {
    terminal.close()
  }
})

test('Tab completes kinds and files, and shows what there is to choose from', async () => {
  const terminal = open({ files: { '/home/learner/manifest.yaml': 'a: 1\n' } })
  try {
    terminal.type('k get po\t')
    await shows(() => /k get pod$/.test(terminal.screen()), 'what all have in common')
    terminal.type('\t')
    await shows(() => /pods +podtemplates/.test(terminal.screen()), 'the candidates')
    terminal.type('\x15cat ma\t')
    await shows(() => /cat manifest\.yaml $/.test(terminal.screen()), 'the file')
  } finally {
    terminal.close()
  }
})

test('an editor changes a file, or leaves it', async () => {
  const terminal = open({ files: { '/home/learner/a.txt': 'old\n' } })
  try {
    terminal.type('edit a.txt\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    const { id, ...request } = terminal.edits[0]!
    assert.deepEqual(request, { path: '/home/learner/a.txt', text: 'old\n', program: 'form' })
    terminal.session.edited(id, 'new\n')
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.deepEqual(terminal.news, [{ id, is: 'ended' }])
    assert.equal(await terminal.line('cat a.txt'), 'new')
  } finally {
    terminal.close()
  }
})

test('a text is saved while the editor stays open, and an editor that is left then leaves it so', async () => {
  const terminal = open({ files: { '/home/learner/a.txt': 'old\n', '/home/learner/.vimrc': 'set nu\n' } })
  try {
    terminal.type('vim +7 a.txt\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    const { id, ...request } = terminal.edits[0]!
    const file = { path: '/home/learner/a.txt', program: 'vim', start: '7', settings: 'set nu\n' }
    assert.deepEqual(request, { ...file, text: 'old\n' })
    terminal.session.edited(id, 'new\n', true)
    terminal.session.edited(id, 'too soon\n', true)
    await shows(() => terminal.news.length === 2, 'an answer')
    assert.deepEqual(
      terminal.news.toSorted((a, b) => (a.is < b.is ? -1 : 1)),
      [
        { id, is: 'refused', why: 'it is being written already' },
        { id, is: 'saved' },
      ],
    )
    assert.equal(terminal.saved()['/home/learner/a.txt'], 'new\n')
    // A page that is loaded again goes on with what was saved.
    terminal.session.attach(terminal.view)
    assert.deepEqual(terminal.edits[1], { id, ...file, text: 'new\n' })
    terminal.session.edited(id, undefined)
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.equal(await terminal.line('cat a.txt'), 'new')
    terminal.session.edited(id, 'late\n', true)
    assert.deepEqual(terminal.news.at(-1), { id, is: 'refused', why: 'the shell was started again' })
    assert.equal(await terminal.line('cat a.txt'), 'new')
  } finally {
    terminal.close()
  }
})

test('a file in a folder that is not there is not saved, and a folder or two files are not opened', async () => {
  const terminal = open()
  try {
    assert.equal(await terminal.line('vi /tmp'), '"/tmp" is a directory')
    assert.match(await terminal.line('vi a b'), /one file at a time/)
    terminal.type('nano none/a.txt\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    const { id, program, isNew } = terminal.edits[0]!
    assert.deepEqual({ program, isNew }, { program: 'nano', isNew: true })
    terminal.session.edited(id, 'x', true)
    await shows(() => terminal.news.length === 1, 'an answer')
    assert.deepEqual(terminal.news, [{ id, is: 'refused', why: 'no such folder' }])
    terminal.session.edited(id, undefined)
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.equal(await terminal.line('ls'), '')
  } finally {
    terminal.close()
  }
})

test('kubectl edit opens the object, again with the reason when it is refused, and sends what was changed', async () => {
  const terminal = open()
  try {
    await terminal.line('k create deployment web --image=nginx:1.27')
    terminal.type('k edit deployment web\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    const [first] = terminal.edits
    assert.equal(first!.program, 'vim')
    assert.match(first!.path, /^\/tmp\/kubectl-edit-\d+\.yaml$/)
    assert.match(first!.text, /^# Please edit the object below\.[^\n]*\n(#.*\n)*apiVersion: apps\/v1\n/)
    // Saved, and left then: as `:w` and `:q` do.
    terminal.session.edited(first!.id, first!.text.replace('replicas: 1', 'replicas: -1'), true)
    await shows(() => terminal.news.length === 1, 'an answer')
    terminal.session.edited(first!.id, undefined)
    await shows(() => terminal.edits.length === 2, 'the editor again')
    assert.match(
      terminal.edits[1]!.text,
      /^(#.*\n){3}#\n# deployments\.apps "web" was not valid:\n# \* spec\.replicas: Invalid value: -1: must be greater than or equal to 0\n#\napiVersion: [\s\S]* replicas: -1\n/,
    )
    terminal.session.edited(terminal.edits[1]!.id, terminal.edits[1]!.text.replace('replicas: -1', 'replicas: 2'))
    await shows(() => /deployment\.apps\/web edited\n[\s\S]*\$ $/.test(terminal.screen()), 'it is edited')
    assert.equal(await terminal.line("k get deployment web -o jsonpath='{.spec.replicas}'; echo"), '2')
    terminal.type('k edit deployment web\r')
    await shows(() => terminal.edits.length === 3, 'the editor')
    terminal.session.edited(terminal.edits[2]!.id, undefined)
    await shows(() => /Edit cancelled, no changes made\.\n.*\$ $/.test(terminal.screen()), 'it is left')
  } finally {
    terminal.close()
  }
})

test('kubectl edit that is left with what was refused keeps a copy, as one does that the server cannot take at all', async () => {
  const terminal = open()
  try {
    await terminal.line('k create deployment web --image=nginx:1.27')
    terminal.type('k edit deployment web\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    terminal.session.edited(terminal.edits[0]!.id, terminal.edits[0]!.text.replace('replicas: 1', 'replicas: -1'))
    await shows(() => terminal.edits.length === 2, 'the editor again')
    terminal.session.edited(terminal.edits[1]!.id, undefined)
    await shows(() => /no valid changes were saved\.\n.*\$ $/.test(terminal.screen()), 'it is left')
    const copy =
      /error: deployments\.apps "web" is invalid\nA copy of your changes has been stored to "(\S+)"\nerror: Edit cancelled/.exec(
        terminal.screen(),
      )![1]
    assert.equal(await terminal.line(`grep -c 'replicas: -1' ${copy}`), '1')
    terminal.type('k edit deployment web\r')
    await shows(() => terminal.edits.length === 3, 'the editor')
    terminal.session.edited(
      terminal.edits[2]!.id,
      terminal.edits[2]!.text.replace(/resourceVersion: .*/, 'resourceVersion: "1"'),
    )
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.match(
      terminal.screen(),
      /error: deployments\.apps "web" could not be patched: Operation cannot be fulfilled .*\nYou can run `kubectl replace -f \/tmp\/kubectl-edit-\d+\.yaml` to try this update again\.\n/,
    )
  } finally {
    terminal.close()
  }
})

test('KUBE_EDITOR and EDITOR name the editor of kubectl edit, which may be any command', async () => {
  const terminal = open()
  try {
    await terminal.line('k create configmap a --from-literal=x=1')
    for (const [line, program] of [
      ['EDITOR=nano k edit cm a', 'nano'],
      ['EDITOR=nano KUBE_EDITOR="/usr/bin/vim -n" k edit cm a', 'vim'],
      ['KUBE_EDITOR=edit k edit cm a', 'form'],
    ]) {
      terminal.type(`${line}\r`)
      await shows(() => terminal.edits.length > 0, `the editor of ${line}`)
      const [edit] = terminal.edits.splice(0)
      assert.equal(edit!.program, program)
      terminal.session.edited(edit!.id, undefined)
      await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    }
    assert.equal(await terminal.line(`KUBE_EDITOR='sed -i s/x:/z:/' k edit cm a`), 'configmap/a edited')
    assert.equal(await terminal.line("k get cm a -o jsonpath='{.data}'; echo"), '{"z":"1"}')
    assert.equal(await terminal.line('KUBE_EDITOR=code k edit cm a'), 'error: unable to launch the editor "code"')
    assert.equal(await terminal.line('ls /tmp'), '')
  } finally {
    terminal.close()
  }
})

test('kubectl apply edit-last-applied opens what apply remembers', async () => {
  const terminal = open()
  try {
    await terminal.line('k create configmap a --from-literal=x=1 --save-config')
    terminal.type('k apply edit-last-applied cm/a\r')
    await shows(() => terminal.edits.length === 1, 'the editor')
    const [edit] = terminal.edits
    assert.match(edit!.text, /^# Please edit the 'last-applied-configuration'[^\n]*\n(#.*\n)*apiVersion: v1\ndata:\n/)
    terminal.session.edited(edit!.id, edit!.text.replace('"1"', '"2"'))
    await shows(() => /configmap\/a edited\n.*\$ $/.test(terminal.screen()), 'it is edited')
    assert.match(await terminal.line('k apply view-last-applied cm/a'), /x: "2"/)
  } finally {
    terminal.close()
  }
})

test('kubectl diff runs what the environment names', async () => {
  const terminal = open()
  try {
    await terminal.line('k create configmap a --from-literal=x=1 --dry-run=client -o yaml > a.yaml')
    assert.match(await terminal.line('KUBECTL_EXTERNAL_DIFF="diff -q" k diff -f a.yaml'), /^Files \S+ and \S+ differ$/)
  } finally {
    terminal.close()
  }
})

test('ssh leads to a node and back', async () => {
  const terminal = open()
  try {
    terminal.type('ssh node-1\r')
    await shows(() => terminal.screen().endsWith('root@node-1:~# '), 'the prompt of the node')
    assert.equal(await terminal.line('hostname'), 'node-1')
    await terminal.line('cd /etc/cni')
    assert.equal(await terminal.line('ls net.d'), '10-flannel.conflist')
    terminal.type('cat\r')
    await new Promise((done) => setTimeout(done, 100))
    terminal.session.input('typed\r\x04')
    await shows(() => /typed\ntyped\nroot@node-1:\/etc\/cni# $/.test(terminal.screen()), 'what was typed, twice')
    terminal.type('top\r')
    await shows(() => /load average[\s\S]*kubelet/.test(terminal.screen()), 'what runs')
    terminal.session.input('\x03')
    await shows(() => /\^C\nroot@node-1\S*# $/.test(terminal.screen()), 'the prompt again')
    terminal.type('exit\r')
    await shows(() => /Connection to node-1 closed\.\n.*\$ $/.test(terminal.screen()), 'the way back')
    assert.match(await terminal.line('ssh node-1 hostname'), /node-1/)
    assert.match(await terminal.line('ssh node-1 ls -l /etc/cni/net.d'), /^total [\s\S]*10-flannel\.conflist/)
    assert.match(await terminal.line('ssh -v node-1 hostname'), /the option -v is not available here/)
    assert.match(await terminal.line('ssh -v'), /usage: ssh/)
    assert.match(await terminal.line('ssh nowhere'), /Could not resolve hostname nowhere/)
  } finally {
    terminal.close()
  }
})

test('a file on a node is changed in vim, as an exam asks for, and one that is not there is made', async () => {
  const terminal = open()
  const { session, edits, line, type, screen, close } = terminal
  try {
    type('ssh node-1\r')
    await shows(() => screen().endsWith('root@node-1:~# '), 'the prompt of the node')
    await line('cd /etc/cni/net.d')
    type('vim 10-flannel.conflist\r')
    await shows(() => edits.length === 1, 'the editor')
    const { id, ...request } = edits[0]!
    assert.equal(request.path, '10-flannel.conflist')
    assert.equal(request.program, 'vim')
    assert.match(request.text, /flannel/)
    session.edited(id, request.text.replace('flannel', 'FLANNEL'), true)
    await shows(() => terminal.news.some(({ is }) => is === 'saved'), 'that it is saved')
    session.edited(id, undefined)
    await shows(() => screen().endsWith('# '), 'the prompt again')
    assert.match(await line('grep -c FLANNEL /etc/cni/net.d/10-flannel.conflist'), /^1$/)

    type('nano /root/note.txt\r')
    await shows(() => edits.length === 2, 'the editor')
    assert.deepEqual(edits[1], { id: edits[1]!.id, path: '/root/note.txt', text: '', program: 'nano', isNew: true })
    session.edited(edits[1]!.id, "it's here\n")
    await shows(() => screen().endsWith('# '), 'the prompt again')
    assert.equal(await line('cat /root/note.txt'), "it's here")

    type('vi /nowhere/at/all\r')
    await shows(() => edits.length === 3, 'the editor')
    session.edited(edits[2]!.id, 'x\n')
    await shows(() => screen().endsWith('# '), 'the prompt again')
    assert.match(screen(), /vi: \/nowhere\/at\/all: No such file or directory/)
    assert.match(await line('vim /etc/cni'), /vim: Is a directory/)
  } finally {
    close()
  }
})

test('a shell in a container is typed into, key by key, and left', async () => {
  const terminal = open()
  try {
    await terminal.line('k run box --image=busybox -- sleep 3600')
    await terminal.line('k wait --for=condition=Ready pod/box')
    terminal.type('kubectl exec -it box -- sh\r')
    await shows(() => /# $/.test(terminal.screen()), 'the prompt of the container')
    terminal.session.input('echo in-$((1+1))\r')
    await shows(() => /in-2\n.*# $/.test(terminal.screen()), 'what it says')
    terminal.session.input('sleep 1000\r\x03')
    await shows(() => /\^C\n.*# $/.test(terminal.screen()), 'Ctrl-C ends the program, not the shell')
    terminal.session.input('exit 3\r')
    await shows(
      () => /command terminated with exit code 3\n.*learner@podium:~\$ $/.test(terminal.screen()),
      'the way back',
    )
  } finally {
    terminal.close()
  }
})

test('a manifest is pasted as a here-document, line by line', async () => {
  const terminal = open()
  try {
    const pasted =
      'kubectl apply -f - <<EOF\rapiVersion: v1\rkind: ConfigMap\rmetadata: {name: pasted}\rdata: {a: "1"}\rEOF\r'
    terminal.type(pasted)
    await shows(() => /configmap\/pasted created\n.*\$ $/.test(terminal.screen()), 'the ConfigMap is created')
    terminal.type('echo "two\r')
    await shows(() => terminal.screen().endsWith('> '), 'it asks for more')
    terminal.session.input('lines"\r')
    await shows(() => /two\nlines\n.*\$ $/.test(terminal.screen()), 'both lines')
    terminal.type("echo 'open\r\x03")
    await shows(() => /\^C\n.*\$ $/.test(terminal.screen()), 'Ctrl-C gives it up')
  } finally {
    terminal.close()
  }
})

test('a here-document of very many lines is taken as it is pasted', async () => {
  const terminal = open()
  try {
    terminal.type(`cat <<EOF | tail -n 1\n${'a\n'.repeat(30_000)}last\nEOF\n`)
    await shows(() => /\nlast\n.*\$ $/.test(terminal.screen()), `its last line: ${terminal.screen().slice(-200)}`)
  } finally {
    terminal.close()
  }
})

test('a pasted line is drawn once, with the arrow keys in it', async () => {
  const { session, screen, line } = open()
  await line('true')
  const from = screen().length
  session.input(`echo ${'9'.repeat(7000)}${'\x1b[Db'.repeat(500)}`)
  assert.ok(screen().length - from < 10_000, `${screen().length - from} characters were drawn`)
  assert.ok(/9b{500}9$/.test(screen()))
  session.input('\x03')
  // What there is no room for is left out.
  assert.ok(/^9{7995}$/m.test(await line(`echo ${'9'.repeat(9000)}`)))
})

test('keys that nobody takes are not kept without end, and Ctrl-C is heard', async () => {
  const terminal = open()
  try {
    terminal.type('kubectl get pods -w\r')
    await shows(() => terminal.sandbox.cluster.log.length > 0, 'it runs')
    for (let n = 0; n < 30; n++) terminal.session.input('x'.repeat(100_000))
    assert.ok(terminal.screen().includes('\x07'))
    terminal.session.input('\x03')
    assert.equal(await terminal.line('echo on'), 'on')
  } finally {
    terminal.close()
  }
})

test('only so many lines run beside each other', async () => {
  const terminal = open()
  try {
    for (let n = 0; n < 32; n++) await terminal.line('sleep 100000 &')
    assert.equal(await terminal.line('sleep 100000 &'), 'bash: fork: Resource temporarily unavailable')
    await terminal.line('kill %1')
    assert.match(await terminal.line('sleep 100000 &'), /^\[33\] \d+$/)
  } finally {
    terminal.close()
  }
})

test('curl asks from outside of the cluster', async () => {
  const terminal = open()
  try {
    await terminal.line(
      'k create deployment web --image=nginx:1.27 && k create service nodeport web --tcp=80 --node-port=30080',
    )
    await terminal.line('k rollout status deployment/web')
    assert.match(await terminal.line('curl -s http://172.18.0.2:30080 | grep title'), /Welcome to nginx!/)
    assert.match(await terminal.line('curl -sS -m 2 http://10.96.0.1'), /timed out/)
  } finally {
    terminal.close()
  }
})

test('commands in a row show what they print as they go; aliases last; watch runs again and again', async () => {
  const terminal = open()
  try {
    terminal.type('echo first; sleep 60; echo last\r')
    await shows(() => /\nfirst\n$/.test(terminal.screen()), 'the first before the last')
    await shows(() => /\nfirst\nlast\n.*\$ $/.test(terminal.screen()), 'both')
    await terminal.line('alias kg="kubectl get"')
    assert.match(await terminal.line('kg nodes -o name'), /^node\/node-1$/)
    terminal.type('watch -n 1 kubectl get nodes -o name\r')
    await shows(
      () => (terminal.screen().match(/Every 1s: kubectl get nodes -o name\n\nnode\/node-1/g) ?? []).length > 1,
      'it runs twice',
    )
    terminal.session.input('\x03')
    await shows(() => terminal.screen().endsWith('$ '), 'a prompt')
    assert.equal(await terminal.line('python3 -c 1'), 'bash: python3: command not found')
  } finally {
    terminal.close()
  }
})

test('a loop without an end is stopped', async () => {
  const terminal = open()
  try {
    assert.match(await terminal.line('while true; do true; done'), /too many/)
  } finally {
    terminal.close()
  }
})

test('what a loop prints comes as it goes, by the clock of the cluster, until Ctrl-C', async () => {
  const terminal = open()
  terminal.session.resize(300, 24)
  try {
    terminal.type('while true; do kubectl get nodes -o name; echo "round é"; sleep 10; done\r')
    await shows(() => (terminal.screen().match(/node\/node-1\nround é\n/g) ?? []).length > 2, 'three rounds')
    const before = terminal.sandbox.cluster.nowMs
    terminal.session.input('\x03')
    await shows(() => /\^C\n\S*\$ $/.test(terminal.screen()), 'a prompt')
    assert.ok(before >= 20_000, `${before} ms of the cluster have passed`)
    assert.equal(await terminal.line('echo $?'), '130')
    assert.equal(
      await terminal.line('for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done; echo $i'),
      '1\n3\n3',
    )
    assert.equal(await terminal.line('f() { kubectl get nodes -o name; }; x=$(f); echo "[$x]"'), '[node/node-1]')
    assert.equal(await terminal.line('f'), 'node/node-1')
    assert.equal(await terminal.line('k get $(k get nodes -o name | head -1) -o name'), 'node/node-1')
    assert.equal(await terminal.line('sudo kubectl get nodes -o name; env | grep -c PODIUM'), 'node/node-1\n0')
    assert.equal(
      await terminal.line('(pwd; true) > out; for i in a b; do echo $i; done >> out; cat out'),
      '/home/learner\na\nb',
    )
  } finally {
    terminal.close()
  }
})

test('the exit code of a line is known to the next', async () => {
  const terminal = open()
  try {
    await terminal.line('kubectl get pod nothing')
    assert.equal(await terminal.line('echo $?'), '1')
    assert.equal(await terminal.line('echo $?'), '0')
    assert.equal(await terminal.line('false || kubectl get pod nothing 2> /dev/null; echo $?'), '1')
    assert.equal(await terminal.line('! kubectl get nodes -o name; echo $?'), 'node/node-1\n1')
    terminal.type('kubectl get pods -w\r')
    await new Promise((done) => setTimeout(done, 50))
    terminal.session.input('\x03')
    await shows(() => /\^C\n\S*\$ $/.test(terminal.screen()), 'a prompt')
    assert.equal(await terminal.line('echo $?'), '130')
  } finally {
    terminal.close()
  }
})

test('what follows a watch in a pipeline tells of each line as it comes', async () => {
  const terminal = open()
  terminal.session.resize(300, 24)
  const run = (line: string): void =>
    void terminal.sandbox.begin(
      { op: 'kubectl', line },
      () => undefined,
      () => undefined,
    )
  const stop = async (): Promise<void> => {
    terminal.session.input('\x03')
    await shows(() => /\^C\n\S*\$ $/.test(terminal.screen()), 'a prompt')
  }
  try {
    await terminal.line('kubectl run x-other --image=nginx:1.27')
    terminal.type(`kubectl get pods -w --no-headers | grep -v x- | awk '{ print NR, $1, $3 }'\r`)
    await new Promise((done) => setTimeout(done, 100))
    run('kubectl run p --image=nginx:1.27')
    await shows(() => /\n1 p \w+\n(?:\d p .*\n)*\d p Running\n/.test(terminal.screen()), 'the Pod runs')
    assert.doesNotMatch(terminal.screen().split('\n').slice(1).join('\n'), /x-other/)
    await stop()

    terminal.type(
      'n=0; kubectl get pods -w --no-headers | while read -r name rest; do n=$((n+1)); echo "$n: $name"; done\r',
    )
    await shows(() => /1: p\n2: x-other\n/.test(terminal.screen()), 'the Pods that there are')
    run('kubectl run later --image=nginx:1.27')
    await shows(() => /3: later\n4: later\n/.test(terminal.screen()), 'the later one')
    await stop()

    assert.equal(await terminal.line('kubectl get pods -w --no-headers -o name | head -2'), 'pod/later\npod/p')
    assert.equal(await terminal.line('kubectl get pods -w | grep -q later && echo found'), 'found')
    assert.equal(await terminal.line('kubectl get pods -w -o json | jq -r .metadata.name | head -n 1'), 'later')
    assert.equal(await terminal.line('kubectl get pods --no-headers | wc -l'), '3')
    assert.equal(await terminal.line('kubectl get pods -o name | sort -r | head -1'), 'pod/x-other')
    assert.equal(
      await terminal.line("kubectl get pods -o name | grep nothing; echo $?; kubectl get pods -o name | sed -n '$p'"),
      '1\npod/x-other',
    )
  } finally {
    terminal.close()
  }
})

test('kubectl cp reads files of the shell and writes them, whatever their bytes', async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const { session, line, saved } = open({
    files: { '/home/learner/site/all.bin': { base64: all.toString('base64') }, '/home/learner/site/sub/b': 'two\n' },
  })
  await line('kubectl run box --image=busybox:1.36 -- sleep infinity; kubectl wait --for=condition=Ready pod/box')
  assert.equal(await line('mkdir site/hollow && kubectl cp site box:/tmp'), '')
  assert.equal(await line('kubectl exec box -- sh -c "cd /tmp/site; ls; wc -c < all.bin"'), 'all.bin\nhollow\nsub\n256')
  assert.equal(await line('kubectl cp box:/tmp/site back'), "tar: removing leading '/' from member names")
  assert.equal(await line('ls back'), 'all.bin\nhollow\nsub')
  assert.deepEqual(saved()['/home/learner/back/all.bin'], { base64: all.toString('base64') })
  session.close()
})

test('sed reads and writes the files of the shell; one that grows for ever is ended, and the shell goes on', async () => {
  const terminal = open()
  try {
    const { line } = terminal
    assert.equal(await line("echo é | sed 's/é/ü/'"), 'ü')
    assert.equal(await line("printf 'a\\nb\\n' > f; sed -n '$p' f; sed -i s/a/c/ f; cat f"), 'b\nc\nb')
    assert.equal(await line("echo x > more; sed '/c/r more' f; sed -n 'w out' f; cat out"), 'c\nx\nb\nc\nb')
    assert.match(await line('sed s/a/b/ nowhere; echo $?'), /No such file or directory\n[12]$/)
    assert.match(await line('echo a | sed ":a;s/a/aa/g;ba"; echo $?'), /^sed: .*\n4$/m)
    assert.equal(await line('find . -name f -exec sed -n 1p {} +; xargs sed -n 1p <<< f'), 'c\nc')
    terminal.type('echo a | sed ":a;s/a/aa/g;ba"\r')
    await new Promise((done) => setTimeout(done, 200))
    terminal.session.input('\u0003')
    assert.equal(await line('echo on'), 'on')
  } finally {
    terminal.close()
  }
})

test('diff compares files and what is piped to it; one that takes too long is ended, and the shell goes on', async () => {
  const terminal = open()
  try {
    const { line } = terminal
    assert.match(await line('echo a > f; echo b > g; diff f g; echo $?'), /-a\n\+b\n1$/)
    assert.match(await line('cat f | diff - g; diff <(echo a) f && echo same'), /-a\n\+b\nsame$/)
    assert.match(await line('diff f nowhere; echo $?'), /No such file or directory\n2$/)
    const lines =
      'seq 1 4000 > s1; sort -r s1 > s2; for n in 1 2 3 4 5 6; do cat s1; done > s3; for n in 1 2 3 4 5 6; do cat s2; done > s4'
    assert.match(await line(`${lines}; diff s3 s4 | tail -1; echo $?`), /^diff: it takes too long$/m)
    assert.equal(await line('echo on'), 'on')
  } finally {
    terminal.close()
  }
})

test('archives are made without native code: gzip works, and what would need such code is refused in words', async () => {
  const { session, line } = open({ files: { '/home/learner/notes/a': 'one\n' } })
  assert.equal(await line('tar -czf notes.tgz notes && tar -tzf notes.tgz'), 'notes/\nnotes/a')
  assert.match(await line('tar -cJf notes.txz notes; echo "then $?"'), /xz[\s\S]*then [1-9]/)
  assert.match(await line('tar --zstd -cf notes.tzst notes; echo "then $?"'), /zstd[\s\S]*then [1-9]/)
  session.close()
})

test('a line that ends in & runs beside the next ones: a forwarded port, a watch, until they are stopped', async () => {
  const terminal = open()
  const { line, type, session, screen } = terminal
  const see = (pattern: RegExp): Promise<void> => shows(() => pattern.test(screen()), String(pattern))
  try {
    await line('kubectl run web --image=nginx:1.27 --port=80; kubectl wait --for=condition=Ready pod/web')
    type('kubectl port-forward web 8080:80 &\r')
    await see(/\n\[1\] 4201\n[\s\S]*Forwarding from \[::1\]:8080 -> 80\n\S+\$ $/)
    type('curl -s localhost:8080\r')
    await see(/Handling connection for 8080\n[\s\S]*Welcome to nginx![\s\S]*\$ $/)
    assert.equal(await line('jobs'), '[1]+  Running                 kubectl port-forward web 8080:80 &')

    type('kubectl get pods -w --no-headers | grep other &\r')
    await see(/\n\[2\] 4202\n\S+\$ $/)
    type('kubectl run other --image=nginx:1.27\r')
    await see(/other +\S+ +Running [\s\S]*\$ $/)
    type('fg\r')
    await see(/\nkubectl get pods -w --no-headers \| grep other\n$/)
    session.input('\x03')
    await see(/\^C\n\S+\$ $/)

    assert.equal(await line('kill %1'), '[1]+  Terminated              kubectl port-forward web 8080:80')
    assert.match(await line('curl -sS localhost:8080'), /Failed to connect to localhost port 8080/)
    assert.equal(await line('kill %1; jobs'), 'bash: kill: %1: no such job')

    type('kubectl port-forward nobody 80 &\r')
    await see(/pods "nobody" not found\n\S+\$ $/)
    assert.match(await line('echo next'), /^next\n\[1\]\+ {2}Exit 1 +kubectl port-forward nobody 80$/)
  } finally {
    terminal.close()
  }
})

test('what was done beside the terminal stands above the line that is being typed, for every view', async () => {
  const bus = localBus()
  const one = open()
  const ended = showEchoes(bus, { show: (key, text) => key === 'mine' && one.session.show(text) })
  await one.line('echo first')
  one.type('kubectl get po')
  await echoIn(bus, 'mine', { line: 'kubectl apply -f pod.yaml', text: 'pod/web created' })
  await echoIn(bus, 'another', { line: 'kubectl apply -f secret.yaml', text: 'secret/key created\n' })
  assert.match(one.screen(), /\$ kubectl apply -f pod\.yaml\npod\/web created\n.*\$ kubectl get po$/)
  assert.doesNotMatch(one.screen(), /secret/)
  // Who comes later sees it too, and the line is gone on with.
  let later = ''
  one.session.attach({
    ...one.view,
    write(text) {
      later += text
    },
  })
  assert.match(plain(later), /pod\/web created/)
  assert.match(await one.line('ds -A'), /No resources found|NAME/)
  ended()
  await echoIn(bus, 'mine', { line: 'kubectl apply -f late.yaml', text: 'error: late\n' })
  assert.doesNotMatch(one.screen(), /late/)
  one.close()
})
