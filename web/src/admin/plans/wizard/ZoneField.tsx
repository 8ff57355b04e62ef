import { useMemo } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Icon } from '../../../ui/Icon';
import styles from './ZoneField.module.css';

/** A time zone by its place: a part of the name is enough. */
export function ZoneField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (zone: string) => void;
}) {
  const zones = useMemo(() => ['UTC', ...Intl.supportedValuesOf('timeZone')].map((id) => ({ id })), []);
  return (
    <ComboBox
      defaultItems={zones}
      selectedKey={value}
      onSelectionChange={(zone) => zone && onChange(String(zone))}
      className={styles.field ?? ''}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <div className={styles.within}>
        <Input className={styles.input ?? ''} />
        <Button className={styles.opener ?? ''}>
          <Icon name="chevron-down" />
        </Button>
      </div>
      <Popover className={styles.popover ?? ''}>
        <ListBox<{ id: string }> className={styles.list ?? ''}>
          {({ id }) => (
            <ListBoxItem textValue={id} className={styles.item ?? ''}>
              {id.replaceAll('_', ' ')}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
