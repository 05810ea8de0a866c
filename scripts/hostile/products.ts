/** Inputs whose cost is a product: two lists of which each is long, texts that double, objects whose parts are many and that are many themselves. */
import { type Json, manyItems, manyNames, repeated, type Step, shortJson } from './input.ts'
import { monitoring } from './monitoring-grammar.ts'
import type { Draw } from './random.ts'
import { aMinute, applied, demoPath, json, post, typed } from './steps.ts'

type Size = readonly [number, number]

interface Product {
  /** Names it in the corpus. */
  id: string
  about: string
  /** Only drawn: the corpus has one like it, and `test/engine/processor-time.test.ts` has all of them. */
  isDrawn?: boolean
  /** In the corpus it has the first size, drawn ones any. */
  sizes: readonly [Size, ...Size[]]
  steps(many: number, more: number): Step[]
}

const pods = '/api/v1/namespaces/default/pods'
const doubled = (times: number): string => `x="a,"; for(i=0;i<${times};i++) x=x x;`

const aPod = (name: string, spec: { [name: string]: Json }, container: { [name: string]: Json } = {}): string =>
  shortJson({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } } },
    spec: { ...spec, containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', '1000000'], ...container }] },
  })

/** Of which each is twice the one before: in an environment a name may stand twice. */
const doubling = (times: number): Json => [
  { name: 'A', value: 'aaaaaaaa' },
  ...Array.from({ length: times }, () => ({ name: 'A', value: '$(A)$(A)' })),
]

const aDeployment = (replicas: number, labels: Json, spec: { [name: string]: Json }): string =>
  shortJson({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'many' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'many' } },
      template: { metadata: { labels }, spec: { ...spec, containers: [{ name: 'c', image: 'nginx:1.27' }] } },
    },
  })

/** What its node's kubelet rejects as soon as it comes, so that its owner makes another. */
const rejections: readonly { [name: string]: Json }[] = [
  { nodeName: 'node-1', nodeSelector: { nobody: 'has' } },
  {
    nodeName: 'node-1',
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'nobody', operator: 'Exists' }] }],
        },
      },
    },
  },
  { nodeName: 'node-1', os: { name: 'windows' } },
]

const anOwner = (kind: string, name: string, many: number, spec: { [name: string]: Json }): string => {
  const template = {
    metadata: { labels: { app: name } },
    spec: { ...spec, containers: [{ name: 'c', image: 'nginx:1.27' }] },
  }
  const selected = { selector: { matchLabels: { app: name } } }
  const specs: { [kind: string]: Json } = {
    Deployment: { replicas: many, ...selected, template },
    StatefulSet: { replicas: many, podManagementPolicy: 'Parallel', serviceName: name, ...selected, template },
    DaemonSet: { ...selected, template },
    Job: {
      ...{ parallelism: many, completions: many, backoffLimit: 2_147_483_647 },
      podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] },
      template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } },
    },
  }
  return shortJson({
    ...{ apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, metadata: { name } },
    spec: specs[kind] as Json,
  })
}

const nearby = (terms: number): { [name: string]: Json } => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: manyItems(terms, {
        weight: 1,
        podAffinityTerm: {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['many'] }] },
        },
      }),
    },
  },
})

/** One for each series, which asks in turn. */
const anAlert = (n: number, labels: number): string =>
  `{alert: A${n}, expr: '{__name__=~".+"}', labels: {${repeated(labels, 'l#: v', ', ')}}, annotations: {a: '{{ range query "up" }}x{{ end }}'}}`

/** Prometheus' configuration of one job. */
const scraping = (job: string): { [file: string]: string } => ({
  'prometheus.yml': `global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\nscrape_configs: [{job_name: pages, ${job}}]\n`,
  'rules.yml': 'groups: []\n',
  'alertmanager.yml': 'route: {receiver: r}\nreceivers: [{name: r}]\n',
})

const awk = (id: string, body: string): Product => ({
  id: `awk-${id}`,
  isDrawn: id !== 'split',
  about: `awk that does ${body} with a long text`,
  sizes: [
    [20, 1_000_000],
    [16, 1_000_000],
    [21, 20],
  ],
  steps: (doublings, times) => [
    typed(`exec shell -- awk 'BEGIN{${doubled(doublings)} while (n0++ < ${times}) {${body}}}'`),
  ],
})

const expansion = (id: string, body: string): Product => ({
  id: `shell-${id}`,
  isDrawn: id !== 'remove',
  about: `a shell that does ${body} with a long text`,
  sizes: [
    [60_000, 100_000],
    [1000, 1_000_000],
    [300_000, 30],
  ],
  steps: (lines, times) => [
    typed(`exec shell -- sh -c 'x=$(seq 1 ${lines}); i=0; while [ $i -lt ${times} ]; do i=$((i+1)); ${body}; done'`),
  ],
})

export const products: readonly Product[] = [
  {
    id: 'env-doubling',
    about: 'variables of which each is twice the one before, counted by a shell',
    sizes: [
      [24, 1],
      [26, 1],
      [60, 1],
      [4000, 1],
    ],
    steps: (times) => [
      applied(aPod('doubling', {}, { env: doubling(times) })),
      aMinute,
      typed('exec doubling -- sh -c "echo ${#A}"'),
      typed('exec doubling -- env'),
    ],
  },
  {
    id: 'env-doubling-own',
    about: 'variables of which each is twice the one before, counted by the container itself',
    sizes: [
      [24, 1],
      [14, 1],
      [60, 1],
    ],
    steps: (times) => [
      applied(aPod('counting', {}, { env: doubling(times), command: ['sh', '-c', 'sleep 3; echo ${#A}'] })),
      aMinute,
    ],
  },
  {
    id: 'args-of-env',
    about: 'arguments that are made of long variables',
    sizes: [
      [13, 2000],
      [10, 20_000],
    ],
    steps: (times, args) => [
      applied(aPod('args', {}, { env: doubling(times), args: manyItems(args, '$(A)$(A)$(A)') })),
      aMinute,
    ],
  },
  {
    id: 'affinity-replicas',
    about: 'replicas with many terms of affinity, in a demo',
    sizes: [
      [300, 300],
      [1000, 50],
      [20, 1500],
    ],
    steps: (replicas, terms) => [
      {
        ...{ do: 'form', path: demoPath },
        fields: { manifest: aDeployment(replicas, { app: 'many' }, nearby(terms)) },
      },
    ],
  },
  {
    id: 'affinity-replicas-sandbox',
    about: 'replicas with many terms of affinity, in a sandbox',
    sizes: [
      [300, 300],
      [1000, 50],
    ],
    steps: (replicas, terms) => [applied(aDeployment(replicas, { app: 'many' }, nearby(terms))), aMinute],
  },
  {
    id: 'labels-replicas',
    about: 'replicas with many labels, in a demo',
    sizes: [
      [200, 3000],
      [1000, 500],
    ],
    steps: (replicas, labels) => [
      {
        ...{ do: 'form', path: demoPath },
        // One of them is what the Deployment selects.
        fields: {
          manifest: aDeployment(replicas, manyNames(labels, 'k#', 'v'), {}).replace(
            '"labels":{',
            '"labels":{"app":"many",',
          ),
        },
      },
    ],
  },
  {
    id: 'role-product',
    about: 'a role whose lists multiply out, listed and made again by somebody who has it',
    sizes: [
      [60, 60],
      [20, 200],
      [500, 5],
    ],
    steps: (many, more) => {
      const role = shortJson({
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'product' } },
        rules: [
          {
            apiGroups: manyItems(many, 'g#'),
            resources: manyItems(more, 'r#'),
            verbs: manyItems(many, 'v#'),
            resourceNames: manyItems(more, 'n#'),
          },
        ],
      })
      const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
      return [
        post(roles, role),
        typed('create clusterrolebinding product --clusterrole=product --user=eve'),
        typed('auth can-i --list --as=eve'),
        typed('describe clusterrole product'),
        { ...post(roles, role.replace('"product"', '"again"')), headers: { ...json, 'Impersonate-User': 'eve' } },
      ]
    },
  },
  {
    id: 'host-ports',
    about: 'Pods with many ports of the node',
    sizes: [
      [15_000, 2],
      [3000, 5],
    ],
    steps: (ports, count) => [
      ...Array.from({ length: count }, (_, n) =>
        post(pods, aPod(`ports-${n}`, {}, { ports: manyItems(ports, { containerPort: '#n', hostPort: '#n' }) })),
      ),
      aMinute,
    ],
  },
  {
    id: 'tolerations',
    about: 'a node of many taints and a Pod of many tolerations',
    sizes: [
      [12_000, 12_000],
      [2000, 20_000],
    ],
    steps: (taints, tolerations) => [
      {
        ...{ do: 'api', method: 'PATCH', path: '/api/v1/nodes/node-1' },
        headers: { 'content-type': 'application/merge-patch+json' },
        body: shortJson({ spec: { taints: manyItems(taints, { key: 'k#', value: 'v', effect: 'NoExecute' }) } }),
      },
      post(
        pods,
        aPod('tolerant', {
          tolerations: manyItems(tolerations, { key: 'q#', operator: 'Equal', value: 'v', effect: 'NoExecute' }),
        }),
      ),
      aMinute,
    ],
  },
  {
    id: 'empty-dirs',
    about: 'a Pod of many volumes, each mounted',
    sizes: [
      [8000, 1],
      [2000, 1],
    ],
    steps: (volumes) => [
      post(
        pods,
        aPod(
          'volumes',
          { volumes: manyItems(volumes, { name: 'v#', emptyDir: {} }) },
          { volumeMounts: manyItems(volumes, { name: 'v#', mountPath: '/m/#' }) },
        ),
      ),
      aMinute,
      typed('exec volumes -- sh -c "mount | wc -l; df | wc -l; ls /m | wc -l"'),
    ],
  },
  {
    id: 'rules-of-services',
    about: 'a Service of many ports and endpoints, printed as rules of a node',
    sizes: [
      [100, 200],
      [20, 1000],
    ],
    steps: (ports, endpoints) => [
      applied(
        `${shortJson({
          ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'wide' } },
          spec: { ports: manyItems(ports, { name: 'p#', port: '#n' }) },
        })}\n---\n${shortJson({
          ...{ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'wide' } },
          subsets: [
            {
              addresses: manyItems(Math.min(endpoints, 250), { ip: '10.9.0.#' }),
              ports: manyItems(ports, { name: 'p#', port: '#n' }),
            },
          ],
        })}`,
      ),
      aMinute,
      { do: 'terminal', line: "ssh node-1 'iptables-save | wc -l; nft list ruleset | wc -l'" },
    ],
  },
  {
    id: 'terms-and-objects',
    about: 'many objects, listed by many terms and with many columns',
    sizes: [
      [1000, 500],
      [1500, 150],
    ],
    steps: (objects, terms) => [
      applied(repeated(objects, '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m#"}}', '\n---\n')),
      typed(`get cm -l ${repeated(terms, 'l#!=x', ',')}`),
      typed(`get cm -L ${repeated(terms, 'l#', ',')}`),
      typed(`get cm --field-selector ${repeated(Math.ceil(terms / 3), 'metadata.name!=x#', ',')}`),
    ],
  },
  {
    id: 'terminal-diff',
    about: 'diff of two long files of which one is turned round, in the terminal',
    sizes: [
      [4000, 9],
      [20_000, 1],
    ],
    steps: (lines, times) => [
      {
        do: 'terminal',
        line: `seq 1 ${lines} > s1; sort -r s1 > s2; for i in {1..${times}}; do cat s1; done > s3; for i in {1..${times}}; do cat s2; done > s4; diff s3 s4 | tail -1`,
      },
    ],
  },
  {
    id: 'prometheus-labels',
    about: 'alerts of many labels, for each series, on annotations that ask',
    sizes: [
      [200, 10],
      [400, 60],
    ],
    steps: (labels, rules) => [
      applied(
        monitoring(
          {
            ...scraping('static_configs: [{targets: ["exposing:8000"]}]'),
            'rules.yml': `groups: [{name: g, interval: 1s, rules: [${Array.from({ length: rules }, (_, n) => anAlert(n, labels)).join(', ')}]}]\n`,
          },
          'seq 300 | sed "s/.*/m{n=\\"&\\"} &/"',
        ),
      ),
      aMinute,
    ],
  },
  {
    id: 'prometheus-relabelling',
    about: 'many expressions over the labels of each sample',
    sizes: [
      [300, 20],
      [3000, 300],
    ],
    steps: (samples, patterns) => [
      applied(
        monitoring(
          scraping(
            `static_configs: [{targets: ["exposing:8000"]}], metric_relabel_configs: [${repeated(patterns, '{action: labelmap, regex: "(n)|(m)|x.*y"}', ', ')}]`,
          ),
          `seq ${samples} | sed "s/.*/m{n=\\"&\\"} &/"`,
        ),
      ),
      aMinute,
    ],
  },
  {
    id: 'prometheus-blanks',
    about: 'a page of metrics whose lines are blanks',
    sizes: [
      [100_000, 3],
      [1_000_000, 1],
    ],
    steps: (blanks, lines) => [
      applied(
        monitoring(
          scraping('static_configs: [{targets: ["exposing:8000"]}]'),
          `for i in $(seq ${lines}); do echo "m$(head -c ${blanks} /dev/zero | tr "\\0" " ")1x"; done`,
        ),
      ),
      aMinute,
    ],
  },
  {
    id: 'prometheus-question',
    about: 'a question of a very long number, and one over each moment of a century',
    sizes: [
      [7000, 1],
      [3500, 40],
    ],
    steps: (digits, times) => [
      applied(monitoring(scraping('static_configs: [{targets: ["exposing:8000"]}]'), 'echo m 1')),
      aMinute,
      typed(`exec prometheus -- promtool query instant http://localhost:9090 '${repeated(digits, '1')}a'`),
      typed(
        `exec prometheus -- promtool query instant http://localhost:9090 '${repeated(times, 'max_over_time(')}up${repeated(times, '[100y:1s])')}'`,
      ),
    ],
  },
  {
    id: 'parallel-replicas',
    about: 'a StatefulSet of as many parallel replicas as the field takes',
    sizes: [
      [2_147_483_647, 1],
      [20_000, 300],
    ],
    steps: (replicas, labels) => [
      applied(
        shortJson({
          ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'many' } },
          spec: {
            ...{ replicas, serviceName: 'many', podManagementPolicy: 'Parallel' },
            selector: { matchLabels: { app: 'many' } },
            template: {
              metadata: { labels: { app: 'many' }, annotations: manyNames(labels, 'l#', 'v') },
              spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
            },
          },
        }),
      ),
      aMinute,
    ],
  },
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].map(
    (kind): Product => ({
      id: `rejected-${kind.toLowerCase()}`,
      isDrawn: kind !== 'Deployment',
      about: `a ${kind} whose Pods the node rejects as soon as they come`,
      sizes: [
        [300, 1],
        [20, 20],
        [2000, 3],
      ],
      steps: (replicas, owners) => [
        applied(
          Array.from({ length: owners }, (_, n) =>
            anOwner(kind, `rejected-${n}`, replicas, rejections[n % rejections.length] ?? {}),
          ).join('\n---\n'),
        ),
        aMinute,
        aMinute,
        typed('get pods -o wide'),
        typed('delete deployments,statefulsets,daemonsets,jobs --all'),
      ],
    }),
  ),
  {
    id: 'rejected-under-pressure',
    isDrawn: true,
    about: 'replicas bound to a node whose disk is filled',
    sizes: [
      [50, 3],
      [500, 1],
    ],
    steps: (replicas, owners) => [
      applied(
        [
          aPod(
            'filler',
            { nodeName: 'node-1', tolerations: [{ operator: 'Exists' }] },
            { command: ['sh', '-c', 'dd if=/dev/zero of=/big bs=1M count=1000000; sleep 1000000'] },
          ),
          ...Array.from({ length: owners }, (_, n) =>
            anOwner('Deployment', `pressed-${n}`, replicas, { nodeName: 'node-1' }),
          ),
        ].join('\n---\n'),
      ),
      aMinute,
      aMinute,
      typed('get pods -o wide'),
    ],
  },
  {
    id: 'scenario-aliases',
    about: 'a scenario file of aliases of aliases',
    sizes: [
      [9, 8],
      [30, 30],
    ],
    steps: (many, more) => [
      {
        do: 'form',
        path: '/sandboxes',
        fields: {
          from: 'file',
          name: 'aliases',
          scenario: `a: &a [${repeated(many, 'x', ',')}]\nb: &b [${repeated(more, '*a', ',')}]\nc: &c [${repeated(more, '*b', ',')}]\nd: [${repeated(more, '*c', ',')}]\n`,
        },
      },
    ],
  },
  awk('gsub', 'y=x; gsub(/a/,"b",y)'),
  awk('split', 'n+=split(x,t,",")'),
  awk('characters', 'n+=split(x,t,"")'),
  awk('sprintf', 'z=sprintf("%s%s",x,x); k+=length(z)'),
  awk('subscript', 't[x k++]=1'),
  awk('fields', '$0=x; k+=NF; $3=1'),
  awk('compare', 'if (x "a" < x "b") k++'),
  expansion('remove', 'z=${x%0}'),
  expansion('length', 'w=${#x}'),
  expansion('replace', 'z=${x/9/b}'),
  expansion('fields', 'set -- $x'),
  expansion('printf', 'printf "%b%.400000000d" "$x" 1 > /dev/null'),
  expansion('export', 'export q="$x"; env > /dev/null'),
]

export function drawProduct(draw: Draw): { about: string; steps: Step[] } {
  const { about, sizes, steps } = draw.oneOf(products)
  const [many, more] = draw.oneOf(sizes)
  const part = draw.oneOf([1, 0.3, 0.1])
  return { about, steps: steps(Math.max(1, Math.round(many * part)), Math.max(1, Math.round(more * part))) }
}
