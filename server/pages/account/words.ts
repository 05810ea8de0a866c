/** What the pages of the account say of what was done, and what their form for a passphrase holds. */
import { t } from '../../i18n/translate.ts'

export interface PassphraseForm {
  which: 'made' | 'own'
  /** The one that was drawn. */
  made: string
  /** What is said of it, where it is shown. */
  advice: string
  isOpen: boolean
  problem: string
  /** The control to fix. */
  at: 'current' | 'own' | 'again' | 'saved' | undefined
}

/** Of a link to sign in: what it is, before it is asked for, and what has become of it since. */
export const mailedLink = () => ({
  about: t(
    'A link can sign you in once. It is sent to the email address that you gave your account, and you can set a new passphrase then.',
  ),
  sent: t(
    'If the account exists and has an email address, a link to sign in is on its way there. It works for 15 minutes. Without an address, the operator of this server finds it in the server’s log.',
  ),
})

/** The same where the server sends no mail. */
export const loggedLink = () => ({
  about: t(
    'A link can sign you in once. This server sends no email: the link is written to its log, and the operator of the server can give it to you. You can set a new passphrase then.',
  ),
  sent: t(
    'If the account exists, a link to sign in is in the server’s log now, and the operator of this server can give it to you. It works for 15 minutes.',
  ),
})

/** Of what the address says was done; empty for anything else. */
export function doneWords(done: string): string {
  switch (done) {
    case 'made':
      return t(
        'The account is made, and this browser is signed in. Sign in on your other devices, and all your work is there too.',
      )
    case 'signed-in':
      return t('You are signed in.')
    case 'merged':
      return t('Your earlier work is part of your account now. Nothing was lost.')
    case 'left':
      return t('Your earlier work stays in this browser. You see it again when you sign out.')
    case 'signed-out':
      return t('You are signed out. Your work is in the account, and this browser is as it was before.')
    case 'others':
      return t('All other browsers are signed out.')
    case 'passphrase':
      return t('The passphrase is changed, and all other browsers are signed out.')
    case 'mail':
      return t('The email address is confirmed. Links to sign in can be sent there.')
    case 'mail-sent':
      return t('An email is on its way. Open the link in it in this browser.')
    case 'mail-removed':
      return t('The email address is removed.')
    case 'removed':
      return t('The account is deleted. Your work stays in this browser, and all other browsers are signed out.')
    default:
      return ''
  }
}
