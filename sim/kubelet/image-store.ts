/** The images of one node: which are there, and what their layers take of its disk. */
import type { ImageLayer } from '../images/layers.ts'
import type { Disk } from '../runtime/file-tree.ts'
import type { Image } from '../runtime/process.ts'
import type { ImageReference } from '../text/image-reference.ts'
import type { ImageRegistry } from './ports.ts'

export interface PulledImage {
  reference: ImageReference
  image: Image
  imageID: string
  /** The lowest first. */
  layers: readonly ImageLayer[]
  /** Of all its layers. */
  sizeBytes: number
}

/** An image in the status of a node: what it is called, and its size. */
export interface ListedImage {
  names: string[]
  sizeBytes: number
}

/** Images as a node's status lists them: the greatest first. */
export const listed = (images: readonly PulledImage[]): ListedImage[] =>
  images
    .map(({ reference, imageID, sizeBytes }) => ({ names: [imageID, reference.canonical], sizeBytes }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.names[1] < b.names[1] ? -1 : 1))

/** The image of a reference as a node has it once it is pulled. */
export function pulledImage(
  reference: ImageReference,
  image: Image,
  registry: Pick<ImageRegistry, 'digest' | 'layers'>,
): PulledImage {
  const layers = registry.layers(reference)
  return {
    reference,
    image,
    // What a container's status calls its image: `registry/repository@sha256:…`.
    imageID: `${reference.registry}/${reference.repository}@${registry.digest(reference)}`,
    layers,
    sizeBytes: layers.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** The images that are on a node from its start, by canonical reference. */
export interface FirstImages {
  readonly byName: ReadonlyMap<string, PulledImage>
  readonly listing: readonly ListedImage[]
}

export class ImageStore {
  private readonly disk: Disk
  /** Those of the start, which nodes share, until this one has others. */
  private images: ReadonlyMap<string, PulledImage>
  private ownImages: Map<string, PulledImage> | undefined
  /** As the status lists them; undefined until somebody asks after a change. */
  private listing: readonly ListedImage[] | undefined
  /** When an image was pulled. Those of the start were not. */
  private readonly pulledAtMs = new Map<string, number>()
  /** Layers that were pulled, by id: each lies on the disk once, whatever number of images holds it. */
  private readonly layersOnDisk = new Map<string, ImageLayer>()

  /** @param first what is there at first. Simplified: it takes no room on the disk. */
  constructor(first: FirstImages, disk: Disk) {
    this.images = first.byName
    this.listing = first.listing
    this.disk = disk
  }

  find(name: string): PulledImage | undefined {
    return this.images.get(name)
  }

  /** In no order that means anything; it may be changed meanwhile. */
  all(): PulledImage[] {
    return [...this.images.values()]
  }

  list(): readonly ListedImage[] {
    this.listing ??= listed(this.all())
    return this.listing
  }

  /** Undefined for an image that is there from the start. */
  pulledMs(name: string): number | undefined {
    return this.pulledAtMs.get(name)
  }

  /** The layers that no image on the node has. */
  missing({ layers }: PulledImage): ImageLayer[] {
    const missing = new Map(layers.map((layer) => [layer.id, layer]))
    for (const image of this.images.values()) {
      for (const { id } of image.layers) missing.delete(id)
      if (missing.size === 0) break
    }
    return [...missing.values()]
  }

  /** @throws FileError ENOSPC when its layers have no room on the disk */
  add(image: PulledImage, nowMs: number): void {
    const name = image.reference.canonical
    if (this.images.has(name)) return
    for (const layer of this.missing(image)) {
      this.disk.take(layer.bytes)
      this.layersOnDisk.set(layer.id, layer)
    }
    this.pulledAtMs.set(name, nowMs)
    this.own().set(name, image)
  }

  /** Deletes an image, and the layers that no other has. */
  remove(name: string): void {
    const image = this.images.get(name)
    if (!image) return
    this.own().delete(name)
    this.pulledAtMs.delete(name)
    for (const { id, bytes } of this.missing(image)) if (this.layersOnDisk.delete(id)) this.disk.give(bytes)
  }

  /** The images as a map of this node's own, to be changed. */
  private own(): Map<string, PulledImage> {
    this.ownImages ??= new Map(this.images)
    this.images = this.ownImages
    this.listing = undefined
    return this.ownImages
  }
}
