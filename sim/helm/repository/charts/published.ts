/** How a chart that is served is put together: what its versions share, and what is each one's own. */
import type { ChartFile } from '../../chart/chart.ts'

export interface PublishedChart {
  name: string
  version: string
  appVersion: string
  description: string
  keywords: readonly string[]
  files: readonly ChartFile[]
}

interface Described {
  name: string
  version: string
  appVersion: string
  description: string
  keywords: readonly string[]
  /** Lines of Chart.yaml behind the others. */
  more?: string
}

/** @param files by their paths; Chart.yaml is made of the description */
export function published(described: Described, files: Readonly<Record<string, string>>): PublishedChart {
  const { name, version, appVersion, description, keywords, more = '' } = described
  const chartFile = `apiVersion: v2
name: ${name}
description: ${description}
type: application
version: ${version}
appVersion: "${appVersion}"
keywords:
${keywords.map((word) => `  - ${word}\n`).join('')}${more}`
  const helpers = labelHelpers.replaceAll('CHARTNAME', name)
  const own = { 'Chart.yaml': chartFile, 'templates/_helpers.tpl': helpers, ...files }
  return {
    ...{ name, version, appVersion, description, keywords },
    files: Object.entries(own).map(([path, data]): ChartFile => ({ name: path, data })),
  }
}

const labelHelpers = `{{- define "CHARTNAME.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ .Chart.Name }}{{ end }}
{{- end }}

{{- define "CHARTNAME.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "CHARTNAME.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{ include "CHARTNAME.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
`
