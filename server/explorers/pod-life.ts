/** The explorer of a Pod's life: settings of a form → manifest and steps of a scenario. Pure. */
import { msg, t } from '../i18n/translate.ts'
import type { PodHistory } from './pod-history.ts'
import { viewPodTimeline } from './pod-timeline.ts'
import { choice, type Field, type Fields, readFields, whole } from './settings.ts'
import type { ExplorerType, PodScenario } from './types.ts'

export const probeNames = ['readiness', 'liveness', 'startup'] as const
export type ProbeName = (typeof probeNames)[number]

export interface ProbeSettings {
  kind: 'none' | 'httpGet' | 'tcpSocket' | 'exec'
  delaySeconds: number
  periodSeconds: number
  failureThreshold: number
  /** Seconds after the container's start; undefined: never. */
  passesFrom: number | undefined
  failsFrom: number | undefined
}

export interface PodLifeSettings extends Record<ProbeName, ProbeSettings> {
  restartPolicy: 'Always' | 'OnFailure' | 'Never'
  /** undefined: until it is stopped. */
  runSeconds: number | undefined
  exitCode: number
  onTerm: 'ends' | 'ends-later' | 'ignores'
  /** For `ends-later`. */
  termSeconds: number
  graceSeconds: number
  deleteAt: number | undefined
  watchSeconds: number
}

const probeTitles: Record<ProbeName, string> = {
  readiness: msg('Readiness probe'),
  liveness: msg('Liveness probe'),
  startup: msg('Startup probe'),
}

const probeFields = (name: ProbeName): Record<string, Field> => ({
  [name]: choice(msg('How it asks'), 'none', {
    none: msg('No probe'),
    httpGet: 'httpGet',
    tcpSocket: 'tcpSocket',
    exec: 'exec',
  }),
  [`${name}-delay`]: whole(msg('Initial delay, s'), '0', 0, 300),
  [`${name}-period`]: whole(msg('Period, s'), '10', 1, 300),
  [`${name}-threshold`]: whole(msg('Failure threshold'), '3', 1, 100),
  [`${name}-pass`]: whole(msg('Passes from, s'), '0', 0, 600, msg('never')),
  [`${name}-fail`]: whole(msg('Fails from, s'), '', 1, 600, msg('never')),
})

export const podLifeFields: Fields = {
  run: whole(msg('Runs for, s'), '', 0, 600, msg('until stopped')),
  exit: whole(msg('Then exits with'), '0', 0, 255),
  term: choice(msg('On SIGTERM'), 'ends', {
    ends: msg('Ends at once'),
    'ends-later': msg('Ends after…'),
    ignores: msg('Ignores it'),
  }),
  'term-after': { ...whole(msg('Ends after, s'), '5', 1, 120), hint: msg('for “Ends after…”') },
  restart: choice(msg('Restart policy'), 'Always', { Always: 'Always', OnFailure: 'OnFailure', Never: 'Never' }),
  grace: whole(msg('Grace period, s'), '30', 0, 120),
  delete: whole(msg('Deleted at, s'), '', 1, 599, msg('not deleted')),
  watch: choice(msg('Watch for'), '120', {
    60: msg('1 minute'),
    120: msg('2 minutes'),
    300: msg('5 minutes'),
    600: msg('10 minutes'),
  }),
  ...probeFields('readiness'),
  ...probeFields('liveness'),
  ...probeFields('startup'),
}

export const podLife: ExplorerType = {
  fields: podLifeFields,
  groups: [
    { title: msg('The program'), controls: ['run', 'exit', 'term', 'term-after'] },
    { title: msg('The Pod'), controls: ['restart', 'grace', 'delete', 'watch'] },
    ...probeNames.map((name) => ({
      title: probeTitles[name],
      controls: Object.keys(probeFields(name)),
      unused: 'none',
    })),
  ],
  firstName: msg('A program that runs on'),
  read(given) {
    const { settings, ...read } = readPodLife(given)
    if (!settings) return { ...read, plan: undefined }
    const plan = {
      scenario: podLifeScenario(settings),
      pod: { namespace: 'default', name: 'life' },
      manifest: podLifeManifest(settings),
      view: (history: PodHistory) => viewPodTimeline(history, settings.deleteAt),
    }
    return { ...read, plan }
  },
}

interface ReadSettings {
  values: Record<string, string>
  problems: Record<string, string>
  settings: PodLifeSettings | undefined
}

/** A control that is not named has its first value. */
export function readPodLife(given: Readonly<Record<string, string | undefined>>): ReadSettings {
  const { values, problems } = readFields(podLifeFields, given)
  const number = (name: string) => Number(values[name])
  const optional = (name: string) => (values[name] === '' ? undefined : number(name))
  const isFine = (...names: string[]) => names.every((name) => !(name in problems))
  if (isFine('delete', 'watch') && values.delete !== '' && number('delete') >= number('watch'))
    problems.delete = t('must be before the end of the watched time, {n} s', { n: values.watch! })
  for (const name of probeNames) {
    const [pass, fail] = [`${name}-pass`, `${name}-fail`]
    if (values[name] === 'none' || !isFine(pass, fail) || values[fail] === '') continue
    if (values[pass] === '') problems[fail] = t('must be empty when it never passes')
    else if (number(fail) <= number(pass))
      problems[fail] = t('must be later than {n} s, when it passes', { n: values[pass]! })
  }
  if (Object.keys(problems).length > 0) return { values, problems, settings: undefined }
  const probe = (name: ProbeName): ProbeSettings => ({
    kind: values[name] as ProbeSettings['kind'],
    delaySeconds: number(`${name}-delay`),
    periodSeconds: number(`${name}-period`),
    failureThreshold: number(`${name}-threshold`),
    passesFrom: optional(`${name}-pass`),
    failsFrom: optional(`${name}-fail`),
  })
  const settings: PodLifeSettings = {
    restartPolicy: values.restart as PodLifeSettings['restartPolicy'],
    runSeconds: optional('run'),
    exitCode: number('exit'),
    onTerm: values.term as PodLifeSettings['onTerm'],
    termSeconds: number('term-after'),
    graceSeconds: number('grace'),
    deleteAt: optional('delete'),
    watchSeconds: number('watch'),
    readiness: probe('readiness'),
    liveness: probe('liveness'),
    startup: probe('startup'),
  }
  return { values, problems, settings }
}

export function podLifeScenario(settings: PodLifeSettings): PodScenario {
  const steps: PodScenario['steps'] = [{ at: 0, apply: podLifeManifest(settings) }]
  if (settings.deleteAt !== undefined)
    steps.push({ at: settings.deleteAt, run: 'kubectl delete pod life --wait=false' })
  return {
    nodes: [{ name: 'node-1', cpu: '2', memory: '4Gi' }],
    absent: [],
    duration: settings.watchSeconds,
    steps,
  }
}

const tcpPorts: Record<ProbeName, number> = { readiness: 8081, liveness: 8082, startup: 8083 }

/** The Pod that behaves as the settings say, as a learner would write it. */
export function podLifeManifest(settings: PodLifeSettings): string {
  return [
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    '  name: life',
    'spec:',
    `  restartPolicy: ${settings.restartPolicy}`,
    `  terminationGracePeriodSeconds: ${settings.graceSeconds}`,
    '  containers:',
    '    - name: main',
    '      image: busybox:1.36',
    '      command:',
    '        - sh',
    '        - -c',
    '        - |',
    ...programOf(settings).map((line) => `          ${line}`),
    ...probeNames.flatMap((name) => probeLines(name, settings[name])).map((line) => `      ${line}`),
    '',
  ].join('\n')
}

/** A shell script: how it takes SIGTERM, what it answers to probes and when, how long it runs, how it ends. */
function programOf(settings: PodLifeSettings): string[] {
  const probes = probeNames.map((name) => ({ name, ...settings[name] })).filter(({ kind }) => kind !== 'none')
  const asksFiles = probes.some(({ kind }) => kind !== 'tcpSocket')
  const asksHttp = probes.some(({ kind }) => kind === 'httpGet')
  const trap = {
    ends: "trap 'exit 143' TERM",
    'ends-later': `trap 'sleep ${settings.termSeconds}; exit 143' TERM`,
    ignores: "trap '' TERM",
  }[settings.onTerm]
  return [
    trap,
    ...(asksFiles ? ['mkdir -p /tmp/www'] : []),
    ...probes.flatMap(({ name, kind, passesFrom, failsFrom }) => {
      if (passesFrom === undefined) return []
      const [on, off] =
        kind === 'tcpSocket'
          ? // -9: a child of a shell that ignores SIGTERM ignores it too.
            [`nc -lk -p ${tcpPorts[name]} -e true &`, 'kill -9 $!']
          : [`touch /tmp/www/${name};`, `rm /tmp/www/${name}`]
      if (passesFrom === 0 && failsFrom === undefined) return [on.replace(/;$/, '')]
      const wait = passesFrom === 0 ? '' : `sleep ${passesFrom}; `
      const stop = failsFrom === undefined ? '' : ` sleep ${failsFrom - passesFrom}; ${off};`
      return [`{ ${wait}${on}${stop} } &`]
    }),
    ...(asksHttp ? ['httpd -p 8080 -h /tmp/www'] : []),
    ...endOf(settings),
  ]
}

function endOf({ runSeconds, exitCode }: PodLifeSettings): string[] {
  // `wait` is broken off by a signal at once, a plain `sleep` would delay the trap to its end.
  if (runSeconds === undefined) return ['sleep 86400 & wait $!']
  return [...(runSeconds === 0 ? [] : [`sleep ${runSeconds} & wait $!`]), `exit ${exitCode}`]
}

function probeLines(name: ProbeName, probe: ProbeSettings): string[] {
  if (probe.kind === 'none') return []
  const handler = {
    httpGet: ['  httpGet:', `    path: /${name}`, '    port: 8080'],
    tcpSocket: ['  tcpSocket:', `    port: ${tcpPorts[name]}`],
    exec: ['  exec:', `    command: [test, -f, /tmp/www/${name}]`],
  }[probe.kind]
  return [
    `${name}Probe:`,
    ...handler,
    ...(probe.delaySeconds > 0 ? [`  initialDelaySeconds: ${probe.delaySeconds}`] : []),
    `  periodSeconds: ${probe.periodSeconds}`,
    `  failureThreshold: ${probe.failureThreshold}`,
  ]
}
