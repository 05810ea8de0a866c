/** A chart with values, as the objects, hooks and notes of a release. Source: renderResources in helm.sh/helm/v3/pkg/action */
import { isStatus } from '../../api/meta/status-error.ts'
import { type GoMap, isGoMap } from '../../go-template/values.ts'
import { capabilitiesOf, clusterVersion } from '../capabilities.ts'
import { type Chart, crdsOf, textOfFile } from '../chart/chart.ts'
import { isCompatible, processDependencies } from '../chart/dependencies.ts'
import { schemaProblem } from '../chart/schema.ts'
import { coalesceValues } from '../chart/values.ts'
import type { HelmCall } from '../context.ts'
import { HelmError } from '../errors.ts'
import { type Lookup, renderChart } from '../render.ts'
import { deepCopy } from '../sprig/plain.ts'
import { type Hook, sortManifests } from './manifests.ts'

export interface RenderRequest {
  name: string
  namespace: string
  revision: number
  isUpgrade: boolean
  /** Whether templates may ask the cluster. */
  asksCluster: boolean
  withCrds?: boolean
  kubeVersion?: string
  apiVersions?: readonly string[]
  hidesSecrets?: boolean
}

export interface Rendered {
  /** With the subcharts that take part. */
  chart: Chart
  manifest: string
  hooks: Hook[]
  notes: string
}

/** @throws HelmError */
export function renderRelease(call: HelmCall, given: Chart, config: GoMap, request: RenderRequest): Rendered {
  const { context, flags } = call
  const warn = (text: string): void => call.warn(text)
  const chart = processDependencies(given, config, warn)
  const capabilities = capabilitiesOf(context, request.kubeVersion, request.apiVersions)
  const values = coalesceValues(chart, config, warn)
  const problem = flags.bool('skip-schema-validation') ? undefined : schemaProblem(chart, values)
  if (problem !== undefined) throw new HelmError(problem)
  const wanted = chart.metadata.kubeVersion
  const version = request.kubeVersion || clusterVersion(context)
  if (wanted && !isCompatible(wanted, version))
    throw new HelmError(`chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${version}`)
  const files = renderChart(
    chart,
    {
      Release: {
        Name: request.name,
        Namespace: request.namespace,
        IsUpgrade: request.isUpgrade,
        IsInstall: !request.isUpgrade,
        Revision: BigInt(request.revision),
        Service: 'Helm',
      },
      Capabilities: capabilities,
      Values: values,
    },
    {
      random: context.random,
      nowEpochMs: () => context.nowEpochMs(),
      ...(request.asksCluster ? { lookup: lookupIn(call) } : {}),
    },
  )
  const notes: string[] = []
  for (const path of [...files.keys()].sort()) {
    if (!path.endsWith('NOTES.txt')) continue
    if (path === `${chart.metadata.name}/templates/NOTES.txt` || flags.bool('render-subchart-notes'))
      notes.push(files.get(path)!)
    files.delete(path)
  }
  const { hooks, manifests, unknown } = sortManifests(files)
  for (const event of unknown) warn(`info: skipping unknown hook: ${JSON.stringify(event)}`)
  const crds = request.withCrds
    ? crdsOf(chart).map((file) => `---\n# Source: ${chart.metadata.name}/${file.name}\n${textOfFile(file)}\n`)
    : []
  const documents = manifests.map(({ name, content, kind, apiVersion }) =>
    request.hidesSecrets && kind === 'Secret' && apiVersion === 'v1'
      ? `---\n# Source: ${name}\n# HIDDEN: The Secret output has been suppressed\n`
      : `---\n# Source: ${name}\n${content}\n`,
  )
  return { chart, manifest: [...crds, ...documents].join(''), hooks, notes: notes.join('\n') }
}

/** `lookup` in a template: what is there, or an empty map. */
const lookupIn =
  ({ cluster }: HelmCall): Lookup =>
  (apiVersion, kindName, namespace, name) => {
    const kind = cluster.findKind(apiVersion, kindName)
    if (!kind) throw new HelmError(`unable to get apiresource from unstructured: ${apiVersion}, Kind=${kindName}`)
    try {
      if (name === '') {
        const { items, resourceVersion } = cluster.client.list(kind, { namespace })
        return deepCopy({
          apiVersion,
          kind: `${kindName}List`,
          metadata: { resourceVersion },
          items: items.map((item) => ({ ...item, apiVersion, kind: kindName })),
        }) as GoMap
      }
      const found = cluster.client.find(kind, { namespace: kind.isNamespaced ? namespace : '', name })
      const copy = found ? deepCopy({ ...found, apiVersion, kind: kindName }) : {}
      return isGoMap(copy) ? copy : {}
    } catch (error) {
      if (isStatus(error, 'NotFound')) return {}
      throw error
    }
  }
