/** What the server says of a CronJob; what it says of the Jobs stands with those. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, statusErrorsOf, updateErrorsOf } from '../../stored.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const jobs = (part: object = {}) => ({ jobTemplate: { spec: { template, ...part } } })
const cronJob = (part: object = {}) => ({ spec: { schedule: '*/5 * * * *', ...jobs(), ...part } })

const SCHEDULE = 'spec.schedule: Invalid value: '
const ZONE = 'spec.timeZone: Invalid value: '
const NO_ZONES = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
const JOB = 'spec.jobTemplate.spec'
const refused: Refusal[] = [
  ...['Forbid', 'Replace'].map((concurrencyPolicy) => ({
    name: `whose Jobs ${concurrencyPolicy} each other`,
    part: cronJob({ concurrencyPolicy }),
    errors: [],
  })),
  {
    name: 'whose Jobs wait for each other',
    part: cronJob({ concurrencyPolicy: 'Queue' }),
    errors: ['spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"'],
  },
  {
    name: 'that keeps nothing',
    part: cronJob({ startingDeadlineSeconds: 0, successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }),
    errors: [],
  },
  {
    name: 'with negative numbers and an unknown zone, told in the order of the fields',
    part: cronJob({
      startingDeadlineSeconds: -1,
      timeZone: '',
      concurrencyPolicy: 'Queue',
      successfulJobsHistoryLimit: -2,
      failedJobsHistoryLimit: -3,
    }),
    errors: [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      `${ZONE}"": timeZone must be nil or non-empty string`,
      'spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"',
      'spec.successfulJobsHistoryLimit: Invalid value: -2: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -3: must be greater than or equal to 0',
    ],
  },
  { name: 'without a schedule', part: cronJob({ schedule: '' }), errors: ['spec.schedule: Required value'] },
  {
    name: 'with a schedule of three fields',
    part: cronJob({ schedule: '0 9 *' }),
    errors: [`${SCHEDULE}"0 9 *": expected exactly 5 fields, found 3: [0 9 *]`],
  },
  ...['TZ=UTC 0 9 * * *', 'CRON_TZ=Europe/Berlin  0 9 * * *'].map((schedule) => ({
    name: `with a zone in its schedule, as in ${schedule}`,
    part: cronJob({ schedule }),
    errors: [`${SCHEDULE}"${schedule}": ${NO_ZONES}`],
  })),
  ...['Europe/Berlin', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires', 'UTC'].map((timeZone) => ({
    name: `in the zone ${timeZone}`,
    part: cronJob({ timeZone }),
    errors: [],
  })),
  ...['Mars/Base', 'Europe/', '/Berlin', '../UTC', './UTC', '-UTC', 'Europe/Ber lin', 'America/abcdefghijklmno'].map(
    (timeZone) => ({
      name: `in the zone ${timeZone}`,
      part: cronJob({ timeZone }),
      errors: [`${ZONE}"${timeZone}": unknown time zone ${timeZone}`],
    }),
  ),
  {
    name: 'in the zone of the server',
    part: cronJob({ timeZone: 'Local' }),
    errors: [`${ZONE}"Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones`],
  },
  {
    name: 'in the zone of the server, in small letters, which is no zone either',
    part: cronJob({ timeZone: 'local' }),
    errors: [
      `${ZONE}"local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones`,
      `${ZONE}"local": unknown time zone local`,
    ],
  },
  {
    name: 'whose Jobs are not valid',
    part: cronJob(jobs({ parallelism: -1 })),
    errors: [`${JOB}.parallelism: Invalid value: -1: must be greater than or equal to 0`],
  },
  {
    name: 'whose Jobs generate their selector, in as many words',
    part: cronJob(jobs({ manualSelector: false })),
    errors: [],
  },
  {
    name: 'whose Jobs have all one selector',
    part: cronJob(jobs({ manualSelector: true, selector: { matchLabels: { a: 'b' } } })),
    errors: [
      `${JOB}.selector: Invalid value: {"matchLabels":{"a":"b"}}: \`selector\` will be auto-generated`,
      `${JOB}.manualSelector: Unsupported value: true: supported values: "nil", "false"`,
    ],
  },
  { name: 'with a name of 52 characters', part: cronJob(), metadata: { name: 'x'.repeat(52) }, errors: [] },
  {
    name: 'with a name of 53 characters, to which its Jobs add eleven',
    part: cronJob(),
    metadata: { name: 'x'.repeat(53) },
    errors: [`metadata.name: Invalid value: "${'x'.repeat(53)}": must be no more than 52 characters`],
  },
  {
    name: 'without a namespace',
    part: cronJob(),
    metadata: { namespace: '' },
    errors: ['metadata.namespace: Required value'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a CronJob ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('cronjobs', part, metadata), errors))

const changes: RefusedChange[] = [
  {
    name: 'a zone that nobody knows, as before',
    before: cronJob({ timeZone: 'Mars/Base' }),
    after: cronJob({ timeZone: 'Mars/Base', suspend: true }),
    errors: [],
  },
  {
    name: 'a zone that nobody knows',
    before: cronJob({ timeZone: 'UTC' }),
    after: cronJob({ timeZone: 'Mars/Base' }),
    errors: [`${ZONE}"Mars/Base": unknown time zone Mars/Base`],
  },
  {
    name: 'no schedule',
    before: cronJob(),
    after: cronJob({ schedule: '' }),
    errors: ['spec.schedule: Required value'],
  },
  { name: 'no version', before: cronJob(), after: cronJob(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a CronJob with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('cronjobs', change), errors))

test('an update of the status of a CronJob names the version that it replaces', () =>
  assert.deepEqual(
    statusErrorsOf('cronjobs', { before: cronJob(), after: {}, metadata: NO_VERSION.metadata }),
    NO_VERSION.errors,
  ))
