/** Which release may follow which. Source: cmd/kubeadm/app/phases/upgrade/policy.go */
import { releases } from '../../../../version.ts'

const MINIMUM = 'v1.35.0'
/** Minor releases that an upgrade may take at once, and that a kubelet may be behind. */
const MOST_MINORS = 1
const MOST_BEHIND = 3

export interface SkewErrors {
  /** Nothing helps. */
  readonly mandatory: readonly string[]
  /** `--force` passes over them. */
  readonly skippable: readonly string[]
}

type Numbers = readonly [number, number, number]

/** `v1.36.2` as its numbers; undefined for what is no release. */
export function numbersOf(version: string): Numbers | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

export function isOlder(a: Numbers, b: Numbers): boolean {
  const at = a.findIndex((number, n) => number !== b[n])
  return at >= 0 && a[at]! < b[at]!
}

/** The newest that there is. */
export const stableRelease = releases.at(-1)!

/**
 * What speaks against bringing a cluster to a release.
 * @param wanted, cluster, kubeadm as `v1.36.2` @param kubelets likewise, of all nodes
 */
export function skewErrors(wanted: string, cluster: string, kubeadm: string, kubelets: Iterable<string>): SkewErrors {
  const [target, now, own] = [wanted, cluster, kubeadm].map((version) => numbersOf(version) ?? ([0, 0, 0] as const))
  const [, minor] = target!
  const mandatory: string[] = []
  const skippable: string[] = []
  const named = JSON.stringify(wanted)
  if (isOlder(target!, numbersOf(MINIMUM)!))
    mandatory.push(
      `Specified version to upgrade to ${named} is equal to or lower than the minimum supported version ${JSON.stringify(cluster)}. Please specify a higher version to upgrade to`,
    )
  if (minor > now![1] + MOST_MINORS)
    mandatory.push(
      `Specified version to upgrade to ${named} is too high; kubeadm can upgrade only ${MOST_MINORS} minor version at a time`,
    )
  if (minor < now![1] - MOST_MINORS)
    mandatory.push(
      `Specified version to downgrade to ${named} is too low; kubeadm can downgrade only ${MOST_MINORS} minor version at a time`,
    )
  if (isOlder(own!, target!)) {
    if (minor > own![1])
      mandatory.push(
        `Specified version to upgrade to ${named} is at least one minor release higher than the kubeadm minor release (${minor} > ${own![1]}). Such an upgrade is not supported`,
      )
    else
      skippable.push(
        `Specified version to upgrade to ${named} is higher than the kubeadm version ${JSON.stringify(kubeadm)}. Upgrade kubeadm first using the tool you used to install kubeadm`,
      )
  }
  if (own![1] > minor)
    skippable.push(`Kubeadm version ${kubeadm} can only be used to upgrade to Kubernetes version ${own![0]}.${own![1]}`)
  const tooOld = [...kubelets].filter((version) => minor > (numbersOf(version)?.[1] ?? 0) + MOST_BEHIND)
  if (tooOld.length > 0)
    skippable.push(`There are kubelets in this cluster that are too old that have these versions [${tooOld.join(' ')}]`)
  return { mandatory, skippable }
}
