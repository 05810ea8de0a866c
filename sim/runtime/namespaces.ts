/** Where a process is: its control group, and the namespaces that it sees the system by. Sources: cgroup_namespaces(7), namespaces(7) */

export type NamespaceType = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts'

/** By their inode numbers: processes with the same number share the namespace. */
export type Namespaces = Readonly<Record<NamespaceType, number>>

export interface ProcessPlace {
  /** From the root of the machine's tree of control groups: `/system.slice/kubelet.service`. */
  readonly cgroup: string
  /** Where its own view of that tree begins; '/' outside of containers. */
  readonly cgroupRoot: string
  readonly namespaces: Namespaces
}

/** Those that a machine starts with, numbered as lsns shows them on one. */
export const firstNamespaces: Namespaces = {
  mnt: 4026531832,
  net: 4026531833,
  time: 4026531834,
  cgroup: 4026531835,
  pid: 4026531836,
  user: 4026531837,
  uts: 4026531838,
  ipc: 4026531839,
}

/** Numbers of those that are made later. */
const FIRST_OWN = 4026532200

export class NamespaceNumbers {
  private next = FIRST_OWN

  /** The machine starts anew. */
  reset(): void {
    this.next = FIRST_OWN
  }

  /** New namespaces of these types, the rest as in `from`. */
  make(from: Namespaces, types: readonly NamespaceType[]): Namespaces {
    const made: Record<NamespaceType, number> = { ...from }
    for (const type of types) made[type] = this.next++
    return made
  }
}

export const namespaceTypes = Object.keys(firstNamespaces).sort() as readonly NamespaceType[]

/** A group's path as somebody sees it whose tree begins elsewhere: `/`, `/../other`. Source: cgroup_namespaces(7) */
export function cgroupSeenFrom(root: string, path: string): string {
  const [from, to] = [root, path].map((one) => one.split('/').filter(Boolean)) as [string[], string[]]
  let shared = 0
  while (shared < from.length && from[shared] === to[shared]) shared++
  return `/${[...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/')}`
}
