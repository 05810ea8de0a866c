/** What the server says of Endpoints. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, type Refusal, updateErrorsOf } from '../stored.ts'

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

const of = (subset: object) => ({ subsets: [{ addresses: [{ ip: '10.0.0.1' }], ...subset }] })
const at = (address: object) => of({ addresses: [address] })
const port = (...ports: object[]) => of({ ports: ports.map((one) => ({ protocol: 'TCP', port: 80, ...one })) })

const rows: Refusal[] = [
  { name: 'without subsets', part: {}, errors: [] },
  {
    name: 'of nobody',
    part: { subsets: [{ ports: [{ port: 80, protocol: 'TCP' }] }] },
    errors: ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  },
  { name: 'of nobody who is ready', part: { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] }, errors: [] },
  {
    name: 'of a name in place of an address',
    part: { subsets: [{ notReadyAddresses: [{ ip: 'web' }] }] },
    errors: [
      `subsets[0].notReadyAddresses[0].ip: Invalid value: "web": ${NO_IP}`,
      'subsets[0].notReadyAddresses[0].ip: Invalid value: "web": must be a valid IP address',
    ],
  },
  {
    name: 'without an address',
    part: at({}),
    errors: [
      `subsets[0].addresses[0].ip: Invalid value: "": ${NO_IP}`,
      'subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address',
    ],
  },
  ...(
    [
      ['0.0.0.0', 'may not be unspecified (0.0.0.0)'],
      ['127.0.0.9', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['::1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['169.254.1.1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
      ['224.0.0.5', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
    ] as const
  ).map(([ip, why]) => ({
    name: `of ${ip}`,
    part: at({ ip }),
    errors: [`subsets[0].addresses[0].ip: Invalid value: "${ip}": ${why}`],
  })),
  {
    name: 'with names that none can be',
    part: at({ ip: '10.0.0.1', hostname: 'a.b', nodeName: 'A' }),
    errors: [
      'subsets[0].addresses[0].hostname: Invalid value: "a.b": must not contain dots',
      `subsets[0].addresses[0].nodeName: Invalid value: "A": ${SUBDOMAIN}`,
    ],
  },
  { name: 'with a hostname and a node', part: at({ ip: '10.0.0.1', hostname: 'a', nodeName: 'a.b' }), errors: [] },
  { name: 'with a port without a name', part: port({}), errors: [] },
  {
    name: 'with two ports of which one has no name',
    part: port({ name: 'a' }, {}),
    errors: ['subsets[0].ports[1].name: Required value'],
  },
  {
    name: 'with a port that is none',
    part: port({ name: 'A', port: 0, protocol: 'ICMP', appProtocol: 'a b' }),
    errors: [
      `subsets[0].ports[0].name: Invalid value: "A": ${LABEL}`,
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
      "subsets[0].ports[0].appProtocol: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  },
]
for (const { name, part, errors } of rows)
  test(`Endpoints ${name}`, () => assert.deepEqual(errorsOf('endpoints', part), errors))

test('Endpoints are held to the same when they are changed', () => {
  const why = 'may not be unspecified (0.0.0.0)'
  assert.deepEqual(updateErrorsOf('endpoints', { before: of({}), after: at({ ip: '0.0.0.0' }) }), [
    `subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": ${why}`,
  ])
})
