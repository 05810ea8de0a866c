/** What is simulated, told from the registries: the table that learners may look at, and nobody has to keep up to date. */
import { findResource, kinds } from './api/registry.ts'
import { controllers } from './controllers/registry.ts'
import { images } from './images/registry.ts'
import { etcdPrograms, nodePrograms } from './node-shell/registry.ts'
import { engineVersion, serverVersion } from './version.ts'

export interface SimulatedFacts {
  engineVersion: string
  kubernetes: string
  /** For each kind the fields that are accepted and have no effect. */
  kinds: { kind: string; apiVersion: string; plural: string; isNamespaced: boolean; notSimulated: string[] }[]
  controllers: string[]
  images: string[]
  /** What looks at a node itself, for who comes by ssh. */
  nodePrograms: string[]
}

export const simulated = (): SimulatedFacts => ({
  engineVersion,
  kubernetes: serverVersion,
  kinds: kinds.map(({ kind, apiVersion, plural, isNamespaced, notSimulated }) => ({
    kind,
    apiVersion,
    plural,
    isNamespaced,
    notSimulated: [...(notSimulated ?? [])],
  })),
  controllers: controllers.map((controller) => controller.name),
  images: imagesByRepository(),
  nodePrograms: [...nodePrograms, ...etcdPrograms].map(({ path }) => path),
})

/** The kind of a resource, by its plural, singular, short or kind's name. */
export const kindNamed = (resource: string): string | undefined => findResource(resource)?.kind

/** `nginx: 1.27, 1.26`: a line a repository, whose tags may be images of their own. */
function imagesByRepository(): string[] {
  const tags = new Map<string, string[]>()
  for (const image of images)
    for (const repository of image.repositories) tags.set(repository, [...(tags.get(repository) ?? []), ...image.tags])
  return [...tags].map(([repository, names]) => `${repository}: ${names.join(', ')}`)
}
