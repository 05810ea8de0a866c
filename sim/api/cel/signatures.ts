/**
 * The functions that expressions may call, with the types that they take and give. A dot in front: it is called on its first argument.
 * Sources: github.com/google/cel-go/common/stdlib/standard.go and ext, k8s.io/apiserver/pkg/cel/library
 */
import { type CelType, listType, mapType, optionalType, paramType, SIMPLE, typeType } from './types.ts'

export interface Signature {
  readonly isMethod: boolean
  readonly takes: readonly CelType[]
  readonly gives: CelType
  /** The names of what may be any type. */
  readonly params: readonly string[]
}

const NUMBERS = ['int', 'uint', 'double']
const ORDERED = [...['bool', 'string', 'bytes', 'timestamp', 'duration'].map((type) => [type, type])]
for (const left of NUMBERS) for (const right of NUMBERS) ORDERED.push([left, right])
const comparisons = ['_<_', '_<=_', '_>_', '_>=_'].flatMap((name) =>
  ORDERED.map(([left, right]) => `${name}(${left}, ${right}) bool`),
)

const SUMMED = ['int', 'uint', 'double', 'duration']
const lists = [...SUMMED, 'string', 'bool', 'bytes', 'timestamp'].flatMap((type) => [
  `.isSorted(list<${type}>) bool`,
  `.min(list<${type}>) ${type}`,
  `.max(list<${type}>) ${type}`,
  `.sort(list<${type}>) list<${type}>`,
  `.@sortByAssociatedKeys(list<A>, list<${type}>) list<A>`,
])

const PARTS_OF_TIME = [
  'FullYear',
  'Month',
  'Date',
  'DayOfMonth',
  'DayOfWeek',
  'DayOfYear',
  'Hours',
  'Minutes',
  'Seconds',
]
const times = [...PARTS_OF_TIME, 'Milliseconds'].flatMap((part) => [
  `.get${part}(timestamp) int`,
  `.get${part}(timestamp, string) int`,
])

const FORMATS = [
  ...['dns1123Label', 'dns1123Subdomain', 'dns1035Label', 'qualifiedName', 'dns1123LabelPrefix', 'labelValue'],
  ...['dns1123SubdomainPrefix', 'dns1035LabelPrefix', 'uri', 'uuid', 'byte', 'date', 'datetime'],
]

const LINES = [
  ...comparisons,
  ...lists,
  ...times,
  ...SUMMED.map((type) => `.sum(list<${type}>) ${type}`),
  ...['Hours', 'Minutes', 'Seconds', 'Milliseconds'].map((part) => `.get${part}(duration) int`),
  ...NUMBERS.flatMap((type) => ['_+_', '_-_', '_*_', '_/_'].map((name) => `${name}(${type}, ${type}) ${type}`)),
  ...['int', 'uint'].map((type) => `_%_(${type}, ${type}) ${type}`),
  ...['string', 'bytes', 'duration'].map((type) => `_+_(${type}, ${type}) ${type}`),
  ...FORMATS.map((name) => `format.${name}() Format`),
  ...`
_?_:_(bool, A, A) A
_&&_(bool, bool) bool
_||_(bool, bool) bool
!_(bool) bool
-_(int) int
-_(double) double
@not_strictly_false(bool) bool
_==_(A, A) bool
_!=_(A, A) bool
_+_(list<A>, list<A>) list<A>
_+_(duration, timestamp) timestamp
_+_(timestamp, duration) timestamp
_-_(duration, duration) duration
_-_(timestamp, duration) timestamp
_-_(timestamp, timestamp) duration
_[_](list<A>, int) A
_[_](map<A, B>, A) B
_[_](optional<list<A>>, int) optional<A>
_[_](optional<map<A, B>>, A) optional<B>
_[?_](list<A>, int) optional<A>
_[?_](map<A, B>, A) optional<B>
_[?_](optional<list<A>>, int) optional<A>
_[?_](optional<map<A, B>>, A) optional<B>
@in(A, list<A>) bool
@in(A, map<A, B>) bool
size(bytes) int
.size(bytes) int
size(list<A>) int
.size(list<A>) int
size(map<A, B>) int
.size(map<A, B>) int
size(string) int
.size(string) int
type(A) type<A>
bool(bool) bool
bool(string) bool
bytes(bytes) bytes
bytes(string) bytes
double(double) double
double(int) double
double(string) double
double(uint) double
duration(duration) duration
duration(int) duration
duration(string) duration
dyn(A) dyn
int(int) int
int(double) int
int(duration) int
int(string) int
int(timestamp) int
int(uint) int
string(string) string
string(bool) string
string(bytes) string
string(double) string
string(duration) string
string(int) string
string(timestamp) string
string(uint) string
string(IP) string
string(CIDR) string
timestamp(timestamp) timestamp
timestamp(int) timestamp
timestamp(string) timestamp
uint(uint) uint
uint(double) uint
uint(int) uint
uint(string) uint
.contains(string, string) bool
.endsWith(string, string) bool
.startsWith(string, string) bool
matches(string, string) bool
.matches(string, string) bool
.charAt(string, int) string
.indexOf(string, string) int
.indexOf(string, string, int) int
.lastIndexOf(string, string) int
.lastIndexOf(string, string, int) int
.lowerAscii(string) string
.upperAscii(string) string
.replace(string, string, string) string
.replace(string, string, string, int) string
.split(string, string) list<string>
.split(string, string, int) list<string>
.substring(string, int) string
.substring(string, int, int) string
.trim(string) string
.join(list<string>) string
.join(list<string>, string) string
.format(string, list<dyn>) string
strings.quote(string) string
.indexOf(list<A>, A) int
.lastIndexOf(list<A>, A) int
.find(string, string) string
.findAll(string, string) list<string>
.findAll(string, string, int) list<string>
url(string) URL
isURL(string) bool
.getScheme(URL) string
.getHost(URL) string
.getHostname(URL) string
.getPort(URL) string
.getEscapedPath(URL) string
.getQuery(URL) map<string, list<string>>
quantity(string) Quantity
isQuantity(string) bool
sign(Quantity) int
.isGreaterThan(Quantity, Quantity) bool
.isLessThan(Quantity, Quantity) bool
.compareTo(Quantity, Quantity) int
.asApproximateFloat(Quantity) double
.asInteger(Quantity) int
.isInteger(Quantity) bool
.add(Quantity, Quantity) Quantity
.add(Quantity, int) Quantity
.sub(Quantity, Quantity) Quantity
.sub(Quantity, int) Quantity
ip(string) IP
isIP(string) bool
ip.isCanonical(string) bool
.family(IP) int
.isUnspecified(IP) bool
.isLoopback(IP) bool
.isLinkLocalMulticast(IP) bool
.isLinkLocalUnicast(IP) bool
.isGlobalUnicast(IP) bool
cidr(string) CIDR
isCIDR(string) bool
.containsIP(CIDR, string) bool
.containsIP(CIDR, IP) bool
.containsCIDR(CIDR, string) bool
.containsCIDR(CIDR, CIDR) bool
.ip(CIDR) IP
.prefixLength(CIDR) int
.masked(CIDR) CIDR
format.named(string) optional<Format>
.validate(Format, string) optional<list<string>>
semver(string) Semver
semver(string, bool) Semver
isSemver(string) bool
isSemver(string, bool) bool
.isGreaterThan(Semver, Semver) bool
.isLessThan(Semver, Semver) bool
.compareTo(Semver, Semver) int
.major(Semver) int
.minor(Semver) int
.patch(Semver) int
sets.contains(list<A>, list<A>) bool
sets.equivalent(list<A>, list<A>) bool
sets.intersects(list<A>, list<A>) bool
optional.of(A) optional<A>
optional.ofNonZeroValue(A) optional<A>
optional.none() optional<A>
optional.unwrap(list<optional<A>>) list<A>
.unwrapOpt(list<optional<A>>) list<A>
.hasValue(optional<A>) bool
.value(optional<A>) A
.or(optional<A>, optional<A>) optional<A>
.orValue(optional<A>, A) A
.slice(list<A>, int, int) list<A>
.flatten(list<list<A>>) list<A>
.flatten(list<dyn>, int) list<dyn>
.reverse(list<A>) list<A>
.distinct(list<A>) list<A>
lists.range(int) list<int>
.first(list<A>) optional<A>
.last(list<A>) optional<A>
cel.@mapInsert(map<A, B>, map<A, B>) map<A, B>
cel.@mapInsert(map<A, B>, A, B) map<A, B>
jsonpatch.escapeKey(string) string
.path(Authorizer, string) PathCheck
.group(Authorizer, string) GroupCheck
.serviceAccount(Authorizer, string, string) Authorizer
.resource(GroupCheck, string) ResourceCheck
.subresource(ResourceCheck, string) ResourceCheck
.namespace(ResourceCheck, string) ResourceCheck
.name(ResourceCheck, string) ResourceCheck
.fieldSelector(ResourceCheck, string) ResourceCheck
.labelSelector(ResourceCheck, string) ResourceCheck
.check(PathCheck, string) Decision
.check(ResourceCheck, string) Decision
.allowed(Decision) bool
.reason(Decision) string
.errored(Decision) bool
.error(Decision) string
`
    .trim()
    .split('\n'),
]

const LIBRARY: Readonly<Record<string, string>> = {
  Authorizer: 'kubernetes.authorization.Authorizer',
  CIDR: 'net.CIDR',
  Decision: 'kubernetes.authorization.Decision',
  Format: 'kubernetes.NamedFormat',
  GroupCheck: 'kubernetes.authorization.GroupCheck',
  IP: 'net.IP',
  PathCheck: 'kubernetes.authorization.PathCheck',
  Quantity: 'kubernetes.Quantity',
  ResourceCheck: 'kubernetes.authorization.ResourceCheck',
  Semver: 'kubernetes.Semver',
  URL: 'kubernetes.URL',
}

/** A type of a library, such as `Quantity`. */
export const libraryType = (name: string): CelType => ({
  kind: 'object',
  name: LIBRARY[name]!,
  of: [],
  fields: new Map(),
})

/** Reads `map<string, list<A>>`, from a place on. */
function readType(text: string, params: Set<string>): CelType {
  const [, name = '', inner] = /^(\w+)(?:<(.*)>)?$/.exec(text)!
  const of = inner === undefined ? [] : apart(inner).map((one) => readType(one, params))
  if (name === 'list') return listType(of[0]!)
  if (name === 'map') return mapType(of[0]!, of[1]!)
  if (name === 'optional') return optionalType(of[0]!)
  if (name === 'type') return typeType(of)
  if (Object.hasOwn(SIMPLE, name)) return SIMPLE[name]!
  if (Object.hasOwn(LIBRARY, name)) return libraryType(name)
  params.add(name)
  return paramType(name)
}

/** The parts between the commas that lie in no brackets. */
function apart(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (const [at, sign] of [...`${text},`].entries()) {
    if (sign === '<') depth++
    else if (sign === '>') depth--
    else if (sign === ',' && depth === 0) {
      const part = text.slice(from, at).trim()
      if (part) parts.push(part)
      from = at + 1
    }
  }
  return parts
}

function readSignature(line: string): [name: string, signature: Signature] {
  const [, dot, name, takes, gives] = /^(\.?)(.+?)\((.*)\) (.+)$/.exec(line)!
  const params = new Set<string>()
  const signature = {
    isMethod: dot === '.',
    takes: apart(takes!).map((one) => readType(one, params)),
    gives: readType(gives!, params),
  }
  return [name!, { ...signature, params: [...params] }]
}

export const signatures: ReadonlyMap<string, readonly Signature[]> = LINES.map(readSignature).reduce(
  (all, [name, signature]) => all.set(name, [...(all.get(name) ?? []), signature]),
  new Map<string, Signature[]>(),
)
