/** kubectl create quota. Source: k8s.io/kubectl/pkg/cmd/create/create_quota.go */

import { sorted } from '../../../api/meta/go-json.ts'
import { canonicalQuantity, quantityError } from '../../../api/meta/quantity.ts'
import { KubectlError } from '../../errors.ts'
import { generatorCommand } from './generator.ts'

export const createQuota = generatorCommand({
  name: 'quota',
  aliases: ['resourcequota'],
  short: 'Create a quota with the specified name',
  failure: 'failed to create quota: ',
  usage: 'NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none] [options]',
  flags: [
    {
      name: 'hard',
      type: 'string',
      help: 'A comma-delimited set of resource=quantity pairs that define a hard limit.',
    },
    {
      name: 'scopes',
      type: 'string',
      help: 'A comma-delimited set of quota scopes that must all match each object tracked by the quota.',
    },
  ],
  build({ flags }, name) {
    const hard = parseResources(flags.string('hard'))
    const scopes = flags.string('scopes').split(',').filter(Boolean)
    return {
      kind: 'ResourceQuota',
      apiVersion: 'v1',
      metadata: { name },
      spec: {
        ...(Object.keys(hard).length > 0 ? { hard } : {}),
        ...(scopes.length > 0 ? { scopes } : {}),
      },
      status: {},
    }
  },
})

/** `pods=2,services=1`. @throws KubectlError */
function parseResources(text: string): Record<string, string> {
  const resources: Record<string, string> = {}
  for (const pair of text === '' ? [] : text.split(',')) {
    const parts = pair.split('=')
    if (parts.length !== 2) throw new KubectlError(`Invalid argument syntax ${pair}, expected <resource>=<value>`)
    const problem = quantityError(parts[1])
    if (problem) throw new KubectlError(problem)
    resources[parts[0]] = canonicalQuantity(parts[1])
  }
  return sorted(resources)
}
