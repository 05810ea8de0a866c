/** Sends mail through the server that the configuration names. */
import { createTransport } from 'nodemailer'

export interface Letter {
  to: string
  subject: string
  text: string
}

export interface Mail {
  /** Resolves when the server has taken the letter. @throws MailFailed */
  send(letter: Letter): Promise<void>
}

/** Says what failed without the address that it was for. */
class MailFailed extends Error {
  override readonly name = 'MailFailed'
}

/** The longest to wait for each answer of the mail server. */
const patienceMs = 15_000

/** @param url `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte */
export function createMail({ url, from }: { url: string; from: string }): Mail {
  const transport = createTransport({
    url,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    // Nothing that somebody typed is read as a file or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text }).catch((error: unknown) => {
        const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string }
        throw new MailFailed(
          `the mail server did not take a letter: ${[code, command, responseCode].filter(Boolean).join(' ')}`,
        )
      })
    },
  }
}
