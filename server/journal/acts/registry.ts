/** All kinds of acts. */
import type { ActKind, ActOf } from '../act.ts'
import { answered } from './answered.ts'
import { bookmarked } from './bookmarked.ts'
import { noted } from './noted.ts'
import { read } from './read.ts'

const kinds = [answered, read, bookmarked, noted] as const

/** Any act, with the data of its kind. */
export type KnownAct = ActOf<(typeof kinds)[number]>

const byName = new Map<string, ActKind<string, never>>(kinds.map((kind) => [kind.name, kind as ActKind<string, never>]))

/** @returns undefined for a kind that this program does not know */
export const actKind = (name: string): ActKind<string, never> | undefined => byName.get(name)
