/** Which names a CustomResourceDefinition gets. Source: k8s.io/apiextensions-apiserver/pkg/controller/status/naming_controller.go */
import type { CustomResourceDefinition, DefinitionCondition, DefinitionNames } from '../../api/apiextensions/types.ts'
import { equalJson } from '../../api/meta/json.ts'

export interface Naming {
  acceptedNames: DefinitionNames
  namesAccepted: Pick<DefinitionCondition, 'status' | 'reason' | 'message'>
}

/** @param others the other definitions of the group: names that they have got are theirs */
export function acceptNames(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): Naming {
  const wanted = definition.spec.names
  const accepted = definition.status.acceptedNames ?? {}
  const theirs = others.map(({ status }) => status.acceptedNames ?? {})
  const resources = new Set(
    theirs.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular, ...shortNames]),
  )
  const kinds = new Set(theirs.flatMap(({ kind, listKind }) => [kind, listKind]))
  const result: DefinitionNames = { ...accepted }
  let refused: { reason: string; message: string } | undefined
  const refuse = (reason: string, names: readonly (string | undefined)[]): void => {
    const told = names.map((name) => `${JSON.stringify(name)} is already in use`)
    refused = { reason, message: told.length === 1 ? told[0] : `[${told.join(', ')}]` }
  }
  const claim = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    taken: ReadonlySet<unknown>,
    reason: string,
  ): void => {
    if (wanted[field] !== accepted[field] && taken.has(wanted[field])) refuse(reason, [wanted[field]])
    else result[field] = wanted[field]
  }
  claim('plural', resources, 'PluralConflict')
  claim('singular', resources, 'SingularConflict')
  if (!equalJson(wanted.shortNames, accepted.shortNames)) {
    const taken = (wanted.shortNames ?? []).filter(
      (name) => !accepted.shortNames?.includes(name) && resources.has(name),
    )
    if (taken.length > 0) refuse('ShortNamesConflict', taken)
    else result.shortNames = wanted.shortNames
  }
  claim('kind', kinds, 'KindConflict')
  claim('listKind', kinds, 'ListKindConflict')
  result.categories = wanted.categories
  return {
    acceptedNames: JSON.parse(JSON.stringify(result)) as DefinitionNames,
    namesAccepted: refused
      ? { status: 'False', ...refused }
      : { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  }
}
