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
    'A link can sign you in once. It is sent to the mail address that you gave your account, and you can set a new passphrase then.',
  ),
  sent: t(
    'If there is such an account and it has a mail address, a link to sign in is on its way there. It is good for 15 minutes. Without an address, whoever runs this server finds it in the server’s log.',
  ),
})

/** The same where the server sends no mail. */
export const loggedLink = () => ({
  about: t(
    'A link can sign you in once. This server sends no mail: the link is written to its log, and whoever runs it can give it to you. You can set a new passphrase then.',
  ),
  sent: t(
    'If there is such an account, a link to sign in stands in the server’s log now, for whoever runs this server to give to you. It is good for 15 minutes.',
  ),
})

/** Of what the address says was done; empty for anything else. */
export function doneWords(done: string): string {
  switch (done) {
    case 'made':
      return t(
        'The account is there, and this browser is signed in. What you did and will do is on your other devices too, once you sign in there.',
      )
    case 'signed-in':
      return t('You are signed in.')
    case 'merged':
      return t('The work of before is part of your account now. Nothing was lost.')
    case 'left':
      return t('The work of before stays in this browser. It is there again when you sign out.')
    case 'signed-out':
      return t('You are signed out. Your work is in the account, and this browser is as it was before.')
    case 'others':
      return t('All other browsers are signed out.')
    case 'passphrase':
      return t('The passphrase is changed, and all other browsers are signed out.')
    case 'mail':
      return t('The mail address is confirmed. Links to sign in can be sent there.')
    case 'mail-sent':
      return t('A letter is on its way. Open the link in it in this browser.')
    case 'mail-removed':
      return t('The mail address is removed.')
    case 'removed':
      return t('The account is deleted. Your work stays in this browser, and all other browsers are signed out.')
    default:
      return ''
  }
}
