/** What a writer says of the object that it means: which one of that name, and as it was when. Source: k8s.io/apiserver/pkg/storage Preconditions */
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import { conflict, type StatusError } from '../../api/meta/status-error.ts'

/** @throws StatusError 409 when there is another one of that name, or it has changed since */
export function checkPreconditions<T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey,
  { metadata }: T,
  { uid, resourceVersion }: { uid?: string; resourceVersion?: string } = {},
): void {
  if (uid && uid !== metadata.uid) throw otherUid(kind, key, uid, metadata.uid)
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      resourceName(kind),
      key.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    )
}

/** @param found the UID of the one that is there; '' for none */
export const otherUid = <T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey,
  wanted: string,
  found: string,
): StatusError =>
  conflict(
    resourceName(kind),
    key.name,
    `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`,
  )
