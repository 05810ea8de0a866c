/** What a writer says of the object that it means: which one of that name, and as it was when. Source: k8s.io/apiserver/pkg/storage Preconditions */
import { type Kind, resourceName } from '../../api/meta/kind.ts'
import type { KubeObject, ObjectKey } from '../../api/meta/object.ts'
import { conflict, type StatusError } from '../../api/meta/status-error.ts'
import { keyOf } from '../etcd-keys.ts'

interface Meant {
  uid?: string
  resourceVersion?: string
}

/** @throws StatusError 409 when there is another one of that name, or it has changed since */
export function checkPreconditions<T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey,
  { metadata }: T,
  { uid, resourceVersion }: Meant = {},
): void {
  const failed = (what: string, wanted: string, found: string): StatusError =>
    conflict(resourceName(kind), key.name, preconditionFailed(what, wanted, found))
  if (uid && uid !== metadata.uid) throw failed('UID', uid, metadata.uid)
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion)
}

const preconditionFailed = (what: string, wanted: string, found: string): string =>
  `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`

/**
 * The same of a deletion, which looks before it comes to the store. Source: BeforeDelete of k8s.io/apiserver/pkg/registry/rest/delete.go
 * @throws StatusError 409 when there is another one of that name, or it has changed since
 */
export function checkDeletion<T extends KubeObject>(
  { kind, group }: Kind<T>,
  key: ObjectKey,
  { metadata }: T,
  { uid, resourceVersion }: Meant = {},
): void {
  // The kind stands where the resource does otherwise.
  const what = group ? `${kind}.${group}` : kind
  const differs = (field: string, wanted: string, found: string, why: string): StatusError =>
    conflict(
      what,
      key.name,
      `the ${field} in the precondition (${wanted}) does not match the ${field} in record (${found}). The object might have been ${why}`,
    )
  if (uid && uid !== metadata.uid) throw differs('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw differs('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified')
}

/** An update of another object of that name, which the store refuses. @param found the UID of the one that is there; '' for none */
export function otherUid<T extends KubeObject>(
  kind: Kind<T>,
  key: ObjectKey,
  wanted: string,
  found: string,
): StatusError {
  const resource = resourceName(kind)
  const why = preconditionFailed('UID', wanted, found)
  return conflict(
    resource,
    key.name,
    `StorageError: invalid object, Code: 4, Key: ${keyOf(resource, key)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  )
}
