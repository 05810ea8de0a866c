/**
 * Who casts a vote. In an anonymous poll it is a mark that only this server can make of a seat: the same seat has the same mark in each round,
 * so that it votes once and can change its mind, and nothing that is stored says whose it is.
 */
import { createHmac } from 'node:crypto'
import type { Step } from './room-acts.ts'

export function voterOf(secret: string, workshopId: string, step: Step, seat: string): string {
  if (!step.poll?.isAnonymous) return seat
  const mark = createHmac('sha256', secret).update(`ballot ${workshopId} ${step.id} ${seat}`).digest('base64url')
  return `~${mark.slice(0, 24)}`
}
