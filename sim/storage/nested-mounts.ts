/** Volumes that are mounted inside of another one. */
import type { Container, Pod } from '../api/core/pod-types.ts'

/**
 * Where in a volume others are mounted: the kubelet makes these directories in what it writes itself, which nobody else could. Those that lie
 * inside of one that is found already are left to that one. Source: pkg/volume/util/nested_volumes.go
 */
export function nestedMountPoints(volume: string, { spec }: Pod): string[] {
  const all: readonly Container[] = [
    ...(spec.initContainers ?? []),
    ...spec.containers,
    ...((spec.ephemeralContainers ?? []) as readonly Container[]),
  ]
  const found = new Set<string>()
  for (const { volumeMounts = [] } of all) {
    if (volumeMounts.length < 2) continue
    const paths = volumeMounts.map(({ mountPath }) => mountPath.replace(/\/+$/, '')).sort()
    for (const { name, mountPath } of volumeMounts) {
      if (name !== volume) continue
      const base = `${mountPath.replace(/\/+$/, '')}/`
      const taken: string[] = []
      for (const path of paths) {
        if (!path.startsWith(base) || taken.some((before) => path.startsWith(before))) continue
        taken.push(`${path}/`)
        found.add(path.slice(base.length))
      }
    }
  }
  return [...found]
}
