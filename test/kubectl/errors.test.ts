import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invalid, invalidObject, required } from '../../sim/api/meta/field-error.ts'
import { alreadyExists, notFound, StatusError } from '../../sim/api/meta/status-error.ts'
import { createCluster } from '../../sim/index.ts'
import { ActionError, KubectlError, ManyErrors, printError } from '../../sim/kubectl/errors.ts'
import { suggest } from '../../sim/kubectl/suggestions.ts'

const cases: { name: string; error: unknown; want: string }[] = [
  {
    name: 'a missing object',
    error: notFound('pods', 'x'),
    want: 'Error from server (NotFound): pods "x" not found\n',
  },
  {
    name: 'a refusal with what was being done',
    error: new ActionError('error when creating "STDIN": ', alreadyExists('deployments.apps', 'web')),
    want: 'Error from server (AlreadyExists): error when creating "STDIN": deployments.apps "web" already exists\n',
  },
  {
    name: 'one wrong field, without what was being done',
    error: new ActionError(
      'error when creating "STDIN": ',
      invalidObject('', 'Pod', 'p', [required('spec.containers')]),
    ),
    want: 'The Pod "p" is invalid: spec.containers: Required value\n',
  },
  {
    name: 'several wrong fields',
    error: invalidObject('apps', 'Deployment', 'd', [
      required('spec.selector'),
      invalid('spec.replicas', -1, 'must be greater than or equal to 0'),
    ]),
    want: 'The Deployment "d" is invalid: \n* spec.selector: Required value\n* spec.replicas: Invalid value: -1: must be greater than or equal to 0\n',
  },
  {
    name: 'no identity',
    error: new StatusError(401, 'Unauthorized', 'Unauthorized'),
    want: 'error: You must be logged in to the server (Unauthorized)\n',
  },
  {
    name: 'a failure of kubectl',
    error: new KubectlError('no objects passed to apply'),
    want: 'error: no objects passed to apply\n',
  },
  {
    name: 'several failures',
    error: new ManyErrors([new KubectlError('one'), notFound('pods', 'x')]),
    want: 'one\nError from server (NotFound): pods "x" not found\n',
  },
]
for (const { name, error, want } of cases) {
  test(`printError words ${name}`, () => assert.equal(printError(error), want))
}

test('suggest finds names two edits away and those that begin with the word', () => {
  assert.deepEqual(suggest('gett', ['get', 'set', 'delete', 'explain']), ['get', 'set'])
  assert.deepEqual(suggest('roll', ['rollout', 'run']), ['rollout'])
})

test('a line that fails before it asked the cluster says why, and does not look for a cluster to be warned by', () => {
  const cluster = createCluster({ seed: 'x', shape: { nodes: [{ name: 'node-1' }] } })
  const { exit, stderr } = cluster.execute({
    ...{ op: 'kubectl', line: 'kubectl config current-context --kubeconfig=nope' },
    workplace: { directory: '/home/learner', environment: { HOME: '/home/learner' }, files: {} },
  })
  assert.deepEqual([exit, stderr], [1, 'error: current-context is not set\n'])
})
