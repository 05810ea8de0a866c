/** Which accounts have which roles, besides that of a learner. */
import type { GivenRole } from '../sittings/roles.ts'
import { createTurns } from '../storage/turns.ts'
import type { Account, StaffMember, Storage } from '../storage/types.ts'

export interface Staff {
  /** Of an account that is signed in. */
  rolesOf(account: Pick<Account, 'name' | 'learnerId'>): Promise<readonly GivenRole[]>
  /** Whoever has one, by name. */
  list(): Promise<readonly StaffMember[]>
  /** @param by an account; null for the operator at the command line. Given twice, it is there once. */
  grant(account: Account, role: GivenRole, by: string | null): Promise<void>
  /** @returns false when it is the last admin: there has to be one */
  revoke(name: string, role: GivenRole): Promise<boolean>
  /** All of an account's, which is being removed. @returns false when it is the last admin */
  remove(name: string): Promise<boolean>
}

export function createStaff({
  storage,
  now,
}: {
  storage: Pick<Storage, 'accounts' | 'staff'>
  now: () => number
}): Staff {
  // Two admins who take each other's role at once must not both succeed.
  const inTurn = createTurns()
  const only = <T>(act: () => Promise<T>): Promise<T> => inTurn('staff', act)
  const list = async (): Promise<StaffMember[]> => {
    const members = await Promise.all(
      (await storage.staff.list()).map(async (member) => {
        const account = await storage.accounts.find(member.account)
        return account?.learnerId === member.learnerId && member.roles.length > 0 ? member : undefined
      }),
    )
    return members.filter((member) => member !== undefined).sort((a, b) => (a.account < b.account ? -1 : 1))
  }
  const isLastAdmin = async (name: string): Promise<boolean> => {
    const admins = (await list()).filter(({ roles }) => roles.some(({ role }) => role === 'admin'))
    return admins.length === 1 && admins[0]!.account === name
  }
  return {
    rolesOf: async ({ name, learnerId }) => {
      const member = await storage.staff.find(name)
      return member?.learnerId === learnerId ? member.roles.map(({ role }) => role) : []
    },
    list,
    grant: ({ name, learnerId }, role, by) =>
      only(async () => {
        await storage.staff.update(name, (known) => {
          const roles = known?.learnerId === learnerId ? known.roles : []
          if (roles.some((one) => one.role === role)) return known!
          return { account: name, learnerId, roles: [...roles, { role, by, atMs: now() }] }
        })
      }),
    revoke: (name, role) =>
      only(async () => {
        if (role === 'admin' && (await isLastAdmin(name))) return false
        if (await storage.staff.find(name))
          await storage.staff.update(name, (known) => ({
            ...known!,
            roles: known!.roles.filter((one) => one.role !== role),
          }))
        return true
      }),
    remove: (name) =>
      only(async () => {
        if (await isLastAdmin(name)) return false
        await storage.staff.remove(name)
        return true
      }),
  }
}
