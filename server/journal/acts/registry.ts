/** All kinds of acts. */
import type { ActKind, ActOf } from '../act.ts'
import { answered } from './answered.ts'
import { attemptBrought } from './attempt-brought.ts'
import { back } from './back.ts'
import { bookmarked } from './bookmarked.ts'
import { closed } from './closed.ts'
import { consented } from './consented.ts'
import { credited } from './credited.ts'
import { dailyBegan } from './daily-began.ts'
import { dailyBrought } from './daily-brought.ts'
import { dailyHandedIn } from './daily-handed-in.ts'
import { dailySeen } from './daily-seen.ts'
import { declined } from './declined.ts'
import { edited } from './edited.ts'
import { faultWithdrawn } from './fault-withdrawn.ts'
import { faulted } from './faulted.ts'
import { followed } from './followed.ts'
import { graded } from './graded.ts'
import { handedIn } from './handed-in.ts'
import { hinted } from './hinted.ts'
import { mockBegan } from './mock-began.ts'
import { mockBrought } from './mock-brought.ts'
import { mockHandedIn } from './mock-handed-in.ts'
import { mockJudged } from './mock-judged.ts'
import { mockRemoved } from './mock-removed.ts'
import { mockSaid } from './mock-said.ts'
import { mockSeen } from './mock-seen.ts'
import { multiplied } from './multiplied.ts'
import { noted } from './noted.ts'
import { onBreak } from './on-break.ts'
import { opened } from './opened.ts'
import { practised } from './practised.ts'
import { ran } from './ran.ts'
import { read } from './read.ts'
import { returned } from './returned.ts'
import { rewound } from './rewound.ts'
import { setAside } from './set-aside.ts'
import { shared } from './shared.ts'
import { started } from './started.ts'
import { taskGraded } from './task-graded.ts'
import { timeAsked } from './time-asked.ts'
import { undid } from './undid.ts'
import { verified } from './verified.ts'

const kinds = [
  ...([read, bookmarked, noted, answered, followed] as const),
  ...([opened, ran, edited, setAside, undid, closed, hinted, graded, verified, shared, attemptBrought] as const),
  ...([faulted, faultWithdrawn, rewound, returned] as const),
  ...([mockBegan, mockSaid, mockJudged, mockSeen, mockHandedIn, mockRemoved, mockBrought, taskGraded] as const),
  ...([dailyBegan, dailySeen, dailyHandedIn, dailyBrought] as const),
  ...([consented, declined, practised, started, onBreak, back, handedIn] as const),
  ...([credited, multiplied, timeAsked] as const),
] as const

/** Any act, with the data of its kind. */
export type KnownAct = ActOf<(typeof kinds)[number]>

const byName = new Map<string, ActKind<string, never>>(kinds.map((kind) => [kind.name, kind as ActKind<string, never>]))

/** @returns undefined for a kind that this program does not know */
export const actKind = (name: string): ActKind<string, never> | undefined => byName.get(name)
