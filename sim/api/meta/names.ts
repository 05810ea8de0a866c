/** Rules for names, labels and paths, worded as the API server words them. Source: k8s.io/apimachinery/pkg/util/validation */
import { charge } from '../../engine/work.ts'

/** Of looking at a key or a value: objects may have very many. */
const stepsOfName = 3

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${QUALIFIED_NAME})?`
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const HTTP_HEADER = '[-A-Za-z0-9]+'

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`)
const LABEL_1123_RULE = whole(LABEL_1123)
const LABEL_1035_RULE = whole(LABEL_1035)
const SUBDOMAIN_1123_RULE = whole(SUBDOMAIN_1123)
const QUALIFIED_NAME_RULE = whole(QUALIFIED_NAME)
const LABEL_VALUE_RULE = whole(LABEL_VALUE)
const CONFIG_KEY_RULE = whole(CONFIG_KEY)
const HTTP_HEADER_RULE = whole(HTTP_HEADER)
const PORT_NAME_RULE = /^[-a-z0-9]+$/

/** Too long a name. Labels are counted in bytes, in words of their own. */
const maxLengthMessage = (length: number, unit: 'characters' | 'bytes' = 'characters'): string =>
  `must be no more than ${length} ${unit}`

/** `<rule> (e.g. 'a', or 'b', regex used for validation is '…')`, with the doubled spaces of the original. */
function regexMessage(rule: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${pattern}')`
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`
}

/** What is wrong with a DNS label (RFC 1123): names of namespaces, containers, volumes. */
export function dnsLabelErrors(value: string): string[] {
  const errors = value.length > 63 ? [maxLengthMessage(63)] : []
  if (!LABEL_1123_RULE.test(value)) {
    errors.push(
      SUBDOMAIN_1123_RULE.test(value)
        ? 'must not contain dots'
        : regexMessage(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            LABEL_1123,
            'my-name',
            '123-abc',
          ),
    )
  }
  return errors
}

/** What is wrong with a DNS label (RFC 1035): names of resources, kinds and versions. */
export function dnsLabel1035Errors(value: string): string[] {
  const errors = value.length > 63 ? [maxLengthMessage(63)] : []
  if (!LABEL_1035_RULE.test(value))
    errors.push(
      regexMessage(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        LABEL_1035,
        'my-name',
        'abc-123',
      ),
    )
  return errors
}

/** What is wrong with a DNS subdomain (RFC 1123): names of most objects. */
export function dnsSubdomainErrors(value: string): string[] {
  const errors = value.length > 253 ? [maxLengthMessage(253)] : []
  if (!SUBDOMAIN_1123_RULE.test(value))
    errors.push(
      regexMessage(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        SUBDOMAIN_1123,
        'example.com',
      ),
    )
  return errors
}

const nameRule = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_NAME,
  'MyName',
  'my.name',
  '123-abc',
)

/** What is wrong with `name` or `prefix/name`: keys of labels and annotations, taints, finalizers. */
export function qualifiedNameErrors(value: string): string[] {
  charge(stepsOfName)
  const parts = value.split('/')
  if (parts.length > 2)
    return [`a valid label key ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const errors: string[] = []
  const name = parts.at(-1)!
  if (parts.length === 2) {
    if (parts[0] === '') errors.push('prefix part must be non-empty')
    else errors.push(...dnsSubdomainErrors(parts[0]).map((error) => `prefix part ${error}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (name.length > 63) errors.push(`name part ${maxLengthMessage(63, 'bytes')}`)
  if (!QUALIFIED_NAME_RULE.test(name)) errors.push(`name part ${nameRule}`)
  return errors
}

export function labelValueErrors(value: string): string[] {
  charge(stepsOfName)
  const errors = value.length > 63 ? [maxLengthMessage(63, 'bytes')] : []
  if (!LABEL_VALUE_RULE.test(value))
    errors.push(
      regexMessage(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        LABEL_VALUE,
        'MyValue',
        'my_value',
        '12345',
      ),
    )
  return errors
}

/** The rule since v1.34: any printable ASCII but `=`. */
export function relaxedEnvVarNameErrors(value: string): string[] {
  const errors = value === '' ? ['environment variable name must be non-empty'] : []
  if (/[^ -<>-~]/.test(value))
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  return errors
}

/** Keys of ConfigMaps and Secrets. */
export function configKeyErrors(value: string): string[] {
  const errors = value.length > 253 ? [maxLengthMessage(253)] : []
  if (!CONFIG_KEY_RULE.test(value))
    errors.push(
      regexMessage(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        CONFIG_KEY,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  return [...errors, ...pathLikeErrors(value)]
}

function pathLikeErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

export function httpHeaderErrors(value: string): string[] {
  return HTTP_HEADER_RULE.test(value)
    ? []
    : [regexMessage("a valid HTTP header must consist of alphanumeric characters or '-'", HTTP_HEADER, 'X-Header-Name')]
}

export const portNumberErrors = (port: unknown): string[] =>
  typeof port === 'number' && port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']

/** Names of ports (IANA service names). */
export function portNameErrors(name: string): string[] {
  const errors: string[] = []
  if (name.length > 15) errors.push(maxLengthMessage(15))
  if (!PORT_NAME_RULE.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)')
  if (name.includes('--')) errors.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export const isIPv4 = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) &&
  text.split('.').every((part) => Number(part) < 256 && String(Number(part)) === part)

export const isIPv6 = (text: string): boolean =>
  text.includes(':') &&
  /^[0-9a-fA-F:.]+$/.test(text) &&
  (text.match(/::/g) ?? []).length <= 1 &&
  (text.includes('::') ? text.split(':').length <= 8 + 1 : text.split(':').length === 8) &&
  text.split(':').every((group) => group.length <= 4 || isIPv4(group))

/** Source: parseIP of k8s.io/apimachinery/pkg/util/validation/ip.go, strict as since v1.36 */
export function ipErrors(text: string): string[] {
  if (isIPv4(text)) return []
  if (isIPv4(withoutLeadingZeros(text))) return ['must not have leading 0s']
  if (!isIPv6(text)) return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
  return /^::ffff:[\d.]+$/i.test(text) && text.includes('.') ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** Source: parseCIDR of k8s.io/apimachinery/pkg/util/validation/ip.go */
export function cidrErrors(text: string): string[] {
  const [, ip = '', length = ''] = /^(.*)\/(\d{1,3})$/.exec(text) ?? []
  const bits = isIPv4(ip) ? 32 : isIPv6(ip) ? 128 : -1
  if (Number(length) > bits || length === '') return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
  if (bits === 128) return []
  const address = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return address % 2 ** (32 - Number(length)) === 0 ? [] : ['must not have bits set beyond the prefix length']
}

/** What is an address when zeros in front of its numbers are read over. */
export const withoutLeadingZeros = (text: string): string => text.replace(/(^|\.)0+(?=\d)/g, '$1')

/** Addresses that mean something to one host only. */
export function specialAddressErrors(ip: string): string[] {
  if (ip === '0.0.0.0' || ip === '::') return [`may not be unspecified (${ip})`]
  if (ip.startsWith('127.') || ip === '::1') return ['may not be in the loopback range (127.0.0.0/8, ::1/128)']
  if (ip.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(ip))
    return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']
  if (ip.startsWith('224.0.0.') || /^ff02:/i.test(ip))
    return ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']
  return []
}

/** What is wrong with a name that may be any segment of a path: `system:node` is one. Source: pkg/api/validate/content IsPathSegmentName */
export function pathSegmentErrors(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

const SEARCH_DOMAIN = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*'
const SEARCH_DOMAIN_RULE = new RegExp(`^${SEARCH_DOMAIN}$`)

/** A domain in which names are looked for: of its labels underscores may be part. */
export function searchDomainErrors(value: string): string[] {
  charge(stepsOfName)
  const errors = value.length > 253 ? [maxLengthMessage(253)] : []
  if (!SEARCH_DOMAIN_RULE.test(value))
    errors.push(
      regexMessage(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        SEARCH_DOMAIN,
        'example.com',
      ),
    )
  return errors
}
