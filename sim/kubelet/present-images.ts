/** What is on nodes before anything is pulled: the same for all nodes of a cluster, and kept once. */
import { parseImageReference } from '../text/image-reference.ts'
import { type FirstImages, type ListedImage, listed, type PulledImage, pulledImage } from './image-store.ts'
import type { ImageRegistry } from './ports.ts'

export class PresentImages implements FirstImages {
  /** By canonical reference. */
  readonly byName: ReadonlyMap<string, PulledImage>
  /** As a node's status lists them. */
  readonly listing: readonly ListedImage[]
  private readonly named: readonly (readonly [string, PulledImage])[]

  private constructor(named: PresentImages['named'], listing: (byName: PresentImages['byName']) => ListedImage[]) {
    this.named = named
    this.byName = new Map(named.map(([, image]) => [image.reference.canonical, image]))
    this.listing = listing(this.byName)
  }

  /** The images of these references; those that the registry does not have are left out. */
  static of(references: readonly string[], registry: Pick<ImageRegistry, 'find' | 'digest' | 'layers'>): PresentImages {
    const named: [string, PulledImage][] = []
    for (const text of references) {
      const reference = parseImageReference(text)
      const image = registry.find(text)
      if (!image || typeof reference === 'string') continue
      named.push([text, pulledImage(reference, image, registry)])
    }
    return new PresentImages(named, (byName) => listed([...byName.values()]))
  }

  /** The same without those of some references, written as they were given. */
  without(references: readonly string[]): PresentImages {
    const absent = new Set(references)
    const named = this.named.filter(([text]) => !absent.has(text))
    return new PresentImages(named, (byName) => this.listing.filter(({ names }) => byName.has(names[1])))
  }
}
