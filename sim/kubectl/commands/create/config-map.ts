/** kubectl create configmap */
import { generatorCommand } from './generator.ts'
import { readSources, sourceFlags } from './sources.ts'

export const createConfigMap = generatorCommand({
  name: 'configmap',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  flags: sourceFlags,
  failure: 'failed to create configmap: ',
  build(invocation, name) {
    const data = readSources(invocation, 'configmap')
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      ...(Object.keys(data).length > 0 ? { data } : {}),
    }
  },
})
