/**
 * What Prometheus is told: its configuration and the files of rules, read and refused as it does. Source:
 * https://prometheus.io/docs/prometheus/latest/configuration/. Simplified: of ways to find targets, those of Kubernetes and the written ones.
 */
import { isMap } from '../../api/meta/go-json.ts'
import { parsePrometheusDuration } from './promql/duration.ts'
import { parsePromql } from './promql/parse.ts'
import { type Expression, type Labels, PromqlError } from './promql/types.ts'
import { wholeMatcher } from './promql/whole-match.ts'
import { type RelabelRule, relabelActions } from './relabel.ts'
import { readYaml } from './yaml.ts'

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

export const roles = ['node', 'pod', 'service', 'endpoints', 'endpointslice'] as const
export type Role = (typeof roles)[number]

/** How somebody is asked over HTTP. */
export interface HttpClient {
  readonly credentialsFile: string | undefined
  readonly credentials: string | undefined
  readonly caFile: string | undefined
  readonly isInsecure: boolean
}

/** Where targets come from. */
export interface Discoveries {
  readonly fixed: readonly { readonly targets: readonly string[]; readonly labels: Labels }[]
  readonly kubernetes: readonly { readonly role: Role; readonly namespaces: readonly string[] }[]
  readonly relabelings: readonly RelabelRule[]
}

export interface ScrapeJob extends HttpClient, Discoveries {
  readonly name: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly path: string
  readonly scheme: 'http' | 'https'
  readonly parameters: Readonly<Record<string, readonly string[]>>
  readonly honorsLabels: boolean
  readonly metricRelabelings: readonly RelabelRule[]
}

export interface AlertmanagerGroup extends HttpClient, Discoveries {
  readonly scheme: 'http' | 'https'
  readonly prefix: string
}

export interface Configuration {
  readonly evaluationMs: number
  readonly externalLabels: Labels
  /** Patterns of paths. */
  readonly ruleFiles: readonly string[]
  readonly jobs: readonly ScrapeJob[]
  readonly alertmanagers: readonly AlertmanagerGroup[]
}

export interface Rule {
  readonly kind: 'alerting' | 'recording'
  readonly name: string
  readonly text: string
  readonly expression: Expression
  readonly labels: Labels
  readonly annotations: Labels
  readonly forMs: number
  readonly keepMs: number
}

export interface RuleGroup {
  readonly name: string
  readonly file: string
  /** Undefined: that of the configuration. */
  readonly intervalMs: number | undefined
  readonly rules: readonly Rule[]
}

type Fields = Readonly<Record<string, unknown>>

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
const client =
  'authorization basic_auth bearer_token bearer_token_file oauth2 tls_config follow_redirects enable_http2 proxy_url http_headers'
const discovery = 'static_configs kubernetes_sd_configs file_sd_configs dns_sd_configs http_sd_configs relabel_configs'
/** The fields that each part of the file knows, by the name that Prometheus gives the part in its errors. */
const known = {
  'config.plain': words(
    'global runtime alerting rule_files scrape_config_files scrape_configs storage tracing remote_write remote_read otlp',
  ),
  'config.plainGlobal':
    words(`scrape_interval scrape_timeout scrape_protocols evaluation_interval rule_query_offset query_log_file scrape_failure_log_file
    external_labels body_size_limit sample_limit label_limit label_name_length_limit label_value_length_limit target_limit keep_dropped_targets
    metric_name_validation_scheme metric_name_escaping_scheme convert_classic_histograms_to_nhcb always_scrape_classic_histograms`),
  'config.ScrapeConfig':
    words(`job_name honor_labels honor_timestamps track_timestamps_staleness params scrape_interval scrape_timeout scrape_protocols
    scrape_fallback_protocol metrics_path scheme enable_compression body_size_limit sample_limit label_limit label_name_length_limit
    label_value_length_limit target_limit keep_dropped_targets metric_relabel_configs metric_name_validation_scheme metric_name_escaping_scheme
    native_histogram_bucket_limit ${client} ${discovery}`),
  'config.AlertmanagerConfig': words(
    `timeout api_version path_prefix scheme alert_relabel_configs ${client} ${discovery}`,
  ),
  'kubernetes.plain': words(`role api_server kubeconfig_file namespaces selectors attach_metadata ${client}`),
  'relabel.plain': words('source_labels separator regex modulus target_label replacement action'),
  'rulefmt.RuleGroup': words('name interval query_offset limit labels rules'),
  'rulefmt.Rule': words('record alert expr for keep_firing_for labels annotations'),
}

const refuse = (why: string): never => {
  throw new ConfigurationError(why)
}

/** @throws ConfigurationError what is wrong, without the file's name */
export function parseConfiguration(text: string): Configuration {
  const whole = fieldsOf(yamlOf(text), 'config.plain')
  const global = fieldsOf(whole.global, 'config.plainGlobal')
  const scrapeMs = intervalOf(global.scrape_interval, 60_000)
  const timeoutMs = intervalOf(global.scrape_timeout, Math.min(10_000, scrapeMs))
  if (timeoutMs > scrapeMs) refuse('global scrape timeout greater than scrape interval')
  const jobs = listOf(whole.scrape_configs, 'scrape_configs').map((one) =>
    jobOf(fieldsOf(one, 'config.ScrapeConfig'), scrapeMs, timeoutMs),
  )
  const names = new Set<string>()
  for (const { name } of jobs) {
    if (names.has(name)) refuse(`found multiple scrape configs with job name ${JSON.stringify(name)}`)
    names.add(name)
  }
  const alerting = isMap(whole.alerting) ? (whole.alerting as Fields) : {}
  return {
    evaluationMs: intervalOf(global.evaluation_interval, 60_000),
    externalLabels: labelsOf(global.external_labels),
    ruleFiles: listOf(whole.rule_files, 'rule_files').map(String),
    jobs,
    alertmanagers: listOf(alerting.alertmanagers, 'alertmanagers').map((one) => {
      const fields = fieldsOf(one, 'config.AlertmanagerConfig')
      return {
        ...discoveriesOf(fields),
        ...clientOf(fields),
        scheme: schemeOf(fields.scheme),
        prefix: String(fields.path_prefix ?? ''),
      }
    }),
  }
}

function jobOf(fields: Fields, globalMs: number, globalTimeoutMs: number): ScrapeJob {
  const name = fields.job_name
  if (typeof name !== 'string' || name === '') return refuse('job_name is empty')
  const intervalMs = intervalOf(fields.scrape_interval, globalMs)
  const timeoutMs = intervalOf(fields.scrape_timeout, Math.min(globalTimeoutMs, intervalMs))
  if (timeoutMs > intervalMs)
    refuse(`scrape timeout greater than scrape interval for scrape config with job name ${JSON.stringify(name)}`)
  return {
    ...discoveriesOf(fields),
    ...clientOf(fields),
    name,
    intervalMs,
    timeoutMs,
    path: String(fields.metrics_path ?? '/metrics'),
    scheme: schemeOf(fields.scheme),
    parameters: Object.fromEntries(
      Object.entries(isMap(fields.params) ? fields.params : {}).map(([key, values]) => [
        key,
        listOf(values, key).map(String),
      ]),
    ),
    honorsLabels: fields.honor_labels === true,
    metricRelabelings: relabelingsOf(fields.metric_relabel_configs),
  }
}

function discoveriesOf(fields: Fields): Discoveries {
  return {
    fixed: listOf(fields.static_configs, 'static_configs').map((one) => {
      const { targets, labels } = isMap(one) ? (one as Fields) : refuse('static_configs: expected a mapping')
      return { targets: listOf(targets, 'targets').map(String), labels: labelsOf(labels) }
    }),
    kubernetes: listOf(fields.kubernetes_sd_configs, 'kubernetes_sd_configs').map((one) => {
      const { role, namespaces } = fieldsOf(one, 'kubernetes.plain')
      if (role === undefined) refuse('role missing (one of: pod, service, endpoints, endpointslice, node, ingress)')
      const found =
        roles.find((name) => name === role) ??
        refuse(`podium: unknown Kubernetes SD role ${JSON.stringify(role)}; there are ${roles.join(', ')}`)
      return {
        role: found,
        namespaces: isMap(namespaces) ? listOf((namespaces as Fields).names, 'names').map(String) : [],
      }
    }),
    relabelings: relabelingsOf(fields.relabel_configs),
  }
}

function clientOf(fields: Fields): HttpClient {
  const authorization = isMap(fields.authorization) ? (fields.authorization as Fields) : {}
  const tls = isMap(fields.tls_config) ? (fields.tls_config as Fields) : {}
  const text = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : String(value)
  return {
    credentialsFile: text(authorization.credentials_file ?? fields.bearer_token_file),
    credentials: text(authorization.credentials ?? fields.bearer_token),
    caFile: text(tls.ca_file),
    isInsecure: tls.insecure_skip_verify === true,
  }
}

const relabelingsOf = (list: unknown): RelabelRule[] =>
  listOf(list, 'relabel_configs').map((one) => {
    const fields = fieldsOf(one, 'relabel.plain')
    const action = String(fields.action ?? 'replace').toLowerCase()
    if (!relabelActions.includes(action)) refuse(`unknown relabel action ${JSON.stringify(action)}`)
    const regex = String(fields.regex ?? '(.*)')
    const match = checked(() => wholeMatcher(regex))
    const modulus = Number(fields.modulus ?? 0)
    if (action === 'hashmod' && !(modulus > 0)) refuse('relabel configuration for hashmod requires non-zero modulus')
    if (
      ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'].includes(action) &&
      !fields.target_label
    )
      refuse(`relabel configuration for ${action} action requires 'target_label' value`)
    return {
      sources: listOf(fields.source_labels, 'source_labels').map(String),
      separator: String(fields.separator ?? ';'),
      match,
      target: String(fields.target_label ?? ''),
      replacement: String(fields.replacement ?? '$1'),
      modulus,
      action,
    }
  })

/** @throws ConfigurationError what is wrong, without the file's name */
export function parseRules(text: string, file: string): RuleGroup[] {
  const whole = yamlOf(text)
  if (whole === null || whole === undefined) return []
  const { groups, ...others } = isMap(whole)
    ? (whole as Fields)
    : refuse('yaml: unmarshal errors: cannot unmarshal into rulefmt.RuleGroups')
  const [stranger] = Object.keys(others)
  if (stranger !== undefined)
    refuse(`yaml: unmarshal errors:\n  field ${stranger} not found in type rulefmt.RuleGroups`)
  const names = new Set<string>()
  return listOf(groups, 'groups').map((one) => {
    const fields = fieldsOf(one, 'rulefmt.RuleGroup')
    const name = String(fields.name ?? '')
    if (name === '') refuse('Groupname must not be empty')
    if (names.has(name)) refuse(`groupname: ${JSON.stringify(name)} is repeated in the same file`)
    names.add(name)
    const shared = labelsOf(fields.labels)
    return {
      name,
      file,
      intervalMs: durationOf(fields.interval, 0) || undefined,
      rules: listOf(fields.rules, 'rules').map((rule, n) =>
        ruleOf(fieldsOf(rule, 'rulefmt.Rule'), shared, `group ${JSON.stringify(name)}, rule ${n + 1}`),
      ),
    }
  })
}

function ruleOf(fields: Fields, shared: Labels, place: string): Rule {
  const { record, alert, expr } = fields
  const fail = (why: string): never => refuse(`${place}, ${JSON.stringify(String(alert ?? record ?? ''))}: ${why}`)
  if (record !== undefined && alert !== undefined) fail("only one of 'record' and 'alert' must be set")
  if (record === undefined && alert === undefined) fail("one of 'record' or 'alert' must be set")
  if (expr === undefined || String(expr).trim() === '') fail("field 'expr' must be set in rule")
  if (record !== undefined)
    for (const name of ['for', 'keep_firing_for', 'annotations'])
      if (fields[name] !== undefined) fail(`invalid field '${name}' in recording rule`)
  if (record !== undefined && !/^[a-zA-Z_:][\w:]*$/.test(String(record)))
    fail(`invalid recording rule name: ${String(record)}`)
  const labels = { ...shared, ...labelsOf(fields.labels) }
  for (const name of Object.keys(labels))
    if (name === '__name__' || !/^[a-zA-Z_]\w*$/.test(name)) fail(`invalid label name: ${name}`)
  const text = String(expr)
  let expression: Expression
  try {
    expression = parsePromql(text)
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    return fail(`could not parse expression: ${error.message}`)
  }
  return {
    kind: record === undefined ? 'alerting' : 'recording',
    name: String(record ?? alert),
    text: text.trim(),
    expression,
    labels,
    annotations: labelsOf(fields.annotations),
    forMs: durationOf(fields.for, 0),
    keepMs: durationOf(fields.keep_firing_for, 0),
  }
}

function yamlOf(text: string): unknown {
  const read = readYaml(text)
  return 'error' in read ? refuse(read.error) : read.value
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    return refuse(error.message)
  }
}

function fieldsOf(value: unknown, type: keyof typeof known): Fields {
  if (value === undefined || value === null) return {}
  if (!isMap(value)) return refuse(`yaml: unmarshal errors:\n  cannot unmarshal ${typeof value} into ${type}`)
  for (const name of Object.keys(value))
    if (!known[type].has(name)) refuse(`yaml: unmarshal errors:\n  field ${name} not found in type ${type}`)
  return value as Fields
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : refuse(`yaml: unmarshal errors:\n  ${name}: expected a list`)
}

const labelsOf = (value: unknown): Labels =>
  Object.fromEntries(Object.entries(isMap(value) ? value : {}).map(([name, text]) => [name, String(text)]))

/** The same where nothing is as good as none said: an interval. */
const intervalOf = (value: unknown, otherwise: number): number => durationOf(value, otherwise) || otherwise

function durationOf(value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise
  const ms = parsePrometheusDuration(String(value))
  return ms ?? refuse(`not a valid duration string: ${JSON.stringify(String(value))}`)
}

const schemeOf = (value: unknown): 'http' | 'https' =>
  value === undefined || value === 'http'
    ? 'http'
    : value === 'https'
      ? 'https'
      : refuse(`podium: unknown scheme ${String(value)}`)
