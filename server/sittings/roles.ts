/** Who may do what, in which state of a sitting: the one table. Pure. */
import type { SittingState } from './life.ts'

export const roles = [
  ...(['learner', 'participant', 'author', 'instructor', 'co-instructor'] as const),
  ...(['hiring-manager', 'reviewer', 'admin'] as const),
] as const
export type Role = (typeof roles)[number]

/** Those that an admin gives to an account; the others come from a sitting, or are everybody's. */
export const givenRoles = ['author', 'instructor', 'hiring-manager', 'reviewer', 'admin'] as const
export type GivenRole = (typeof givenRoles)[number]

/** What is so beside the role, and is shown by whoever asks. */
export type Fact =
  /** The sitting or the job is theirs. */
  | 'own'
  /** It is about themselves. */
  | 'self'
  /** The owner of the cluster agreed, a little while ago. */
  | 'consent'
  /** What is asked may be told by now. */
  | 'due'
  | 'submitted'
  /** They have sent their own score. */
  | 'scored'
  /** Everybody who scores has. */
  | 'all-scored'
  /** It is entered in the audit log. */
  | 'on-record'

interface Grant {
  if?: readonly Fact[]
  in?: readonly SittingState[]
}

const yes: Grant = {}
const going: readonly SittingState[] = ['open', 'paused', 'closing']
const before: readonly SittingState[] = ['draft', 'scheduled']
const over: readonly SittingState[] = ['closed', 'archived', 'erased']
const whenOwn: Grant = { if: ['own'] }
const whenSelf: Grant = { if: ['self'] }
const onRecord: Grant = { if: ['on-record'] }
const everybody: Readonly<Record<Role, Grant>> = Object.fromEntries(roles.map((role) => [role, yes])) as Record<
  Role,
  Grant
>

/** Lines are actions. Who is not named in one may not. */
const table = {
  /** Lessons, lists, help: what is the same for everybody. */
  browse: everybody,
  /** Answers, attempts, notes and sandboxes of one's own, and what becomes of them. */
  work: everybody,
  export: everybody,
  'delete-own-work': { ...everybody, participant: { in: over } },
  account: everybody,
  'create-sitting': { instructor: yes, 'hiring-manager': yes, admin: yes },
  /** Its plan, beginning and ending it, and who leads it too. */
  'lead-sitting': { instructor: whenOwn, 'hiring-manager': whenOwn, admin: yes },
  'pause-sitting': {
    ...{ instructor: { if: ['own'], in: going }, 'co-instructor': { in: going } },
    ...{ 'hiring-manager': { if: ['own'], in: going }, admin: { in: going } },
  },
  'see-wall': { instructor: yes, 'co-instructor': yes },
  'see-names': {
    ...{ participant: whenSelf, 'hiring-manager': whenOwn },
    ...{ reviewer: { if: ['scored'] }, admin: onRecord },
  },
  'watch-cluster': {
    ...{ participant: whenSelf, instructor: yes, 'co-instructor': yes },
    ...{ reviewer: { if: ['submitted'] }, admin: onRecord },
  },
  'type-in-cluster': {
    ...{ participant: whenSelf, instructor: { if: ['consent'], in: going } },
    ...{ 'co-instructor': { if: ['consent'], in: going } },
  },
  'fork-cluster': { participant: whenSelf, instructor: yes, 'co-instructor': yes, reviewer: { if: ['submitted'] } },
  /** Faults, hints, steps, broadcasts, polls. */
  'run-room': { instructor: { in: [...before, ...going] }, 'co-instructor': { in: [...before, ...going] } },
  /** The pages of an exercise that somebody is invited to, while it goes on and after. */
  'take-part': { participant: whenSelf },
  'ask-time': { participant: { if: ['self'], in: going } },
  'give-time': { instructor: yes, 'co-instructor': yes, 'hiring-manager': whenOwn, admin: yes },
  'see-solutions': {
    ...{ learner: { if: ['due'] }, participant: { if: ['due'] } },
    ...{ author: yes, instructor: yes, 'co-instructor': yes, reviewer: yes },
  },
  score: { instructor: yes, 'co-instructor': yes, reviewer: yes },
  'see-scores': {
    ...{ instructor: yes, 'co-instructor': yes },
    ...{ 'hiring-manager': { if: ['own', 'all-scored'] }, reviewer: { if: ['scored'] } },
    admin: { if: ['on-record', 'all-scored'] },
  },
  'see-report': {
    ...{ 'hiring-manager': { if: ['own', 'submitted'] }, reviewer: { if: ['submitted'] } },
    admin: { if: ['on-record', 'submitted'] },
  },
  /** Stored work graded again by a check that was changed: proposing it. */
  'draft-check': { author: yes, instructor: yes, 'hiring-manager': whenOwn, admin: yes },
  /** Questions with their keys, for other systems. */
  'export-questions': { author: yes, instructor: yes, admin: yes },
  'approve-check': { instructor: yes, 'hiring-manager': yes, admin: yes },
  'create-job': { 'hiring-manager': yes, admin: yes },
  'manage-job': { 'hiring-manager': whenOwn, admin: yes },
  'grant-roles': { admin: yes },
  'read-audit': { admin: yes },
  /** Which addresses outside are told of what happens here: they see across all jobs. */
  'manage-webhooks': { admin: yes },
} satisfies Record<string, Partial<Record<Role, Grant>>>

export type Action = keyof typeof table
export const actions = Object.keys(table) as readonly Action[]

/** @param state of the sitting that it is about; a learner's own practice is always open */
export function may(role: Role, action: Action, state: SittingState = 'open', facts: readonly Fact[] = []): boolean {
  const grant = grantOf(role, action)
  if (!grant) return false
  return (grant.if ?? []).every((fact) => facts.includes(fact)) && (grant.in ?? [state]).includes(state)
}

/** Whether there is anything of which they may: a page's door, before it is known what the page is about. */
export const mayEver = (role: Role, action: Action): boolean => grantOf(role, action) !== undefined

const grantOf = (role: Role, action: Action): Grant | undefined => (table[action] as Partial<Record<Role, Grant>>)[role]
