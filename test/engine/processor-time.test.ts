/**
 * What takes computing charges it: the processor time of each input is held against the steps that it was charged. A step is meant to be a
 * tenth of a microsecond; with eight times as much to spare this holds on slow and on busy machines, and fails where a loop charges nothing.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsPerSecond, workSpent } from '../../sim/engine/work.ts'
import { createCluster } from '../../sim/index.ts'

/** Shorter than this, the compilation of code and the collection of garbage are most of it. */
const leastMs = 200
const grace = 8

const some = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

function aCluster() {
  const cluster = createCluster({
    seed: 'charges',
    shape: { nodes: [{ name: 'node-1' }] },
    limits: { work: 400 * stepsPerSecond, eventWork: stepsPerSecond, events: 1_000_000 },
  })
  cluster.execute({
    op: 'apply',
    manifest:
      '{apiVersion: v1, kind: Pod, metadata: {name: box}, spec: {containers: [{name: box, image: "busybox:1.36", command: [sleep, "100000"]}]}}',
  })
  cluster.advance(15_000)
  return cluster
}

function assertCharged(act: () => unknown) {
  const before = workSpent()
  const cpu = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(cpu)
  const cpuMs = (user + system) / 1000
  const chargedMs = ((workSpent() - before) * 1000) / stepsPerSecond
  if (cpuMs > leastMs)
    assert.ok(
      chargedMs * grace > cpuMs,
      `${Math.round(cpuMs)} ms of the processor, ${Math.round(chargedMs)} ms charged`,
    )
}

const doubled = 'x="a,"; for(i=0;i<20;i++) x=x x; '
const awks = {
  'replaces each match': 'y=x; gsub(/a/,"b",y)',
  'looks for what is not there': 'y=x; gsub(/zz/,"b",y)',
  'replaces an empty match': 'y=x; gsub(/$/,"b",y)',
  matches: 'match(x,/zz/)',
  splits: 'n+=split(x,t,",")',
  'splits into characters': 'n+=split(x,t,"")',
  'splits by an expression': 'n+=split(x,t,/[,;]/)',
  compares: 'if (x "a" < x "b") k++',
  'sets the record': '$0=x; k+=NF; $3=1',
  'changes case': 'y=toupper(x); k+=index(y,"Z")',
  formats: 'z=sprintf("%s%s",x,x); k+=length(z)',
  'takes texts for subscripts': 't[x k++]=1',
  'takes parts': 'y=substr(x,2); k+=index(y,"qq")',
  'tests an expression': 'if (x ~ (k++ "zzz")) k++',
  'prints into a file': 'print x > "/tmp/f"; close("/tmp/f")',
}
for (const [name, body] of Object.entries(awks))
  test(`awk that ${name} charges what it takes`, () => {
    const cluster = aCluster()
    const line = `kubectl exec box -- awk 'BEGIN{${doubled}while(n0++<40) {${body}}}'`
    assertCharged(() => cluster.execute({ op: 'kubectl', line }))
  })

const expansions = [
  'z=${x%0}',
  'z=${x##*7}',
  'w=${#x}',
  'z=${x/9/b}',
  'z=${x:5:9}',
  'case $x in 9*) ;; esac',
  'set -- $x',
  'for w in $x; do :; done',
  'printf "%s" "$x" > /dev/null',
  'printf "%b%.900000d" "$x" 1 > /dev/null',
  'echo -e "$x" > /dev/null',
  'export q="$x"; env > /dev/null',
]
for (const expansion of expansions)
  test(`a shell that does ${expansion} charges what it takes`, () => {
    const cluster = aCluster()
    const script = `x=$(seq 1 30000); i=0; while [ $i -lt 40 ]; do i=$((i+1)); ${expansion}; done`
    assertCharged(() => cluster.execute({ op: 'kubectl', line: `kubectl exec box -- sh -c '${script}'` }))
  })

test('variables of which each is twice another make a container that cannot be started, and cost little', () => {
  const cluster = aCluster()
  const aPod = (name: string, doublings: number) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'a',
          image: 'busybox:1.36',
          command: ['sh', '-c', 'echo ${#E12}'],
          env: [
            { name: 'E0', value: 'aaaaaaaa' },
            ...some(doublings, (n) => ({ name: `E${n + 1}`, value: `$(E${n})$(E${n})` })),
          ],
        },
      ],
    },
  })
  for (const doublings of [12, 24, 4000])
    cluster.execute({ op: 'apply', manifest: JSON.stringify(aPod(`p${doublings}`, doublings)) })
  assertCharged(() => cluster.advance(20_000))
  const logs = (name: string) => cluster.execute({ op: 'kubectl', line: `kubectl logs ${name}` }).stdout
  assert.equal(logs('p12'), '32768\n')
  for (const name of ['p24', 'p4000']) {
    assert.equal(logs(name), 'exec sh: argument list too long\n')
    const line = `kubectl get pod ${name} -o jsonpath={.status.containerStatuses[0].state.terminated.exitCode}`
    assert.equal(cluster.execute({ op: 'kubectl', line }).stdout, '255')
  }
})

test('there may be more words, lines and bytes than a call of this language takes arguments', () => {
  const cluster = aCluster()
  const run = (script: string): string => {
    const { stdout, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl exec box -- sh -c '${script}'` })
    return `${stdout}${stderr}`
  }
  assert.equal(run('set -- $(seq 150000); echo $#'), '150000\n')
  assert.equal(run('for i in $(seq 150000); do :; done; echo $i'), '150000\n')
  assert.equal(run('head -c 150000 /dev/zero | tr "\\0" "\\377" | base64 -w0 | base64 -d | wc -c'), '150000\n')
})

const manyLabels = `{${some(200, (n) => `l${n}: v`).join(', ')}}`
const monitored: Readonly<Record<string, { config?: string; rules?: string; page?: string }>> = {
  'alerts with 200 labels': { rules: `{alert: A, expr: up, labels: ${manyLabels}}` },
  'samples with 200 labels': { config: `static_configs: [{targets: ["localhost:9090"], labels: ${manyLabels}}]` },
  'long files of rules': {
    rules: some(400, (n) => `{record: r${n}, expr: "up", labels: {a: b, c: d, e: f}}`).join(', '),
  },
  'long pages': { page: 'seq 20000 | sed "s/.*/m{n=\\"&\\"} &/"' },
  'patterns for each label': {
    page: 'seq 300 | sed "s/.*/m{n=\\"&\\"} &/"',
    config: `static_configs: [{targets: ["exposing:8000"]}], metric_relabel_configs: [${some(20, () => '{action: labelmap, regex: "(n)|(m)|x.*y"}').join(', ')}]`,
  },
  'questions over all series': { rules: `{record: a, expr: 'count({__name__=~".+"}) by (__name__, job, l1)'}` },
}
for (const [name, { config, rules = '', page = 'echo m 1' }] of Object.entries(monitored))
  test(`Prometheus with ${name} charges what it takes`, () => {
    const cluster = aCluster()
    const files = {
      'prometheus.yml': `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: pages, static_configs: [{targets: ["exposing:8000", "localhost:9090"]}]}
  - {job_name: drawn, ${config ?? 'static_configs: []'}}
`,
      'rules.yml': `groups: [{name: g, rules: [${rules}]}]\n`,
    }
    const pod = (name: string, container: object, volumes: object[] = []): string =>
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
        spec: { containers: [{ name, ...container }], volumes },
      })
    const manifest = [
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'files' }, data: files }),
      pod(
        'prometheus',
        {
          image: 'prom/prometheus',
          args: ['--config.file=/files/prometheus.yml'],
          volumeMounts: [{ name: 'files', mountPath: '/files' }],
        },
        [{ name: 'files', configMap: { name: 'files' } }],
      ),
      pod('exposing', {
        image: 'busybox:1.36',
        command: ['sh', '-c', `mkdir /www; { ${page}; } > /www/metrics; exec httpd -f -p 8000 -h /www`],
      }),
      'apiVersion: v1\nkind: Service\nmetadata: {name: exposing}\nspec: {selector: {app: exposing}, ports: [{port: 8000}]}',
    ].join('\n---\n')
    cluster.execute({ op: 'apply', manifest })
    assertCharged(() => cluster.advance(60_000))
    const { stdout } = cluster.execute({
      op: 'kubectl',
      line: "kubectl exec prometheus -- promtool query instant http://localhost:9090 'count(up)'",
    })
    assert.match(stdout, /=> \d/)
  })
