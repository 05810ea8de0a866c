/** Configuration: environment variables, checked once at start. The README lists them. */
import { availableParallelism } from 'node:os'
import { delimiter } from 'node:path'
import { z } from 'zod'

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
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    /** Requests of one address in a minute. */
    RATE_LIMIT: integer(1, 1_000_000).default(600),
    /** The site is served over https: cookies are sent over nothing else. */
    SECURE_COOKIES: flag.default(false),
    /** Where browsers reach the site: the beginning of sign-in links. */
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
    // A link in a letter leads where the operator says: never where a request says it came to.
    for (const name of ['PUBLIC_URL', 'MAIL_FROM'] as const)
      if (given.MAIL_URL !== undefined && given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is needed beside MAIL_URL' })
    if (given.STORAGE === 'postgres' && given.DATABASE_URL === undefined)
      context.addIssue({ code: 'custom', path: ['DATABASE_URL'], message: 'is needed beside STORAGE=postgres' })
  })

/** Not repeated in a log. */
const secrets = ['SESSION_SECRET', 'MAIL_URL', 'DATABASE_URL', 'DATABASE_DIRECT_URL']

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
  workers: number
  workerMemoryMb: number
  simulationTimeoutMs: number
  settleAfterMs: number
  logLevel: string
  rateLimitPerMinute: number
  secureCookies: boolean
  publicUrl: string | undefined
  allowedHosts: readonly string[]
  /** Undefined when no mail is sent. */
  mail: { url: string; from: string } | undefined
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
    workers: c.WORKERS,
    workerMemoryMb: c.WORKER_MEMORY_MB,
    simulationTimeoutMs: c.SIMULATION_TIMEOUT_MS,
    settleAfterMs: c.SETTLE_AFTER_MS,
    logLevel: c.LOG_LEVEL,
    rateLimitPerMinute: c.RATE_LIMIT,
    secureCookies: c.SECURE_COOKIES,
    publicUrl: c.PUBLIC_URL,
    allowedHosts: c.ALLOWED_HOSTS,
    mail: c.MAIL_URL !== undefined && c.MAIL_FROM !== undefined ? { url: c.MAIL_URL, from: c.MAIL_FROM } : undefined,
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
