import { useMe } from '../../api/me';
import { usePortalText } from '../../i18n/portal';
import { Group } from './Group';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';

/** What keeps others out of one's account. */
export function Security() {
  const text = usePortalText();
  const { user } = useMe();
  return (
    <>
      {user.has_password || user.has_totp ? (
        <SecondFactor isOn={user.has_totp} />
      ) : (
        <Group title={text('totp.title')} words={text('totp.elsewhere')} />
      )}
      <Sessions />
    </>
  );
}
