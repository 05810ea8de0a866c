/** Who depends on whom, as ownerReferences tell. Source: kubernetes/pkg/controller/garbagecollector/graph_builder.go */
import type { KubeObject, OwnerReference } from '../../api/meta/object.ts'

export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/** An object, or one that a reference speaks of and that nobody has seen yet. */
export interface GraphNode {
  readonly uid: string
  apiVersion: string
  kind: string
  namespace: string
  name: string
  owners: readonly OwnerReference[]
  readonly dependents: Set<GraphNode>
  /** Known from references only. */
  isVirtual: boolean
  isBeingDeleted: boolean
  /** Waits, with the foreground finalizer, for its dependents to go. */
  isDeletingDependents: boolean
  /** Was seen going with the orphan finalizer, be it from the first or from a later deletion. */
  isOrphaningDependents: boolean
}

/** What a change of the graph asks to be looked at. */
export interface GraphListener {
  mayDelete(node: GraphNode): void
  mayOrphan(node: GraphNode): void
}

export class DependencyGraph {
  private readonly nodes = new Map<string, GraphNode>()
  private readonly listener: GraphListener

  constructor(listener: GraphListener) {
    this.listener = listener
  }

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid)
  }

  /** An object came or changed. */
  put(object: KubeObject): void {
    const { uid, ownerReferences = [] } = object.metadata
    const known = this.nodes.get(uid)
    if (!known && ownerReferences.length === 0 && !object.metadata.deletionTimestamp) {
      // Most objects: nobody's dependent, and in the graph only so that dependents find them.
      this.nodes.set(uid, nodeOf(object))
      return
    }
    const node = known ?? nodeOf(object)
    const owners = known ? known.owners : []
    if (!known) this.nodes.set(uid, node)
    else if (known.isVirtual) identify(known, object)
    node.owners = ownerReferences
    if (owners !== ownerReferences) this.relink(node, owners, ownerReferences)
    this.noteDeletion(node, object)
  }

  /** An object is gone, or never was. Its dependents may have to go, and an owner that waits for it may go on. */
  remove(uid: string): void {
    const node = this.nodes.get(uid)
    if (!node) return
    this.nodes.delete(uid)
    for (const owner of node.owners) this.nodes.get(owner.uid)?.dependents.delete(node)
    for (const dependent of node.dependents) this.listener.mayDelete(dependent)
    for (const reference of node.owners) {
      const owner = this.nodes.get(reference.uid)
      if (owner?.isDeletingDependents) this.listener.mayDelete(owner)
    }
  }

  private relink(node: GraphNode, before: readonly OwnerReference[], after: readonly OwnerReference[]): void {
    for (const reference of before) {
      const still = after.find(({ uid }) => uid === reference.uid)
      if (still && (still.blockOwnerDeletion || !reference.blockOwnerDeletion)) continue
      const owner = this.nodes.get(reference.uid)
      if (!still) owner?.dependents.delete(node)
      if (owner?.isDeletingDependents) this.listener.mayDelete(owner)
    }
    for (const reference of after) {
      if (before.some(({ uid }) => uid === reference.uid)) continue
      let owner = this.nodes.get(reference.uid)
      if (!owner) {
        owner = virtualNode(reference, node.namespace)
        this.nodes.set(owner.uid, owner)
        this.listener.mayDelete(owner)
      } else if (!owner.isVirtual && !refersTo(reference, node.namespace, owner)) {
        // Right uid, wrong name or namespace: such a reference is to nothing.
        this.listener.mayDelete(node)
      }
      owner.dependents.add(node)
    }
  }

  private noteDeletion(node: GraphNode, { metadata }: KubeObject): void {
    if (metadata.deletionTimestamp === undefined) return
    node.isBeingDeleted = true
    if (metadata.finalizers?.includes(ORPHAN) && !node.isOrphaningDependents) {
      node.isOrphaningDependents = true
      this.listener.mayOrphan(node)
    }
    if (metadata.finalizers?.includes(FOREGROUND) && !node.isDeletingDependents) {
      node.isDeletingDependents = true
      for (const dependent of node.dependents) this.listener.mayDelete(dependent)
      this.listener.mayDelete(node)
    }
  }
}

/** Whether the reference, held by an object in `namespace`, means this very object and not just its uid. */
const refersTo = (reference: OwnerReference, namespace: string, owner: GraphNode): boolean =>
  reference.kind === owner.kind &&
  reference.name === owner.name &&
  reference.apiVersion === owner.apiVersion &&
  (owner.namespace === '' || owner.namespace === namespace)

const nodeOf = (object: KubeObject): GraphNode => ({
  uid: object.metadata.uid,
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace: object.metadata.namespace ?? '',
  name: object.metadata.name,
  owners: object.metadata.ownerReferences ?? [],
  dependents: new Set(),
  isVirtual: false,
  isBeingDeleted: false,
  isDeletingDependents: false,
  isOrphaningDependents: false,
})

const virtualNode = (reference: OwnerReference, namespace: string): GraphNode => ({
  uid: reference.uid,
  apiVersion: reference.apiVersion,
  kind: reference.kind,
  namespace,
  name: reference.name,
  owners: [],
  dependents: new Set(),
  isVirtual: true,
  isBeingDeleted: false,
  isDeletingDependents: false,
  isOrphaningDependents: false,
})

function identify(node: GraphNode, object: KubeObject): void {
  node.apiVersion = object.apiVersion
  node.kind = object.kind
  node.namespace = object.metadata.namespace ?? ''
  node.name = object.metadata.name
  node.isVirtual = false
}
