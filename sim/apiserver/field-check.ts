import type { Kind } from '../api/meta/kind.ts'

export interface FieldCheck {
  typeError?: string
  unknownFields: string[]
}

export function checkFields(_kind: Kind, _object: unknown): FieldCheck {
  return { unknownFields: [] }
}
