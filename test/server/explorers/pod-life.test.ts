import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type PodLifeSettings,
  podLifeFields,
  podLifeManifest,
  podLifeScenario,
  readPodLife,
} from '../../../server/explorers/pod-life.ts'
import { settingsQuery } from '../../../server/explorers/settings.ts'

function settingsOf(given: Record<string, string>): PodLifeSettings {
  const { settings, problems } = readPodLife(given)
  assert.deepEqual(problems, {})
  return settings!
}

/** The script of the container, a line each. */
function programOf(given: Record<string, string>): string[] {
  const [, script] = /- \|\n((?: {10}.*\n)+)/.exec(podLifeManifest(settingsOf(given)))!
  return script!
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
}

const programs: { name: string; given: Record<string, string>; want: string[] }[] = [
  {
    name: 'runs until it is stopped when nothing is set',
    given: {},
    want: ["trap 'exit 143' TERM", 'sleep 86400 & wait $!'],
  },
  {
    name: 'runs and exits as told',
    given: { run: '7', exit: '3' },
    want: ["trap 'exit 143' TERM", 'sleep 7 & wait $!', 'exit 3'],
  },
  { name: 'exits at once after 0 s', given: { run: '0', exit: '1' }, want: ["trap 'exit 143' TERM", 'exit 1'] },
  { name: 'ignores SIGTERM', given: { term: 'ignores' }, want: ["trap '' TERM", 'sleep 86400 & wait $!'] },
  {
    name: 'ends some seconds after SIGTERM',
    given: { term: 'ends-later', 'term-after': '9' },
    want: ["trap 'sleep 9; exit 143' TERM", 'sleep 86400 & wait $!'],
  },
  {
    name: 'answers http requests from one second to another',
    given: { readiness: 'httpGet', 'readiness-pass': '5', 'readiness-fail': '20' },
    want: [
      "trap 'exit 143' TERM",
      'mkdir -p /tmp/www',
      '{ sleep 5; touch /tmp/www/readiness; sleep 15; rm /tmp/www/readiness; } &',
      'httpd -p 8080 -h /tmp/www',
      'sleep 86400 & wait $!',
    ],
  },
  {
    name: 'answers commands from the start on, without a server',
    given: { liveness: 'exec' },
    want: ["trap 'exit 143' TERM", 'mkdir -p /tmp/www', 'touch /tmp/www/liveness', 'sleep 86400 & wait $!'],
  },
  {
    name: 'opens and closes a port for a TCP probe',
    given: { startup: 'tcpSocket', 'startup-pass': '4', 'startup-fail': '6' },
    want: [
      "trap 'exit 143' TERM",
      '{ sleep 4; nc -lk -p 8083 -e true & sleep 2; kill -9 $!; } &',
      'sleep 86400 & wait $!',
    ],
  },
  {
    name: 'never answers a probe that never passes',
    given: { liveness: 'tcpSocket', 'liveness-pass': '' },
    want: ["trap 'exit 143' TERM", 'sleep 86400 & wait $!'],
  },
]
for (const { name, given, want } of programs)
  test(`the program ${name}`, () => assert.deepEqual(programOf(given), want))

test('the manifest holds policy, grace period and the probes that are used, and no other', () => {
  const manifest = podLifeManifest(
    settingsOf({
      restart: 'OnFailure',
      grace: '7',
      liveness: 'exec',
      'liveness-delay': '3',
      'liveness-threshold': '2',
    }),
  )
  assert.match(manifest, /restartPolicy: OnFailure\n {2}terminationGracePeriodSeconds: 7\n/)
  assert.match(
    manifest,
    / {6}livenessProbe:\n {8}exec:\n {10}command: \[test, -f, \/tmp\/www\/liveness\]\n {8}initialDelaySeconds: 3\n {8}periodSeconds: 10\n {8}failureThreshold: 2\n$/,
  )
  assert.ok(!manifest.includes('readinessProbe') && !manifest.includes('startupProbe'))
})

test('the scenario deletes the Pod when told, and lasts as long as it is watched', () => {
  const { steps, duration } = podLifeScenario(settingsOf({ delete: '20', watch: '60' }))
  assert.deepEqual(
    steps.map(({ at, run }) => [at, run]),
    [
      [0, undefined],
      [20, 'kubectl delete pod life --wait=false'],
    ],
  )
  assert.equal(duration, 60)
  assert.equal(podLifeScenario(settingsOf({})).steps.length, 1)
})

const refusals: { given: Record<string, string>; control: string; message: RegExp }[] = [
  { given: { run: '-1' }, control: 'run', message: /a whole number from 0 to 600, or empty: until stopped/ },
  { given: { run: '601' }, control: 'run', message: /from 0 to 600/ },
  { given: { run: '1.5' }, control: 'run', message: /whole number/ },
  { given: { run: '1e3' }, control: 'run', message: /whole number/ },
  { given: { exit: '256' }, control: 'exit', message: /from 0 to 255$/ },
  { given: { exit: '' }, control: 'exit', message: /from 0 to 255$/ },
  { given: { exit: '0; reboot' }, control: 'exit', message: /whole number/ },
  { given: { restart: 'Allways' }, control: 'restart', message: /one of Always, OnFailure, Never/ },
  { given: { watch: '86400' }, control: 'watch', message: /one of 60, 120, 300, 600/ },
  { given: { grace: '121' }, control: 'grace', message: /from 0 to 120/ },
  { given: { delete: '60', watch: '60' }, control: 'delete', message: /before the end of the watched time, 60 s/ },
  { given: { readiness: 'grpc' }, control: 'readiness', message: /one of none, httpGet, tcpSocket, exec/ },
  { given: { 'liveness-period': '0' }, control: 'liveness-period', message: /from 1 to 300/ },
  {
    given: { liveness: 'exec', 'liveness-pass': '9', 'liveness-fail': '9' },
    control: 'liveness-fail',
    message: /later than 9 s/,
  },
  {
    given: { liveness: 'exec', 'liveness-pass': '', 'liveness-fail': '9' },
    control: 'liveness-fail',
    message: /empty when it never passes/,
  },
]
for (const { given, control, message } of refusals)
  test(`the settings ${JSON.stringify(given)} are refused`, () => {
    const { settings, problems, values } = readPodLife(given)
    assert.equal(settings, undefined)
    assert.deepEqual(Object.keys(problems), [control])
    assert.match(problems[control]!, message)
    assert.equal(values[control], given[control])
  })

test('a query names only what differs from the first state, and reads back as the same settings', () => {
  assert.equal(settingsQuery(podLifeFields, readPodLife({}).values), '')
  const given = { run: '2', exit: '1', restart: 'Always', 'readiness-pass': '' }
  const query = settingsQuery(podLifeFields, readPodLife(given).values)
  assert.equal(query, 'run=2&exit=1&readiness-pass=')
  assert.deepEqual(readPodLife(Object.fromEntries(new URLSearchParams(query))), readPodLife(given))
})

test('every control has a first value that is accepted', () => {
  assert.deepEqual(readPodLife({}).problems, {})
  assert.equal(Object.keys(podLifeFields).length, 26)
})
