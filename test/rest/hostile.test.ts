/**
 * Requests and lines that cost the simulator far more than they cost whoever sends them. Each is refused, or done, within the budget of a
 * request, at the same step each time; the cluster goes on.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCluster, type HttpRequest, stepsPerSecond, workSpent } from '../../sim/index.ts'

const limits = { work: 400 * stepsPerSecond, eventWork: stepsPerSecond }

function aCluster() {
  const cluster = createCluster({ seed: 'hostile', shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] }, limits })
  cluster.execute({
    op: 'apply',
    manifest: `{apiVersion: v1, kind: Pod, metadata: {name: box}, spec: {containers: [{name: box, image: "busybox:1.36", command: [sleep, "100000"]}]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {a: b}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: roles}, rules: [{apiGroups: ["*"], resources: [clusterroles], verbs: [create]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: roles}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: roles}, subjects: [{kind: ServiceAccount, name: roles, namespace: kube-system}]}
`,
  })
  cluster.advance(10_000)
  return cluster
}

const request = (method: string, url: string, body: unknown, type = 'application/json'): HttpRequest => ({
  method,
  url,
  headers: { 'content-type': type, 'user-agent': 'kubectl' },
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
})
const core = '/api/v1/namespaces/default'
const some = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const aPod = (container: object) =>
  request('POST', `${core}/pods`, {
    metadata: { name: 'hostile' },
    spec: { containers: [{ name: 'a', image: 'nginx', ...container }] },
  })
const cpu = (text: string) => aPod({ resources: { requests: { cpu: text } } })
const memory = (text: string) => aPod({ resources: { requests: { memory: text } } })
const words = (patch: unknown[]) => request('PATCH', `${core}/configmaps/words`, patch, 'application/json-patch+json')
const wide = {
  apiGroups: some(60, (n) => `g${n}`),
  resources: some(60, (n) => `r${n}`),
  verbs: some(60, (n) => `v${n}`),
  resourceNames: some(60, (n) => `n${n}`),
}

const requests: { name: string; request: HttpRequest; status: number; says: RegExp }[] = [
  { name: 'an exponent of nine digits', request: cpu('1e999999999'), status: 400, says: /parse quantity's suffix/ },
  { name: 'an amount of 2.5 million digits', request: cpu('9'.repeat(2_500_000)), status: 400, says: /numeric part/ },
  { name: 'a thousand nines of Ei', request: memory(`${'9'.repeat(1000)}Ei`), status: 400, says: /numeric part/ },
  { name: 'more Ei than there are', request: memory('9999Ei'), status: 201, says: /"memory":"9223372036854775807"/ },
  { name: 'an amount near the end of a double', request: cpu('1e280'), status: 201, says: /"cpu":"10e279"/ },
  { name: 'an amount too small for a double', request: cpu('1e-999'), status: 201, says: /"cpu":"1e-3"/ },
  {
    name: 'forty copies of a map into itself',
    request: words(some(40, (n) => ({ op: 'copy', from: '/data', path: `/data/x${n}` }))),
    status: 422,
    says: /the server rejected our request due to an error in our request/,
  },
  {
    name: 'a patch of 50,000 operations',
    request: words(some(50_000, (n) => ({ op: 'add', path: `/data/x${n}`, value: 'v' }))),
    status: 413,
    says: /The allowed maximum operations in a JSON patch is 10000, got 50000/,
  },
  {
    name: '1.4 million lists inside each other',
    request: request('POST', `${core}/pods`, `{"a":${'['.repeat(1_400_000)}${']'.repeat(1_400_000)}}`),
    status: 400,
    says: /exceeded max depth/,
  },
  {
    name: 'as many that are not closed',
    request: request('POST', `${core}/pods`, '['.repeat(2_800_000)),
    status: 400,
    says: /exceeded max depth/,
  },
  {
    name: 'a Service that wants 20,000 node ports',
    request: request('POST', `${core}/services`, {
      metadata: { name: 'ports' },
      spec: { type: 'NodePort', selector: { a: 'b' }, ports: some(20_000, (n) => ({ name: `p${n}`, port: n + 1 })) },
    }),
    status: 500,
    says: /failed to allocate a nodePort: range is full/,
  },
  {
    name: 'an Ingress of 20,000 paths',
    request: request('POST', '/apis/networking.k8s.io/v1/namespaces/default/ingresses', {
      metadata: { name: 'paths' },
      spec: {
        rules: [
          {
            http: {
              paths: some(20_000, (n) => ({
                path: `/p${n}`,
                pathType: 'Prefix',
                backend: { service: { name: 's', port: { number: 80 } } },
              })),
            },
          },
        ],
      },
    }),
    status: 201,
    says: /"kind":"Ingress"/,
  },
  {
    name: 'a role of 60 × 60 × 60 × 60 permissions by somebody who holds none of them',
    request: {
      ...request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
        metadata: { name: 'wide' },
        rules: [wide],
      }),
      headers: { 'content-type': 'application/json', 'impersonate-user': 'system:serviceaccount:kube-system:roles' },
    },
    status: 504,
    says: /request did not complete within the allotted timeout/,
  },
  {
    name: 'a Pod of 15,000 ports that are all the same',
    request: aPod({ ports: some(15_000, () => ({ containerPort: 80 })) }),
    status: 504,
    says: /request did not complete within the allotted timeout/,
  },
  {
    name: 'a quota of 20,000 names',
    request: request('POST', `${core}/resourcequotas`, {
      metadata: { name: 'names' },
      spec: { hard: Object.fromEntries(some(20_000, (n) => [`count/widgets${n}.example.com`, '1'])) },
    }),
    status: 201,
    says: /"kind":"ResourceQuota"/,
  },
]

for (const { name, request, status, says } of requests)
  test(`one request costs no more than it may: ${name}`, () => {
    const answers = some(2, () => {
      const cluster = aCluster()
      const before = workSpent()
      const outcome = cluster.request(request)
      const steps = workSpent() - before
      assert.equal(outcome.kind, 'answer')
      const { body } = outcome as { body: string }
      assert.equal((outcome as { status: number }).status, status, body.slice(0, 300))
      assert.match(body, says)
      cluster.advance(5000)
      assert.match(cluster.execute({ op: 'kubectl', line: 'kubectl get pod box' }).stdout, /box +1\/1 +Running/)
      return { steps, body: body.length }
    })
    assert.deepEqual(answers[0], answers[1], 'the same input costs the same')
    assert.ok(answers[0]!.steps < stepsPerSecond / 2 + 10_000, `${answers[0]!.steps} steps`)
  })

const tooMuch = /error: the command was stopped: it needs more computing than one command may take/
const lines: { name: string; line: string; says: RegExp }[] = [
  {
    name: 'descents in custom columns',
    line: `kubectl get nodes -o custom-columns=A:${'..'.repeat(200)}`,
    says: tooMuch,
  },
  {
    name: 'ranges inside each other',
    line: `kubectl get pods,nodes,services -A -o go-template='${'{{range $.items}}'.repeat(40)}x${'{{end}}'.repeat(40)}'`,
    says: tooMuch,
  },
  {
    name: 'a text that doubles',
    line: `kubectl get pods -o go-template='{{$x := "aaaaaaaaaa"}}${'{{$x = printf "%s%s" $x $x}}'.repeat(60)}{{len $x}}'`,
    says: /error executing template .* a value of \d+ characters is too long/,
  },
  {
    name: 'a width of ten digits',
    line: `kubectl get pods -o go-template='{{printf "%1000000000d" 1}}'`,
    says: /^%!\(NOVERB\)%!\(EXTRA int64=1\)$/m,
  },
  {
    name: 'many descents in jsonpath',
    line: `kubectl get nodes -o jsonpath='${'{..}'.repeat(30)}${'{range ..}{..}{end}'.repeat(30)}'`,
    says: tooMuch,
  },
]

for (const line of ['kubectl describe clusterrole wide', 'kubectl auth can-i --list --as=eve'])
  test(`one line costs no more than it may: ${line} of 60 × 60 × 60 × 60 permissions`, () => {
    const cluster = aCluster()
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    cluster.request(request('POST', `${rbac}/clusterroles`, { metadata: { name: 'wide' }, rules: [wide] }))
    cluster.execute({ op: 'kubectl', line: 'kubectl create clusterrolebinding wide --clusterrole=wide --user=eve' })
    const before = cluster.engine.workDone
    assert.match(cluster.execute({ op: 'kubectl', line }).stderr, tooMuch)
    assert.ok(cluster.engine.workDone - before < stepsPerSecond, `${cluster.engine.workDone - before} steps`)
  })

for (const { name, line, says } of lines)
  test(`one line costs no more than it may: ${name}`, () => {
    const cluster = aCluster()
    const before = cluster.engine.workDone
    const { stdout, stderr } = cluster.execute({ op: 'kubectl', line })
    assert.match(stdout.slice(0, 2000) + stderr, says)
    assert.ok(cluster.engine.workDone - before < stepsPerSecond, `${cluster.engine.workDone - before} steps`)
    assert.match(cluster.execute({ op: 'kubectl', line: 'kubectl get pod box' }).stdout, /box +1\/1 +Running/)
  })

const programs: { name: string; line: string; exit: number; says: RegExp }[] = [
  {
    name: 'a search that goes back and forth',
    line: `awk 'BEGIN{x="a"; for (i = 0; i < 20; i++) x = x x; if (x ~ /(a*)*b/) y++}'`,
    exit: 152,
    says: /command terminated with exit code 152/,
  },
  {
    name: 'more of an endless device than anybody stores',
    line: `sh -c "head -c 1000000000 /dev/zero | tr '\\\\0' a | wc -c"`,
    exit: 0,
    says: /the simulator reads no more than 4096000 bytes of it at once/,
  },
]

for (const { name, line, exit, says } of programs)
  test(`a program that computes without a pause is ended, and nothing else: ${name}`, () => {
    const cluster = aCluster()
    const ran = cluster.execute({ op: 'kubectl', line: `kubectl exec box -- ${line}` })
    assert.match(ran.stdout + ran.stderr, says)
    assert.equal(ran.exit, exit)
    assert.match(cluster.execute({ op: 'kubectl', line: 'kubectl get pod box' }).stdout, /box +1\/1 +Running +0/)
  })

test('a body is charged by the values that are built of it, and one long text is one value', () => {
  const costOf = (data: unknown): number => {
    const cluster = aCluster()
    const before = workSpent()
    const answer = cluster.request(
      request('PATCH', `${core}/configmaps/words`, { data }, 'application/merge-patch+json'),
    )
    assert.equal(answer.kind === 'answer' && answer.status, 200)
    return workSpent() - before
  }
  const long = costOf({ a: '.'.repeat(400_000) })
  const many = costOf(Object.fromEntries(some(40_000, (n) => [`k${n}`, 'abc'])))
  assert.ok(long < 400_000 / 2, `400 kB in one value took ${long} steps`)
  assert.ok(many > 4 * long, `40,000 values took ${many} steps, one text ${long}`)
})
