import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { serveHttp } from '../../server/kubernetes-api/http.ts'
import { nodeMetrics, podMetrics } from '../../sim/api/autoscaling/metrics.ts'
import type { Kind } from '../../sim/api/meta/kind.ts'
import { kinds, virtualKinds } from '../../sim/api/registry.ts'
import { createCluster } from '../../sim/cluster.ts'
import { verbsOf } from '../../sim/rest/discovery.ts'
import { swaggerDocument } from '../../sim/rest/openapi/v2.ts'
import { answerOpenApi, openApiDocument, openApiIndex } from '../../sim/rest/openapi.ts'
import { apiVersionOf, groupVersions } from '../../sim/rest/served.ts'
import { subresourcesOf } from '../../sim/rest/subresource-table.ts'
import type { HttpAnswer } from '../../sim/rest/types.ts'
import { otherVersions } from '../../sim/rest/versions/registry.ts'
import { needsRealKubectl, realKubectl } from '../support/real-kubectl.ts'

const addOns = [podMetrics, nodeMetrics] as unknown as Kind[]
const stored = [...kinds, ...otherVersions.map(({ kind }) => kind)]
const served = [...stored, ...virtualKinds, ...addOns]
const versions = groupVersions(served)
const verbs = (kind: Kind) => verbsOf(kind, addOns.includes(kind) ? ['get', 'list'] : ['create'])

interface Operation {
  operationId: string
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, unknown> }
  'x-kubernetes-action': string
  'x-kubernetes-group-version-kind': { group: string; version: string; kind: string }
}
type Schema = Record<string, unknown> & { properties?: Record<string, Record<string, unknown>> }
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const nameOf = (kind: { group: string; version: string }): string =>
  `${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`
const parsed = new Map<string, Document>()
function documentNamed(name: string): Document {
  const known = parsed.get(name)
  if (known) return known
  const document = JSON.parse(openApiDocument(name, versions, verbs)!.text) as Document
  parsed.set(name, document)
  return document
}
const pathOf = (kind: Kind): string =>
  `/${nameOf(kind)}/${kind.isNamespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}`
const gvkOf = ({ group, version, kind }: { group: string; version: string; kind: string }) => ({ group, kind, version })
const index = openApiIndex(versions, verbs) as { paths: Record<string, { serverRelativeURL: string }> }

function answerOf(url: string, headers: Record<string, string> = {}): HttpAnswer | undefined {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const path = pathname.split('/').filter(Boolean).slice(1)
  return answerOpenApi({ path, query: searchParams, headers }, versions, verbs)
}

describe('the index', () => {
  test('names the document of each group version, and of what leads there', () => {
    for (const name of ['api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'apis/metrics.k8s.io/v1beta1', 'version'])
      assert.ok(index.paths[name], name)
    for (const version of versions) assert.ok(index.paths[nameOf(version)])
  })

  test('gives addresses that answer, with hashes of what is there', () => {
    const hashes = new Set<string>()
    for (const { serverRelativeURL } of Object.values(index.paths)) {
      const answer = answerOf(serverRelativeURL)
      assert.equal(answer?.status, 200, serverRelativeURL)
      assert.equal(answer.headers['cache-control'], 'public, immutable')
      hashes.add(answer.headers.etag)
    }
    assert.equal(hashes.size, Object.keys(index.paths).length)
  })

  test('changes the hash of a group version, and of no other, when its kinds change', () => {
    const fewer = groupVersions(served.filter((kind) => kind.kind !== 'ReplicaSet'))
    const { paths } = openApiIndex(fewer, verbs) as typeof index
    assert.notDeepEqual(paths['apis/apps/v1'], index.paths['apis/apps/v1'])
    assert.deepEqual(paths['api/v1'], index.paths['api/v1'])
  })

  test('sends one that asks for an old hash to the new one, and nothing to one that has it', () => {
    assert.equal(answerOf('/openapi/v3/api/v1?hash=OLD')?.status, 301)
    const url = index.paths['api/v1'].serverRelativeURL
    assert.equal(
      answerOf(`${url.split('?')[0]}${answerOf('/openapi/v3/api/v1?hash=OLD')?.headers.location}`)?.status,
      200,
    )
    const etag = answerOf(url)!.headers.etag
    assert.equal(answerOf(url, { 'if-none-match': etag })?.status, 304)
  })

  for (const path of ['/openapi', '/openapi/v3/apis/nope/v1', '/openapi/v3/nope', '/openapi/v4'])
    test(`has nothing at ${path}`, () => assert.equal(answerOf(path), undefined))
})

describe('the paths', () => {
  for (const kind of stored) {
    test(`tell how ${kind.plural} of ${kind.apiVersion} are patched`, () => {
      const { patch } = documentNamed(nameOf(kind)).paths[`${pathOf(kind)}/{name}`]
      assert.deepEqual(patch['x-kubernetes-group-version-kind'], gvkOf(kind))
      assert.equal(patch['x-kubernetes-action'], 'patch')
      const names = patch.parameters?.filter((one) => one.in === 'query').map(({ name }) => name)
      assert.deepEqual(names, ['dryRun', 'fieldManager', 'fieldValidation', 'force'])
      assert.deepEqual(Object.keys(patch.requestBody!.content), [
        'application/apply-patch+yaml',
        'application/json-patch+json',
        'application/merge-patch+json',
        'application/strategic-merge-patch+json',
      ])
    })
  }

  test('have each subresource', () => {
    for (const kind of stored) {
      for (const subresource of subresourcesOf(kind)) {
        const operations = documentNamed(nameOf(kind)).paths[`${pathOf(kind)}/{name}/${subresource.name}`]
        assert.ok(operations, `${kind.plural}/${subresource.name}`)
        for (const [method, operation] of Object.entries(operations)) {
          if (method === 'parameters') continue
          assert.deepEqual(operation['x-kubernetes-group-version-kind'], gvkOf(subresource))
          assert.ok(method !== 'patch' || operation['x-kubernetes-action'] === 'connect' || operation.parameters)
        }
      }
    }
  })

  test('have the methods that discovery tells of', () => {
    const { paths } = documentNamed('api/v1')
    const methods = (path: string) => Object.keys(paths[path]).filter((key) => key !== 'parameters')
    assert.deepEqual(methods('/api/v1/namespaces/{namespace}/pods').sort(), ['delete', 'get', 'post'])
    assert.deepEqual(methods('/api/v1/namespaces').sort(), ['get', 'post'])
    assert.deepEqual(methods('/api/v1/pods'), ['get'])
    assert.deepEqual(methods('/api/v1/namespaces/{namespace}/pods/{name}').sort(), ['delete', 'get', 'patch', 'put'])
    assert.deepEqual(methods('/api/v1/namespaces/{namespace}/pods/{name}/eviction'), ['post'])
    assert.deepEqual(methods('/api/v1/namespaces/{name}/finalize'), ['put'])
    const reviews = documentNamed('apis/authorization.k8s.io/v1').paths
    assert.deepEqual(Object.keys(reviews['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews']), [
      'parameters',
      'post',
    ])
  })

  test('have the operation ids of the real document, each once', () => {
    const ids = Object.keys(index.paths).flatMap((name) =>
      Object.values(documentNamed(name).paths).flatMap((path) =>
        Object.values(path).flatMap(({ operationId }) => operationId ?? []),
      ),
    )
    assert.equal(new Set(ids).size, ids.length)
    for (const id of [
      'getCoreV1APIResources',
      'listCoreV1PodForAllNamespaces',
      'patchAppsV1NamespacedDeploymentStatus',
      'readAppsV1NamespacedDeploymentScale',
      'deleteRbacAuthorizationV1CollectionClusterRole',
      'connectCoreV1PostNamespacedPodExec',
      'connectCoreV1GetNodeProxyWithPath',
      'replaceCoreV1NamespaceFinalize',
      'createCoreV1NamespacedServiceAccountToken',
      'readCoreV1NamespacedPodLog',
    ])
      assert.ok(ids.includes(id), id)
  })
})

describe('the schemas', () => {
  test('refer to nothing that is not there, and are all referred to', () => {
    for (const name of Object.keys(index.paths)) {
      const { paths, components } = documentNamed(name)
      const refs = new Set(
        [...JSON.stringify({ paths, components }).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
          (match) => match[1],
        ),
      )
      assert.deepEqual([...refs].sort(), Object.keys(components.schemas), name)
    }
  })

  for (const kind of served) {
    test(`say which of them is ${kind.kind} of ${kind.apiVersion}`, () => {
      const schemas = Object.values(documentNamed(nameOf(kind)).components.schemas)
      const named = schemas.filter((schema) =>
        (schema['x-kubernetes-group-version-kind'] as object[] | undefined)?.some(
          (gvk) => JSON.stringify(gvk) === JSON.stringify(gvkOf(kind)),
        ),
      )
      assert.equal(named.length, 1)
      const { apiVersion, metadata } = named[0].properties!
      assert.match(String(apiVersion.description), /^APIVersion defines/)
      assert.equal(apiVersion.enum, undefined)
      assert.ok(metadata)
    })
  }

  const meta = (name: string) => ({ $ref: `#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.${name}` })
  const core = (name: string) => ({ $ref: `#/components/schemas/io.k8s.api.core.v1.${name}` })
  // As kubernetes/api/openapi-spec/v3 has them.
  const cases: { definition: string; field: string; want: Record<string, unknown> }[] = [
    { definition: 'Pod', field: 'metadata', want: { allOf: [meta('ObjectMeta')], default: {} } },
    {
      definition: 'PodSpec',
      field: 'containers',
      want: {
        items: { allOf: [core('Container')], default: {} },
        type: 'array',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      },
    },
    {
      definition: 'PodSpec',
      field: 'volumes',
      want: {
        items: { allOf: [core('Volume')], default: {} },
        type: 'array',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge,retainKeys',
      },
    },
    {
      definition: 'PodSpec',
      field: 'nodeSelector',
      want: {
        additionalProperties: { default: '', type: 'string' },
        type: 'object',
        'x-kubernetes-map-type': 'atomic',
      },
    },
    { definition: 'Container', field: 'name', want: { default: '', type: 'string' } },
    {
      definition: 'Container',
      field: 'command',
      want: { items: { default: '', type: 'string' }, type: 'array', 'x-kubernetes-list-type': 'atomic' },
    },
    { definition: 'ServicePort', field: 'port', want: { default: 0, format: 'int32', type: 'integer' } },
    {
      definition: 'ContainerPort',
      field: 'protocol',
      want: { default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'], type: 'string' },
    },
    {
      definition: 'ServicePort',
      field: 'targetPort',
      want: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }] },
    },
    {
      definition: 'ResourceRequirements',
      field: 'limits',
      want: {
        additionalProperties: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
        type: 'object',
      },
    },
    { definition: 'ContainerStateRunning', field: 'startedAt', want: { allOf: [meta('Time')] } },
    { definition: 'PodList', field: 'items', want: { items: { allOf: [core('Pod')], default: {} }, type: 'array' } },
  ]
  for (const { definition, field, want } of cases) {
    test(`${definition}.${field} is as in the real document`, () => {
      const schema = documentNamed('api/v1').components.schemas[`io.k8s.api.core.v1.${definition}`]
      const { description, ...rest } = schema.properties![field]
      assert.ok(description)
      assert.deepEqual(rest, want)
    })
  }

  test('give what Go holds as a value its zero as the default, and a pointer none', () => {
    const defaultOf = (name: string, definition: string, field: string) =>
      documentNamed(name).components.schemas[`io.k8s.api.${definition}`].properties![field].default
    assert.deepEqual(defaultOf('apis/apps/v1', 'apps.v1.DeploymentSpec', 'template'), {})
    assert.equal(defaultOf('apis/apps/v1', 'apps.v1.DeploymentSpec', 'selector'), undefined)
    assert.equal(defaultOf('apis/apps/v1', 'apps.v1.DeploymentSpec', 'replicas'), undefined)
    assert.deepEqual(defaultOf('apis/apps/v1', 'apps.v1.DeploymentList', 'metadata'), {})
    assert.equal(defaultOf('apis/policy/v1', 'policy.v1.PodDisruptionBudgetStatus', 'currentHealthy'), 0)
    assert.equal(defaultOf('api/v1', 'core.v1.Volume', 'hostPath'), undefined)
    assert.equal(defaultOf('api/v1', 'core.v1.EphemeralContainer', 'name'), '')
  })

  test('require the type of what is referred to, and not that of the object itself', () => {
    const { schemas } = documentNamed('api/v1').components
    const required = (name: string) => schemas[`io.k8s.${name}`].required
    assert.deepEqual(required('apimachinery.pkg.apis.meta.v1.OwnerReference'), ['apiVersion', 'kind', 'name', 'uid'])
    assert.equal(required('api.core.v1.Pod'), undefined)
  })

  test('tell that drivers of a CSINode are merged by name', () => {
    const { schemas } = documentNamed('apis/storage.k8s.io/v1').components
    const { drivers } = schemas['io.k8s.api.storage.v1.CSINodeSpec'].properties!
    assert.deepEqual(drivers['x-kubernetes-list-map-keys'], ['name'])
    assert.equal(drivers['x-kubernetes-patch-strategy'], 'merge')
  })

  test('know a number with a suffix, a port by name, and structs that are owned whole', () => {
    const { schemas } = documentNamed('api/v1').components
    const withoutWords = (name: string) => ({ ...schemas[name], description: undefined })
    assert.deepEqual(withoutWords('io.k8s.apimachinery.pkg.api.resource.Quantity'), {
      description: undefined,
      oneOf: [{ type: 'string' }, { type: 'number' }],
    })
    assert.deepEqual(withoutWords('io.k8s.apimachinery.pkg.util.intstr.IntOrString'), {
      description: undefined,
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    })
    assert.equal(schemas['io.k8s.api.core.v1.LocalObjectReference']['x-kubernetes-map-type'], 'atomic')
  })
})

describe('the real kubectl', () => {
  const home = mkdtempSync(join(tmpdir(), 'podium-openapi-'))
  const cluster = createCluster({ seed: 'openapi', shape: { nodes: [{ name: 'node-1' }], metricsServer: true } })
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    void serveHttp(request, response, request.url ?? '/', (asked) => cluster.request(asked))
  })

  before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  after(() => {
    server.close()
    rmSync(home, { recursive: true })
  })

  const kubectl = async (...args: string[]): Promise<string> => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const env = { HOME: home, PATH: process.env.PATH ?? '' }
    return (await promisify(execFile)(realKubectl(), ['-s', address, ...args], { env })).stdout
  }

  test('explains every kind', needsRealKubectl, async () => {
    for (const kind of served) {
      const out = await kubectl('explain', kind.plural, `--api-version=${kind.apiVersion}`)
      assert.match(out, new RegExp(`^KIND: +${kind.kind}\nVERSION: +${kind.version}$`, 'm'))
      assert.match(out, /^ {2}apiVersion\t<string>$/m)
    }
  })

  test('names the fields of a container at every depth', needsRealKubectl, async () => {
    const out = await kubectl('explain', 'pods.spec.containers', '--recursive')
    assert.match(out, /^FIELD: containers <\[\]Container>$/m)
    for (const line of [
      '  image\t<string>',
      '  name\t<string> -required-',
      '      httpGet\t<HTTPGetAction>',
      '        port\t<IntOrString> -required-',
      '    limits\t<map[string]Quantity>',
    ])
      assert.ok(out.split('\n').includes(line), `${line}\n${out}`)
  })

  test('says that there is no such field', needsRealKubectl, async () => {
    await assert.rejects(kubectl('explain', 'pods.spec.nope'), /error: field "nope" does not exist/)
  })

  const written = (name: string, text: string): string => {
    const path = join(home, name)
    writeFileSync(path, text)
    seen.length = 0
    return path
  }
  const asked = (start: string): boolean => seen.some((line) => line.startsWith(start))

  test('leaves it to the server to check an object', needsRealKubectl, async () => {
    const path = written('map.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\nbogus: {a: b}\n')
    await assert.rejects(
      kubectl('create', '-f', path, '--validate=true'),
      /Error from server \(BadRequest\): .*: strict decoding error: unknown field "bogus"/,
    )
    assert.ok(!asked('GET /openapi/v2'))
  })

  test('merges a changed object by the rules of v3', needsRealKubectl, async () => {
    const deployment = (containers: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [${containers}]}
`
    const both = '{name: web, image: "nginx:1.27"}, {name: side, image: busybox}'
    assert.match(await kubectl('apply', '-f', written('web.yaml', deployment(both))), /created/)
    const one = '{name: web, image: "nginx:1.28"}'
    assert.match(await kubectl('apply', '-f', written('web.yaml', deployment(one))), /configured/)
    assert.ok(asked('PATCH /apis/apps/v1/namespaces/default/deployments/web?'))
    assert.ok(!asked('GET /openapi/v2'))
    const images = await kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[*].image}')
    assert.equal(images, 'nginx:1.28')
  })

  test('checks a List by itself, with what v2 tells', needsRealKubectl, async () => {
    const list = (field: string) =>
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n  spec: {ports: [{${field}: 80}]}\n`
    await assert.rejects(
      kubectl('create', '-f', written('list.yaml', list('prt'))),
      /unknown field "prt" in io\.k8s\.api\.core\.v1\.ServicePort, ValidationError\(.*\): missing required field "port"/s,
    )
    assert.match(await kubectl('create', '-f', written('list.yaml', list('port'))), /service\/web created/)
  })

  test('creates from a file what cannot be patched', needsRealKubectl, async () => {
    const review = `apiVersion: authorization.k8s.io/v1
kind: SelfSubjectAccessReview
spec: {resourceAttributes: {verb: get, resource: pods}}
`
    const out = await kubectl('create', '-f', written('review.yaml', review), '-o', 'jsonpath={.status.allowed}')
    assert.equal(out, 'true')
  })
})

test('v2 tells no fields of a custom resource that may have any, since clients would take them for all', () => {
  const gvk = [{ group: 'example.com', kind: 'Any', version: 'v1' }]
  const any = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { metadata: { type: 'object' } },
    'x-kubernetes-group-version-kind': gvk,
  }
  const inside = {
    type: 'object',
    properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  }
  assert.deepEqual(swaggerDocument({ any, inside }).definitions, {
    any: { type: 'object', 'x-kubernetes-group-version-kind': gvk },
    inside,
  })
})
