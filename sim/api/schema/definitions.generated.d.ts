/** The table that scripts/extract-schema.mjs writes beside this file at install. */
import type { Schema } from './types.ts'

declare const definitions: Readonly<Record<string, Schema>>
export default definitions
