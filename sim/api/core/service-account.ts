/** ServiceAccount, core/v1. */

import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, nameColumn } from '../meta/table.ts'
import type { ServiceAccount } from './types.ts'

export const serviceAccounts: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'v1',
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  applyDefaults: () => {},
  // Of a reference to a Secret only the name is kept.
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  validate: (account) => validateObjectMeta(account.metadata, { isNamespaced: true, nameErrors: dnsSubdomainErrors }),
  validateUpdate: (account, old) => validateObjectMetaUpdate(account.metadata, old.metadata),
  hasStatus: false,
  columns: [nameColumn, ageColumn],
}

function keepSecretNames(account: ServiceAccount): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => ({ name }))
}
