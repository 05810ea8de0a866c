/** Selectors of devices: CEL over `device`. Source: k8s.io/dynamic-resource-allocation/cel/compile.go */
import { CompileError, compilePolicyExpression, type PolicyExpression } from '../cel/policy-expression.ts'
import { libraryType } from '../cel/signatures.ts'
import { BOOL, DYN, mapType, objectType, STRING } from '../cel/types.ts'
import { type FieldError, invalid, required, tooLong } from '../meta/field-error.ts'
import { listErrors } from './lists.ts'
import type { Device, DeviceAttribute, DeviceSelector } from './types.ts'

const MOST_SELECTORS = 32
const LONGEST_EXPRESSION = 10 * 1024

const byDomain = (values: typeof DYN) => mapType(STRING, mapType(STRING, values))
const DEVICE = objectType('kubernetes.DRADevice', {
  driver: STRING,
  allowMultipleAllocations: BOOL,
  attributes: byDomain(DYN),
  capacity: byDomain(libraryType('Quantity')),
})
const NAMES = new Set(['device'])

const compile = (text: string): PolicyExpression => compilePolicyExpression(text, NAMES, { types: { device: DEVICE } })

export const selectorErrors = (selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] =>
  listErrors(selectors, MOST_SELECTORS, path, ({ cel }, at) => {
    if (!cel) return [required(`${at}.cel`)]
    const { expression = '' } = cel
    if (expression.length > LONGEST_EXPRESSION) return [tooLong(`${at}.cel.expression`, LONGEST_EXPRESSION)]
    try {
      compile(expression)
      return []
    } catch (error) {
      if (error instanceof CompileError) return [invalid(`${at}.cel.expression`, expression, error.message)]
      throw error
    }
  })

type CelSelector = NonNullable<DeviceSelector['cel']>

/** Stored objects do not change, and every device of every node is asked about. */
const compiled = new WeakMap<CelSelector, PolicyExpression>()

/**
 * Whether the expression says yes to the device.
 * @throws Error with the reason in words, such as `no such key: memory`
 */
export function deviceMatches(selector: CelSelector, device: Device, driver: string): boolean {
  const expression = compiled.get(selector) ?? compile(selector.expression)
  compiled.set(selector, expression)
  const found = expression.evaluate({ device: celDevice(device, driver) as never })
  if (typeof found !== 'boolean') throw new Error('CEL result could not be converted to bool')
  return found
}

/** A domain of which the device has nothing is empty, not absent. */
class Domains extends Map<string, Map<string, unknown>> {
  override get(domain: string): Map<string, unknown> {
    return super.get(domain) ?? new Map()
  }
  override has(): boolean {
    return true
  }
}

function celDevice({ attributes = {}, capacity = {}, allowMultipleAllocations = false }: Device, driver: string) {
  const byDomain = (values: readonly (readonly [string, unknown])[]): Domains => {
    const domains = new Domains()
    for (const [name, value] of values) {
      const [domain, id] = name.includes('/') ? name.split('/', 2) : [driver, name]
      domains.set(domain, domains.get(domain).set(id, value))
    }
    return domains
  }
  return new Map<string, unknown>([
    ['driver', driver],
    ['allowMultipleAllocations', allowMultipleAllocations],
    ['attributes', byDomain(Object.entries(attributes).map(([name, attribute]) => [name, attributeValue(attribute)]))],
    [
      'capacity',
      byDomain(Object.entries(capacity).map(([name, { value }]) => [name, new Map([['@quantity', value]])])),
    ],
  ])
}

/** Simplified: a version is its text. */
function attributeValue({ int, bool, string, version, ints, bools, strings, versions }: DeviceAttribute): unknown {
  if (int !== undefined) return BigInt(int)
  return ints?.map(BigInt) ?? bools ?? strings ?? versions ?? bool ?? string ?? version
}
