/** The kinds that a CustomResourceDefinition adds to a cluster. */
import type { CustomConversion, Kind, StructuralSchema } from '../meta/kind.ts'
import { customKind, schemaOf } from './custom-kind.ts'
import { compareVersions } from './kube-version.ts'
import { type CustomResourceDefinition, isTrue } from './types.ts'

interface Kinds {
  served: readonly Kind[]
  stored: Kind | undefined
}

const known = new WeakMap<CustomResourceDefinition, Kinds>()

function kindsOf(definition: CustomResourceDefinition): Kinds {
  const found = known.get(definition)
  if (found) return found
  const versions = definition.spec.versions.toSorted((a, b) => compareVersions(a.name, b.name))
  const conversion = conversionOf(definition)
  const made = new Map(versions.map((version) => [version, customKind(definition, version, conversion)]))
  const storage = versions.find((version) => version.storage)
  const kinds = {
    served: versions.flatMap((version) => (version.served ? [made.get(version)!] : [])),
    stored: storage && made.get(storage),
  }
  known.set(definition, kinds)
  return kinds
}

function conversionOf({ spec }: CustomResourceDefinition): CustomConversion | undefined {
  const storage = spec.versions.find((version) => version.storage)
  if (!storage || spec.versions.length === 1) return undefined
  const apiVersionOf = ({ name }: { name: string }): string => `${spec.group}/${name}`
  const known = spec.versions.filter(({ served, storage }) => served || storage)
  const { strategy, webhook: { clientConfig, conversionReviewVersions = [] } = {} } = spec.conversion ?? {}
  return {
    storedAs: apiVersionOf(storage),
    schemas: new Map<string, StructuralSchema>(known.map((version) => [apiVersionOf(version), schemaOf(version)])),
    ...(strategy === 'Webhook' && clientConfig ? { webhook: { clientConfig, conversionReviewVersions } } : {}),
  }
}

/** A kind for each version that is served, the preferred first; none before the definition is established. */
export const servedKinds = (definition: CustomResourceDefinition): readonly Kind[] =>
  isTrue(definition, 'Established') ? kindsOf(definition).served : []

/** The kind in the version that its objects are stored in, served or not: for who looks after all objects. */
export const storedKind = (definition: CustomResourceDefinition): Kind | undefined =>
  isTrue(definition, 'Established') ? kindsOf(definition).stored : undefined
