/** A cluster in a sentence, for who does not see the picture. Pure. */
import type { ClusterView } from '../labs/types.ts'

/** `3 nodes ready. 4 Pods: 3 ready, 1 CrashLoopBackOff.` */
export function summaryOf({ nodes, pods }: ClusterView): string {
  const ready = nodes.filter(({ tone }) => tone !== 'failing').length
  // What is well stands first.
  const words = new Map(pods.some(({ tone }) => tone === 'ready') ? [['ready', 0]] : [])
  for (const { tone, word } of pods) {
    const said = tone === 'ready' ? 'ready' : word === 'Running' ? 'not ready' : word
    words.set(said, (words.get(said) ?? 0) + 1)
  }
  const counts = [...words].map(([word, count]) => `${count} ${word}`).join(', ')
  const machines = ready === nodes.length ? `${nodes.length} ready` : `${ready} of ${nodes.length} ready`
  return `Nodes: ${machines}. Pods: ${counts || 'none'}.`
}
