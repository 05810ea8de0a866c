/** Acts as they are written, and as they are read again by this program or a newer one. */
import type { StoredAct } from '../storage/stored-acts.ts'
import { actKind, type KnownAct } from './acts/registry.ts'

export function toStored({ act, data, ...envelope }: KnownAct): StoredAct {
  return { ...envelope, act, v: actKind(act)!.version, data }
}

/** Why an act is left out of what is made of the others. It stays where it is. */
export class ActUnreadable extends Error {
  override readonly name = 'ActUnreadable'
}

/** @throws ActUnreadable for one of a newer program, or of another shape than its kind has */
export function fromStored({ v, ...stored }: StoredAct): KnownAct {
  const kind = actKind(stored.act)
  if (!kind || v > kind.version)
    throw new ActUnreadable(
      `act ${stored.id} is a "${stored.act}" of version ${v}, and this program knows ${kind ? `${kind.version} at most` : 'none of that name'}: start the newer program`,
    )
  let data = stored.data
  try {
    for (let version = v; version < kind.version; version++) data = kind.upgrades[version - 1]!(data)
  } catch (error) {
    throw new ActUnreadable(
      `act ${stored.id} is not of the shape of a "${stored.act}" of version ${v}: ${String(error)}`,
    )
  }
  const read = kind.schema.safeParse(data)
  if (read.success) return { ...stored, data: read.data } as KnownAct
  const [issue] = read.error.issues
  throw new ActUnreadable(
    `act ${stored.id} is no "${stored.act}": ${issue!.path.join('.') || 'its data'}: ${issue!.message}`,
  )
}
