/** Which build of the server runs. */

/** Put in by scripts/bundle-server.mjs. */
declare const PODIUM_BUILD: string | undefined

/** A fingerprint of the code and of what it was built with; undefined when it runs from its sources. */
export const buildId: string | undefined = typeof PODIUM_BUILD === 'undefined' ? undefined : PODIUM_BUILD
