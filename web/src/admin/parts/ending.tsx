import { Button } from '../../ui/Button';
import type { Column } from '../../ui/Table';

/** The column with which what a row shows is ended; it is asked once more there. */
export function ending<Row extends { name: string }>(verb: string, onEnd: (row: Row) => void): Column<Row> {
  return {
    id: 'end',
    head: verb,
    isHeadHidden: true,
    isRight: true,
    cell: (row) => (
      <Button isSmall look="quiet" aria-label={`${verb} ${row.name}`} onPress={() => onEnd(row)}>
        {verb}
      </Button>
    ),
  };
}
