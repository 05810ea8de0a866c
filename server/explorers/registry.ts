/** The explorers that a lesson may hold. */
export const explorerIds = ['pod-life'] as const
export type ExplorerId = (typeof explorerIds)[number]
