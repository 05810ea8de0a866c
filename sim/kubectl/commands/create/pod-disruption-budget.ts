/** kubectl create poddisruptionbudget. Source: k8s.io/kubectl/pkg/cmd/create/create_pdb.go */

import type { JsonMap } from '../../../api/meta/go-json.ts'
import { selectorFromText } from '../../../api/meta/label-selector.ts'
import type { LabelSelector } from '../../../api/meta/object.ts'
import { KubectlError } from '../../errors.ts'
import { generatorCommand } from './generator.ts'

export const createPodDisruptionBudget = generatorCommand({
  name: 'poddisruptionbudget',
  aliases: ['pdb'],
  short: 'Create a pod disruption budget with the specified name',
  failure: 'failed to create poddisruptionbudgets: ',
  usage: 'NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]',
  flags: [
    {
      name: 'min-available',
      type: 'string',
      help: 'The minimum number or percentage of available pods this budget requires.',
    },
    {
      name: 'max-unavailable',
      type: 'string',
      help: 'The maximum number or percentage of unavailable pods this budget requires.',
    },
    {
      name: 'selector',
      type: 'string',
      help: 'A label selector to use for this budget. Only equality-based selector requirements are supported.',
    },
  ],
  build({ flags }, name) {
    const [least, most, selector] = ['min-available', 'max-unavailable', 'selector'].map((flag) => flags.string(flag))
    if (!selector) throw new KubectlError('a selector must be specified')
    if (!most && !least) throw new KubectlError('one of min-available or max-unavailable must be specified')
    if (least && most) throw new KubectlError('min-available and max-unavailable cannot be both specified')
    return {
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name },
      spec: {
        ...(least ? { minAvailable: parseCount('min-available', least) } : {}),
        selector: parseLabelSelector(selector) as unknown as JsonMap,
        ...(most ? { maxUnavailable: parseCount('max-unavailable', most) } : {}),
      },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    }
  },
})

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1, ParseToLabelSelector */
function parseLabelSelector(text: string): LabelSelector {
  try {
    const selector = selectorFromText(text)
    if (!text.includes('!=')) return selector
  } catch (error) {
    throw new KubectlError(`couldn't parse the selector string ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
  throw new KubectlError('"!=" is not a valid label selector operator')
}

/** `2`, `50%`. @throws KubectlError */
function parseCount(flag: string, text: string): number | string {
  if (/^\d+$/.test(text)) return Number(text)
  if (/^\d+%$/.test(text)) return text
  throw new KubectlError(`invalid format specified for ${flag}`)
}
