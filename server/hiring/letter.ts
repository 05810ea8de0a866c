/** The letter that invites a candidate, in their language. */
import { type Locale, runInLocale } from '../i18n/locale.ts'
import { t } from '../i18n/translate.ts'
import type { Job } from '../storage/hiring.ts'
import type { Exercise } from './exercises.ts'
import type { Person, Terms } from './invitations.ts'

/** @param day the last one to begin, as people of that language write it */
export function invitationLetter(
  { job, exercise }: { job: Pick<Job, 'title' | 'contact'>; exercise: Exercise },
  { name }: Pick<Person, 'name'>,
  link: string,
  { language }: Pick<Terms, 'language'>,
  day: () => string,
): { subject: string; text: string } {
  const minutes = Math.round((exercise.clock.durationMs ?? 0) / 60_000)
  return runInLocale(language as Locale, () => ({
    subject: t('Your exercise for {job}', { job: job.title }),
    text: [
      t('Hello {name},', { name }),
      t(
        'you are invited to an exercise for {job}: {title}, {n} minutes of work in a simulated Kubernetes cluster, in your browser.',
        { job: job.title, title: exercise.title, n: minutes },
      ),
      t(
        'This link is yours. It tells you the rules first; the clock runs only when you press Start. Begin by {day} (UTC).',
        { day: day() },
      ),
      link,
      t('Questions: {contact}', { contact: job.contact }),
    ].join('\n\n'),
  }))
}
