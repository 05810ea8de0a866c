/** The client library of Kubernetes for Node.js against a sandbox: reads, writes, informers, watches, logs, exec, port-forward. */
import assert from 'node:assert/strict'
import { connect, createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import * as k8s from '@kubernetes/client-node'
import { type SandboxServer, startSandboxServer } from '../support/sandbox-server.ts'

let server: SandboxServer
const config = new k8s.KubeConfig()

before(async () => {
  server = await startSandboxServer({ speed: 20 })
  config.loadFromOptions({
    // The library refuses plain http unless told that nothing is to be verified.
    clusters: [{ name: 'podium', server: server.url, skipTLSVerify: true }],
    users: [{ name: 'podium' }],
    contexts: [{ name: 'podium', cluster: 'podium', user: 'podium' }],
    currentContext: 'podium',
  })
})
after(async () => {
  await server.close()
  assert.deepEqual(server.errors, [])
})

const container = { name: 'c', image: 'nginx:1.27' }
const until = async (holds: () => Promise<boolean> | boolean, what: string): Promise<void> => {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return
    await new Promise((done) => setTimeout(done, 50))
  }
  assert.fail(`never: ${what}`)
}
const runPod = async (name: string, command?: string[]): Promise<void> => {
  const core = config.makeApiClient(k8s.CoreV1Api)
  await core.createNamespacedPod({
    namespace: 'default',
    body: { metadata: { name }, spec: { containers: [{ ...container, ...(command ? { command } : {}) }] } },
  })
  await until(async () => {
    const pod = await core.readNamespacedPod({ namespace: 'default', name })
    return pod.status?.phase === 'Running'
  }, `${name} runs`)
}

test('objects are created, listed by selector and page, patched, scaled and deleted', async () => {
  const apps = config.makeApiClient(k8s.AppsV1Api)
  const labels = { app: 'web' }
  for (const name of ['web', 'web-2', 'web-3'])
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: {
        metadata: { name, labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: { name } },
          template: { metadata: { labels: { name } }, spec: { containers: [container] } },
        },
      },
    })
  const page = await apps.listNamespacedDeployment({ namespace: 'default', labelSelector: 'app=web', limit: 2 })
  assert.equal(page.items.length, 2)
  const rest = await apps.listNamespacedDeployment({
    namespace: 'default',
    labelSelector: 'app=web',
    limit: 2,
    _continue: page.metadata?._continue,
  })
  assert.deepEqual(
    rest.items.map(({ metadata }) => metadata?.name),
    ['web-3'],
  )
  await apps.patchNamespacedDeployment({
    namespace: 'default',
    name: 'web',
    body: [{ op: 'replace', path: '/spec/replicas', value: 2 }],
  })
  const scale = await apps.readNamespacedDeploymentScale({ namespace: 'default', name: 'web' })
  assert.equal(scale.spec?.replicas, 2)
  await until(
    async () =>
      (await apps.readNamespacedDeployment({ namespace: 'default', name: 'web' })).status?.readyReplicas === 2,
    'two replicas are ready',
  )
  await apps.deleteNamespacedDeployment({ namespace: 'default', name: 'web' })
  await assert.rejects(
    apps.readNamespacedDeployment({ namespace: 'default', name: 'web' }),
    (error: k8s.ApiException<{ message: string }>) => {
      assert.equal(error.code, 404)
      return true
    },
  )
})

test('objects of any kind are applied and patched by the generic client', async () => {
  const client = k8s.KubernetesObjectApi.makeApiClient(config)
  const spec = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'any', namespace: 'default' },
    data: { a: '1' },
  }
  await client.create(spec)
  const applied = await client.patch(
    { ...spec, data: { a: '2' } },
    undefined,
    undefined,
    'suite',
    true,
    k8s.PatchStrategy.ServerSideApply,
  )
  assert.deepEqual((applied as k8s.V1ConfigMap).data, { a: '2' })
  const merged = await client.patch(
    { ...spec, data: { b: '3' } },
    undefined,
    undefined,
    undefined,
    undefined,
    k8s.PatchStrategy.MergePatch,
  )
  assert.deepEqual((merged as k8s.V1ConfigMap).data, { a: '2', b: '3' })
})

test('an informer keeps a picture of what there is', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api)
  const told: string[] = []
  const informer = k8s.makeInformer(config, '/api/v1/namespaces/default/configmaps', () =>
    core.listNamespacedConfigMap({ namespace: 'default' }),
  )
  informer.on('add', ({ metadata }) => void told.push(`add ${metadata?.name}`))
  informer.on('update', ({ metadata }) => void told.push(`update ${metadata?.name}`))
  informer.on('delete', ({ metadata }) => void told.push(`delete ${metadata?.name}`))
  await informer.start()
  try {
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'seen' } } })
    await core.patchNamespacedConfigMap({
      namespace: 'default',
      name: 'seen',
      body: [{ op: 'add', path: '/data', value: { x: '1' } }],
    })
    await core.deleteNamespacedConfigMap({ namespace: 'default', name: 'seen' })
    await until(() => told.includes('delete seen'), 'the deletion is told')
    assert.deepEqual(
      told.filter((line) => line.endsWith(' seen')),
      ['add seen', 'update seen', 'delete seen'],
    )
  } finally {
    await informer.stop()
  }
})

test('a watch ends when it is told to, and after its time', async () => {
  const watch = new k8s.Watch(config)
  const types: string[] = []
  const ended = new Promise<unknown>((done) => {
    watch
      .watch('/api/v1/nodes', { timeoutSeconds: 1, allowWatchBookmarks: true }, (type) => void types.push(type), done)
      .catch(done)
  })
  await ended
  assert.deepEqual(types.slice(0, 3), ['ADDED', 'ADDED', 'ADDED'])
  assert.equal(types.at(-1), 'BOOKMARK')
})

test('logs are read and followed', async () => {
  await runPod('talker', ['sh', '-c', 'for i in 1 2 3 4; do echo line $i; sleep 2; done'])
  const log = new k8s.Log(config)
  const out = new PassThrough()
  let text = ''
  out.on('data', (part) => {
    text += part
  })
  const ended = new Promise<void>((done) => out.once('end', done))
  await log.log('default', 'talker', 'c', out, { follow: true })
  // It ends with the container.
  await ended
  assert.deepEqual(text.split('\n').slice(0, 4), ['line 1', 'line 2', 'line 3', 'line 4'])
})

test('a program is run in a container, with its input, its errors and its exit code', async () => {
  await runPod('shell')
  const exec = new k8s.Exec(config)
  const run = async (command: string[], input?: string) => {
    const [stdout, stderr, stdin] = [
      new PassThrough(),
      new PassThrough(),
      input === undefined ? null : new PassThrough(),
    ]
    const text = { stdout: '', stderr: '' }
    stdout.on('data', (part) => {
      text.stdout += part
    })
    stderr.on('data', (part) => {
      text.stderr += part
    })
    const status = await new Promise<k8s.V1Status>((done, fail) => {
      exec.exec('default', 'shell', 'c', command, stdout, stderr, stdin, false, done).catch(fail)
      stdin?.end(input)
    })
    return { ...text, status }
  }
  const good = await run(['sh', '-c', 'cat; echo done'], 'given\n')
  assert.equal(good.stdout, 'given\ndone\n')
  assert.equal(good.status.status, 'Success')
  const bad = await run(['sh', '-c', 'echo oops >&2; exit 4'])
  assert.equal(bad.stderr, 'oops\n')
  assert.equal(bad.status.details?.causes?.[0].message, '4')
})

test('metrics are served where the add-on is there', async () => {
  const metrics = new k8s.Metrics(config)
  await until(async () => (await metrics.getNodeMetrics()).items.length === 3, 'three nodes are measured')
})

test('a port of a Pod is forwarded', async () => {
  await runPod('served')
  const forward = new k8s.PortForward(config)
  const local = createServer((socket) => {
    forward.portForward('default', 'served', [80], socket, null, socket).catch((error) => socket.destroy(error))
  })
  await new Promise<void>((done) => local.listen(0, '127.0.0.1', done))
  try {
    const { port } = local.address() as { port: number }
    const answer = await new Promise<string>((done, fail) => {
      let text = ''
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: served\r\nConnection: close\r\n\r\n'),
      )
      socket.on('data', (part) => {
        text += part
        if (text.includes('</html>')) {
          socket.destroy()
          done(text)
        }
      })
      socket.on('error', fail)
      socket.on('close', () => done(text))
    })
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer, /Welcome to nginx/)
  } finally {
    local.close()
  }
})
