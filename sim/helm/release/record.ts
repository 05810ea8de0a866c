/** A release as its Secret holds it: JSON, gzipped, in base64. Source: helm.sh/helm/v3/pkg/storage/driver/util.go */
import { decodeBase64, decodeBase64Lossy, encodeBase64, utf8Bytes, utf8TextLossy } from '../../api/meta/base64.ts'
import { chargeText } from '../../engine/work.ts'
import { type GoMap, isGoMap } from '../../go-template/values.ts'
import { gunzip, gzip } from '../chart/archive.ts'
import { bytesOfFile, type Chart, type ChartFile, type Metadata } from '../chart/chart.ts'
import { HelmError } from '../errors.ts'
import { toPlain } from '../sprig/plain.ts'
import type { Hook } from './manifests.ts'
import type { Release, ReleaseInfo } from './release.ts'

export function encodeRelease(release: Release): string {
  const json = JSON.stringify(releaseJson(release))
  chargeText(json.length * 4)
  return encodeBase64(gzip(Uint8Array.from(utf8Bytes(json))))
}

/** @throws HelmError for what is no release */
export function decodeRelease(text: string): Release {
  chargeText(text.length * 4)
  const decoded = decodeBase64(text)
  if (!('bytes' in decoded)) throw new HelmError(`illegal base64 data at input byte ${decoded.badOffset}`)
  let value: unknown
  try {
    value = JSON.parse(utf8TextLossy([...gunzip(Uint8Array.from(decoded.bytes))]))
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof HelmError)) throw error
    throw new HelmError('the release cannot be decoded')
  }
  if (!isGoMap(value) || !isGoMap(value.info) || typeof value.name !== 'string')
    throw new HelmError('the release cannot be decoded')
  const info = value.info as unknown as Partial<ReleaseInfo>
  return {
    name: value.name,
    namespace: String(value.namespace ?? ''),
    version: Number(value.version ?? 0),
    info: {
      first_deployed: info.first_deployed ?? '',
      last_deployed: info.last_deployed ?? '',
      deleted: info.deleted ?? '',
      description: info.description ?? '',
      status: info.status ?? 'unknown',
      notes: info.notes ?? '',
    },
    chart: chartOf(isGoMap(value.chart) ? value.chart : {}),
    config: isGoMap(value.config) ? value.config : {},
    manifest: String(value.manifest ?? ''),
    hooks: (Array.isArray(value.hooks) ? value.hooks.filter(isGoMap) : []) as unknown as Hook[],
    labels: {},
  }
}

/** The fields in the order of Go's structs; what is empty is left out where they say so. */
export function releaseJson(
  { name, info, chart, config, manifest, hooks, version, namespace }: Release,
  withChart = true,
): GoMap {
  return {
    name,
    info: {
      first_deployed: info.first_deployed,
      last_deployed: info.last_deployed,
      deleted: info.deleted,
      description: info.description,
      status: info.status,
      ...(info.notes ? { notes: info.notes } : {}),
    },
    ...(withChart ? { chart: chartJson(chart) } : {}),
    ...(Object.keys(config).length > 0 ? { config: toPlain(config) } : {}),
    manifest,
    ...(hooks.length > 0 ? { hooks } : {}),
    version,
    namespace,
  }
}

const fileJson = (file: ChartFile): GoMap => ({ name: file.name, data: encodeBase64(bytesOfFile(file)) })

/** Subcharts stand among the files that were read, as those that made them. */
const chartJson = ({ metadata, values, schema, lock, templates, files, raw }: Chart): GoMap => ({
  metadata: toPlain(metadata),
  lock: lock ?? null,
  templates: templates.map(fileJson),
  values: toPlain(values),
  schema: schema === undefined ? null : encodeBase64(utf8Bytes(schema)),
  files: [...files, ...raw.filter(({ name }) => name.startsWith('charts/'))].map(fileJson),
})

function chartOf(map: GoMap): Chart {
  const filesOf = (value: unknown): ChartFile[] =>
    (Array.isArray(value) ? value : []).filter(isGoMap).map(({ name, data }) => ({
      name: String(name),
      data: decodeBase64Lossy(String(data)),
    }))
  const metadata = (isGoMap(map.metadata) ? map.metadata : {}) as Partial<Metadata>
  return {
    metadata: {
      ...metadata,
      name: metadata.name ?? '',
      version: metadata.version ?? '',
      apiVersion: metadata.apiVersion ?? 'v2',
    },
    values: isGoMap(map.values) ? map.values : {},
    schema: typeof map.schema === 'string' ? decodeBase64Lossy(map.schema) : undefined,
    lock: isGoMap(map.lock) ? map.lock : undefined,
    templates: filesOf(map.templates),
    files: filesOf(map.files),
    dependencies: [],
    raw: [],
  }
}
