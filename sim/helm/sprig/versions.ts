/** Sprig's functions over versions. Source: https://masterminds.github.io/sprig/semver.html */

import { CallError, goFunction as fn, type GoFunction } from '../../go-template/functions.ts'
import { GoStruct, typeName } from '../../go-template/values.ts'
import { compareVersions, parseConstraint, parseVersion, printVersion, type Version } from '../semver.ts'

function versionOf(text: string): Version {
  const version = parseVersion(text)
  if (!version) throw new CallError('invalid semantic version')
  return version
}

class GoVersion extends GoStruct {
  readonly version: Version
  constructor(version: Version) {
    super(
      '*semver.Version',
      {
        Major: BigInt(version.major),
        Minor: BigInt(version.minor),
        Patch: BigInt(version.patch),
        Prerelease: version.prerelease,
        Metadata: version.metadata,
        Original: version.original,
      },
      {
        String: { params: '', run: () => printVersion(version) },
        Compare: {
          params: 'any',
          run: (other: unknown) => {
            if (!(other instanceof GoVersion)) throw new CallError(`expected *semver.Version; got ${typeName(other)}`)
            return BigInt(Math.sign(compareVersions(version, other.version)))
          },
        },
      },
    )
    this.version = version
  }
}

export const versionFunctions: Readonly<Record<string, GoFunction>> = {
  semver: fn('string', (text: string) => new GoVersion(versionOf(text))),
  semverCompare: fn('string string', (constraint: string, text: string) => {
    const test = parseConstraint(constraint)
    if (!test) throw new CallError(`improper constraint: ${constraint}`)
    return test(versionOf(text))
  }),
}
