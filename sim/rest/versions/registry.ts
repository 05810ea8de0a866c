/** Versions that are served besides the stored ones: a line each. */
import { autoscalersV1 } from './autoscaling-v1.ts'
import { eventsV1 } from './events-v1.ts'
import type { OtherVersion } from './version.ts'

export const otherVersions: readonly OtherVersion[] = [autoscalersV1, eventsV1]
