/** Signs what is sent, as Standard Webhooks says (https://www.standardwebhooks.com): a receiver checks it with any of its libraries. */
import { createHash, createHmac } from 'node:crypto'
import type { Webhook } from '../storage/webhooks.ts'

/** The secret of a webhook, as its receiver has it. It is drawn from the nonce, so that whoever reads what is stored has none. */
export const secretOf = (nonce: string, serverSecret: string): string =>
  `whsec_${createHmac('sha256', serverSecret).update(`webhook ${nonce}`).digest('base64')}`

export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Those that are good at that moment. */
export const secretsAt = ({ secrets }: Pick<Webhook, 'secrets'>, nowMs: number): Webhook['secrets'] =>
  secrets.filter(({ untilMs }) => untilMs === null || untilMs > nowMs)

/** What stands above the body: one signature for each secret. @param atMs of this try, not of what is told */
export function signedHeaders(
  id: string,
  atMs: number,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000))
  const sign = (secret: string): string =>
    createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(secret)}`).join(' '),
  }
}
