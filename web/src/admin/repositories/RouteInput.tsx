import type { Control, FieldPath, FieldValues } from 'react-hook-form';
import { useAdminText } from '../../i18n/admin';
import { RadioInput } from '../form/inputs';
import { ROUTES } from './repositories';

/** How agents are to reach a repository. */
export function RouteInput<Values extends FieldValues & { agent_route: (typeof ROUTES)[number] }>({
  control,
}: {
  // biome-ignore lint/suspicious/noExplicitAny: what the form becomes does not matter here
  control: Control<Values, unknown, any>;
}) {
  const text = useAdminText();
  return (
    <RadioInput
      control={control}
      name={'agent_route' as FieldPath<Values>}
      label={text('repository.route')}
      options={ROUTES.map((route) => ({
        value: route,
        label: text(`repository.route.${route}`),
        hint: text(`repository.route.${route}.hint`),
      }))}
    />
  );
}
