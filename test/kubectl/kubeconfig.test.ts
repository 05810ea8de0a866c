/** The kubeconfig of somebody outside of the cluster who has a home folder. Source: client-go/tools/clientcmd loader.go */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/cluster.ts'
import type { FileContent } from '../../sim/scenario/types.ts'

/** Lines in a shell whose files stay. */
function shell(namespace?: string) {
  const cluster = createCluster({
    seed: 'kubeconfig',
    shape: { nodes: [{ name: 'node-1' }], ...(namespace ? { namespace } : {}) },
  })
  const files: Record<string, FileContent> = {}
  return {
    cluster,
    files,
    run(line: string): string {
      const result = cluster.execute({
        op: 'kubectl',
        line: `kubectl ${line}`,
        workplace: { directory: '/home', environment: { HOME: '/home' }, files: { ...files } },
      })
      for (const [path, content] of Object.entries(result.files?.written ?? {})) {
        if (content === null) delete files[path]
        else files[path] = content
      }
      return `${result.stdout}${result.stderr}`.trimEnd()
    },
  }
}

test('a home folder without a kubeconfig has access to the cluster all the same, and its context can be changed', () => {
  const { run, files, cluster } = shell()
  assert.equal(run('config current-context'), 'podium')
  assert.match(run('config get-contexts'), /^\*\s+podium\s+podium\s+kubernetes-admin\s+default$/m)
  run('create namespace shop')
  assert.equal(run('config set-context --current --namespace=shop'), 'Context "podium" modified.')
  assert.match(String(files['/home/.kube/config']), /namespace: shop/)
  assert.doesNotMatch(String(files['/home/.kube/config']), /OMITTED/)
  run('create configmap settings --from-literal=a=1')
  assert.equal(run('get configmap settings -o name'), 'configmap/settings')
  assert.deepEqual(
    cluster
      .objects('configmaps')
      .filter(({ metadata }) => metadata.name === 'settings')
      .map(({ metadata }) => metadata.namespace),
    ['shop'],
  )
  assert.match(run('auth whoami'), /kubernetes-admin/)
  assert.match(run('get nodes'), /node-1 +Ready/)
})

test('without a file, a home folder has the namespace of the one who types', () => {
  const { run } = shell('shop')
  assert.equal(run('get pods'), 'No resources found in shop namespace.')
  assert.match(run('config view --minify'), /namespace: shop/)
})

test('a file that was named and is not there stands for nothing', () => {
  const { run } = shell()
  assert.match(run('get pods --kubeconfig=/home/other'), /no such file or directory/)
})
