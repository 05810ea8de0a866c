import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admissionChain, statusAdmission } from '../../../sim/apiserver/admission/chain.ts'

test('the plugins have the names and the order of the real server, quotas last', () => {
  assert.deepEqual(
    admissionChain.map(({ name }) => name),
    [
      // No plugin there: the storage of roles and bindings checks it.
      'RBACEscalation',
      'NamespaceLifecycle',
      'LimitRanger',
      'ServiceAccount',
      'NodeRestriction',
      'PodSecurity',
      'Priority',
      'DefaultTolerationSeconds',
      'DefaultStorageClass',
      'StorageObjectInUseProtection',
      'PersistentVolumeClaimResize',
      'RuntimeClass',
      'CertificateApproval',
      'CertificateSubjectRestriction',
      'DefaultIngressClass',
      'PodTopologyLabels',
      'PodResizeValidator',
      'MutatingAdmissionPolicy',
      'MutatingAdmissionWebhook',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionWebhook',
      'ResourceQuota',
    ],
  )
  assert.deepEqual(
    statusAdmission.map(({ name }) => name),
    ['NodeRestriction', 'MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'],
  )
})
