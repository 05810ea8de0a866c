/** The chart makes what the overlays make. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { readChart, renderChart } from './helm.ts'
import { deploy, shippedFiles } from './simulated.ts'

const chart = readChart(new URL('../../deploy/helm/podium', import.meta.url).pathname)

interface Named {
  name: string
}

interface PodSpec {
  serviceAccountName?: string
  volumes?: Named[]
  containers: {
    image: string
    env: (Named & { value?: string })[]
    envFrom?: unknown
    resources: unknown
    volumeMounts?: Named[]
  }[]
}

interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string; annotations?: unknown }
  data?: Record<string, string>
  spec?: {
    template?: { spec: PodSpec }
  }
}

/** What the simulator's kubectl builds of an overlay. */
function overlayOf(name: string): Manifest[] {
  const { cluster } = deploy('single')
  const { exit, stdout, stderr } = cluster.execute({
    ...{ op: 'kubectl', line: `kubectl kustomize /deploy/kustomize/overlays/${name}` },
    workplace: { directory: '/', environment: {}, files: shippedFiles() },
  })
  assert.equal(exit, 0, stderr)
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
}

/** By kind, without namespace and annotations; the variables of containers by name, whichever way they came. */
function comparable(manifests: readonly Manifest[]): Record<string, unknown> {
  const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data ?? {}
  const told = manifests.flatMap(({ kind, metadata, spec, ...rest }) => {
    if (kind === 'ConfigMap' || kind === 'Namespace') return []
    const copy = structuredClone(spec)
    const pod = copy?.template?.spec
    // A hook runs before there is a ServiceAccount; of the variables the Job reads two.
    if (kind === 'Job' && pod) delete pod.serviceAccountName
    for (const container of pod?.containers ?? []) {
      const all = [
        ...(container.envFrom ? Object.entries(settings).map(([name, value]) => ({ name, value })) : []),
        ...container.env,
      ]
      const variables = new Map((all as Named[]).map((one) => [one.name, one]))
      delete container.envFrom
      container.env = [...variables.values()]
        .filter(({ name }) => kind !== 'Job' || name === 'STORAGE' || name === 'DATABASE_URL')
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      container.volumeMounts?.sort((a: Named, b: Named) => (a.name < b.name ? -1 : 1))
    }
    pod?.volumes?.sort((a: Named, b: Named) => (a.name < b.name ? -1 : 1))
    return [[`${kind} ${metadata.name}`, { ...rest, spec: copy }] as const]
  })
  assert.equal(new Set(told.map(([name]) => name)).size, told.length)
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)))
}

for (const [storage, overlay, kinds] of [
  ['lowdb', 'single', 5],
  ['postgres', 'postgres', 9],
] as const)
  test(`with storage ${storage} the chart makes what the overlay ${overlay} makes`, () => {
    const made = comparable(renderChart(chart, 'podium', { storage }) as unknown as Manifest[])
    assert.deepEqual(made, comparable(overlayOf(overlay)))
    assert.equal(Object.keys(made).length, kinds)
  })

test('values reach the manifests: image, settings, limits, names of the release', () => {
  const objects = renderChart(chart, 'class', {
    ...{ storage: 'postgres', settings: { LOG_LEVEL: 'debug', RATE_LIMIT: 900 } },
    image: { repository: 'example/podium', tag: '9.9' },
    resources: { limits: { memory: '8Gi' } },
  }) as unknown as Manifest[]
  for (const { metadata } of objects) assert.match(metadata.name, /^class(?:-migrate|-worker)?$/)
  const { spec } = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'class')!
  const [container] = spec!.template!.spec.containers
  assert.equal(container.image, 'example/podium:9.9')
  assert.deepEqual(container.env.slice(-2), [
    { name: 'LOG_LEVEL', value: 'debug' },
    { name: 'RATE_LIMIT', value: '900' },
  ])
  assert.deepEqual(container.resources, { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '8Gi' } })
})

test('what the renderer does not know is refused', () => {
  const with_ = (text: string) => () => renderChart({ ...chart, templates: new Map([['x.yaml', text]]) }, 'podium')
  assert.throws(with_('a: {{ include "x" . }}'), /include is not known|is not known here/)
  assert.throws(with_('a: {{ .Values.nothing }}'), /there is no \.Values\.nothing/)
  assert.throws(with_('a: 1\n{{ end }}'), /an end too many/)
})

test('the cluster takes what the chart makes', () => {
  for (const storage of ['lowdb', 'postgres']) {
    const { kubectl } = deploy('postgres')
    const objects = renderChart(chart, 'podium', { storage })
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
    const { text } = kubectl('apply --dry-run=server -n podium -f -', { stdin: list })
    assert.match(text, /deployment\.apps\/podium created \(server dry run\)/)
    assert.doesNotMatch(text.replace(/fsGroupChangePolicy.*$/gm, ''), /unknown field|forbidden/)
  }
})
