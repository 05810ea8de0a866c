/** Flags that Helm's commands share. */
import type { Flag } from '../kubectl/flags.ts'

export const helmGlobalFlags: readonly Flag[] = [
  { name: 'namespace', short: 'n', type: 'string', help: 'namespace scope for this request' },
  { name: 'kube-context', type: 'string', help: 'name of the kubeconfig context to use' },
  { name: 'kubeconfig', type: 'string', help: 'path to the kubeconfig file' },
  { name: 'kube-as-user', type: 'string', help: 'username to impersonate for the operation' },
  { name: 'kube-as-group', type: 'array', help: 'group to impersonate for the operation, repeated for more' },
  { name: 'debug', type: 'bool', help: 'enable verbose output' },
  { name: 'registry-config', type: 'string', help: 'path to the registry config file' },
  { name: 'repository-config', type: 'string', help: 'path to the file with repository names and URLs' },
  { name: 'repository-cache', type: 'string', help: 'path to the folder with cached repository indexes' },
  { name: 'help', short: 'h', type: 'bool', help: 'help for the command' },
]

export const valuesFlags: readonly Flag[] = [
  { name: 'values', short: 'f', type: 'list', help: 'specify values in a YAML file (can specify multiple)' },
  { name: 'set', type: 'array', help: 'set values on the command line: key1=val1,key2=val2' },
  { name: 'set-string', type: 'array', help: 'set STRING values on the command line: key1=val1,key2=val2' },
  { name: 'set-file', type: 'array', help: 'set values from files on the command line: key1=path1,key2=path2' },
  { name: 'set-json', type: 'array', help: 'set JSON values on the command line: key1=jsonval1 or a JSON object' },
  { name: 'set-literal', type: 'array', help: 'set a literal STRING value on the command line' },
]

export const chartFlags: readonly Flag[] = [
  { name: 'version', type: 'string', help: 'a version constraint for the chart version to use' },
  { name: 'repo', type: 'string', help: 'chart repository url where to locate the requested chart' },
  { name: 'devel', type: 'bool', help: "use development versions, too: the same as version '>0.0.0-0'" },
]

export const outputFlag: Flag = {
  name: 'output',
  short: 'o',
  type: 'string',
  default: 'table',
  help: 'prints the output in the specified format. Allowed values: table, json, yaml',
}

export const timeoutFlag: Flag = {
  name: 'timeout',
  type: 'duration',
  default: 300_000,
  help: 'time to wait for any individual Kubernetes operation (like Jobs for hooks)',
}

const dryRunFlag: Flag = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  bare: 'client',
  help: 'simulate the operation: none, client, server',
}

/** What install, upgrade and template have in common. */
export const installFlags: readonly Flag[] = [
  ...valuesFlags,
  ...chartFlags,
  timeoutFlag,
  dryRunFlag,
  { name: 'create-namespace', type: 'bool', help: 'create the release namespace if not present' },
  { name: 'no-hooks', type: 'bool', help: 'prevent hooks from running' },
  { name: 'wait', type: 'bool', help: 'wait until all resources are ready before marking the release as successful' },
  { name: 'wait-for-jobs', type: 'bool', help: 'with --wait, wait until all Jobs have been completed, too' },
  { name: 'description', type: 'string', help: 'add a custom description' },
  { name: 'atomic', type: 'bool', help: 'undo a failed operation; --wait is set with it' },
  { name: 'rollback-on-failure', type: 'bool', help: "Helm 4's name of --atomic" },
  { name: 'skip-crds', type: 'bool', help: 'install no CRDs' },
  { name: 'render-subchart-notes', type: 'bool', help: 'render subchart notes along with the parent' },
  { name: 'labels', short: 'l', type: 'pairs', help: 'labels that are added to the release metadata' },
  { name: 'skip-schema-validation', type: 'bool', help: 'disable JSON schema validation' },
  { name: 'disable-openapi-validation', type: 'bool', help: 'do not validate against the Kubernetes OpenAPI schema' },
  { name: 'dependency-update', type: 'bool', help: 'update dependencies if they are missing' },
  { name: 'take-ownership', type: 'bool', help: 'take over resources that belong to no release or another one' },
  { name: 'hide-notes', type: 'bool', help: 'do not show notes in the output' },
  { name: 'hide-secret', type: 'bool', help: 'hide Secrets when --dry-run is used' },
  { name: 'force', type: 'bool', help: 'force resource updates through a replacement strategy' },
]
