/** What a learner's work is done with, whichever page it is done on. */
import type { Catalog } from '../catalog/types.ts'
import type { Journals } from '../journal/journals.ts'
import type { Labs } from '../labs/types.ts'
import type { Storage } from '../storage/types.ts'

export interface PracticeDeps {
  storage: Storage
  journals: Journals
  labs: Labs
  /** The content as it is now; it may change while developing. */
  catalog: () => Catalog
  /** Milliseconds since 1970. */
  now: () => number
  /** A name that nobody guesses and nothing else has. */
  newId: () => string
}
