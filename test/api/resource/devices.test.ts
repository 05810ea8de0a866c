import assert from 'node:assert/strict'
import test from 'node:test'
import { messageOf } from '../../../sim/api/meta/field-error.ts'
import type { Kind } from '../../../sim/api/meta/kind.ts'
import { deviceClasses } from '../../../sim/api/resource/device-class.ts'
import { deviceMatches } from '../../../sim/api/resource/device-selector.ts'
import { resourceClaims } from '../../../sim/api/resource/resource-claim.ts'
import { resourceClaimTemplates } from '../../../sim/api/resource/resource-claim-template.ts'
import { resourceSlices } from '../../../sim/api/resource/resource-slice.ts'
import type { Device, ResourceClaim, ResourceSlice } from '../../../sim/api/resource/types.ts'

function errorsOf(kind: unknown, spec: object): string[] {
  const { apiVersion, kind: name, isNamespaced, applyDefaults, validate } = kind as Kind
  const metadata = { name: 'a', ...(isNamespaced ? { namespace: 'default' } : {}) }
  const object = structuredClone({ apiVersion, kind: name, metadata, spec }) as never
  applyDefaults(object)
  return validate(object).map(messageOf)
}

const exactly = { deviceClassName: 'gpu' }
const claimOf = (request: object): object => ({ devices: { requests: [{ name: 'r', ...request }] } })
const at = 'spec.devices.requests[0]'
const claims: readonly [string, object, string[]][] = [
  ['what is right', claimOf({ exactly }), []],
  [
    'no kind of request',
    claimOf({}),
    [`${at}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`],
  ],
  [
    'both kinds of request',
    claimOf({ exactly, firstAvailable: [{ name: 'a', ...exactly }] }),
    [
      `${at}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
    ],
  ],
  ['no class', claimOf({ exactly: {} }), [`${at}.exactly.deviceClassName: Required value`]],
  [
    'a count below zero',
    claimOf({ exactly: { ...exactly, count: -1 } }),
    [`${at}.exactly.count: Invalid value: -1: must be greater than zero`],
  ],
  [
    'a count of all',
    claimOf({ exactly: { ...exactly, allocationMode: 'All', count: 2 } }),
    [`${at}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`],
  ],
  [
    'a mode that is none',
    claimOf({ exactly: { ...exactly, allocationMode: 'Some' } }),
    [`${at}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`],
  ],
  [
    'the same name twice',
    { devices: { requests: [1, 2].map(() => ({ name: 'r', exactly })) } },
    ['spec.devices.requests[1]: Duplicate value: "r"'],
  ],
  [
    'more requests than a claim may have',
    { devices: { requests: Array.from({ length: 33 }, (_, n) => ({ name: `r${n}`, exactly })) } },
    ['spec.devices.requests: Too many: 33: must have at most 32 items'],
  ],
  [
    'a selector without CEL',
    claimOf({ exactly: { ...exactly, selectors: [{}] } }),
    [`${at}.exactly.selectors[0].cel: Required value`],
  ],
  [
    'a field that no device has',
    claimOf({ exactly: { ...exactly, selectors: [{ cel: { expression: 'device.model == "a"' } }] } }),
    [
      `${at}.exactly.selectors[0].cel.expression: Invalid value: "device.model == \\"a\\"": compilation failed: ERROR: <input>:1:7: undefined field 'model'\n | device.model == "a"\n | ......^`,
    ],
  ],
  [
    'a constraint on a request that is not there',
    {
      ...claimOf({ exactly }),
      devices: {
        ...(claimOf({ exactly }) as { devices: object }).devices,
        constraints: [{ requests: ['x'], matchAttribute: 'a.b/c' }],
      },
    },
    [
      `spec.devices.constraints[0].requests[0]: Invalid value: "x": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
    ],
  ],
]
for (const [name, spec, want] of claims)
  test(`a claim with ${name}`, () => {
    assert.deepEqual(errorsOf(resourceClaims, spec), want)
    const inTemplate = want.map((text) => text.replace(/^spec/, 'spec.spec'))
    assert.deepEqual(errorsOf(resourceClaimTemplates, { spec }), inTemplate)
  })

test('a claim asks for one device unless it says more, and its spec stays', () => {
  const claim = { metadata: { name: 'a' }, spec: claimOf({ exactly: { ...exactly } }) } as unknown as ResourceClaim
  resourceClaims.applyDefaults(claim)
  assert.deepEqual(claim.spec.devices?.requests?.[0].exactly, { ...exactly, allocationMode: 'ExactCount', count: 1 })
  const changed = { ...claim, spec: {} }
  assert.match(
    messageOf(resourceClaims.validateUpdate(changed, claim).at(-1)!),
    /^spec: Invalid value: .*field is immutable$/,
  )
})

const slice = { driver: 'gpu.example.com', nodeName: 'n', pool: { name: 'n', generation: 1, resourceSliceCount: 1 } }
const oneOf = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const slices: readonly [string, object, string[]][] = [
  ['what is right', slice, []],
  ['no place', { ...slice, nodeName: undefined }, [`spec: Required value: ${oneOf}`]],
  [
    'two places',
    { ...slice, allNodes: true },
    [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${oneOf}, but multiple fields are set`],
  ],
  [
    'no slices in its pool',
    { ...slice, pool: { name: 'n' } },
    ['spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero'],
  ],
  [
    'an attribute without a value',
    { ...slice, devices: [{ name: 'd', attributes: { model: {} } }] },
    ['spec.devices[0].attributes[model]: Invalid value: "": exactly one value must be specified'],
  ],
  [
    'a version that is none',
    { ...slice, devices: [{ name: 'd', attributes: { driver: { version: '1.2' } } }] },
    [
      'spec.devices[0].attributes[driver].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
    ],
  ],
  [
    'a taint without effect',
    { ...slice, devices: [{ name: 'd', taints: [{ key: 'a' }] }] },
    ['spec.devices[0].taints[0].effect: Required value'],
  ],
  [
    'a device that says where it is',
    { ...slice, devices: [{ name: 'd', allNodes: true }] },
    [
      'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ],
  ],
]
for (const [name, spec, want] of slices)
  test(`a slice with ${name}`, () => assert.deepEqual(errorsOf(resourceSlices, spec), want))

test('a class passes configuration to a driver, and names an extended resource well', () => {
  assert.deepEqual(errorsOf(deviceClasses, { config: [{}], extendedResourceName: 'gpu' }), [
    'spec.config[0].opaque: Required value',
    'spec.extendedResourceName: Invalid value: "gpu": must be a valid extended resource name',
  ])
})

test('a taint says since when', () => {
  const tainted = {
    metadata: { name: 's' },
    spec: { ...slice, devices: [{ name: 'd', taints: [{ key: 'a', effect: 'None' }] }] },
  }
  resourceSlices.prepareForCreate(tainted as unknown as ResourceSlice, { now: '2026-01-01T00:00:00Z' } as never)
  assert.deepEqual(tainted.spec.devices[0].taints[0], { key: 'a', effect: 'None', timeAdded: '2026-01-01T00:00:00Z' })
})

const device: Device = {
  name: 'd',
  attributes: { model: { string: 'A100' }, 'pci.example.org/slot': { int: 3 }, ready: { bool: true } },
  capacity: { memory: { value: '40Gi' } },
}
const expressions: readonly [string, boolean][] = [
  ['device.driver == "gpu.example.com"', true],
  ['device.attributes["gpu.example.com"].model == "A100"', true],
  ['device.attributes["gpu.example.com"].model == "H100"', false],
  ['device.attributes["pci.example.org"].slot > 2', true],
  ['device.attributes["gpu.example.com"].ready', true],
  ['device.capacity["gpu.example.com"].memory.compareTo(quantity("20Gi")) >= 0', true],
  ['has(device.attributes["other.example.com"].model)', false],
]
for (const [expression, want] of expressions)
  test(`${expression} is ${want}`, () => assert.equal(deviceMatches({ expression }, device, 'gpu.example.com'), want))
test('what a device lacks cannot be read', () => {
  assert.throws(
    () =>
      deviceMatches({ expression: 'device.attributes["other.example.com"].model == "a"' }, device, 'gpu.example.com'),
    /no such key: model/,
  )
})
