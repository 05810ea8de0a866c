/** Files of nodes by which these run as they do, as a check of bystanders compares them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster } from '../../../sim/cluster.ts'
import { compileStateAssertion } from '../../../sim/scenario/checks/assertion.ts'
import { snapshotNow } from '../../../sim/scenario/checks/history.ts'

/** What is told after these lines in a shell of node-1. */
function afterLines(lines: readonly string[], over: { files?: string[]; lookOnly?: boolean } = {}): string {
  const cluster = createCluster({ seed: 'files', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } })
  const assertion = compileStateAssertion({ bystanders: over })!
  assertion.evaluate(snapshotNow(cluster))
  for (const line of lines) {
    const { exit, stderr } = cluster.execute({ op: 'node', node: 'node-1', line })
    assert.equal(exit, 0, stderr)
  }
  return assertion.evaluate(snapshotNow(cluster)).actual
}

const kubelet = '/var/lib/kubelet/config.yaml'

test('what the kubelet reads stays, and its text counts without comments and space', () => {
  assert.equal(afterLines([]), 'as handed over')
  assert.equal(afterLines([`echo 'readOnlyPort: 10255' >> ${kubelet}`]), `${kubelet} of node-1 was changed`)
  assert.equal(afterLines([`echo '# looked at' >> ${kubelet}; echo >> ${kubelet}`]), 'as handed over')
  assert.equal(afterLines([`cp ${kubelet} /tmp/k; echo 'a: b' >> ${kubelet}; cp /tmp/k ${kubelet}`]), 'as handed over')
})

test('a mode, a unit that is disabled, and what is put among units and static Pods are told', () => {
  assert.equal(
    afterLines(['chmod 777 /etc/kubernetes/kubelet.conf']),
    'the mode of /etc/kubernetes/kubelet.conf of node-1 was changed',
  )
  assert.match(
    afterLines(['systemctl disable kubelet']),
    /multi-user\.target\.wants\/kubelet\.service of node-1 was removed/,
  )
  assert.match(
    afterLines([`printf '[Service]\\nEnvironment=A=b\\n' > /etc/systemd/system/kubelet.service.d/20-own.conf`]),
    /20-own\.conf of node-1 was added/,
  )
})

test('a copy beside is no harm, but where somebody may only look', () => {
  const lines = ['cp /etc/kubernetes/kubelet.conf /etc/kubernetes/kubelet.conf.bak', 'mkdir -p /root/notes']
  assert.equal(afterLines(lines), 'as handed over')
  assert.equal(afterLines(lines, { lookOnly: true }), '/etc/kubernetes/kubelet.conf.bak of node-1 was added')
})

test('what the work is on may be others, of that node alone, and a pattern that is none is refused', () => {
  const lines = [`echo 'readOnlyPort: 10255' >> ${kubelet}`]
  assert.equal(afterLines(lines, { files: [`node-1:${kubelet}`] }), 'as handed over')
  assert.equal(afterLines(lines, { files: ['*:/var/lib/kubelet/*'] }), 'as handed over')
  assert.equal(afterLines(lines, { files: [`node-2:${kubelet}`] }), `${kubelet} of node-1 was changed`)
  assert.throws(() => afterLines(lines, { files: [kubelet] }), /files of nodes are NODE:PATH/)
})

test('modes of folders and owners count, and what the work is on is not open to everybody’s writing', () => {
  assert.equal(afterLines(['chmod 777 /etc/kubernetes']), 'the mode of /etc/kubernetes of node-1 was changed')
  assert.equal(
    afterLines(['chown 1000 /etc/kubernetes/kubelet.conf']),
    'the owner of /etc/kubernetes/kubelet.conf of node-1 was changed',
  )
  const files = [`node-1:${kubelet}`]
  assert.equal(afterLines([`chmod 666 ${kubelet}`], { files }), `${kubelet} of node-1 may be written by everybody`)
  assert.equal(afterLines([`chmod 600 ${kubelet}`], { files }), 'as handed over')
  assert.equal(afterLines([`mv ${kubelet} /root/k; ln -s /root/k ${kubelet}`], { files }), 'as handed over')
})

test('the kubelet runs whatever lies among its manifests, a copy for later too, but what begins with a dot', () => {
  const manifest =
    'apiVersion: v1\\nkind: Pod\\nmetadata: {name: one}\\nspec: {containers: [{name: c, image: nginx}]}\\n'
  const at = (name: string) => afterLines([`printf '${manifest}' > /etc/kubernetes/manifests/${name}`])
  assert.equal(at('one.yaml.bak'), '/etc/kubernetes/manifests/one.yaml.bak of node-1 was added')
  assert.equal(at('one.yaml~'), '/etc/kubernetes/manifests/one.yaml~ of node-1 was added')
  assert.equal(at('.one.yaml.swp'), 'as handed over')
})

test('who may only look leaves the services of nodes running', () => {
  const lookOnly = true
  assert.equal(afterLines(['systemctl restart kubelet']), 'as handed over')
  assert.equal(afterLines(['systemctl restart kubelet'], { lookOnly }), 'kubelet of node-1 was stopped')
  assert.equal(
    afterLines(['systemctl stop containerd; systemctl start containerd'], { lookOnly }),
    'containerd of node-1 was stopped',
  )
  assert.match(afterLines(['systemctl stop kubelet'], { lookOnly }), /kubelet of node-1 was stopped/)
  assert.equal(afterLines(['systemctl status kubelet; journalctl -u kubelet'], { lookOnly }), 'as handed over')
})

test('of a file of YAML only the fields behind it may be others, however it is written', () => {
  const files = [`*:${kubelet} authentication authorization`]
  const over = (line: string) => afterLines([line], { files })
  assert.equal(over(`sed -i 's/mode: Webhook/mode: AlwaysAllow/' ${kubelet}`), 'as handed over')
  assert.equal(over(`echo 'maxPods: 5' >> ${kubelet}`), `${kubelet} of node-1 was changed: maxPods`)
  assert.equal(over(`echo '{' >> ${kubelet}`), `${kubelet} of node-1 was changed: its text`)
  assert.equal(over(`rm ${kubelet}`), `${kubelet} of node-1 was changed: apiVersion`)
  assert.equal(
    over(`kubectl version; (echo '# mine'; cat ${kubelet}) > /tmp/k; cp /tmp/k ${kubelet}`),
    'as handed over',
  )
  assert.throws(() => afterLines([], { files: [`*:${kubelet} `] }), /fields behind it/)
})
