/** Prometheus and Alertmanager in the attacker's cluster: queries, rules, discovery, relabelling, pages of metrics and routes that grow or never end. */
import { type Json, repeated, type Step, shortJson } from './input.ts'
import { quoted } from './line-grammar.ts'
import type { Draw } from './random.ts'
import { aMinute, applied, typed } from './steps.ts'
import { durations, goTemplates, names, regexes, strings } from './values.ts'

type Drawn = { about: string; steps: Step[] }

/** In double quotes, as PromQL and Go read them. */
const text = (of: string): string => JSON.stringify(of)

function drawQuery(draw: Draw): string {
  const regex = () => text(draw.oneOf(regexes))
  const any = '{__name__=~".+"}'
  const window = () => draw.oneOf(['[1ms]', '[1h:1ms]', '[100y:1s]', '[100y:0s]', '[9999999999y]', '[1h]'])
  const number = () => draw.oneOf(['-1', '0', '1e308', 'NaN', 'Inf', '99999999999999999999', '0x7fffffffffffffff'])
  return draw.oneOf([
    `${any}`,
    `count(${any}) by (${repeated(600, 'l#', ',')})`,
    `${any} * on() group_left() ${any}`,
    `${any} and on(__name__) ${any} or ${any} unless ${any}`,
    `sum_over_time(${any}${window()})`,
    `rate(${any}${window()})`,
    `max_over_time(max_over_time(max_over_time(up[1h:1s])[1h:1s])[1h:1s])`,
    `${repeated(12, 'max_over_time(')}up${repeated(12, '[1d:1s])')}`,
    `quantile_over_time(${number()}, up${window()})`,
    `topk(${number()}, ${any})`,
    `count_values(${text(draw.oneOf(names))}, ${any})`,
    `label_replace(up, "x", ${text(repeated(500, '$1'))}, "job", "(.*)")`,
    `${repeated(40, 'label_join(')}up${repeated(40, ', "x", "x", "x", "x", "job")')}`,
    `label_replace(up, "x", "$1", "job", ${regex()})`,
    `{__name__=~${regex()}}`,
    `up{${repeated(800, 'l#=~".*"', ',')}}`,
    `${repeated(2000, '(')}1${repeated(2000, ')')}`,
    `${repeated(3000, '-')}1`,
    `${repeated(2000, '1 + ')}1`,
    `${repeated(1500, '1 ^ ')}${number()}`,
    `${repeated(1000, 'up or ')}up`,
    `vector(${number()}) ${draw.oneOf(['%', '/', '^', '==bool', 'atan2'])} ${number()}`,
    `histogram_quantile(${number()}, ${any})`,
    `predict_linear(up[1h], ${number()})`,
    `up offset ${draw.oneOf(['99999999999y', '-99999y', '1ms'])} @ ${number()}`,
    `sort_by_label(${any}, ${repeated(300, '"l#"', ', ')})`,
    `absent(up{${repeated(500, 'l#="v"', ',')}})`,
    `day_of_month(vector(${number()}))`,
    `${text(repeated(6000, '\\'))}`,
    text(draw.oneOf(strings)),
  ])
}

/** What it reads is drawn; the first scrape job is itself, so that there is something to ask. */
function drawConfiguration(draw: Draw): { [file: string]: string } {
  const many = draw.oneOf([50, 500, 3000])
  const relabel = () =>
    draw.oneOf([
      `{regex: ${text(draw.oneOf(regexes))}, source_labels: [__address__], target_label: x}`,
      `{source_labels: [${repeated(many, '__address__', ', ')}], target_label: x}`,
      `{action: labelmap, regex: "(.*)", replacement: ${text(repeated(100, '$1'))}}`,
      `{action: hashmod, modulus: ${draw.oneOf(['0', '-1', '18446744073709551615', '1e99'])}, source_labels: [__address__], target_label: x}`,
      ...[`{action: labeldrop, regex: ".*"}`, `{action: drop, regex: ".*"}`, `{action: x}`],
      `{source_labels: [x], target_label: x, regex: "(.*)", replacement: "$1$1$1$1ab"}`,
    ])
  const relabels = `[${Array.from({ length: draw.oneOf([1, 3, 20]) }, relabel).join(', ')}]`
  const interval = draw.oneOf(['10s', '1s', '1ms', '0s', '99999y', 'x', draw.oneOf(durations)])
  const targets = draw.oneOf([
    ...[`["localhost:9090"]`, `[${repeated(many, '"localhost:9090"', ', ')}]`, `[${repeated(many, '"h#:80"', ', ')}]`],
    `["exposing:8000"]`,
    `[${text(draw.oneOf(names))}]`,
  ])
  const role = draw.oneOf(['pod', 'node', 'endpoints', 'endpointslice', 'service', 'ingress', 'x'])
  const job = draw.oneOf([
    `static_configs: [{targets: ${targets}, labels: {${repeated(draw.oneOf([1, 300]), 'l#: v', ', ')}}}], metric_relabel_configs: ${relabels}`,
    `static_configs: [{targets: ${targets}}], relabel_configs: ${relabels}`,
    `kubernetes_sd_configs: [{role: ${role}}], relabel_configs: ${relabels}`,
    `static_configs: [{targets: ${targets}}], params: {x: [${repeated(many, '"y"', ', ')}]}, metrics_path: ${text(draw.oneOf(strings))}`,
    `static_configs: [{targets: ${targets}}], sample_limit: -1, scrape_timeout: 99999y`,
  ])
  const expression = text(drawQuery(draw))
  const template = text(
    draw.oneOf([
      ...goTemplates,
      '{{ range query "up" }}{{ range query "up" }}{{ range query "up" }}x{{ end }}{{ end }}{{ end }}',
      '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}',
      `{{ reReplaceAll "a*" "aa" "${repeated(800, 'a')}" }}{{ humanize 1e400 }}`,
    ]),
  )
  const rule = draw.oneOf([
    `{record: "a", expr: ${expression}}`,
    `{record: "a", expr: 'label_replace({__name__=~"a|up"}, "x", "$1$1ab", "x", "(.*)")'}`,
    `{record: "a", expr: 'count_values("x", {__name__=~".+"}) or {__name__="a"}', labels: {${repeated(300, 'l#: v', ', ')}}}`,
    `{alert: A, expr: ${expression}, for: 1ms, annotations: {a: ${template}}}`,
    `{alert: A, expr: 'up', labels: {${repeated(200, 'l#: v', ', ')}}, annotations: {a: ${template}}}`,
    `{alert: A, expr: '{__name__=~".+"}', annotations: {${repeated(300, 'a#: "{{ $labels }}"', ', ')}}}`,
  ])
  return {
    'prometheus.yml': `global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: [${draw.oneOf(['rules.yml', '"*"', repeated(many, '"rules.yml"', ', ')])}]
alerting: {alertmanagers: [{static_configs: [{targets: ["alertmanager:9093"]}]}]}
scrape_configs:
  - {job_name: itself, static_configs: [{targets: ["localhost:9090"]}]}
  - {job_name: drawn, scrape_interval: ${interval}, ${job}}
`,
    'rules.yml': `groups: [{name: g, interval: ${draw.oneOf(['5s', '1ms', '0s'])}, rules: [${Array.from({ length: draw.oneOf([1, 10]) }, () => rule).join(', ')}]}]
`,
    'alertmanager.yml': `route: ${draw.oneOf([
      '{receiver: r, group_by: ["..."], group_wait: 1ms, group_interval: 1ms, repeat_interval: 1ms}',
      `{receiver: r, routes: [${repeated(many, '{receiver: r, continue: true}', ', ')}]}`,
      `${repeated(500, '{receiver: r, routes: [')}{receiver: r}${repeated(500, ']}')}`,
      `{receiver: r, matchers: [${repeated(many, '"a=~.*"', ', ')}]}`,
    ])}
receivers: [{name: r, webhook_configs: [{url: "http://prometheus:9090/x", max_alerts: -1}]}]
inhibit_rules: [${draw.oneOf(['', repeated(many, '{source_matchers: ["a=~.*"], target_matchers: ["a=~.*"], equal: [job]}', ', ')])}]
`,
  }
}

/** A page of metrics that a Pod gives, of so many lines. */
const exposing = (draw: Draw): string =>
  draw.oneOf([
    `i=0; while [ $i -lt 3000 ]; do echo "m$i{l=\\"$i\\"} $i"; i=$((i+1)); done`,
    `echo "m{l=\\"$(head -c 100000 /dev/zero | tr '\\0' a)\\"} 1"`,
    'head -c 1000000 /dev/zero | tr "\\0" "{"',
    'yes "m 1" | head -n 50000',
    'printf "m{a=\\"1\\",a=\\"2\\"} 1e999\\nm NaN 99999999999999999999\\n# TYPE m x\\n# TYPE m histogram\\nm_bucket{le=\\"x\\"} 1\\n"',
  ])

const container = (name: string, image: string, args: Json, port: number): string =>
  shortJson({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } } },
    spec: {
      containers: [{ name, image, args, volumeMounts: [{ name: 'files', mountPath: '/files' }] }],
      volumes: [{ name: 'files', configMap: { name: 'files' } }],
    },
  }) +
  '\n---\n' +
  shortJson({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
    spec: { selector: { app: name }, ports: [{ port }] },
  })

/** A cluster of Prometheus, Alertmanager and a Pod whose page of metrics the commands print. */
export function monitoring(files: { [file: string]: string }, commands: string): string {
  const page = `mkdir /www; { ${commands}; } > /www/metrics; exec httpd -f -p 8000 -h /www`
  return [
    shortJson({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'files' }, data: files }),
    container('prometheus', 'prom/prometheus', ['--config.file=/files/prometheus.yml'], 9090),
    container('alertmanager', 'prom/alertmanager', ['--config.file=/files/alertmanager.yml'], 9093),
    shortJson({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'exposing', labels: { app: 'exposing' } } },
      spec: { containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', page] }] },
    }),
    shortJson({
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'exposing' } },
      spec: { selector: { app: 'exposing' }, ports: [{ port: 8000 }] },
    }),
    shortJson({
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'all' } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    }),
  ].join('\n---\n')
}

/** A cluster with both programs and a minute of it; then what they are asked. */
export function drawMonitoring(draw: Draw): Drawn {
  const query = drawQuery(draw)
  const asked = draw.weighted<() => string>([
    [6, () => `exec prometheus -- promtool query instant http://localhost:9090 ${quoted(query)}`],
    [
      2,
      () =>
        `exec prometheus -- promtool query range http://localhost:9090 ${quoted(query)} --start=0 --end=${draw.oneOf(['9999999999', '0', '-1'])} --step=${draw.oneOf(['1ms', '1s', '99999h', '0s'])}`,
    ],
    [1, () => `exec prometheus -- promtool check ${draw.oneOf(['config', 'rules', 'metrics'])} /files/rules.yml`],
    [1, () => `exec prometheus -- promtool query series http://localhost:9090 --match=${quoted(query)}`],
    [1, () => `exec alertmanager -- amtool alert query ${quoted(`a=~${draw.oneOf(regexes)}`)}`],
    [
      1,
      () =>
        `exec alertmanager -- amtool silence add ${repeated(400, 'l#=~.*', ' ')} --comment=x --duration=${quoted(draw.oneOf(durations))}`,
    ],
    [1, () => `exec alertmanager -- amtool config routes test ${repeated(400, 'l#=v', ' ')}`],
    [1, () => `exec prometheus -- wget -qO- ${quoted(`localhost:9090/api/v1/query?query=${query}`)}`],
  ])()
  return {
    about: `Prometheus: ${asked.slice(0, 90)}`,
    steps: [applied(monitoring(drawConfiguration(draw), exposing(draw))), aMinute, typed(asked)],
  }
}
