import { useQuery } from '@tanstack/react-query';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import type { Address } from '../data/address';
import { changesQuery } from '../data/timeline';

interface FolderEmptyProps {
  filter: string;
  onClear: () => void;
  source: string;
  folder: Address;
  onMove: (at: string) => void;
}

/** Nothing is in the folder at this time: when it was not so, and the way there. */
export function FolderEmpty({ filter, onClear, source, folder, onMove }: FolderEmptyProps) {
  const text = usePortalText();
  const format = useFormat();
  const { data } = useQuery({ ...changesQuery(source, folder), enabled: filter === '' });
  if (filter) {
    return (
      <Empty
        icon="filter"
        title={text('browse.noneFits', { filter })}
        actions={<Button onPress={onClear}>{text('browse.clearFilter')}</Button>}
      />
    );
  }
  const before = data?.changes.at(1);
  return (
    <Empty
      icon="folder"
      title={text('browse.empty')}
      actions={
        before && (
          <Button icon="history" onPress={() => onMove(before.id)}>
            {text('browse.goBefore', { date: format.dateTime(before.taken_at) })}
          </Button>
        )
      }
    />
  );
}
