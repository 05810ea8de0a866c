/** Whether a text is of a format of OpenAPI, as the server looks at it. Source: k8s.io/kube-openapi/pkg/validation/strfmt */
import { decodeBase64 } from './base64.ts'
import { rfc3339Problem } from './go-time.ts'

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => rfc3339Problem(text) === undefined,
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  byte: (text) => 'bytes' in decodeBase64(text),
  duration: (text) => /^[-+]?(\d+(\.\d*)?\s*(ns|us|µs|ms|s|m|h|d|w|[a-z]+)\s*)+$/i.test(text),
  email: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
  hostname: (text) =>
    /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*\.?$/.test(text),
  ipv4: (text) => /^(\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every((part) => Number(part) < 256),
  ipv6: (text) => text.includes(':') && URL.canParse(`http://[${text}]/`),
  cidr: (text) => /^[0-9a-fA-F:.]+\/\d{1,3}$/.test(text),
  mac: (text) => /^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/.test(text),
  uri: (text) => URL.canParse(text),
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
}

/** Formats that the server knows of and holds nothing against. Source: apiextensions-apiserver/pkg/apiserver/validation/formats.go */
const UNCHECKED_FORMATS: ReadonlySet<string> = new Set([
  ...['bsonobjectid', 'isbn', 'isbn10', 'isbn13', 'creditcard', 'ssn', 'hexcolor', 'rgbcolor', 'password'],
  ...['int32', 'int64', 'float', 'double', 'datetime', 'k8s-short-name', 'k8s-long-name'],
])

/** Whether the server does anything with the format; it warns of others. */
export const isKnownFormat = (format: string): boolean =>
  Object.hasOwn(FORMATS, format) || UNCHECKED_FORMATS.has(format)

/** Of a format that the server does not know, anything is. */
export const isOfFormat = (format: string, text: string): boolean =>
  !Object.hasOwn(FORMATS, format) || FORMATS[format](text)
