/** The charts that the repository and the registry serve, written for images that the cluster's registry has. */
import { guestbook } from './guestbook.ts'
import { nginx } from './nginx.ts'
import { postgresql } from './postgresql.ts'
import type { PublishedChart } from './published.ts'
import { redis } from './redis.ts'

export const charts: readonly PublishedChart[] = [...guestbook, ...nginx, ...postgresql, ...redis]
