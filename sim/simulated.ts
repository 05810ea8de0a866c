/** What is simulated, told from the registries: the table that learners may look at, and nobody has to keep up to date. */
import { kinds } from './api/registry.ts'
import { controllers } from './controllers/registry.ts'
import { images } from './images/registry.ts'
import { engineVersion, serverVersion } from './version.ts'

export interface SimulatedFacts {
  engineVersion: string
  kubernetes: string
  /** For each kind the fields that are accepted and have no effect. */
  kinds: { kind: string; apiVersion: string; notSimulated: string[] }[]
  controllers: string[]
  images: string[]
}

export const simulated = (): SimulatedFacts => ({
  engineVersion,
  kubernetes: serverVersion,
  kinds: kinds.map(({ kind, apiVersion, notSimulated }) => ({
    kind,
    apiVersion,
    notSimulated: [...(notSimulated ?? [])],
  })),
  controllers: controllers.map((controller) => controller.name),
  images: images.flatMap((image) => image.repositories.map((repository) => `${repository}: ${image.tags.join(', ')}`)),
})
