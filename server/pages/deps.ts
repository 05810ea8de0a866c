/** Everything the application is given. Tests give it memory, a fixed clock and a fake lab. */

import type { RequestHandler } from 'express'
import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Mail } from '../accounts/mail.ts'
import type { Sessions } from '../accounts/sessions.ts'
import type { Staff } from '../accounts/staff.ts'
import type { Config } from '../config.ts'
import type { Ashby } from '../doors/ashby.ts'
import type { Deliveries } from '../doors/deliveries.ts'
import type { Greenhouse } from '../doors/greenhouse.ts'
import type { Lti } from '../doors/lti.ts'
import type { Oidc } from '../doors/oidc.ts'
import type { Gradings } from '../grading/gradings.ts'
import type { Audit } from '../hiring/audit.ts'
import type { Exercises } from '../hiring/exercises.ts'
import type { ScoreSheets } from '../hiring/score-sheets.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import type { PracticeDeps } from '../practice/deps.ts'
import type { Readiness } from '../readiness.ts'
import type { Renderer } from '../render/page.ts'
import type { Rooms } from '../workshops/rooms.ts'

export interface AppDeps extends PracticeDeps {
  config: Config
  /** Signs cookies and form tokens. */
  secret: string
  accounts: Accounts
  sessions: Sessions
  staff: Staff
  /** Undefined when no mail server is configured: links are written to the log then. */
  mail: Mail | undefined
  /** Undefined when nobody signs in by a provider. */
  oidc: Oidc | undefined
  /** Undefined when no learning platform is registered. */
  lti: Lti | undefined
  /** Undefined when Greenhouse has no key here. */
  greenhouse: Greenhouse | undefined
  /** Undefined when Ashby has no key here. */
  ashby: Ashby | undefined
  gradings: Gradings
  rooms: Rooms
  exercises: Exercises
  scoreSheets: ScoreSheets
  audit: Audit
  /** Of webhooks. */
  deliveries: Deliveries
  sandboxes: Sandboxes
  renderer: Renderer
  readiness: Readiness
  logger: Logger
  /** Undefined when nobody collects them. */
  traces?: { request: RequestHandler } | undefined
}
