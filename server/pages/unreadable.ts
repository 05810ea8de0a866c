/** Documents that wait for repair: a page that can do without one is shown without it, and says so; the others say what they lack. */
import type { Response } from 'express'
import { msg, t } from '../i18n/translate.ts'
import { contextOf } from '../render/page.ts'
import type { DocumentUnreadable } from '../storage/documents.ts'
import type { OnUnreadable } from '../storage/types.ts'

/** By the kind of the document. */
const names: Record<string, string> = {
  learners: msg('Your settings'),
  'sign-ins': msg('The list of browsers that you are signed in with'),
  accounts: msg('Your account'),
  answers: msg('Your answers to questions'),
  journals: msg('Something of what you did here'),
  'study-books': msg('Your bookmarks, your notes and which lessons you have read'),
  attempts: msg('An attempt at a challenge'),
  mocks: msg('A mock exam or interview'),
  'gradings-owed': msg('What you handed in to be graded'),
  sandboxes: msg('A sandbox'),
  'sandbox-logs': msg('The commands of a sandbox'),
  terminals: msg('The files of a terminal'),
}

/** What it is, in words. */
const nameOf = ({ kind }: DocumentUnreadable): string => t(names[kind] ?? msg('Something that is stored about you'))

/** Why a page cannot be shown. */
export const unreadableWords = (error: DocumentUnreadable): string =>
  t(
    '{what}: this cannot be read. Nothing has been overwritten, and it is kept for repair: please tell whoever runs this server. Pages that do not need it stay open to you.',
    { what: nameOf(error) },
  )

/** Has the page say that it is shown without that. */
export const leftOut =
  (res: Response): OnUnreadable =>
  (error) => {
    const context = contextOf(res)
    context.leftOut = [...new Set([...(context.leftOut ?? []), nameOf(error)])]
  }
