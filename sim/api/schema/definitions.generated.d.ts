/** The table that scripts/extract-schema.mjs writes beside this file at install. */
import type { Schema } from './schema.ts'

declare const definitions: Readonly<Record<string, Schema>>
export default definitions
