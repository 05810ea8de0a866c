/** Requests to the pages: every route, with odd methods, addresses, forms, headers and cookies. */
import { readFileSync } from 'node:fs'
import { lengthOf, repeated, type Step } from './input.ts'
import type { Draw } from './random.ts'
import { names, strings } from './values.ts'

type Drawn = { about: string; steps: Step[] }

/** The routes as the site map says them, so that a new page is tried without being named here. */
let routes: readonly string[] | undefined
function allRoutes(): readonly string[] {
  routes ??= [
    ...[...readFileSync(sourceOf('server/routes.ts'), 'utf8').matchAll(/page\(router, '([^']+)'/g)].map(
      ([, path]) => path!,
    ),
    ...['/healthz', '/static/app.css', '/static/vendor/htmx.js', '/static/js/app.js', '/k8s/x/api'],
  ]
  return routes
}

/** From the folder of the project, where all scripts are started. */
const sourceOf = (path: string): string => path

/** What may stand for each part of a route. */
const parts: Readonly<Record<string, readonly string[]>> = {
  ':section': ['pod', 'networking', '..', '%2e%2e', 'constructor', repeated(5000, 'a')],
  ':slug': ['life-of-a-pod', 'which-probe', 'ready-and-no-answer', '__proto__', '%00', '%ff', repeated(5000, 'a')],
  ':demo': ['pod-life', 'three-words', 'deaf-shell', 'constructor', '%00'],
  ':id': ['crash-loop', '{sandbox}', 'constructor', '__proto__', '%2e%2e%2f', '../../etc/passwd', repeated(5000, 'a')],
  ':token': ['x', repeated(43, 'a'), '%00', '..'],
  ':attempt': ['x', repeated(1000, 'a'), '__proto__'],
  ':number': ['1', '-1', '0', '1e9', 'NaN', '99999999999999999999'],
  ':n': ['1', '0', '-1', '1e9', 'a'],
}

const methods = [
  ...[
    'GET',
    'GET',
    'GET',
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'PROPFIND',
    'TRACE',
    'PURGE',
    'SEARCH',
  ],
]

const fieldNames = [
  ...[
    'do',
    'line',
    'manifest',
    'file',
    'content',
    'answer',
    'v',
    'once',
    'shown',
    'confidence',
    'item',
    'back',
    'on',
    'note',
    'text',
    'name',
    'nodes',
  ],
  ...[
    'size',
    'zones',
    'taint',
    'tainted',
    'proxy',
    'from',
    'demo',
    'scenario',
    'at',
    'title',
    'confirm',
    'pod',
    'node',
    'cpu',
    'memory',
    'zone',
    'node-name',
  ],
  ...[
    'passphrase',
    'current',
    'who',
    'mail',
    'made',
    'own',
    'again',
    'which',
    'saved',
    'seed',
    'count',
    'section',
    'minutes',
    'check',
    'level',
    'key',
    'explorer',
  ],
]

const buttons = [
  ...[
    'kubectl',
    'apply',
    'grade',
    'settle',
    'step',
    'minute',
    'undo',
    'reset',
    'variant',
    'again',
    'hint:x',
    'save',
    'file:x',
    'speed:3600',
    'speed:1e99',
    'branch',
    'fault:x',
  ],
  ...[
    'join',
    'rename',
    'share',
    'address',
    'upload',
    'fault:node-down',
    'constructor',
    '__proto__',
    'answer',
    'mark',
    'up:a',
    'down:a',
    'default',
    'run60',
    'keep',
  ],
]

const texts = [...strings, ...names, '1', '0', '-1', '1e9', 'yes', 'x']

/** What a form or an address takes. */
const cut = (text: string, most: number): string =>
  text.replace(/⟦(\d+)\|([^|⟧]*)\|([^⟧]*)⟧/g, (_, times: string, between: string, unit: string) => {
    return `⟦${Math.max(1, Math.min(Number(times), Math.floor(most / (unit.length + between.length))))}|${between}|${unit}⟧`
  })

function drawPath(draw: Draw): string {
  return draw.oneOf(allRoutes()).replace(/:[a-z]+/g, (part) => draw.oneOf(parts[part] ?? ['x']))
}

const plain = (text: string): string => text.replace(/[^\x21-\x7e⟦⟧]/gu, '%20')

function drawQuery(draw: Draw): string {
  if (draw.chance(0.4)) return ''
  const search = draw.oneOf([
    `q=${cut(plain(draw.oneOf(texts)), 10_000)}`,
    `q=${repeated(2000, 'pod', '+')}`,
    `q=${repeated(1000, 'w#', '+')}`,
    `q=${repeated(3000, '%F0%9F%98%80').replace('3000', '900')}`,
    repeated(2000, 'a=b', '&'),
    repeated(1000, 'a[]=b', '&'),
    repeated(700, 'a[b]', '').concat('=c'),
    '__proto__[a]=b&constructor[prototype][a]=b',
    `lang=${draw.oneOf(['zh', 'en', 'xx', repeated(5000, 'z')])}`,
    `at=${draw.oneOf(['-1', '1e99', '9999999.999', 'NaN', '99999999999999'])}`,
    `explorer=pod-life&run=${draw.oneOf(['600', '-1', '1e9', ''])}&readiness=exec&liveness=httpGet&startup=tcpSocket&liveness-period=1&watch=${draw.oneOf(['600', '100000', 'x'])}`,
    `tool=${draw.oneOf(['objects', 'causes', 'history', 'faults', 'settings', 'constructor'])}&resource=${draw.oneOf(['pods', 'x', '__proto__'])}&name=shell&namespace=default&at=${draw.oneOf(['0', '1000', '1e12', '-5'])}`,
    `run=${repeated(1000, 'a-')}1`,
    `order=${repeated(2000, 'a', ',')}`,
    `v=${draw.oneOf(['99999999', '-1', 'a', '1e9'])}`,
    `apiVersion=${draw.oneOf(['v1', 'apps/v1', 'constructor', repeated(5000, 'a')])}&kind=${draw.oneOf(['Pod', '__proto__', 'Deployment'])}`,
    '%',
    '%ff%fe',
    '?????',
    'a=%00&b=%E2%82',
  ])
  return `?${search}`
}

function drawHeaders(draw: Draw): Record<string, string> {
  const some: Record<string, string>[] = [
    { 'accept-language': repeated(2000, 'a-b;q=0.1', ',') },
    { 'accept-encoding': draw.oneOf(['gzip;q=0', 'br, zstd, *;q=0', repeated(2000, 'x', ',')]) },
    {
      cookie: draw.oneOf([
        repeated(1000, 'a#=b', '; '),
        `podium=${repeated(4000, 'a')}`,
        'podium=%00; podium=x.y',
        'podium=',
        '=;=;;',
      ]),
    },
    { 'hx-request': 'true', 'hx-current-url': repeated(4000, 'a'), 'hx-target': '__proto__' },
    { 'if-none-match': repeated(4000, 'W/"a"', ',') },
    { range: draw.oneOf(['bytes=0-', `bytes=${repeated(1500, '#-#', ',')}`, 'bytes=-99999999999999', 'bytes=5-1']) },
    { 'x-forwarded-for': repeated(1500, '1.1.1.1', ',') },
    { host: draw.oneOf(['evil.example', repeated(5000, 'a'), '[::1', '']) },
    {
      'content-type': draw.oneOf([
        'application/json',
        'multipart/form-data',
        `multipart/form-data; boundary=${repeated(5000, 'a')}`,
        'text/plain',
        'a/b; charset=utf-99',
      ]),
    },
    { 'transfer-encoding': 'chunked', expect: '100-continue' },
    { authorization: `Bearer ${repeated(8000, 'a')}`, 'sec-fetch-site': 'cross-site' },
    { 'content-encoding': draw.oneOf(['gzip', 'br', 'deflate', 'x']) },
    { upgrade: 'websocket', connection: 'upgrade' },
    { [`x-${'a'.repeat(50)}`]: repeated(10_000, 'a') },
  ]
  return Object.assign({}, ...some.filter(() => draw.chance(0.12))) as Record<string, string>
}

export function drawPage(draw: Draw): Drawn {
  const path = drawPath(draw)
  return draw.weighted<() => Drawn>([
    [
      4,
      () => {
        const method = draw.oneOf(methods)
        const query = drawQuery(draw)
        const headers = drawHeaders(draw)
        const body =
          method === 'GET' || method === 'HEAD' || draw.chance(0.5)
            ? {}
            : {
                body: draw.oneOf([
                  repeated(200_000, '['),
                  repeated(50_000, 'a=b', '&'),
                  repeated(400_000, 'a'),
                  '{"a":1}',
                  '%',
                ]),
              }
        return {
          about: `${method} ${path.slice(0, 50)}${query.slice(0, 30)} ${Object.keys(headers).join(' ')}`,
          steps: [{ do: 'page', method, path: plain(`${path}${query}`), headers, ...body }],
        }
      },
    ],
    [
      3,
      () => {
        const fields: Record<string, string> = {}
        for (const name of fieldNames)
          if (draw.chance(0.25)) fields[name] = cut(draw.oneOf(texts), draw.oneOf([100, 20_000]))
        fields.do = draw.oneOf(buttons)
        return {
          about: `form ${fields.do} at ${path.slice(0, 50)}`,
          steps: [{ do: 'form', path: plain(path), fields: bounded(fields) }],
        }
      },
    ],
    [
      1,
      () => {
        const count = draw.oneOf([200, 201, 5000])
        return {
          about: `${count} fields at ${path.slice(0, 50)}`,
          steps: [
            {
              do: 'page',
              method: 'POST',
              path: plain(path),
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
              body: repeated(count, 'do=x&f#=v', '&'),
            },
          ],
        }
      },
    ],
    [
      1,
      () => ({
        about: `a form of 8 MB at ${path.slice(0, 50)}`,
        steps: [
          {
            do: 'page',
            method: 'POST',
            path: plain(path),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: repeated(8000, `f=${'v'.repeat(1000)}`, '&'),
          },
        ],
      }),
    ],
    [
      1,
      () => ({
        about: `import of ${draw.oneOf(['brackets'])}`,
        steps: [
          {
            do: 'form',
            path: '/progress/import',
            fields: {},
            file: {
              field: 'file',
              fileName: draw.oneOf(['podium-data.json', '../../x', repeated(1000, 'a')]),
              content: drawImport(draw),
            },
          },
        ],
      }),
    ],
    [
      1,
      () => ({
        about: 'a file beside the terminal',
        steps: [
          {
            do: 'form',
            path: '/sandboxes/{sandbox}',
            fields: { do: 'upload' },
            file: {
              field: 'file',
              fileName: draw.oneOf(['a.yaml', '.bashrc', '../x', repeated(101, 'a'), '.kube']),
              content: draw.oneOf([repeated(190_000, '\u0000'), repeated(100_000, '['), repeated(250_000, 'a')]),
            },
          },
        ],
      }),
    ],
    [
      1,
      () => ({
        about: 'a note',
        steps: [
          {
            do: 'form',
            path: '/study/notes',
            fields: {
              item: draw.oneOf(['lesson:pod/probes', 'x', 'lesson:__proto__']),
              text: cut(draw.oneOf(texts), 200_000),
              note: cut(draw.oneOf(texts), 200_000),
              back: draw.oneOf(['//evil.example', '/study', 'javascript:alert(1)', '\\\\evil']),
            },
          },
        ],
      }),
    ],
  ])()
}

const drawImport = (draw: Draw): string =>
  draw.oneOf([
    repeated(5_000_000, '['),
    repeated(1_000_000, '{"a":'),
    `{"podium":1,"format":1,"${repeated(1000, 'a')}":[${repeated(500_000, '{}', ',')}]}`,
    repeated(12_000_000, ' '),
    `{"version":${repeated(100_000, '9')}}`,
    `"${repeated(3_000_000, '\\u0000')}"`,
    'null',
    `[${repeated(1_000_000, 'null', ',')}]`,
  ])

/** A form takes 256 KB. */
function bounded(fields: Record<string, string>): Record<string, string> {
  let left = 80_000
  return Object.fromEntries(
    Object.entries(fields).filter(([, text]) => {
      const length = lengthOf(text)
      if (length > left) return false
      left -= length
      return true
    }),
  )
}
