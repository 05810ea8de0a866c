/** By whom somebody is known elsewhere: the hash of a provider and of their id there leads to an account. */
import { z } from 'zod'
import type { DocumentKind } from './documents.ts'
import type { Store } from './store.ts'

const schema = z.object({
  /** The hash of issuer and subject. */
  key: z.string().min(1),
  account: z.string().min(1),
  /** Whose account it was then: a name that was given up and taken again is somebody else's. */
  learnerId: z.string().min(1),
  createdAtMs: z.number(),
})
export type OutsideIdentity = z.infer<typeof schema>

const kind: DocumentKind<OutsideIdentity> = {
  name: 'outside-identities',
  version: 1,
  upgrades: [],
  indexes: { account: ({ account }) => [account] },
  schema,
}

export interface OutsideIdentities {
  find(key: string): Promise<OutsideIdentity | undefined>
  /** @returns whose it is afterwards: the first that claims it has it, until `replaces` says that this one is nobody's */
  claim(identity: OutsideIdentity, replaces: (known: OutsideIdentity) => boolean): Promise<OutsideIdentity>
  ofAccount(account: string): Promise<string[]>
  removeOf(account: string): Promise<void>
}

export function createOutsideIdentities(store: Store): OutsideIdentities {
  const identities = store.documents(kind)
  return {
    find: (key) => identities.find(key),
    claim: (identity, replaces) =>
      identities.update(identity.key, (known) => (known && !replaces(known) ? known : identity)),
    ofAccount: (account) => identities.keysBy('account', account),
    removeOf: async (account) => {
      for (const key of await identities.keysBy('account', account)) await identities.remove(key)
    },
  }
}
