/** Sources: client-go/tools/clientcmd client_config.go; kubernetes/pkg/kubeapiserver/authenticator/config.go */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../sim/cluster.ts'
import type { Command } from '../../sim/scenario/types.ts'

/** What a line prints, with the kubeconfig that kubeadm made for administrators, changed. */
function told(line: string, change: (kubeconfig: string) => string): string {
  const cluster = createCluster({
    seed: 'credentials',
    shape: { nodes: [{ name: 'node-1' }], controlPlane: { members: 1, staticPods: true } },
  })
  const run = (command: Command): string => {
    const { stdout, stderr } = cluster.execute(command)
    return `${stdout}${stderr}`.trimEnd()
  }
  const admin = run({ op: 'node', node: 'control-plane', line: 'cat /etc/kubernetes/admin.conf' })
  assert.match(admin, /server: https:.*client-certificate-data: /s)
  const files = { '/home/.kube/config': change(admin) }
  return run({ op: 'kubectl', line, workplace: { directory: '/home', environment: { HOME: '/home' }, files } })
}

const asItIs = (kubeconfig: string): string => kubeconfig

test('a certificate that the cluster knows counts before a token', () =>
  assert.match(told('kubectl auth whoami --token=abc', asItIs), /Username +kubernetes-admin/))

test('a token that nobody knows is refused where there is no certificate', () =>
  assert.equal(
    told('kubectl auth whoami --token=abc', (kubeconfig) =>
      kubeconfig.replace(/ *client-(certificate|key)-data: .*\n?/g, ''),
    ),
    'error: You must be logged in to the server (Unauthorized)',
  ))
