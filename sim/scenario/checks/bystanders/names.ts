/** How objects are called, and whose they are. */
import type { Kind } from '../../../api/meta/kind.ts'
import type { KubeObject } from '../../../api/meta/object.ts'

/** As patterns name it. */
export const calledIn = (kind: Kind, { metadata: { name, namespace } }: KubeObject, isOwn: boolean): string =>
  `${kind.isNamespaced && !isOwn ? `${namespace}/` : ''}${kind.kind}/${name}`

/** In all namespaces. */
export const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

/** It goes with its owner. */
export const isOwned = ({ metadata }: KubeObject): boolean => (metadata.ownerReferences?.length ?? 0) > 0

/** A static Pod, as its node shows it. */
export const isOfFiles = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined &&
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Node')
