/** Reads form fields, which may be missing, single or repeated. */
import type { FileHandle } from 'node:fs/promises'
import type { Request } from 'express'

/** What a control for files was given. */
export interface FormFile {
  fileName: string
  bytes: Buffer
}

/** The same for a large file, which is on disk until the request has been answered. */
export interface SpooledFile {
  fileName: string
  length: number
  handle: FileHandle
}

export function field(req: Request, name: string): string {
  const value = (req.body as Record<string, unknown> | undefined)?.[name]
  if (typeof value === 'string') return value
  return Array.isArray(value) && typeof value[0] === 'string' ? value[0] : ''
}

export function fields(req: Request, name: string): string[] {
  const value = (req.body as Record<string, unknown> | undefined)?.[name]
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Undefined when none was chosen. */
export function fileField(req: Request, name: string): FormFile | undefined {
  const value = (req.body as Record<string, unknown> | undefined)?.[name] as Partial<FormFile> | undefined
  return Buffer.isBuffer(value?.bytes) && value.fileName ? (value as FormFile) : undefined
}

/** Undefined when none was chosen. */
export function spooledFileField(req: Request, name: string): SpooledFile | undefined {
  const value = (req.body as Record<string, unknown> | undefined)?.[name] as Partial<SpooledFile> | undefined
  return value?.handle !== undefined && value.fileName ? (value as SpooledFile) : undefined
}

export function query(req: Request, name: string): string {
  const value = (req.query as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}

/** Browsers send line ends as CRLF; manifests are kept with LF. */
export function textField(req: Request, name: string): string {
  return field(req, name).replace(/\r\n/g, '\n')
}

/** When it was typed, by the server's clock as the browser knew it; undefined for what is sent at once. */
export function begunAt(req: Request): number | undefined {
  const said = req.get('X-Begun-At') ?? ''
  return /^\d{10,15}$/.test(said) ? Number(said) : undefined
}
