/** URLs. Source: k8s.io/apiserver/pkg/cel/library/urls.go */
import { CelScalar, celFunc, celMethod } from '@bufbuild/cel'
import { chargeText } from '../../../engine/work.ts'
import {
  escapedPathOf,
  type GoUrl,
  hostnameOf,
  parseRequestUri,
  parseUrl,
  portOf,
  queryOf,
} from '../../../text/go-url.ts'
import { isReadable, opaque, opaqueOf, textOf } from './values.ts'

/** @throws Error for what is no URL, or no absolute one */
function made(text: string) {
  chargeText(8 * text.length)
  try {
    parseRequestUri(text)
  } catch (error) {
    throw new Error(`URL parse error during conversion from string: ${(error as Error).message}`)
  }
  return opaqueOf('url', text) as never
}

const isUrl = (text: string): boolean => {
  chargeText(8 * text.length)
  return isReadable(() => parseRequestUri(text))
}

const parts: Readonly<Record<string, (url: GoUrl) => string>> = {
  getScheme: ({ scheme }) => scheme,
  getHost: ({ host }) => host,
  getHostname: hostnameOf,
  getPort: portOf,
  getEscapedPath: escapedPathOf,
}

const urlOf = (value: unknown): GoUrl => parseUrl(textOf('url', value))

export const urlFunctions = [
  celFunc('url', [CelScalar.STRING], opaque, made),
  celFunc('isURL', [CelScalar.STRING], CelScalar.BOOL, isUrl),
  ...Object.entries(parts).map(([name, part]) =>
    celMethod(name, opaque, [], CelScalar.STRING, function () {
      return part(urlOf(this))
    }),
  ),
  celMethod('getQuery', opaque, [], CelScalar.DYN, function () {
    return queryOf(urlOf(this)) as never
  }),
]
