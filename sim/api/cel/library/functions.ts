/** All functions that Kubernetes adds to CEL. Source: k8s.io/apiserver/pkg/cel/environment/base.go */
import { CelScalar, celMethod } from '@bufbuild/cel'
import { addressFunctions } from './addresses.ts'
import { authorizerFunctions } from './authorizer.ts'
import { formatFunctions } from './formats.ts'
import { listFunctions } from './lists.ts'
import { compareAsQuantities, quantityFunctions } from './quantities.ts'
import { regexFunctions } from './regexes.ts'
import { formatFunction } from './text-format.ts'
import { urlFunctions } from './urls.ts'
import { isOpaque, opaque } from './values.ts'
import { compareAsVersions, versionFunctions } from './versions.ts'

const compared = (a: unknown, b: unknown): number =>
  Math.sign(isOpaque('semver', a) ? compareAsVersions(a, b) : compareAsQuantities(a, b))

/** Of quantities and of versions. */
const comparisons = [
  celMethod('compareTo', opaque, [opaque], CelScalar.INT, function (other) {
    return BigInt(compared(this, other))
  }),
  celMethod('isGreaterThan', opaque, [opaque], CelScalar.BOOL, function (other) {
    return compared(this, other) > 0
  }),
  celMethod('isLessThan', opaque, [opaque], CelScalar.BOOL, function (other) {
    return compared(this, other) < 0
  }),
]

export const kubernetesFunctions = [
  ...listFunctions,
  ...quantityFunctions,
  ...versionFunctions,
  ...addressFunctions,
  ...urlFunctions,
  ...formatFunctions,
  ...regexFunctions,
  ...authorizerFunctions,
  ...comparisons,
  formatFunction,
]

/** What `undeclared reference` is not said of. */
export const kubernetesFunctionNames: ReadonlySet<string> = new Set(kubernetesFunctions.map(({ name }) => name))
