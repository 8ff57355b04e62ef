import { type FieldErrors, type FieldValues, get, type Resolver, set } from 'react-hook-form';
import { type GenericSchema, getDotPath, type InferInput, type InferOutput, safeParse } from 'valibot';

export type FormSchema = GenericSchema<FieldValues, FieldValues>;

/** Checks a form by a schema: every field gets the first thing that is wrong with it. */
export function resolverOf<S extends FormSchema>(
  schema: S,
): Resolver<InferInput<S>, unknown, InferOutput<S>> {
  return (values) => {
    const checked = safeParse(schema, values);
    if (checked.success) return { values: checked.output as InferOutput<S>, errors: {} };
    const errors: FieldErrors<FieldValues> = {};
    for (const issue of checked.issues) {
      // As deep as the values are: `schedule.times` is the times of the schedule.
      const path = getDotPath(issue) ?? 'root';
      if (!get(errors, path)) set(errors, path, { type: issue.type, message: issue.message });
    }
    return { values: {}, errors: errors as FieldErrors<InferInput<S>> };
  };
}
