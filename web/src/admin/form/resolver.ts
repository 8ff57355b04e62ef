import type { FieldErrors, FieldValues, Resolver } from 'react-hook-form';
import { type GenericSchema, getDotPath, type InferInput, type InferOutput, safeParse } from 'valibot';

export type FormSchema = GenericSchema<FieldValues, FieldValues>;

/** Checks a form by a schema: every field gets the first thing that is wrong with it. */
export function resolverOf<S extends FormSchema>(
  schema: S,
): Resolver<InferInput<S>, unknown, InferOutput<S>> {
  return (values) => {
    const checked = safeParse(schema, values);
    if (checked.success) return { values: checked.output as InferOutput<S>, errors: {} };
    const errors: Record<string, { type: string; message: string }> = {};
    for (const issue of checked.issues) {
      errors[getDotPath(issue) ?? 'root'] ??= { type: issue.type, message: issue.message };
    }
    return { values: {}, errors: errors as FieldErrors<InferInput<S>> };
  };
}
