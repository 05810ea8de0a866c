/** Configuration: environment variables, checked once at start. The README lists them. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, resolve, sep } from 'node:path'
import { z } from 'zod'
import { type GivenRole, givenRoles } from './sittings/roles.ts'

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be ${min} or more`).max(max, `must be ${max} or less`))

/** Without a port, which does not matter. */
const hostName = /^\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')

const databaseUrl = z
  .string()
  // Over a socket no host stands in it, which no URL may lack beside a user.
  .refine((text) => /^postgres(?:ql)?:\/\/./.test(text) && URL.canParse(text.replace('@/', '@socket/')), {
    error: 'must look like postgres://user:password@db.example.org:5432/podium',
  })

const schema = z
  .object({
    PORT: integer(0, 65535).default(3000),
    HOST: z.string().min(1).default('0.0.0.0'),
    DATA_DIR: z.string().min(1).default('./data'),
    CONTENT_DIR: z.string().min(1).default('./content'),
    /** Signs the session cookies. Made and kept in DATA_DIR when left out. */
    SESSION_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
    STORAGE: z.enum(['lowdb', 'memory', 'postgres']).default('lowdb'),
    DATABASE_URL: databaseUrl.optional(),
    /** Of the server itself, where DATABASE_URL is that of a pooler. */
    DATABASE_DIRECT_URL: databaseUrl.optional(),
    /** Worker processes that simulate. One core is left for the process that answers; two workers, so that nobody waits for one long run. */
    WORKERS: integer(1, 64).default(() => Math.min(64, Math.max(2, availableParallelism() - 1))),
    /** Memory of each worker, in MiB. */
    WORKER_MEMORY_MB: integer(64, 8192).default(512),
    /** Computing time that one simulation may take before its worker is stopped: far more than work budgets let it. */
    SIMULATION_TIMEOUT_MS: integer(100, 120_000).default(20_000),
    /** How long a change is only in the write-ahead log before the file of its document is written. It is safe in both. */
    SETTLE_AFTER_MS: integer(1, 3_600_000).default(30_000),
    /** Of the server process, for what is stored and was read lately, in MiB. */
    CACHE_MB: integer(3, 4096).default(96),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    /** Requests of one address in a minute. */
    RATE_LIMIT: integer(1, 1_000_000).default(600),
    /** Where Prometheus reads; nowhere unless told. */
    METRICS_PORT: integer(0, 65535).optional(),
    METRICS_HOST: z.string().min(1).default('127.0.0.1'),
    /** Where traces are sent, named as OpenTelemetry names it; the exporter itself reads OTEL_EXPORTER_OTLP_HEADERS. */
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .url({ protocol: /^https?$/, error: 'must be an address such as http://127.0.0.1:4318' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    OTEL_SERVICE_NAME: z.string().min(1).max(100).default('podium'),
    /** The share of the requests that is traced. */
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .regex(/^(?:0|1|[01]?\.\d+)$/, 'must be a number from 0 to 1, such as 0.1')
      .transform(Number)
      .pipe(z.number().max(1, 'must be 1 or less'))
      .default(1),
    /** Erasures are noted here as well, so that they outlive the restore of a backup. */
    ERASURES_FILE: z.string().min(1).optional(),
    /** How long it goes on answering, not ready any more, after it was told to stop. */
    DRAIN_SECONDS: integer(0, 15).default(0),
    /** The site is served over https: cookies are sent over nothing else. */
    SECURE_COOKIES: flag.default(false),
    /** Where browsers reach the site: the beginning of sign-in links. */
    /** What this process does of several: pages, or the gradings that are owed. */
    ROLE: z.enum(['all', 'web', 'worker']).default('all'),
    /** Where the other processes of the site reach this one: it listens there for them. */
    PEER_URL: z
      .url({ protocol: /^http$/, error: 'must be an address such as http://10.0.0.5:7070' })
      .refine((url) => new URL(url).port !== '' && new URL(url).pathname === '/', 'must have a port, and no path')
      .optional(),
    PUBLIC_URL: z
      .url({ protocol: /^https?$/, error: 'must be an address such as https://podium.example.org' })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    /** Names besides that of PUBLIC_URL by which the sandboxes' API is reached. */
    ALLOWED_HOSTS: z
      .string()
      .transform((text) =>
        text
          .toLowerCase()
          .split(',')
          .map((name) => name.trim()),
      )
      .refine((names) => names.every((name) => hostName.test(name)), {
        error: 'must be names such as podium.example.org, or .example.org for a domain, separated by commas',
      })
      .default([]),
    /** The mail server that sends sign-in links. Without it they are written to the log. */
    MAIL_URL: z
      .url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@mail.example.org:587' })
      .optional(),
    MAIL_FROM: z.string().min(3).optional(),
    /** While developing: webhooks may lead to this machine, over plain http. */
    WEBHOOK_LOOPBACK: flag.default(false),
    /** A provider of OpenID Connect by which people may sign in, and as what this site is known there. */
    OIDC_ISSUER: z
      .url({ protocol: /^https?$/, error: 'must be an address such as https://login.example.org' })
      .optional(),
    OIDC_CLIENT_ID: z.string().min(1).optional(),
    OIDC_CLIENT_SECRET: z.string().min(1).optional(),
    /** As people know it. */
    OIDC_NAME: z.string().min(1).max(40).default('single sign-on'),
    OIDC_SCOPES: z
      .string()
      .regex(/\bopenid\b/, 'must hold openid')
      .default('openid profile email'),
    /** How the provider signs. */
    OIDC_ALGORITHM: z.enum(['RS256', 'PS256', 'ES256', 'Ed25519']).default('RS256'),
    /** The claim that tells groups, and the group of each role that the provider decides. */
    OIDC_ROLE_CLAIM: z.string().min(1).optional(),
    OIDC_ROLES: z.string().default('').transform(readRoles),
    /** By which Greenhouse may ask for assessments. */
    GREENHOUSE_KEY: z
      .string()
      .regex(/^[A-Za-z0-9_-]{24,170}$/, 'must be 24 to 170 letters, digits, - and _')
      .optional(),
    /** By which Ashby may ask for assessments, and by which it is told of them. */
    ASHBY_KEY: z
      .string()
      .regex(/^[A-Za-z0-9_-]{24,170}$/, 'must be 24 to 170 letters, digits, - and _')
      .optional(),
    ASHBY_API_KEY: z
      .string()
      .regex(/^[!-9;-~]{8,400}$/, 'must be 8 to 400 visible characters without a colon')
      .optional(),
    /** The learning platforms that people come from by LTI 1.3, and the key that this site signs with. */
    LTI_PLATFORMS_FILE: z.string().min(1).optional(),
    LTI_KEY_FILE: z.string().min(1).optional(),
    /** The largest file of one's data that is read back in, in MiB. */
    IMPORT_MB: integer(1, 256).default(32),
    /** How many proxies stand in front, so that a caller's address is read from the right header. */
    TRUST_PROXY: integer(0, 10).default(0),
    /** Sandboxes of one person. */
    SANDBOXES_PER_OWNER: integer(1, 1000).default(5),
    /** A sandbox is deleted so many days after its last use. */
    SANDBOX_DAYS: integer(1, 3650).default(7),
    /** How long the address of a sandbox's API is valid. */
    SANDBOX_ADDRESS_HOURS: integer(1, 8760).default(24),
    /** Requests to the API of one sandbox in a minute. */
    SANDBOX_RATE_LIMIT: integer(1, 10_000_000).default(6000),
    /** Threads that keep live sandboxes. */
    SANDBOX_THREADS: integer(1, 64).default(1),
    /** Memory of each of them, in MiB. */
    SANDBOX_MEMORY_MB: integer(128, 65_536).default(1024),
    /** Sandboxes in memory at a time. */
    SANDBOXES_LIVE: integer(1, 100_000).default(200),
    /** Commands, changing requests and keys typed into programs that a sandbox remembers. */
    SANDBOX_COMMANDS: integer(1, 1_000_000).default(20_000),
  })
  .superRefine((given, context) => {
    if (given.ROLE !== 'all' && given.STORAGE !== 'postgres')
      context.addIssue({
        code: 'custom',
        path: ['ROLE'],
        message: 'needs STORAGE=postgres: other storage has one process',
      })
    if (given.ROLE === 'worker' && given.PEER_URL !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['PEER_URL'],
        message: 'a worker keeps nothing that others ask for: leave it out',
      })
    if (given.PEER_URL !== undefined && given.STORAGE !== 'postgres')
      context.addIssue({
        code: 'custom',
        path: ['PEER_URL'],
        message: 'needs STORAGE=postgres: other storage has one process',
      })
    // A link in a letter leads where the operator says: never where a request says it came to.
    for (const name of ['PUBLIC_URL', 'MAIL_FROM'] as const)
      if (given.MAIL_URL !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside MAIL_URL' })
    for (const name of ['PUBLIC_URL', 'OIDC_CLIENT_ID'] as const)
      if (given.OIDC_ISSUER !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside OIDC_ISSUER' })
    for (const name of ['PUBLIC_URL', 'LTI_KEY_FILE'] as const)
      if (given.LTI_PLATFORMS_FILE !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside LTI_PLATFORMS_FILE' })
    for (const name of ['PUBLIC_URL', 'MAIL_URL'] as const)
      if (given.GREENHOUSE_KEY !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside GREENHOUSE_KEY' })
    for (const name of ['ASHBY_API_KEY', 'PUBLIC_URL', 'MAIL_URL'] as const)
      if (given.ASHBY_KEY !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside ASHBY_KEY' })
    const hasLti = given.LTI_PLATFORMS_FILE !== undefined && given.PUBLIC_URL !== undefined
    if (hasLti && !/^https:|^http:\/\/(?:localhost|127\.)/.test(given.PUBLIC_URL ?? ''))
      context.addIssue({ code: 'custom', path: ['PUBLIC_URL'], message: 'must begin with https:// for LTI' })
    const issuer = given.OIDC_ISSUER === undefined ? undefined : new URL(given.OIDC_ISSUER)
    if (issuer?.protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(issuer.hostname))
      context.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message: 'must begin with https:// off this machine' })
    if (given.ERASURES_FILE !== undefined && resolve(given.ERASURES_FILE).startsWith(resolve(given.DATA_DIR) + sep))
      context.addIssue({
        code: 'custom',
        path: ['ERASURES_FILE'],
        message: 'must lie outside of DATA_DIR, to outlive it',
      })
    if (given.STORAGE === 'postgres' && given.DATABASE_URL === undefined)
      context.addIssue({ code: 'custom', path: ['DATABASE_URL'], message: 'is needed beside STORAGE=postgres' })
    if (given.OIDC_ROLES === undefined)
      context.addIssue({
        code: 'custom',
        path: ['OIDC_ROLES'],
        message: `must be role=group pairs such as instructor=teachers, separated by commas; roles are ${givenRoles.join(', ')}`,
      })
    if ((given.OIDC_ROLE_CLAIM === undefined) !== (Object.keys(given.OIDC_ROLES ?? {}).length === 0))
      context.addIssue({ code: 'custom', path: ['OIDC_ROLE_CLAIM'], message: 'and OIDC_ROLES are needed together' })
  })

/** Not repeated in a log. */
const secrets = [
  ...['SESSION_SECRET', 'MAIL_URL', 'OIDC_CLIENT_SECRET', 'GREENHOUSE_KEY', 'ASHBY_KEY', 'ASHBY_API_KEY'],
  ...['DATABASE_URL', 'DATABASE_DIRECT_URL'],
]

/** Those that may also lie in a file, which the variable with `_FILE` behind its name tells. */
const secretsInFiles = ['OIDC_CLIENT_SECRET', 'GREENHOUSE_KEY', 'ASHBY_KEY', 'ASHBY_API_KEY']

/** `instructor=teachers, admin=ops`. @returns undefined for anything else */
function readRoles(text: string): Partial<Record<GivenRole, string>> | undefined {
  const pairs = text
    .split(',')
    .flatMap((pair) => (pair.trim() === '' ? [] : [pair.split('=').map((one) => one.trim())]))
  const isRole = (name: string | undefined): boolean => givenRoles.some((role) => role === name)
  return pairs.every(([role, group, ...more]) => isRole(role) && group && more.length === 0)
    ? Object.fromEntries(pairs)
    : undefined
}

/** A provider of OpenID Connect. */
export interface OidcConfig {
  issuer: string
  clientId: string
  /** Undefined for a public client. */
  clientSecret: string | undefined
  name: string
  scopes: string
  algorithm: string
  roleClaim: string | undefined
  roleNames: Partial<Record<GivenRole, string>>
}

export interface Config {
  port: number
  host: string
  dataDir: string
  /** Folders of content, which add to each other. */
  contentDirs: string[]
  sessionSecret: string | undefined
  storage: 'lowdb' | 'memory' | 'postgres'
  /** Of the database; undefined for other storage. */
  databaseUrl: string | undefined
  /** Of its server, when there is a pooler in front. */
  databaseDirectUrl: string | undefined
  role: 'all' | 'web' | 'worker'
  /** Where the other processes of the site reach this one. */
  peerUrl: string | undefined
  workers: number
  workerMemoryMb: number
  simulationTimeoutMs: number
  settleAfterMs: number
  /** What is kept in memory of what is stored, in characters: of acts as they are folded, and of documents. */
  cached: { acts: number; documents: number }
  logLevel: string
  /** Where erasures are noted besides, apart from what is stored. */
  erasuresFile: string | undefined
  /** Between not being ready any more and the end. */
  drainMs: number
  /** Where Prometheus reads; undefined when nobody does. */
  metrics: { port: number; host: string } | undefined
  /** Where spans are sent; undefined when nobody collects them. */
  traces: { endpoint: string; service: string; share: number } | undefined
  rateLimitPerMinute: number
  secureCookies: boolean
  publicUrl: string | undefined
  allowedHosts: readonly string[]
  /** Undefined when no mail is sent. */
  mail: { url: string; from: string } | undefined
  webhookLoopback: boolean
  /** Undefined when nobody signs in by a provider. */
  oidc: OidcConfig | undefined
  greenhouseKey: string | undefined
  /** By which Ashby is known here, and this site there. */
  ashby: { key: string; apiKey: string } | undefined
  /** Paths of files; undefined when nobody comes from a learning platform. */
  lti: { platforms: string; key: string } | undefined
  importMb: number
  trustProxy: number
  sandboxesPerOwner: number
  sandboxDays: number
  sandboxAddressHours: number
  sandboxRateLimitPerMinute: number
  sandboxThreads: number
  sandboxMemoryMb: number
  sandboxesLive: number
  sandboxCommands: number
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the configuration. An empty variable counts as one that is not set.
 * @throws ConfigError that names every bad variable, not only the first.
 */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  for (const name of secretsInFiles) {
    const path = given[`${name}_FILE`]
    if (path !== undefined) given[name] = readSecret(name, path)
  }
  const read = schema.safeParse(given)
  if (!read.success) {
    const lines = read.error.issues.map((issue) => {
      const name = String(issue.path[0])
      const value = given[name] === undefined ? '' : secrets.includes(name) ? '(hidden)' : JSON.stringify(given[name])
      return `  ${name}=${value}: ${issue.message}`
    })
    throw new ConfigError(`The configuration cannot be used:\n${lines.join('\n')}`)
  }
  const c = read.data
  return {
    port: c.PORT,
    host: c.HOST,
    dataDir: c.DATA_DIR,
    contentDirs: c.CONTENT_DIR.split(delimiter).filter((folder) => folder !== ''),
    sessionSecret: c.SESSION_SECRET,
    storage: c.STORAGE,
    databaseUrl: c.STORAGE === 'postgres' ? c.DATABASE_URL : undefined,
    databaseDirectUrl: c.STORAGE === 'postgres' ? c.DATABASE_DIRECT_URL : undefined,
    role: c.ROLE,
    peerUrl: c.PEER_URL,
    workers: c.WORKERS,
    workerMemoryMb: c.WORKER_MEMORY_MB,
    simulationTimeoutMs: c.SIMULATION_TIMEOUT_MS,
    settleAfterMs: c.SETTLE_AFTER_MS,
    cached: cachedIn(c.CACHE_MB),
    logLevel: c.LOG_LEVEL,
    erasuresFile: c.ERASURES_FILE,
    drainMs: c.DRAIN_SECONDS * 1000,
    metrics: c.METRICS_PORT === undefined ? undefined : { port: c.METRICS_PORT, host: c.METRICS_HOST },
    traces:
      c.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : {
            ...{ endpoint: c.OTEL_EXPORTER_OTLP_ENDPOINT, service: c.OTEL_SERVICE_NAME },
            share: c.OTEL_TRACES_SAMPLER_ARG,
          },
    rateLimitPerMinute: c.RATE_LIMIT,
    secureCookies: c.SECURE_COOKIES,
    publicUrl: c.PUBLIC_URL,
    allowedHosts: c.ALLOWED_HOSTS,
    mail: c.MAIL_URL !== undefined && c.MAIL_FROM !== undefined ? { url: c.MAIL_URL, from: c.MAIL_FROM } : undefined,
    webhookLoopback: c.WEBHOOK_LOOPBACK,
    oidc:
      c.OIDC_ISSUER === undefined || c.OIDC_CLIENT_ID === undefined
        ? undefined
        : {
            ...{ issuer: c.OIDC_ISSUER, clientId: c.OIDC_CLIENT_ID, clientSecret: c.OIDC_CLIENT_SECRET },
            ...{ name: c.OIDC_NAME, scopes: c.OIDC_SCOPES, algorithm: c.OIDC_ALGORITHM },
            ...{ roleClaim: c.OIDC_ROLE_CLAIM, roleNames: c.OIDC_ROLES ?? {} },
          },
    greenhouseKey: c.GREENHOUSE_KEY,
    ashby:
      c.ASHBY_KEY === undefined || c.ASHBY_API_KEY === undefined
        ? undefined
        : { key: c.ASHBY_KEY, apiKey: c.ASHBY_API_KEY },
    lti:
      c.LTI_PLATFORMS_FILE === undefined || c.LTI_KEY_FILE === undefined
        ? undefined
        : { platforms: c.LTI_PLATFORMS_FILE, key: c.LTI_KEY_FILE },
    importMb: c.IMPORT_MB,
    trustProxy: c.TRUST_PROXY,
    sandboxesPerOwner: c.SANDBOXES_PER_OWNER,
    sandboxDays: c.SANDBOX_DAYS,
    sandboxAddressHours: c.SANDBOX_ADDRESS_HOURS,
    sandboxRateLimitPerMinute: c.SANDBOX_RATE_LIMIT,
    sandboxThreads: c.SANDBOX_THREADS,
    sandboxMemoryMb: c.SANDBOX_MEMORY_MB,
    sandboxesLive: c.SANDBOXES_LIVE,
    sandboxCommands: c.SANDBOX_COMMANDS,
  }
}

/** What the file holds, without the line end behind it. */
function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ConfigError(`The configuration cannot be used:\n  ${name}_FILE="${path}": cannot be read (${code})`)
  }
}

/** A heap holds about twice as many bytes as there are characters. */
function cachedIn(megabytes: number): Config['cached'] {
  const documents = Math.floor((megabytes * 2 ** 20) / 6)
  return { acts: 2 * documents, documents }
}
