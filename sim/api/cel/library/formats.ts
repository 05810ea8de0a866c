/** Texts of a known form, and what is wrong with one. Source: k8s.io/apiserver/pkg/cel/library/format.go */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import { chargeText } from '../../../engine/work.ts'
import { parseRequestUri } from '../../../text/go-url.ts'
import {
  dnsLabel1035Errors,
  dnsLabelErrors,
  dnsSubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../meta/names.ts'
import { isOfFormat } from '../../meta/text-formats.ts'
import { optionalOf } from '../optionals.ts'
import { listFrom, opaque, opaqueOf, textOf } from './values.ts'

/** A prefix may end with a dash, as a whole name may not. */
const asPrefix =
  (errorsOf: (text: string) => string[]) =>
  (text: string): string[] =>
    errorsOf(text.length > 1 ? text.replace(/-$/, 'a') : text)

const ofFormat =
  (format: string, why: string) =>
  (text: string): string[] =>
    isOfFormat(format, text) ? [] : [why]

const FORMATS: Readonly<Record<string, (text: string) => string[]>> = {
  dns1123Label: dnsLabelErrors,
  dns1123Subdomain: dnsSubdomainErrors,
  dns1035Label: dnsLabel1035Errors,
  qualifiedName: qualifiedNameErrors,
  dns1123LabelPrefix: asPrefix(dnsLabelErrors),
  dns1123SubdomainPrefix: asPrefix(dnsSubdomainErrors),
  dns1035LabelPrefix: asPrefix(dnsLabel1035Errors),
  labelValue: labelValueErrors,
  uri(text) {
    try {
      parseRequestUri(text)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  },
  uuid: ofFormat('uuid', 'does not match the UUID format'),
  byte: ofFormat('byte', 'invalid base64'),
  date: ofFormat('date', 'invalid date'),
  datetime: ofFormat('date-time', 'invalid datetime'),
}

export const formatFunctions = [
  celFunc('format.named', [CelScalar.STRING], CelScalar.DYN, (name) =>
    optionalOf(Object.hasOwn(FORMATS, name) ? opaqueOf('format', name) : undefined),
  ),
  ...Object.keys(FORMATS).map((name) => celFunc(`format.${name}`, [], opaque, () => opaqueOf('format', name) as never)),
  celMethod('validate', opaque, [CelScalar.STRING], CelScalar.DYN, function (text) {
    chargeText(64 * text.length)
    const errors = FORMATS[textOf('format', this)]!(text)
    return optionalOf(errors.length === 0 ? undefined : listFrom(errors))
  }),
]
