/** What the pages of the account say: why something was refused, and what was done. */
import type { Refusal } from '../../accounts/accounts.ts'
import { linkMinutes } from '../../accounts/accounts.ts'
import { longest, shortest } from '../../accounts/passphrase.ts'
import { t, tn } from '../../i18n/translate.ts'

export interface PassphraseForm {
  which: 'made' | 'own'
  /** The one that was drawn. */
  made: string
  isOpen: boolean
  problem: string
  /** The control to mend. */
  at: 'current' | 'own' | 'again' | 'saved' | undefined
}

const passphraseWords = {
  empty: () => t('Type a passphrase, or take the one that was made for you.'),
  short: () => t('A passphrase needs {n} characters or more. Several words are easy to keep.', { n: shortest }),
  long: () => t('A passphrase has {n} characters at most.', { n: longest }),
  plain: () => t('This is too easy to guess: it repeats a few letters.'),
  name: () => t('This is too easy to guess: it is hardly more than the name of the account.'),
}

export function refusalWords(refusal: Refusal): string {
  switch (refusal.refused) {
    case 'name-form':
      return t(
        'A name has 3 to 40 letters a to z, digits and single hyphens, and begins and ends with a letter or digit.',
      )
    case 'name-taken':
      return t('This name is taken. Choose another one.')
    case 'passphrase':
      return passphraseWords[refusal.problem]()
    case 'wrong':
      return t('The name or the passphrase is not right. Look for capitals and missing words.')
    case 'current':
      return t('This is not the passphrase of today.')
    case 'wait': {
      const minutes = Math.ceil(refusal.waitMs / 60_000)
      return tn(
        minutes,
        'Too many tries. Wait {n} minute, then try again.',
        'Too many tries. Wait {n} minutes, then try again.',
      )
    }
    case 'busy':
      return t('Many people sign in just now. Try again in a moment.')
    case 'mail-form':
      return t('This is no mail address. One looks like name@example.org.')
    case 'mail-taken':
      return t('Another account has this address.')
    case 'link':
      return t('This link was used already, or is older than {n} minutes. Ask for another one.', { n: linkMinutes })
  }
}

const statuses: Partial<Record<Refusal['refused'], number>> = { wait: 429, busy: 503, link: 410 }

export const statusOf = ({ refused }: Refusal): number => statuses[refused] ?? 422

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
