/** Forms that several commands have in common: files, screens, what is typed, numbers. */
import { z } from 'zod'
import type { FileContent, SessionInput } from '../types.ts'

/** Text, or in base64 what is none. */
export const fileContent: z.ZodType<FileContent> = z.union([z.string(), z.strictObject({ base64: z.string() })])

/** The size of the screen that a keyboard comes with. */
export const keyboard = z.strictObject({ columns: z.int(), rows: z.int() })

export const sessionInput: z.ZodType<SessionInput> = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('write'), data: fileContent, connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('end'), connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('close'), connection: z.int().min(0).optional() }),
  z.strictObject({ act: z.literal('resize'), columns: z.int(), rows: z.int() }),
  z.strictObject({ act: z.literal('connect'), port: z.int() }),
])

/** Of an open session, or of a place in the log. */
export const number = z.int().min(0)

/** A number, or `{{param}}` that stands for one and is filled in before anything runs. */
export const numberOrParam = (): z.ZodNumber =>
  z.union([z.number(), z.string().regex(/^\{\{\w+\}\}$/, 'must be a number or {{param}}')]) as unknown as z.ZodNumber
