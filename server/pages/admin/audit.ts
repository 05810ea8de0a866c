/** The audit log, for admins: the latest entries, and whether the chain is as it was written. */
import type { Request, RequestHandler, Response } from 'express'
import { type Anchor, parseAnchor, printAnchor, verifyChain } from '../../hiring/audit.ts'
import { t } from '../../i18n/translate.ts'
import { DocumentUnreadable } from '../../storage/documents.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'
import { printDay } from '../time.ts'

const perPage = 100

export function auditPage(deps: AppDeps): RequestHandler {
  return async (req: Request, res: Response) => {
    const typed = query(req, 'anchor').trim()
    const anchor: Anchor | undefined = typed === '' ? undefined : parseAnchor(typed)
    const problem = typed !== '' && !anchor ? t('An anchor is written as 12:9f86d0…, with 64 hexadecimal digits.') : ''
    const read = await entriesOf(deps)
    const entries = 'broken' in read ? [] : read
    const verdict = 'broken' in read ? undefined : verifyChain(entries, anchor)
    const members = await deps.staff.list()
    const names = new Map<string, string>()
    for (const { account } of members) {
      const learnerId = (await deps.accounts.find(account))?.learnerId
      if (learnerId) names.set(learnerId, account)
    }
    const before = Number(query(req, 'before')) || Number.POSITIVE_INFINITY
    const shown = entries
      .filter(({ seq }) => seq < before)
      .slice(-perPage)
      .reverse()
    const last = shown.at(-1)
    deps.renderer.send(req, res, {
      template: 'admin/audit',
      title: t('Audit log'),
      section: 'account',
      status: problem ? 422 : 200,
      model: {
        ...{ typed, problem, count: entries.length, isAnchored: anchor !== undefined },
        broken:
          'broken' in read
            ? read.broken
            : verdict?.isWhole === false
              ? t(verdict.problem.text, verdict.problem.values)
              : '',
        brokenAt: verdict?.isWhole === false ? verdict.at : undefined,
        head: verdict?.isWhole && verdict.head ? printAnchor(verdict.head) : undefined,
        older: last && last.seq > 1 && entries[0]!.seq < last.seq ? `/admin/audit?before=${last.seq}` : undefined,
        rows: shown.map(({ seq, atMs, who, act, what, hash }) => ({
          ...{ seq, at: printDay(atMs), who: names.get(who) ?? who, act, hash: hash.slice(0, 12) },
          what: Object.entries(what).map(([name, value]) => ({ name, value: String(value) })),
        })),
      },
    })
  }
}

/** Entries of another shape than they are written in, and parts that are gone, are told as what they are. */
async function entriesOf({ audit }: Pick<AppDeps, 'audit'>) {
  try {
    return await audit.entries()
  } catch (error) {
    if (error instanceof DocumentUnreadable || (error instanceof Error && /^(?:segment )?audit/.test(error.message)))
      return { broken: error.message }
    throw error
  }
}
