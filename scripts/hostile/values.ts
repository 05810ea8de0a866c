/** Extreme values, by what they are meant to be. Texts are written short, see input.ts. */
import { type Json, manyItems, manyNames, raw, repeated } from './input.ts'
import type { Draw } from './random.ts'

export const quantities: readonly string[] = [
  ...[
    '1e999999999',
    '1e-999999999',
    '1e20000',
    '1e309',
    '1e1000',
    '-1',
    '-1e400',
    '1E',
    '1e',
    'NaN',
    'Infinity',
    '',
    ' 1',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808Ei',
    '1Ki1',
    '0x10',
    '1_000',
    '1.5.2',
    '+1',
    '1n',
    '1u',
    '999999999999999999999999',
  ],
  repeated(2_500_000, '9'),
  `${repeated(1000, '9')}Ei`,
  `${repeated(200_000, '9')}m`,
  `0.${repeated(100_000, '0')}1`,
  `${repeated(100_000, '0')}1`,
  `1e${repeated(1000, '9')}`,
  `-${repeated(50_000, '9')}.${repeated(50_000, '9')}Ki`,
]

export const integers: readonly Json[] = [
  ...[0, -1, 1, 65_535, 65_536, 2_147_483_647, 2_147_483_648, -2_147_483_649, 9_007_199_254_740_991, 1.5, 1e308],
  raw('9223372036854775807'),
  raw('99999999999999999999999'),
  raw('1e400'),
  raw('-0'),
  raw(repeated(100_000, '9')),
]

export const names: readonly string[] = [
  ...[
    'a',
    '',
    '.',
    '..',
    '-',
    'A',
    'a_b',
    'constructor',
    '__proto__',
    'toString',
    'null',
    '0',
    'kube-system',
    '😀',
    'a b',
    'a\u0000b',
  ],
  repeated(63, 'a'),
  repeated(254, 'a'),
  repeated(100_000, 'a'),
  repeated(50_000, 'a', '.'),
  repeated(1000, '../'),
]

export const strings: readonly string[] = [
  ...names,
  ...[
    '\ud800',
    '\u202e\u0000\ufeff',
    '<script>alert(1)</script>',
    '{{.}}',
    '%n%s%1000000000d',
    '$(A)',
    '${x//a/b}',
    '\r\n',
    '\u001b[2J',
  ],
  repeated(1_000_000, 'a'),
  repeated(100_000, '\u{1f468}\u200d\u{1f469}'),
  repeated(100_000, '\n'),
  repeated(50_000, '$(A)'),
  repeated(50_000, '{'),
  repeated(30_000, 'k#=v', ','),
]

export const cidrs: readonly string[] = [
  ...[
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '256.1.1.1/8',
    '::ffff:10.0.0.0/96',
    '10.0.0.1/8',
    '::/128',
    '1.2.3/8',
    '010.0.0.0/8',
  ],
  `1.1.1.1/${repeated(100_000, '9')}`,
  `${repeated(50_000, '1', '.')}/8`,
  `${repeated(50_000, 'f', ':')}::/8`,
]

export const crons: readonly string[] = [
  ...[
    '* * * * *',
    '*/0 * * * *',
    '0 0 31 2 *',
    '0 0 30 2 1',
    '0 0 29 2 *',
    '*/1000000000 * * * *',
    '60 * * * *',
    '@every 1ns',
    '@yearly',
  ],
  ...[
    '? ? ? ? ?',
    'TZ=Mars/Base * * * * *',
    'CRON_TZ=Europe/Berlin 30 2 * * *',
    '0-59/0 * * * *',
    '59-0 * * * *',
    'L * * * *',
    '* * 31 2,4,6,9,11 *',
  ],
  `${repeated(20_000, '1', ',')} * * * *`,
  `${repeated(50_000, '*')} * * * *`,
  `0-${repeated(10_000, '9')} * * * *`,
]

const timeZones: readonly string[] = [
  ...[
    'Etc/UTC',
    'Europe/Berlin',
    'Mars/Base',
    '../../etc/passwd',
    'Local',
    '+25:00',
    'utc',
    'America/Argentina/ComodRivadavia',
  ],
  repeated(100_000, 'Etc/'),
]

export const regexes: readonly string[] = [
  ...[
    '(a+)+$',
    '(a|a)*b',
    '(.*.*.*.*.*.*.*)x',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '\\(\\(a*\\)*\\)*b',
    '(?=a)',
    '[[:alpha:]]{1,10000}',
    '[z-a]',
    '*',
    '+',
    '(',
  ],
  ...['a{1000000000}', '(a{1,1000}){1,1000}', '\\1\\2\\3', '(x+x+)+y'],
  repeated(3000, '('),
  `${repeated(1000, 'a?')}${repeated(1000, 'a')}`,
  repeated(2000, '(a|b)*'),
]

export const jsonPaths: readonly string[] = [
  ...[
    '{..}',
    '{..}{..}{..}',
    '{range ..}{..}{end}',
    '{range .items[*]}{range ..}{..}{end}{end}',
    '{.items[0:1000000000:1]}',
    '{.items[::0]}',
  ],
  ...[
    '{.items[-9999999999]}',
    "{.items[?(@.metadata.name=~'(a+)+$')]}",
    '{.items[?(@..a==@..b)]}',
    '{[*][*][*][*][*][*]}',
    '{$..*}',
    '{..*..*..*}',
    '{',
    '{end}',
  ],
  ...['{range .items[*]}', '{.items[*].metadata.labels.a\\.b}', '{..metadata..name..}', '{.items[?(@.spec..image)]}'],
  repeated(200, '{..}'),
  `{${repeated(200, '..')}}`,
  `{${repeated(500, '[*]')}}`,
  `{${repeated(1500, '.a')}}`,
  `${repeated(40, '{range ..}')}x${repeated(40, '{end}')}`,
  `{.items[?(${repeated(500, '@.a==1', '&&')})]}`,
]

export const goTemplates: readonly string[] = [
  ...[
    '{{printf "%1000000000d" 1}}',
    '{{printf "%.1000000000f" 1.5}}',
    '{{printf "%999999s" "a"}}',
    '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}',
  ],
  ...[
    '{{range $i, $e := .items}}{{range $.items}}{{range $.items}}{{.}}{{end}}{{end}}{{end}}',
    '{{index .items 1000000000}}',
    '{{slice "abc" 0 99999999}}',
  ],
  ...[
    '{{.}}{{.}}{{.}}',
    '{{html (js (urlquery (print .)))}}',
    '{{with .}}{{with .}}{{.}}{{end}}{{end}}',
    '{{range 1000000000}}{{.}}{{end}}',
    '{{len .items}}{{end}}',
    '{{',
  ],
  ...[
    '{{break}}',
    '{{eq . .}}',
    '{{block "b" .}}{{template "b" .}}{{end}}',
    '{{printf "%*d" 1000000000 1}}',
    '{{print (printf "%v" .)}}',
    '{{base64decode .}}',
  ],
  `${repeated(40, '{{range $.items}}')}x${repeated(40, '{{end}}')}`,
  `${repeated(12, '{{range $.items}}')}x${repeated(12, '{{end}}')}`,
  `{{$a := "xxxxxxxx"}}${repeated(60, '{{$a = printf "%s%s" $a $a}}')}{{$a}}`,
  `{{$a := "xxxxxxxx"}}${repeated(60, '{{$a = print $a $a}}')}{{len $a}}`,
  repeated(150, '{{if true}}'),
  `${repeated(150, '{{if true}}')}a${repeated(150, '{{end}}')}`,
  repeated(500, '{{.}}'),
  `{{${repeated(2000, '(')}1${repeated(2000, ')')}}}`,
  `{{.items${repeated(2000, '.a')}}}`,
]

export const customColumns: readonly string[] = [
  `A:${repeated(200, '..')}`,
  ...['A:..', 'A:.metadata..name', 'A:.items[*]', 'A:{..}', 'A:', ':', 'A:.a.b.c,B:..*', 'A:.metadata.labels[*]'],
  `A:${repeated(500, '.a')}`,
  `A:${repeated(300, '[*]')}`,
  repeated(500, 'C#:..', ','),
  repeated(500, 'C#:.metadata.name', ','),
]

export const selectors: readonly string[] = [
  ...[
    'a in ()',
    'a in (',
    '!a',
    'a,b,c',
    '((((',
    'a notin (b,c),!d',
    'a==b==c',
    '=',
    'a>1',
    'a gt 1',
    'in in (in)',
    'a in (b),a notin (b)',
  ],
  `a in (${repeated(1500, 'v#', ',')})`,
  repeated(1500, '!k#', ','),
  repeated(5000, '('),
  repeated(7000, 'a'),
  repeated(7000, ','),
]

export const fieldSelectors: readonly string[] = [
  ...[
    'metadata.name=a',
    'spec.nodeName!=',
    'status.phase=Running',
    'a.b.c=d',
    '=',
    'metadata.name=a,metadata.name=b',
    'metadata.name\\=a=b',
  ],
  repeated(1000, 'metadata.name=a', ','),
  `metadata.name=${repeated(7000, 'a')}`,
]

export const durations: readonly string[] = [
  ...['99999999999h', '-1s', '1ns', '1e9s', '0', '1h1m1s1ms1us1ns', '9223372036854775807s', 'forever', '.s', '1d'],
  repeated(2000, '9h'),
  `${repeated(2000, '9')}s`,
]

const times: readonly string[] = [
  ...[
    '9999-12-31T23:59:59Z',
    '0001-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    'now',
    '',
    '2026-01-01T00:00:00.000000000000Z',
  ],
  `2026-01-01T00:00:00.${repeated(100_000, '9')}Z`,
]

/** Of any type where none of them is expected. */
export const wrongTypes = (draw: Draw): Json =>
  draw.oneOf<Json>([
    null,
    true,
    0,
    '',
    [],
    {},
    [[]],
    [null],
    { a: { b: { c: [] } } },
    raw(`${repeated(10_000, '[')}${repeated(10_000, ']')}`),
    raw(`${repeated(2000, '{"a":')}1${repeated(2000, '}')}`),
    manyItems(20_000, null),
    manyItems(20_000, {}),
    manyNames(20_000, 'k#', 'v'),
  ])

/** A name of a field says more of what is meant than its type. */
export function extremeText(draw: Draw, field: string): string {
  if (/schedule$/i.test(field)) return draw.oneOf(crons)
  if (/timezone/i.test(field)) return draw.oneOf(timeZones)
  if (/cidr|^except$|ips?$|address|ranges/i.test(field)) return draw.oneOf(cidrs)
  if (/time$|timestamp/i.test(field)) return draw.oneOf(times)
  if (/duration|timeout|period/i.test(field)) return draw.oneOf(durations)
  if (
    /cpu|memory|storage|quantity|limits|requests|capacity|average|value$|divisor|min$|max$|hard/i.test(field) &&
    draw.chance(0.8)
  )
    return draw.oneOf(quantities)
  if (/name|key|path|host|port/i.test(field) && draw.chance(0.5)) return draw.oneOf(names)
  if (/command|args|expression|query/i.test(field)) return draw.oneOf([...regexes, ...strings])
  if (/selector/i.test(field)) return draw.oneOf(selectors)
  return draw.oneOf(strings)
}
