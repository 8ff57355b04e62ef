import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { type Column, Table } from '../../ui/Table';
import type { Schema } from './description';
import { namedIn, type Row, rowsOf } from './types';

interface FieldsProps {
  label: string;
  schema: Schema;
  schemas: Readonly<Record<string, Schema>>;
}

/** The fields of a type; those that have fields of their own are looked into one at a time. */
export function FieldsTable({ label, schema, schemas }: FieldsProps) {
  const text = useAdminText();
  const [opened, setOpened] = useState<string | null>(null);
  const fields = rowsOf(schema, schemas);
  const named = namedIn(schema);
  // What is only a choice or a list is told by what it holds.
  const rows = fields.length > 0 || !named ? fields : rowsOf(schemas[named], schemas);
  if (rows.length === 0) return null;
  const columns: Column<Row>[] = [
    { id: 'name', head: text('reference.name'), cell: (row) => <code>{row.name}</code> },
    {
      id: 'type',
      head: text('reference.type'),
      cell: (row) =>
        row.opens ? (
          <Button
            isSmall
            look="quiet"
            icon={opened === row.opens ? 'chevron-up' : 'chevron-down'}
            aria-expanded={opened === row.opens}
            onPress={() => setOpened(opened === row.opens ? null : row.opens)}
          >
            {row.type}
          </Button>
        ) : (
          <code>{row.type}</code>
        ),
    },
    {
      id: 'means',
      head: text('reference.means'),
      cell: (row) => (
        <>
          {row.means} {row.isRequired && <em>{text('reference.required')}</em>}
        </>
      ),
    },
  ];
  const inner = opened ? schemas[opened] : undefined;
  return (
    <>
      <Table label={label} rows={rows} columns={columns} keyOf={(row) => row.name} />
      {opened && inner && (
        <section aria-label={opened}>
          <h4>
            <code>{opened}</code>
          </h4>
          <FieldsTable key={opened} label={`${label}, ${opened}`} schema={inner} schemas={schemas} />
        </section>
      )}
    </>
  );
}
