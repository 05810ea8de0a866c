// Releases of Helm in a cluster: installed, upgraded, rolled back, stored, and the same when their log is run again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { aMachine, replayed } from './machine.ts'

const configMapChart = (more = '') => ({
  'c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n',
  'c/values.yaml': 'text: one\n',
  'c/templates/map.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-map
data:
  text: {{ .Values.text | quote }}
  drawn: {{ randAlphaNum 8 }}
${more}`,
})

test('a chart that was just created is installed, tested, upgraded, rolled back and uninstalled', () => {
  const machine = aMachine()
  assert.equal(machine.helm('create web').stdout, 'Creating web\n')
  const installed = machine.helm('install web web --wait')
  assert.equal(installed.exit, 0, installed.stderr)
  assert.match(
    installed.stdout,
    /^NAME: web\nLAST DEPLOYED: .* 2026\nNAMESPACE: default\nSTATUS: deployed\nREVISION: 1\n/,
  )
  assert.match(machine.kubectl('get deploy web'), /1\/1/)
  assert.match(machine.helm('test web').stdout, /TEST SUITE: {5}web-test-connection\n[\s\S]*Phase: {10}Succeeded/)
  assert.match(
    machine.helm('upgrade web web --set replicaCount=3 --wait').stdout,
    /^Release "web" has been upgraded\. Happy Helming!\n/,
  )
  assert.match(machine.kubectl('get deploy web'), /3\/3/)
  assert.equal(machine.helm('rollback web 1 --wait').stdout, 'Rollback was a success! Happy Helming!\n')
  assert.match(machine.kubectl('get deploy web'), /1\/1/)
  const history = JSON.parse(machine.helm('history web -o json').stdout) as { status: string; description: string }[]
  assert.deepEqual(
    history.map(({ status, description }) => [status, description]),
    [
      ['superseded', 'Install complete'],
      ['superseded', 'Upgrade complete'],
      ['deployed', 'Rollback to 1'],
    ],
  )
  assert.equal(machine.helm('uninstall web --wait').stdout, 'release "web" uninstalled\n')
  assert.match(machine.helm('list').stdout, /^NAME\s[^\n]*\n$/)
  assert.equal(machine.kubectl('get secret'), 'No resources found in default namespace.\n')
})

test('a release lies in a Secret that people can decode', () => {
  const machine = aMachine(configMapChart())
  machine.helm('install one c --set text=two')
  const secret = JSON.parse(machine.kubectl('get secret sh.helm.release.v1.one.v1 -o json')) as {
    type: string
    metadata: { labels: Record<string, string> }
    data: { release: string }
  }
  assert.equal(secret.type, 'helm.sh/release.v1')
  const { modifiedAt, ...labels } = secret.metadata.labels
  assert.match(modifiedAt ?? '', /^\d+$/)
  assert.deepEqual(labels, { name: 'one', owner: 'helm', status: 'deployed', version: '1' })
  const inner = Buffer.from(secret.data.release, 'base64').toString()
  const release = JSON.parse(gunzipSync(Buffer.from(inner, 'base64')).toString()) as Record<string, unknown>
  assert.equal(release.name, 'one')
  assert.deepEqual(release.config, { text: 'two' })
  assert.match(String(release.manifest), /^---\n# Source: c\/templates\/map\.yaml\napiVersion: v1\n/)
  assert.equal(machine.helm('get values one').stdout, 'USER-SUPPLIED VALUES:\ntext: two\n')
})

test('an upgrade leaves alone what others set, and takes back what the chart says', () => {
  const machine = aMachine(configMapChart())
  machine.helm('install one c')
  machine.kubectl(`patch configmap one-map -p '{"data":{"theirs":"x","text":"changed"}}'`)
  assert.equal(machine.helm('upgrade one c --set text=three').exit, 0)
  assert.equal(machine.kubectl('get cm one-map -o jsonpath={.data.theirs}/{.data.text}'), 'x/three')
})

test('values of the last revision are kept, reset, or merged', () => {
  const machine = aMachine(configMapChart())
  const values = (): string => machine.helm('get values one -o json').stdout.trim()
  machine.helm('install one c --set text=a,x=1')
  machine.helm('upgrade one c')
  assert.equal(values(), '{"text":"a","x":1}')
  machine.helm('upgrade one c --set text=b')
  assert.equal(values(), '{"text":"b"}')
  machine.helm('upgrade one c --reuse-values --set y=2')
  assert.deepEqual(JSON.parse(values()), { text: 'b', y: 2 })
  machine.helm('upgrade one c --reset-then-reuse-values --set z=3')
  assert.deepEqual(JSON.parse(values()), { text: 'b', y: 2, z: 3 })
  machine.helm('upgrade one c --reset-values')
  assert.equal(values(), 'null')
})

test('what belongs to nobody or to another release is not taken over', () => {
  const machine = aMachine(configMapChart())
  machine.kubectl('create configmap one-map')
  assert.equal(
    machine.helm('install one c').stderr,
    'Error: INSTALLATION FAILED: Unable to continue with install: ConfigMap "one-map" in namespace "default" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "one"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "default"\n',
  )
  assert.equal(machine.helm('install one c --take-ownership').exit, 0)
  assert.equal(
    machine.helm('install one c').stderr,
    'Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n',
  )
})

test('a failed upgrade is rolled back by --atomic, and by the name that Helm 4 has for it', () => {
  const machine = aMachine()
  machine.helm('create web')
  machine.helm('install web web --wait')
  for (const flag of ['--atomic', '--rollback-on-failure']) {
    const { stderr, exit } = machine.helm(`upgrade web web --set image.tag=none ${flag} --timeout 20s`)
    assert.equal(exit, 1)
    assert.equal(
      stderr,
      'Error: UPGRADE FAILED: release web failed, and has been rolled back due to atomic being set: context deadline exceeded\n',
    )
  }
  assert.match(machine.kubectl('get deploy web -o jsonpath={.spec.template.spec.containers[0].image}'), /^nginx:1\.27$/)
  assert.equal(machine.helm('install bad web --set image.tag=none --atomic --timeout 10s').exit, 1)
  assert.equal(machine.helm('status bad').stderr, 'Error: release: not found\n')
})

test('hooks run in the order of their weights, and one that fails stops the release', () => {
  const hook = (name: string, weight: number, command: string): string => `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  annotations:
    helm.sh/hook: pre-install
    helm.sh/hook-weight: "${weight}"
spec:
  restartPolicy: Never
  containers:
    - {name: c, image: "busybox:1.36", command: [sh, -c, "${command}"]}
`
  const machine = aMachine(configMapChart(hook('late', 5, 'exit 3') + hook('early', -1, 'true')))
  const { stderr } = machine.helm('install one c')
  assert.equal(stderr, 'Error: INSTALLATION FAILED: failed pre-install: 1 error occurred:\n\t* pod late failed\n\n\n')
  assert.match(machine.kubectl('get pods'), /early[\s\S]*Completed[\s\S]*late[\s\S]*Error/)
  assert.equal(
    machine.kubectl('get cm one-map -o name'),
    'Error from server (NotFound): configmaps "one-map" not found\n',
  )
  assert.match(machine.helm('list').stdout, /one.*failed/)
})

test('the repository is added, searched, pulled from and installed from', () => {
  const machine = aMachine()
  assert.equal(machine.helm('install x demo/nginx').stderr, 'Error: INSTALLATION FAILED: repo demo not found\n')
  assert.match(machine.helm('repo add no https://nowhere.example').stderr, /cannot be reached: .*no such host/)
  assert.equal(
    machine.helm('repo add demo https://charts.example.com').stdout,
    '"demo" has been added to your repositories\n',
  )
  assert.match(machine.helm('search repo redis').stdout, /demo\/redis/)
  assert.equal(machine.helm('pull demo/nginx --version 1.0.0 --untar').exit, 0)
  assert.match(String(machine.files['/home/learner/nginx/Chart.yaml']), /version: 1\.0\.0/)
  assert.equal(
    machine.helm('package nginx').stdout,
    'Successfully packaged chart and saved it to: /home/learner/nginx-1.0.0.tgz\n',
  )
  assert.equal(machine.helm('install n nginx-1.0.0.tgz --wait').exit, 0)
  assert.equal(machine.helm('upgrade n oci://registry.example.com/charts/nginx --wait').exit, 0)
  assert.match(machine.helm('list').stdout, /nginx-1\.1\.0/)
  assert.match(
    machine.helm('install s demo/nginx --set replicaCount=many').stderr,
    /values don't meet the specifications of the schema\(s\) in the following chart\(s\):\nnginx:\n- at '\/replicaCount': got string, want integer\n/,
  )
})

for (const chart of ['guestbook', 'nginx', 'postgresql', 'redis'])
  test(`the chart ${chart} of the repository becomes ready, and its tests pass`, () => {
    const machine = aMachine()
    const reference = `oci://registry.example.com/charts/${chart}`
    const { exit, stderr } = machine.helm(`install r ${reference} --wait --timeout 2m`)
    assert.match(stderr, /^Pulled: registry\.example\.com\/charts\/\w+:[\d.]+\nDigest: sha256:[\da-f]{64}\n$/)
    assert.equal(exit, 0)
    assert.equal(machine.helm('test r').exit, 0)
    assert.equal(machine.helm(`upgrade r ${reference} --wait`).exit, 0)
  })

test('dependencies are fetched, switched off, renamed and given values', () => {
  const machine = aMachine({
    'top/Chart.yaml':
      'apiVersion: v2\nname: top\nversion: 0.1.0\ndependencies:\n  - {name: redis, version: "~0.3", repository: "https://charts.example.com", condition: cache.enabled, alias: cache}\n',
    'top/templates/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: top\n',
  })
  assert.match(
    machine.helm('install t top').stderr,
    /found in Chart\.yaml, but missing in charts\/ directory: redis\n$/,
  )
  assert.match(machine.helm('dependency list top').stdout, /redis\s+~0\.3\s+https:\/\/charts\.example\.com\s+missing/)
  assert.match(machine.helm('dependency update top').stdout, /Saving 1 charts\nDownloading redis from repo/)
  assert.match(machine.helm('dependency list top').stdout, /\sok/)
  assert.match(machine.helm('template t top --set cache.service.port=7000').stdout, /name: t-cache[\s\S]*port: 7000/)
  assert.equal(/t-cache/.test(machine.helm('template t top --set cache.enabled=false').stdout), false)
})

test('a log with lines of Helm gives the same cluster again', () => {
  const machine = aMachine(configMapChart())
  machine.helm('create web')
  machine.helm('install web web --wait')
  machine.helm('install one c')
  machine.helm('upgrade one c --set text=b')
  machine.helm('install p oci://registry.example.com/charts/postgresql --wait')
  machine.helm('uninstall web')
  const again = replayed(machine)
  assert.equal(again.stateHash(), machine.cluster.stateHash())
  const read = (cluster: typeof again): string =>
    cluster.execute({ op: 'kubectl', line: 'kubectl get secret,cm,deploy -o yaml' }).stdout
  assert.equal(read(again), read(machine.cluster))
})

test('who may read no Secrets is refused as the server words it', () => {
  const machine = aMachine()
  assert.equal(
    machine.helm('list --kube-as-user=eve').stderr,
    'Error: query: failed to query with labels: secrets is forbidden: User "eve" cannot list resource "secrets" in API group "" in the namespace "default"\n',
  )
})
