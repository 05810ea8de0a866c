/** Versions and what asks for a range of them. Source: github.com/Masterminds/semver/v3 */

export interface Version {
  major: number
  minor: number
  patch: number
  prerelease: string
  metadata: string
  /** As it was given. */
  original: string
}

const pattern =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

/** Characters of what is looked at. */
const longest = 500

/** Undefined for what is no version; `1.2` is one. */
export function parseVersion(text: string): Version | undefined {
  const found = text.length <= longest && pattern.exec(text)
  if (!found) return undefined
  const [, major, minor = '0', patch = '0', prerelease = '', metadata = ''] = found
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease, metadata, original: text }
}

export const printVersion = ({ major, minor, patch, prerelease, metadata }: Version): string =>
  `${major}.${minor}.${patch}${prerelease ? `-${prerelease}` : ''}${metadata ? `+${metadata}` : ''}`

/** Below, at or above zero; what stands behind `+` does not count. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease)
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const [one, other] = [a.split('.'), b.split('.')]
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const [x, y] = [one[at], other[at]]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    const [xNumber, yNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (xNumber && yNumber) return Number(x) - Number(y)
    if (xNumber !== yNumber) return xNumber ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}

type Test = (version: Version) => boolean

/** What a version is asked for: `^1.2`, `>=1.21.0-0`, `1.x || 2.1 - 3`. Undefined for what is no constraint. */
export function parseConstraint(text: string): Test | undefined {
  if (text.length > longest) return undefined
  const alternatives: Test[][] = []
  for (const either of text.split('||')) {
    const spaced = either.replace(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2').replace(/(=|!=|[<>]=?|=[<>]|~>?|\^)\s+/g, '$1')
    const tests: Test[] = []
    for (const part of spaced.split(/[\s,]+/).filter(Boolean)) {
      const test = parsePart(part)
      if (!test) return undefined
      tests.push(test)
    }
    if (tests.length === 0) return undefined
    alternatives.push(tests)
  }
  return (version) => alternatives.some((tests) => tests.every((test) => test(version)))
}

function parsePart(text: string): Test | undefined {
  const found =
    /^(=|!=|>=|<=|=>|=<|>|<|~>|~|\^)?v?(\*|[xX]|\d+)(?:\.(\*|[xX]|\d+))?(?:\.(\*|[xX]|\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(
      text,
    )
  if (!found) return undefined
  const [, operator = '', ...given] = found
  const numbers = given.slice(0, 3).map((part) => (part === undefined || /[*xX]/.test(part) ? undefined : Number(part)))
  const [major, minor, patch] = numbers
  const prerelease = given[3]?.slice(1) ?? ''
  const wanted: Version = {
    ...{ major: major ?? 0, minor: minor ?? 0, patch: patch ?? 0, prerelease, metadata: '', original: text },
  }
  // A version before its release is only meant by a constraint that names one.
  const allows =
    (test: Test): Test =>
    (version) =>
      (version.prerelease === '' || prerelease !== '') && test(version)
  const atLeast: Test = (version) => compareVersions(version, wanted) >= 0
  const below =
    (limit: Partial<Version>): Test =>
    (version) =>
      compareVersions({ ...version, prerelease: '' }, { ...wanted, minor: 0, patch: 0, prerelease: '', ...limit }) < 0
  const nextMinor = below({ minor: wanted.minor + 1 })
  const nextMajor = below({ major: wanted.major + 1 })
  const inRange = (): Test => {
    if (major === undefined) return () => true
    const limit = minor === undefined ? nextMajor : nextMinor
    return (version) => atLeast(version) && limit(version)
  }
  const isWhole = minor !== undefined && patch !== undefined
  switch (operator) {
    case '':
    case '=':
      return allows(isWhole ? (version) => compareVersions(version, wanted) === 0 : inRange())
    case '!=':
      return allows(isWhole ? (version) => compareVersions(version, wanted) !== 0 : (version) => !inRange()(version))
    case '>':
      return allows(
        isWhole
          ? (version) => compareVersions(version, wanted) > 0
          : (version) => atLeast(version) && !inRange()(version),
      )
    case '<':
      return allows((version) => compareVersions(version, wanted) < 0)
    case '>=':
    case '=>':
      return allows(atLeast)
    case '<=':
    case '=<':
      return allows(
        isWhole ? (version) => compareVersions(version, wanted) <= 0 : minor === undefined ? nextMajor : nextMinor,
      )
    case '~':
    case '~>':
      return allows(inRange())
    default: {
      if (major === undefined) return allows(() => true)
      const limit =
        wanted.major > 0 || minor === undefined
          ? nextMajor
          : wanted.minor > 0 || patch === undefined
            ? nextMinor
            : below({ minor: 0, patch: wanted.patch + 1 })
      return allows((version) => atLeast(version) && limit(version))
    }
  }
}
