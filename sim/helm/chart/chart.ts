/** A chart: what its files say. Source: helm.sh/helm/v3/pkg/chart */
import { bytesOfBase64, decodeBase64Lossy, utf8Bytes } from '../../api/meta/base64.ts'
import type { GoMap } from '../../go-template/values.ts'
import type { FileContent } from '../../scenario/types.ts'

export interface ChartFile {
  /** Within the chart: `templates/service.yaml`. */
  name: string
  data: FileContent
}

export interface Dependency {
  name: string
  version?: string
  repository?: string
  condition?: string
  tags?: string[]
  alias?: string
  'import-values'?: unknown[]
  enabled?: boolean
}

export interface Maintainer {
  name?: string
  email?: string
  url?: string
}

/** Chart.yaml */
export interface Metadata {
  name: string
  version: string
  apiVersion: string
  description?: string
  type?: string
  appVersion?: string
  kubeVersion?: string
  home?: string
  icon?: string
  sources?: string[]
  keywords?: string[]
  maintainers?: Maintainer[]
  annotations?: Record<string, string>
  dependencies?: Dependency[]
  deprecated?: boolean
  condition?: string
  tags?: string
}

export interface Chart {
  metadata: Metadata
  /** Of values.yaml. */
  values: GoMap
  schema: string | undefined
  lock: GoMap | undefined
  templates: ChartFile[]
  /** Neither templates nor what makes the chart. */
  files: ChartFile[]
  dependencies: Chart[]
  /** All that was read. */
  raw: ChartFile[]
}

export const textOfFile = ({ data }: ChartFile): string =>
  typeof data === 'string' ? data : decodeBase64Lossy(data.base64)

export const bytesOfFile = ({ data }: ChartFile): Uint8Array =>
  typeof data === 'string' ? Uint8Array.from(utf8Bytes(data)) : bytesOfBase64(data.base64)

/** What stands in crds/, those of subcharts behind the chart's own. */
export function crdsOf(chart: Chart): ChartFile[] {
  const own = chart.files.filter(({ name }) => /^crds\/.*\.(ya?ml|json)$/.test(name))
  return [...own, ...chart.dependencies.flatMap(crdsOf)]
}

export const isLibrary = ({ metadata: { type } }: Chart): boolean => type?.toLowerCase() === 'library'
