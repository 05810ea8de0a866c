/** The inputs of the security review, each under the defect that it showed (D1 to D11); what was handled well then stands here, too. */
import { type HostileInput, lengthOf, manyItems, repeated, type Step, shortJson } from './input.ts'
import { products } from './products.ts'
import { aMinute, applied, challengePath, demoPath, fixPath, post, running, typed } from './steps.ts'

const jsonPatch = { 'content-type': 'application/json-patch+json' }

const podWith = (name: string, resources: Record<string, string>): string =>
  shortJson({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'busybox:1.36', resources: { requests: resources } }] },
  })

const hugeCpu = podWith('huge', { cpu: '1e999999999' })
const nested = repeated(1_400_000, '[')
const pods = '/api/v1/namespaces/default/pods'
const configMaps = '/api/v1/namespaces/default/configmaps'
const services = '/api/v1/namespaces/default/services'

const crashing = shortJson({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'many' },
  spec: { containers: manyItems(500, { name: 'c#', image: 'nginx:1.27' }) },
})
const crashLoopsGraded: readonly Step[] = ['apply', 'grade'].map((act) => ({
  do: 'form',
  path: '/challenges/crash-loop',
  fields: { do: act, file: 'deployment.yaml', content: crashing },
}))

const entry = (id: string, defect: string, about: string, ...steps: Step[]): HostileInput => ({
  id,
  defect,
  about,
  steps,
})

export const corpus: readonly HostileInput[] = [
  entry('live-view-while-busy', 'D1', 'a live view is asked for while the thread is busy', post(pods, nested, 3), {
    ...{ do: 'page', method: 'GET', path: '/sandboxes/{sandbox}/live' },
  }),
  entry('cpu-exponent', 'D2', 'quantity with a huge exponent', post(pods, hugeCpu)),
  entry('cpu-exponent-lint', 'D2', 'quantity with a huge exponent, in the editor', {
    ...{ do: 'form', path: '/editor/lint', fields: { text: hugeCpu } },
  }),
  entry('cpu-exponent-demo', 'D3', 'quantity with a huge exponent, in a demo', {
    ...{ do: 'form', path: demoPath, fields: { manifest: hugeCpu } },
  }),
  entry('cpu-exponent-challenge', 'D3', 'quantity with a huge exponent, in a challenge', {
    ...{ do: 'form', path: challengePath, fields: { do: 'apply', file: 'deployment.yaml', content: hugeCpu } },
  }),
  entry('cpu-exponent-fix', 'D3', 'quantity with a huge exponent, in an answer', {
    ...{ do: 'form', path: fixPath, fields: { v: '1', do: 'answer', answer: hugeCpu } },
  }),
  entry('self-copies', 'D2', 'JSON patch of 40 copies of an object into itself', {
    ...{ do: 'api', method: 'PATCH', path: `${configMaps}/settings`, headers: jsonPatch },
    body: `[${repeated(40, '{"op":"copy","from":"/data","path":"/data/c#"}', ',')}]`,
  }),
  entry(
    'custom-columns-descent',
    'D2',
    'custom columns of 200 descents',
    typed(`get nodes -o custom-columns=A:${repeated(200, '..')}`),
  ),
  entry(
    'template-nested-ranges',
    'D2',
    'go-template of 40 nested ranges',
    typed(`get nodes -o go-template='${repeated(40, '{{range $.items}}')}x${repeated(40, '{{end}}')}'`),
  ),
  entry(
    'template-parentheses',
    'D2',
    'go-template of 2,000 parentheses',
    typed(`get nodes -o go-template='{{${repeated(2000, '(')}1${repeated(2000, ')')}}}'`),
  ),
  entry(
    'pipe-of-a-gigabyte',
    'D2',
    'a gigabyte through a pipe in a container',
    ...running("head -c 1000000000 /dev/zero | tr '\\0' a | wc -c"),
  ),
  entry('nested-body', 'D2', 'JSON body of 1.4 million nested lists', post(pods, nested)),
  entry('nested-bodies', 'D2', '16 JSON bodies of 1.4 million nested lists at once', post(pods, nested, 16)),
  entry(
    'node-ports',
    'D2',
    'NodePort Service of 20,000 ports',
    post(
      services,
      shortJson({
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'ports' } },
        spec: { type: 'NodePort', selector: { a: 'b' }, ports: manyItems(20_000, { name: 'p#', port: '#n' }) },
      }),
    ),
  ),
  entry(
    'template-doubling',
    'D2',
    'go-template that doubles a text 60 times',
    typed(`get nodes -o go-template='{{$a := "xxxxxxxx"}}${repeated(60, '{{$a = printf "%s%s" $a $a}}')}{{$a}}'`),
  ),
  entry(
    'ingress-paths',
    'D2',
    'Ingress of 20,000 paths',
    post(
      '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
      shortJson({
        ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'paths' } },
        spec: {
          rules: [
            {
              http: {
                paths: manyItems(20_000, {
                  path: '/p#',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                }),
              },
            },
          ],
        },
      }),
    ),
  ),
  entry(
    'quota-names',
    'D2',
    'ResourceQuota of 20,000 names',
    post(
      '/api/v1/namespaces/default/resourcequotas',
      `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{${repeated(20_000, '"count/k#.example.org":"1"', ',')}}}}`,
    ),
  ),
  entry('patch-operations', 'D2', 'JSON patch of 50,000 operations', {
    ...{ do: 'api', method: 'PATCH', path: `${configMaps}/settings`, headers: jsonPatch },
    body: `[${repeated(50_000, '{"op":"add","path":"/data/k#","value":"v"}', ',')}]`,
  }),
  entry(
    'jsonpath-descents',
    'D2',
    'jsonpath of descents in ranges',
    typed("get pods -A -o jsonpath='{..}{..}{range ..}{..}{end}'"),
  ),
  entry(
    'cpu-digits',
    'D6',
    'quantity of 2,500,000 digits',
    post(pods, podWith('digits', { cpu: repeated(2_500_000, '9') })),
  ),
  entry(
    'memory-nines',
    'D6',
    'quantity of 1,000 nines with a unit',
    post(pods, podWith('nines', { memory: `${repeated(1000, '9')}Ei` })),
  ),
  entry(
    'template-width',
    'D6',
    'go-template with a width of a billion',
    typed(`get nodes -o go-template='{{printf "%1000000000d" 1}}'`),
  ),
  entry('dot-segments', 'D11', 'address that becomes another host', {
    do: 'page',
    method: 'GET',
    path: '/.//evil.example?lang=zh',
  }),
  entry('dot-segments-deeper', 'D11', 'address that becomes another host', {
    do: 'page',
    method: 'GET',
    path: '/x/..//evil.example?lang=zh',
  }),
  entry('continue-garbage', 'D11', 'continue token that is none', {
    do: 'api',
    method: 'GET',
    path: `${pods}?limit=1&continue=garbage`,
  }),
  entry('import-brackets', 'D11', 'import of 10 MB of nested brackets', {
    ...{ do: 'form', path: '/progress/import', fields: {} },
    file: { field: 'file', fileName: 'podium-data.json', content: repeated(10_000_000, '[') },
  }),
  entry('import-score', 'D4', 'import of a grading beyond its maximum', {
    ...{ do: 'form', path: '/progress/import', fields: {} },
    file: {
      field: 'file',
      fileName: 'podium-data.json',
      content: '{"podium":1,"attempts":[{"gradings":[{"score":1e9,"maxScore":1}]}]}',
    },
  }),

  // Handled well at the time of the review: they must stay so.
  entry('endless-loop', 'D2', 'endless loop in a container', ...running('while :; do :; done')),
  entry('yes', 'D2', 'endless output in a container', ...running('yes')),
  entry('fork-loop', 'D2', 'endless forks in a container', ...running('f() { f | f & }; f')),
  entry(
    'deep-folders',
    'D2',
    'folders 500 deep, made and walked',
    ...running(`mkdir -p ${repeated(500, 'd/')}; find / | wc -l`),
  ),
  entry('find-for-ever', 'D2', 'endless walk through the files of a container', ...running('while :; do find /; done')),
  entry('sorted-numbers', 'D2', 'a million numbers sorted in a container', ...running('seq 1000000 | sort | tail -1')),
  entry(
    'glob-of-3000',
    'D2',
    'a glob of 3,000 files in a container',
    ...running('mkdir /g && cd /g && for i in $(seq 3000); do : > f$i; done; echo * | wc -c'),
  ),
  entry('dd-for-ever', 'D2', 'endless dd in a container', ...running('dd if=/dev/zero of=/dev/null')),
  entry(
    'replicas',
    'D2',
    'Deployment of 100,000 replicas',
    typed('create deployment many --image=nginx:1.27 --replicas=100000'),
    aMinute,
  ),
  entry(
    'stateful-replicas',
    'D2',
    'StatefulSet of 2³¹ replicas',
    applied(`apiVersion: apps/v1
kind: StatefulSet
metadata: {name: many}
spec: {serviceName: many, replicas: 2147483647, podManagementPolicy: Parallel, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: "nginx:1.27"}]}}}
`),
    aMinute,
  ),
  entry(
    'indexed-job',
    'D2',
    'Job of 100,000 indexes',
    applied(`apiVersion: batch/v1
kind: Job
metadata: {name: many}
spec: {completions: 100000, parallelism: 100000, completionMode: Indexed, template: {spec: {restartPolicy: Never, containers: [{name: c, image: "busybox:1.36", command: ["true"]}]}}}
`),
    aMinute,
  ),
  entry(
    'cron-jobs',
    'D2',
    '100 CronJobs',
    post(
      '/apis/batch/v1/namespaces/default/cronjobs',
      '{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"generateName":"c"},"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox:1.36","command":["true"]}]}}}}}}',
      100,
    ),
    aMinute,
  ),
  entry(
    'containers',
    'D2',
    'Pod of 3,000 containers',
    post(
      pods,
      shortJson({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'many' } },
        spec: { containers: manyItems(3000, { name: 'c#', image: 'nginx:1.27' }) },
      }),
    ),
    aMinute,
  ),
  entry(
    'environment',
    'D2',
    'container of 20,000 variables',
    post(
      pods,
      shortJson({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'env' } },
        spec: {
          containers: [{ name: 'c', image: 'nginx:1.27', env: manyItems(20_000, { name: 'V#', value: '$(V#)' }) }],
        },
      }),
    ),
    aMinute,
  ),
  entry(
    'affinity-terms',
    'D2',
    'Pod of 5,000 anti-affinity terms',
    post(
      pods,
      shortJson({
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'terms', labels: { a: 'b' } } },
        spec: {
          containers: [{ name: 'c', image: 'nginx:1.27' }],
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: manyItems(5000, {
                labelSelector: { matchLabels: { k: 'v#' } },
                topologyKey: 'kubernetes.io/hostname',
              }),
            },
          },
        },
      }),
    ),
    aMinute,
  ),
  entry(
    'namespaces',
    'D2',
    '1,000 Namespaces',
    applied(repeated(1000, '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n#"}}', '\n---\n')),
    aMinute,
  ),
  entry(
    'yaml-bomb',
    'D2',
    'aliases of aliases in YAML',
    applied(`a: &a [x,x,x,x,x,x,x,x,x]
${[...'bcdefghi'].map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`).join(',')}]`).join('\n')}
`),
  ),
  entry('selector-of-thousands', 'D2', 'label selector of 1,000 values', {
    do: 'api',
    method: 'GET',
    path: `${pods}?labelSelector=${encodeURIComponent('a in (')}${repeated(1000, 'v#', ',')})`,
  }),
  entry(
    'daemon-containers',
    'D2',
    'DaemonSet of 20,000 containers',
    post(
      '/apis/apps/v1/namespaces/default/daemonsets',
      shortJson({
        ...{ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'many' } },
        spec: {
          selector: { matchLabels: { app: 'x' } },
          template: {
            metadata: { labels: { app: 'x' } },
            spec: { containers: manyItems(20_000, { name: 'c#', image: 'nginx:1.27' }) },
          },
        },
      }),
    ),
    aMinute,
  ),
  ...(['text/plain', 'application/json'] as const).map((type) =>
    entry(`backslashes-as-${type.replace('/', '-')}`, 'D2', `a body of 2.8 MB of backslashes, as ${type}`, {
      ...{ do: 'api', method: 'POST', path: '/apis/apps/v1/namespaces/default/statefulsets' },
      ...{ headers: { 'content-type': type }, body: `"${repeated(2_800_000, '\\\\')}"` },
    }),
  ),
  entry('json-descents', 'D2', '200 paths over all of a list, printed as JSON, in a challenge', {
    do: 'form',
    path: '/challenges/crash-loop',
    fields: {
      do: 'kubectl',
      line: `get pods -o jsonpath-as-json='${repeated(200, '{..}', '')}'`,
      file: 'deployment.yaml',
    },
  }),
  entry('graded-crash-loops', 'D8', 'a graded Pod of 500 containers of which all but one crash', ...crashLoopsGraded),
  ...products
    .filter(({ isDrawn }) => !isDrawn)
    .map(({ id, about, sizes: [[many, more]], steps }) => entry(id, 'D2', about, ...steps(many, more))),
]

/** The largest text that an entry sends: what a report shows beside its short form. */
export const sizeOf = ({ steps }: HostileInput): number =>
  steps.reduce((sum, step) => sum + lengthOf(JSON.stringify(step)), 0)
