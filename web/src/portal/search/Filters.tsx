import { usePortalText } from '../../i18n/portal';
import type { SearchState } from '../../routes/portal';
import { Select } from '../../ui/Choice';
import type { Device } from '../data/sources';
import styles from './Search.module.css';

interface FiltersProps {
  state: SearchState;
  devices: readonly Device[];
  onChange: (change: Partial<SearchState>) => void;
}

const KINDS = ['any', 'document', 'image', 'media', 'archive', 'folder'] as const;
const CHANGED = ['any', 'day', 'week', 'month', 'year'] as const;
const DELETED = ['also', 'only', 'no'] as const;
const SORTS = ['best', 'newest', 'oldest', 'name', 'largest', 'smallest'] as const;

/** What can be chosen instead of written. */
export function Filters({ state, devices, onChange }: FiltersProps) {
  const text = usePortalText();
  return (
    <div className={styles.filters}>
      {devices.length > 1 && (
        <Select
          label={text('filter.device')}
          isLabelHidden
          value={state.dev || 'any'}
          onChange={(dev) => onChange({ dev: dev === 'any' ? '' : dev })}
          options={[
            { value: 'any', label: text('filter.device.any') },
            ...devices.map((device) => ({ value: device.uid, label: device.name })),
          ]}
        />
      )}
      <Select
        label={text('filter.kind')}
        isLabelHidden
        value={state.kind}
        onChange={(kind) => onChange({ kind })}
        options={KINDS.map((value) => ({ value, label: text(`filter.kind.${value}`) }))}
      />
      <Select
        label={text('filter.changed')}
        isLabelHidden
        value={state.changed}
        onChange={(changed) => onChange({ changed })}
        options={CHANGED.map((value) => ({ value, label: text(`filter.changed.${value}`) }))}
      />
      <Select
        label={text('filter.deleted')}
        isLabelHidden
        value={state.deleted}
        onChange={(deleted) => onChange({ deleted })}
        options={DELETED.map((value) => ({ value, label: text(`filter.deleted.${value}`) }))}
      />
      <span className={styles.gap} />
      <Select
        label={text('filter.sort')}
        isLabelHidden
        value={state.sort}
        onChange={(sort) => onChange({ sort })}
        options={SORTS.map((value) => ({ value, label: text(`filter.sort.${value}`) }))}
      />
    </div>
  );
}
