/** The definitions of the API, as `explain` shows them. */
import { findDocumented } from '../api/schema/schema.ts'
import type { SchemaSource } from './context.ts'

export const schemaSource: SchemaSource = { definition: findDocumented }
