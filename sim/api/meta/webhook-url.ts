/** URLs of webhooks. Source: k8s.io/apiserver/pkg/util/webhook/validation.go (ValidateWebhookURL), net/url of Go */
import { type FieldError, invalid, required } from './field-error.ts'

interface WebhookUrl {
  scheme: string
  user: string
  /** With the port, if it says one. */
  host: string
  path: string
  query: string
  fragment: string
}

/** The parts of a URL as it stands, each '' when it is not there. Simplified: nothing is unescaped. */
export function parseWebhookUrl(text: string): WebhookUrl {
  const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/su
  const [, scheme = '', user = '', host = '', path = '', query = '', fragment = ''] = parts.exec(text) ?? []
  return { scheme: scheme.toLowerCase(), user, host, path, query, fragment }
}

const FORM = '; desired format: https://host[/path]'

export function webhookUrlErrors(text: string, path: string): FieldError[] {
  const why = parseFailure(text)
  if (why) return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: ${why}${FORM}`)]
  const { scheme, host, user, fragment, query } = parseWebhookUrl(text)
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`)]),
    ...(host ? [] : [invalid(path, host, `host must be specified${FORM}`)]),
    ...(user ? [invalid(path, user, 'user information is not permitted in the URL')] : []),
    ...(fragment ? [invalid(path, fragment, 'fragments are not permitted in the URL')] : []),
    ...(query ? [invalid(path, query, 'query parameters are not permitted in the URL')] : []),
  ]
}

/** Why Go would not read it, if it is one of the reasons that people meet. */
function parseFailure(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return 'net/url: invalid control character in URL'
  if (text.startsWith(':')) return 'missing protocol scheme'
  const escaped = /%(?![0-9a-fA-F]{2}).{0,2}/u.exec(text.split('?')[0])?.[0]
  if (escaped !== undefined) return `invalid URL escape ${JSON.stringify(escaped)}`
  const { host } = parseWebhookUrl(text)
  if (host.includes(' ')) return 'invalid character " " in host name'
  const port = /:([^\]]*)$/.exec(host)?.[1] ?? ''
  return /^\d*$/.test(port) ? undefined : `invalid port ${JSON.stringify(`:${port}`)} after host`
}
