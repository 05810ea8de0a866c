/** Whom tries are counted for: an address, and with IPv6 the network that one household or machine has for itself. */
import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

export const callerOf = (req: Request): string => ipKeyGenerator(req.ip ?? '', 64)
