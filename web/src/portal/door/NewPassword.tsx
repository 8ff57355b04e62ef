import { usePortalText } from '../../i18n/portal';
import { PasswordField } from '../../ui/Field';

/** As short as the server allows. */
export const PASSWORD_MIN = 12;

export function NewPassword({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const text = usePortalText();
  return (
    <PasswordField
      label={text('door.newPassword')}
      hint={text('door.newPassword.hint', { n: PASSWORD_MIN })}
      name="new-password"
      autoComplete="new-password"
      isRequired
      minLength={PASSWORD_MIN}
      value={value}
      onChange={onChange}
    />
  );
}
