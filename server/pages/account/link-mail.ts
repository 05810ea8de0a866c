/** Links that sign in: by mail where there is a mail server, else in the server's log, for whoever runs it. */
import type { Request } from 'express'
import { linkMinutes } from '../../accounts/accounts.ts'
import { t } from '../../i18n/translate.ts'
import type { Account } from '../../storage/types.ts'
import type { AppDeps } from '../deps.ts'

export function linkMail({ config, mail, logger }: AppDeps) {
  const urlOf = (site: string, token: string): string => `${site}/account/link?token=${token}`

  const sendLetter = async (letter: { to: string; subject: string; text: string }): Promise<boolean> => {
    try {
      await mail!.send(letter)
      return true
    } catch (error) {
      logger.error({ err: error }, 'a letter could not be sent')
      return false
    }
  }

  return {
    /** There is somewhere for a link to go. */
    isPossible: mail !== undefined || logger.isLevelEnabled('info'),

    /**
     * Where links of a request lead: asked for when it comes, since a socket that has closed knows no port. Never from the request's own
     * word for the site: whoever sends it could have the link lead elsewhere.
     */
    siteOf: (req: Request): string => config.publicUrl ?? `http://localhost:${req.socket.localPort ?? config.port}`,

    sendLink(site: string, account: Account, token: string): void {
      const url = urlOf(site, token)
      if (mail && account.mail !== null)
        void sendLetter({
          to: account.mail,
          subject: t('Sign in to Podium as {name}', { name: account.name }),
          text: `${t('Open this link within {n} minutes to sign in as {name}. It works once.', { n: linkMinutes, name: account.name })}\n\n${url}\n\n${t('If you did not ask for it, do nothing: nobody gets in without the link.')}\n`,
        })
      else logger.info(`sign-in link for the account "${account.name}", good for ${linkMinutes} minutes: ${url}`)
    },

    /** @returns false when the mail server did not take it */
    sendConfirmation: (site: string, name: string, { mail: to, token }: { mail: string; token: string }) =>
      sendLetter({
        to,
        subject: t('Confirm your address for Podium'),
        text: `${t('Open this link within {n} minutes to have links to sign in as {name} sent to this address.', { n: linkMinutes, name })}\n\n${urlOf(site, token)}\n\n${t('If you did not ask for it, do nothing: nobody gets in without the link.')}\n`,
      }),
  }
}
