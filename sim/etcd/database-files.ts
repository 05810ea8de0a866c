/**
 * How many revisions the file of each member has room for: what compaction frees stays in it until it is defragmented. Source:
 * https://etcd.io/docs/v3.6/op-guide/maintenance/
 */

export class DatabaseFiles {
  private readonly defragmented = new Map<string, { readonly atRevision: number; readonly kept: number }>()

  /** @param revision of the store as the member has applied it */
  sizeOf(member: string, revision: number): number {
    const last = this.defragmented.get(member)
    return last ? last.kept + Math.max(0, revision - last.atRevision) : revision
  }

  /** @param kept revisions that are still needed */
  defragment(member: string, atRevision: number, kept: number): void {
    this.defragmented.set(member, { atRevision, kept })
  }
}
