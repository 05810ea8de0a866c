/** Why accounts refuse something, in words and as a status. */
import { linkMinutes, type Refusal } from '../accounts/accounts.ts'
import { longest, shortest } from '../accounts/passphrase.ts'
import { t, tn } from '../i18n/translate.ts'

const passphraseWords = {
  empty: () => t('Type a passphrase, or use the one that was made for you.'),
  short: () => t('A passphrase needs {n} characters or more. Several words are easy to keep.', { n: shortest }),
  long: () => t('A passphrase has {n} characters at most.', { n: longest }),
  plain: () => t('This is too easy to guess: it repeats a few letters.'),
  name: () => t('This is too easy to guess: it is little more than the name of the account.'),
}

/** Why something was refused, for the page. */
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
      return t('The name or the passphrase is wrong. Check for capital letters and missing words.')
    case 'current':
      return t('This is not your current passphrase.')
    case 'wait': {
      const { n } = minutesOf(refusal)
      return tn(
        n,
        'Too many tries. Wait {n} minute, then try again.',
        'Too many tries. Wait {n} minutes, then try again.',
      )
    }
    case 'made':
      return t('Many accounts were made from your address. Wait {n} minutes, then make yours.', minutesOf(refusal))
    case 'names':
      return t('Many taken names were tried from your address. Wait {n} minutes, then try again.', minutesOf(refusal))
    case 'links':
      return t(
        'Enough links were requested for this account. The latest one still works unless it was used: look for it, or wait {n} minutes.',
        minutesOf(refusal),
      )
    case 'busy':
      return t('Many people are signing in right now. Try again in a moment.')
    case 'mail-form':
      return t('This is not an email address such as name@example.org.')
    case 'mail-taken':
      return t('Another account has this address.')
    case 'link':
      return t('This link has already been used, or is older than {n} minutes. Ask for another one.', {
        n: linkMinutes,
      })
  }
}

const minutesOf = ({ waitMs }: { waitMs: number }) => ({ n: Math.ceil(waitMs / 60_000) })

const statuses: Partial<Record<Refusal['refused'], number>> = {
  wait: 429,
  made: 429,
  names: 429,
  links: 429,
  busy: 503,
  link: 410,
}

export const statusOf = ({ refused }: Refusal): number => statuses[refused] ?? 422
