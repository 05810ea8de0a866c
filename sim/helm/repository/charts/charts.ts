/** The charts that the repository and the registry serve, written for images that the cluster's registry has. */
import type { ChartFile } from '../../chart/chart.ts'
import { guestbook } from './guestbook.ts'
import { nginx } from './nginx.ts'
import { postgresql } from './postgresql.ts'
import { redis } from './redis.ts'

export interface PublishedChart {
  name: string
  version: string
  appVersion: string
  description: string
  keywords: readonly string[]
  files: readonly ChartFile[]
}

export const charts: readonly PublishedChart[] = [...guestbook, ...nginx, ...postgresql, ...redis]
