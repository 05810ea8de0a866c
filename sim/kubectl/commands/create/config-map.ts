/** kubectl create configmap. Source: k8s.io/kubectl/pkg/cmd/create/create_configmap.go */

import { sorted } from '../../../api/meta/go-json.ts'
import { configKeyErrors } from '../../../api/meta/names.ts'
import { KubectlError } from '../../errors.ts'
import { nameHash } from '../../name-hash.ts'
import { generatorCommand } from './generator.ts'
import { appendHashFlag, emptyRecord, readSources, sourceFlags } from './sources.ts'

export const createConfigMap = generatorCommand({
  name: 'configmap',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  flags: [...sourceFlags, appendHashFlag],
  failure: 'failed to create configmap: ',
  build(invocation, name) {
    const data = emptyRecord()
    const binaryData = emptyRecord()
    readSources(invocation, (key, value) => {
      const problems = configKeyErrors(key)
      if (problems.length > 0)
        throw new KubectlError(`${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${problems.join(',')}`)
      const field = key in data ? 'Data' : key in binaryData ? 'BinaryData' : undefined
      if (field)
        throw new KubectlError(
          `cannot add key "${key}", another key by that name already exists in ${field} for ConfigMap "${name}"`,
        )
      if (typeof value === 'string') data[key] = value
      else binaryData[key] = value.base64
    })
    const binary = Object.keys(binaryData).length > 0 ? { binaryData: sorted(binaryData) } : {}
    const hash = invocation.flags.bool('append-hash')
      ? `-${nameHash({ kind: 'ConfigMap', name, data, ...binary })}`
      : ''
    return {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: name + hash },
      ...(Object.keys(data).length > 0 ? { data: sorted(data) } : {}),
      ...binary,
    }
  },
})
