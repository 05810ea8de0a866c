/** Semantic versions. Sources: k8s.io/apiserver/pkg/cel/library/semverlib.go, github.com/blang/semver */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import { isReadable, opaque, opaqueOf, textOf } from './values.ts'

interface Version {
  numbers: readonly bigint[]
  /** Before the release, part by part. */
  before: readonly string[]
}

const DIGITS = /^\d+$/
const WORD = /^[0-9A-Za-z-]+$/

/** @throws Error in the words of blang/semver */
function versionOf(text: string): Version {
  if (text === '') throw new Error('Version string empty')
  const parts = /^([^.]*)\.([^.]*)\.([\s\S]*)$/.exec(text)
  if (!parts) throw new Error('No Major.Minor.Patch elements found')
  const [, major = '', minor = '', rest = ''] = parts
  const [, patch = '', before, build] = /^([^+-]*)(?:-([^+]*))?(?:\+([\s\S]*))?$/.exec(rest) ?? []
  const numbers = [
    ['Major', major],
    ['Minor', minor],
    ['Patch', patch],
  ].map(([name = '', digits = '']) => {
    if (!DIGITS.test(digits))
      throw new Error(`Invalid character(s) found in ${name.toLowerCase()} number ${JSON.stringify(digits)}`)
    if (digits.length > 1 && digits.startsWith('0'))
      throw new Error(`${name} number must not contain leading zeroes ${JSON.stringify(digits)}`)
    if (BigInt(digits.slice(0, 21)) >= 2n ** 64n)
      throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(digits)}: value out of range`)
    return BigInt(digits)
  })
  for (const part of before?.split('.') ?? []) {
    if (part === '') throw new Error('Prerelease is empty')
    if (!WORD.test(part)) throw new Error(`Invalid character(s) found in prerelease ${JSON.stringify(part)}`)
    if (DIGITS.test(part) && part.length > 1 && part.startsWith('0'))
      throw new Error(`Numeric PreRelease version must not contain leading zeroes ${JSON.stringify(part)}`)
  }
  for (const part of build?.split('.') ?? []) {
    if (part === '') throw new Error('Build meta data is empty')
    if (!WORD.test(part)) throw new Error(`Invalid character(s) found in build meta data ${JSON.stringify(part)}`)
  }
  return { numbers, before: before?.split('.') ?? [] }
}

/** Without a `v`, with all three numbers, and those without zeros before them. @throws Error */
function normalized(text: string): string {
  const [major = '', minor, ...others] = text.replace(/^v/, '').split('.')
  const parts = [major, ...(minor === undefined ? [] : [minor]), ...(others.length > 0 ? [others.join('.')] : [])].map(
    (part) => {
      if (part.length < 2) return part
      const left = part.replace(/^0+/, '')
      return /^\d/.test(left) ? left : `0${left}`
    },
  )
  if (parts.length < 3) {
    if (/[+-]/.test(parts.at(-1)!)) throw new Error('short version cannot contain PreRelease/Build meta data')
    while (parts.length < 3) parts.push('0')
  }
  return parts.join('.')
}

/** Below 0, 0 or above: what comes before a release is less, number by number and then word by word. */
function compareVersions(a: Version, b: Version): number {
  for (const [n, number] of a.numbers.entries()) {
    const other = b.numbers[n]!
    if (number !== other) return number < other ? -1 : 1
  }
  if (a.before.length === 0 || b.before.length === 0)
    return a.before.length === b.before.length ? 0 : a.before.length === 0 ? 1 : -1
  for (const [n, part] of a.before.entries()) {
    const other = b.before[n]
    if (other === undefined) return 1
    if (part === other) continue
    const [isNumber, isOther] = [DIGITS.test(part), DIGITS.test(other)]
    if (isNumber !== isOther) return isNumber ? -1 : 1
    return (isNumber ? BigInt(part) < BigInt(other) : part < other) ? -1 : 1
  }
  return a.before.length === b.before.length ? 0 : -1
}

const read = (text: string, isTolerant = false): string => {
  const wanted = isTolerant ? normalized(text) : text
  versionOf(wanted)
  return wanted
}

const isVersion = (text: string, isTolerant?: boolean): boolean => isReadable(() => read(text, isTolerant))
const made = (text: string, isTolerant?: boolean) => opaqueOf('semver', read(text, isTolerant)) as never
const numberOf = (one: unknown, place: number): bigint => versionOf(textOf('semver', one)).numbers[place]!

export const versionFunctions = [
  celFunc('semver', [CelScalar.STRING], opaque, (text) => made(text)),
  celFunc('semver', [CelScalar.STRING, CelScalar.BOOL], opaque, (text, isTolerant) => made(text, isTolerant)),
  celFunc('isSemver', [CelScalar.STRING], CelScalar.BOOL, (text) => isVersion(text)),
  celFunc('isSemver', [CelScalar.STRING, CelScalar.BOOL], CelScalar.BOOL, (text, isTolerant) =>
    isVersion(text, isTolerant),
  ),
  ...(['major', 'minor', 'patch'] as const).map((name, place) =>
    celMethod(name, opaque, [], CelScalar.INT, function () {
      return numberOf(this, place)
    }),
  ),
]

/** Below 0, 0 or above. @throws Error for values of other types */
export const compareAsVersions = (a: unknown, b: unknown): number =>
  compareVersions(versionOf(textOf('semver', a)), versionOf(textOf('semver', b)))
