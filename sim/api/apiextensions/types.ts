/** Types of apiextensions.k8s.io/v1. */
import type { KubeObject } from '../meta/object.ts'
import type { WebhookClientConfig } from '../meta/webhook-client.ts'

/** JSONSchemaProps, as far as a structural schema may say it. */
export interface JsonSchema {
  description?: string
  type?: string
  format?: string
  title?: string
  nullable?: boolean
  default?: unknown
  enum?: unknown[]
  required?: string[]
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  maximum?: number
  exclusiveMaximum?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  multipleOf?: number
  maxLength?: number
  minLength?: number
  pattern?: string
  maxItems?: number
  minItems?: number
  uniqueItems?: boolean
  maxProperties?: number
  minProperties?: number
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: ValidationRule[]
}

export interface ValidationRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: string
  fieldPath?: string
  optionalOldSelf?: boolean
}

export interface PrinterColumn {
  name?: string
  type?: string
  format?: string
  description?: string
  priority?: number
  jsonPath?: string
}

export interface ScaleSubresource {
  specReplicasPath?: string
  statusReplicasPath?: string
  labelSelectorPath?: string
}

export interface DefinitionVersion {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: { openAPIV3Schema?: JsonSchema }
  subresources?: { status?: object; scale?: ScaleSubresource }
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: { jsonPath?: string }[]
}

export interface DefinitionNames {
  plural?: string
  singular?: string
  kind?: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export interface DefinitionCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason?: string
  message?: string
  lastTransitionTime?: string
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string
    scope: string
    names: DefinitionNames
    versions: DefinitionVersion[]
    conversion?: {
      strategy?: string
      webhook?: { clientConfig?: WebhookClientConfig; conversionReviewVersions?: string[] }
    }
    preserveUnknownFields?: boolean
  }
  status: {
    acceptedNames?: DefinitionNames
    conditions?: DefinitionCondition[]
    storedVersions?: string[]
  }
}

/** Whether the condition stands, and is true. */
export const isTrue = ({ status }: CustomResourceDefinition, type: string): boolean =>
  status.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
