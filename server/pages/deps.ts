/** Everything the application is given. Tests give it memory, a fixed clock and a fake lab. */
import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Mail } from '../accounts/mail.ts'
import type { Sessions } from '../accounts/sessions.ts'
import type { Staff } from '../accounts/staff.ts'
import type { Catalog } from '../catalog/types.ts'
import type { Config } from '../config.ts'
import type { Gradings } from '../grading/gradings.ts'
import type { Journals } from '../journal/journals.ts'
import type { Sandboxes } from '../labs/sandboxes/types.ts'
import type { Labs } from '../labs/types.ts'
import type { Readiness } from '../readiness.ts'
import type { Renderer } from '../render/page.ts'
import type { Storage } from '../storage/types.ts'

export interface AppDeps {
  config: Config
  /** Signs cookies and form tokens. */
  secret: string
  storage: Storage
  journals: Journals
  accounts: Accounts
  sessions: Sessions
  staff: Staff
  /** Undefined when no mail server is configured: links are written to the log then. */
  mail: Mail | undefined
  labs: Labs
  gradings: Gradings
  sandboxes: Sandboxes
  /** The content as it is now; it may change while developing. */
  catalog: () => Catalog
  renderer: Renderer
  readiness: Readiness
  logger: Logger
  /** Milliseconds since 1970. */
  now: () => number
  /** A name that nobody guesses and nothing else has. */
  newId: () => string
}
