/** The schema of an HTTPRoute. Source: sigs.k8s.io/gateway-api v1.6.1, config/crd/standard */
import type { JsonSchema, ValidationRule } from '../../../api/apiextensions/types.ts'
import {
  backendRefs,
  commonFilters,
  filterList,
  hostnames,
  namedMatches,
  parentRefs,
  routeStatus,
  totalMatches,
} from './routes.ts'
import {
  atomicList,
  headerName,
  integer,
  object,
  oneOf,
  port,
  rule,
  sectionName,
  setOf,
  text,
  withDefault,
} from './shapes.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

// ---------- filters ----------

const alone = (field: string, others: string): ValidationRule =>
  rule("!('*' in self && self.size() > 1)", `${field} cannot contain '*' alongside other ${others}`)

const cors = object({
  allowCredentials: { type: 'boolean' },
  allowHeaders: setOf(headerName, 64, alone('AllowHeaders', 'methods')),
  allowMethods: setOf(oneOf(...METHODS, '*'), 9, alone('AllowMethods', 'methods')),
  allowOrigins: setOf(
    text(1, 253, '(^\\*$)|(^(http(s)?):\\/\\/(((\\*\\.)?([a-zA-Z0-9\\-]+\\.)*[a-zA-Z0-9-]+|\\*)(:([0-9]{1,5}))?)$)'),
    64,
    alone('AllowOrigins', 'origins'),
  ),
  exposeHeaders: setOf(headerName, 64),
  maxAge: withDefault(integer(1), 5),
})

const pathModifierRules = ['replaceFullPath', 'replacePrefixMatch'].flatMap((field) => {
  const type = field[0].toUpperCase() + field.slice(1)
  return [
    rule(
      `self.type == '${type}' ? has(self.${field}) : true`,
      `${field} must be specified when type is set to '${type}'`,
    ),
    rule(`has(self.${field}) ? self.type == '${type}' : true`, `type must be '${type}' when ${field} is set`),
  ]
})

const pathModifier = object(
  {
    replaceFullPath: text(undefined, 1024),
    replacePrefixMatch: text(undefined, 1024),
    type: oneOf('ReplaceFullPath', 'ReplacePrefixMatch'),
  },
  ['type'],
  ...pathModifierRules,
)

const redirect = object({
  hostname: sectionName,
  path: pathModifier,
  port,
  scheme: oneOf('http', 'https'),
  statusCode: withDefault(oneOf(301, 302, 303, 307, 308), 302),
})

const filters = filterList(
  {
    CORS: cors,
    RequestHeaderModifier: commonFilters.RequestHeaderModifier,
    ResponseHeaderModifier: commonFilters.ResponseHeaderModifier,
    RequestMirror: commonFilters.RequestMirror,
    RequestRedirect: redirect,
    URLRewrite: object({ hostname: sectionName, path: pathModifier }),
    ExtensionRef: commonFilters.ExtensionRef,
  },
  [
    'RequestHeaderModifier',
    'ResponseHeaderModifier',
    'RequestMirror',
    'RequestRedirect',
    'URLRewrite',
    'ExtensionRef',
    'CORS',
  ],
  ['CORS', 'RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect', 'URLRewrite'],
  rule(
    "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))",
    'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
  ),
)

// ---------- matches ----------

const plainPath = (condition: string, message: string): ValidationRule =>
  rule(
    `(self.type in ['Exact','PathPrefix']) ? ${condition} : true`,
    `${message} when type one of ['Exact', 'PathPrefix']`,
  )
const lacks = (what: string): ValidationRule =>
  plainPath(`!self.value.contains('${what}')`, `must not contain '${what}'`)
const endsNotWith = (what: string): ValidationRule =>
  plainPath(`!self.value.endsWith('${what}')`, `must not end with '${what}'`)
const PATH_CHARACTERS = "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$"

const anyPath = { type: 'PathPrefix', value: '/' }

const path = withDefault(
  object(
    {
      type: withDefault(oneOf('Exact', 'PathPrefix', 'RegularExpression'), 'PathPrefix'),
      value: withDefault(text(undefined, 1024), '/'),
    },
    [],
    plainPath("self.value.startsWith('/')", "value must be an absolute path and start with '/'"),
    ...['//', '/./', '/../', '%2f', '%2F', '#'].map(lacks),
    ...['/..', '/.'].map(endsNotWith),
    rule(
      "self.type in ['Exact','PathPrefix'] || self.type == 'RegularExpression'",
      "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
    ),
    rule(
      `(self.type in ['Exact','PathPrefix']) ? self.value.matches(r"""${PATH_CHARACTERS}""") : true`,
      `must only contain valid characters (matching ${PATH_CHARACTERS}) for types ['Exact', 'PathPrefix']`,
    ),
  ),
  anyPath,
)

const matches = withDefault(
  atomicList(
    object({
      headers: namedMatches(4096),
      method: oneOf(...METHODS),
      path,
      queryParams: namedMatches(1024),
    }),
    { most: 64 },
  ),
  [{ path: anyPath }],
)

// ---------- rules ----------

const duration: JsonSchema = { type: 'string', pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' }

const timeouts = object(
  { backendRequest: duration, request: duration },
  [],
  rule(
    "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))",
    'backendRequest timeout cannot be longer than request timeout',
  ),
)

const ONE_PREFIX =
  "((size(self.matches) != 1 || !has(self.matches[0].path) || self.matches[0].path.type != 'PathPrefix') ? false : true)"
const replacesPrefix = (field: string): string =>
  `has(f.${field}) && has(f.${field}.path) && f.${field}.path.type == 'ReplacePrefixMatch' && has(f.${field}.path.replacePrefixMatch)`
const needsOnePrefix = 'filter with path.replacePrefixMatch, exactly one PathPrefix match must be specified'

/** Whoever replaces a prefix has to say which, once. */
const prefixRules = [
  ['When', 'RequestRedirect', 'requestRedirect'],
  ['When', 'URLRewrite', 'urlRewrite'],
  ['Within backendRefs, when', 'RequestRedirect', 'requestRedirect'],
  ['Within backendRefs, When', 'URLRewrite', 'urlRewrite'],
].map(([where, type, field]) => {
  const uses =
    where === 'When'
      ? `(has(self.filters) && self.filters.exists_one(f, ${replacesPrefix(field)}))`
      : `(has(self.backendRefs) && self.backendRefs.exists_one(b, (has(b.filters) && b.filters.exists_one(f, ${replacesPrefix(field)})) ))`
  return rule(`${uses} ? ${ONE_PREFIX} : true`, `${where} using ${type} ${needsOnePrefix}`)
})

const rules = withDefault(
  atomicList(
    object(
      { backendRefs: backendRefs(filters), filters, matches, name: sectionName, timeouts },
      [],
      rule(
        '(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true',
        'RequestRedirect filter must not be used together with backendRefs',
      ),
      ...prefixRules,
    ),
    { least: 1, most: 16 },
    totalMatches((n) => `self[${n}].matches.size()`),
  ),
  [{ matches: [{ path: anyPath }] }],
)

export const httpRouteFields: Record<string, JsonSchema> = {
  spec: object({ hostnames, parentRefs, rules }),
  status: routeStatus,
}
