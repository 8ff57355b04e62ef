import { useMemo } from 'react';
import { chosenZone, useFormat } from '../../i18n/format';
import { chosenLanguage, LANGUAGES, useSpeech } from '../../i18n/language';
import { usePortalText } from '../../i18n/portal';
import { useStored } from '../../lib/stored';
import { useNow } from '../../lib/useNow';
import { chooseTheme, chosenTheme, THEMES } from '../../shell/theme';
import { Segments, Select } from '../../ui/Choice';
import { Group } from './Group';
import styles from './Settings.module.css';

const OWN = 'own';

/** How this browser shows everything. */
export function Appearance() {
  const text = usePortalText();
  const format = useFormat();
  const now = useNow();
  const { language } = useSpeech();
  const theme = useStored(chosenTheme);
  const zone = useStored(chosenZone);
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Group title={text('settings.tab.appearance')} words={text('settings.thisBrowser')}>
      <div className={styles.line}>
        <span>{text('language.label')}</span>
        <Segments
          label={text('language.label')}
          value={language}
          onChange={(chosen) => chosenLanguage.set(chosen)}
          options={LANGUAGES.map((value) => ({ value, label: text(`language.${value}`) }))}
        />
      </div>
      <div className={styles.line}>
        <span>{text('theme.label')}</span>
        <Segments
          label={text('theme.label')}
          value={theme}
          onChange={chooseTheme}
          options={THEMES.map((value) => ({ value, label: text(`theme.${value}`) }))}
        />
      </div>
      <div className={styles.line}>
        <span>
          {text('settings.zone')}
          <span className={styles.soft}>{text('settings.zone.now', { moment: format.moment(now) })}</span>
        </span>
        <Select
          label={text('settings.zone')}
          isLabelHidden
          value={zone || OWN}
          onChange={(chosen) => chosenZone.set(chosen === OWN ? '' : chosen)}
          options={[
            { value: OWN, label: text('settings.zone.own', { zone: own }) },
            ...zones.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
          ]}
        />
      </div>
    </Group>
  );
}
