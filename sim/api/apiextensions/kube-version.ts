/** The order of a group's versions. Source: k8s.io/apimachinery/pkg/version/helpers.go CompareKubeAwareVersionStrings */

const STAGES = { alpha: 0, beta: 1, '': 2 } as const

/** Stable ones first, then beta, then alpha; the higher number first; what is no such version last, by name. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)]
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor
}

function parse(version: string): { stage: number; major: number; minor: number } | undefined {
  const [, major, stage = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
  return major === undefined
    ? undefined
    : { stage: STAGES[stage as keyof typeof STAGES], major: Number(major), minor: Number(minor) }
}
