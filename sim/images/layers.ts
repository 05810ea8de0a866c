/** What images are made of: an image holds the layers of the one that it is built on, and one of its own. */
import type { Image } from '../runtime/process.ts'
import { type ImageReference, parseImageReference, remembering } from '../text/image-reference.ts'
import { findImage, imageDigest } from './registry.ts'

export interface ImageLayer {
  /** The same for all images that hold the layer. */
  id: string
  /** As it is transferred. Simplified: it takes as much on the disk, where a real one is unpacked. */
  bytes: number
}

/**
 * The layers of an image, the lowest first; none when no registry has it.
 * Simplified: tags that are one image in a real registry (`12`, `bookworm`) have a layer of their own each.
 * Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md
 */
export const layersOfImage = (reference: ImageReference): readonly ImageLayer[] => layersOf(reference.canonical)

const layersOf: (canonical: string) => readonly ImageLayer[] = remembering((canonical) => {
  const reference = parseImageReference(canonical)
  const image = findImage(canonical)
  if (!image || typeof reference === 'string') return []
  const tag = tagOf(image, reference)
  const { base, sizeBytes } = builtOf(image, tag)
  const lower = base === undefined ? [] : layersOf(base)
  const own = { id: `${reference.repository}:${tag}`, bytes: sizeBytes - totalBytes(lower) }
  return [...lower, own]
})

export const totalBytes = (layers: readonly ImageLayer[]): number => layers.reduce((sum, { bytes }) => sum + bytes, 0)

const tagOf = ({ tags }: Image, reference: ImageReference): string =>
  reference.tag ?? tags.find((tag) => imageDigest({ ...reference, tag }) === reference.digest) ?? 'latest'

/** What that tag is built on, and its size in all. */
function builtOf({ base, sizeBytes, variants = {} }: Image, tag: string): { base?: string; sizeBytes: number } {
  const words = tag.split('-')
  const variant = Object.keys(variants).find((word) => words.includes(word))
  return variant === undefined ? { base, sizeBytes } : variants[variant]
}
