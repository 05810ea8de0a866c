/**
 * Fields of a Pod behind feature gates that are off unless somebody turns them on: the server drops them without a word.
 * Source: dropDisabledFields in kubernetes/pkg/api/pod/util.go
 */
import type { Container } from '../pod-types.ts'

/** ContainerStopSignals, alpha: a container is stopped with the signal that its image names. */
export function dropStopSignal(container: Container): void {
  const { lifecycle } = container
  if (lifecycle?.stopSignal === undefined) return
  const { stopSignal: _, ...kept } = lifecycle
  if (Object.keys(kept).length > 0) container.lifecycle = kept
  else delete container.lifecycle
}
