/** Where the site is found, for links that leave it: as the operator says, else as the browser has found it. */
import type { Request } from 'express'
import type { AppDeps } from './deps.ts'

export const siteOrigin = (req: Request, { publicUrl }: AppDeps['config']): string =>
  publicUrl ?? `${req.protocol}://${req.get('host') ?? 'localhost'}`
