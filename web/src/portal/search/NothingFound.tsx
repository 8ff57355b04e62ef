import { usePortalText } from '../../i18n/portal';
import type { SearchState } from '../../routes/portal';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import type { Found } from '../data/search';
import type { Device } from '../data/sources';
import { NotSaved } from './NotSaved';

interface NothingProps {
  found: Found;
  state: SearchState;
  devices: readonly Device[];
  onChange: (change: Partial<SearchState>) => void;
}

/** Nothing fits: what may have been meant, what was searched, and what narrows the question. */
export function NothingFound({ found, state, devices, onChange }: NothingProps) {
  const text = usePortalText();
  const searched = devices.filter((device) => !state.dev || device.uid === state.dev);
  const isNarrowed =
    state.dev !== '' || state.kind !== 'any' || state.changed !== 'any' || state.deleted !== 'also';
  return (
    <Empty
      icon="search"
      title={text('search.nothing', { q: state.q })}
      actions={
        <>
          {found.suggestions.map((suggestion) => (
            <Button key={suggestion.query} look="primary" onPress={() => onChange({ q: suggestion.query })}>
              {text('search.meant', { q: suggestion.query, n: suggestion.total })}
            </Button>
          ))}
          {isNarrowed && (
            <Button onPress={() => onChange({ dev: '', kind: 'any', changed: 'any', deleted: 'also' })}>
              {text('search.widen')}
            </Button>
          )}
        </>
      }
    >
      <p>
        {text('search.searched', {
          devices: text('count.devices', { n: searched.length }),
          snapshots: text('count.snapshots', {
            n: searched.reduce((sum, device) => sum + device.snapshots, 0),
          }),
        })}
      </p>
      <NotSaved devices={searched} />
    </Empty>
  );
}
