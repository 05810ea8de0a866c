/** The explorers that a lesson may hold, a line each. */
import { podLife } from './pod-life.ts'
import type { ExplorerType } from './types.ts'

const types = { 'pod-life': podLife } satisfies Record<string, ExplorerType>

export type ExplorerId = keyof typeof types
export const explorerIds = Object.keys(types) as ExplorerId[]
export const explorerType = (id: ExplorerId): ExplorerType => types[id]
