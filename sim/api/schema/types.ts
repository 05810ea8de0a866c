/** The form in which the API's types are described. */

/** An OpenAPI schema, as far as Kubernetes uses it. A definition is one of type object with properties. */
export interface Schema {
  description?: string
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'
  /** int32, int64, double, byte, date-time, quantity, int-or-string */
  format?: string
  enum?: readonly string[]
  items?: Schema
  additionalProperties?: Schema
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  /** The name of another definition: `io.k8s.api.core.v1.PodSpec`. */
  $ref?: string
}
