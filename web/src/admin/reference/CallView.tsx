import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { classes } from '../../lib/classes';
import { CopyLine } from '../../ui/CopyLine';
import { type Column, Table } from '../../ui/Table';
import { curlOf } from './curl';
import type { Call, Parameter, Schema } from './description';
import { FieldsTable } from './FieldsTable';
import styles from './Reference.module.css';
import { typeOf } from './types';

interface CallProps {
  call: Call;
  schemas: Readonly<Record<string, Schema>>;
}

/** One request: a line, and all of it when it is opened. */
export function CallView({ call, schemas }: CallProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.call} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>
        <code className={classes(styles.method, styles[call.method.toLowerCase()])}>{call.method}</code>
        <code className={styles.path}>{call.path}</code>
        <span className={styles.words}>{call.summary}</span>
      </summary>
      {/* A hundred closed ones need no tables. */}
      {isOpen && <Whole call={call} schemas={schemas} />}
    </details>
  );
}

function Whole({ call, schemas }: CallProps) {
  const text = useAdminText();
  const columns: Column<Parameter>[] = [
    { id: 'name', head: text('reference.name'), cell: (row) => <code>{row.name}</code> },
    { id: 'in', head: text('reference.in'), isExtra: true, cell: (row) => row.in },
    { id: 'type', head: text('reference.type'), cell: (row) => <code>{typeOf(row.schema)}</code> },
    {
      id: 'means',
      head: text('reference.means'),
      cell: (row) => (
        <>
          {row.description} {row.required && <em>{text('reference.required')}</em>}
        </>
      ),
    },
  ];
  return (
    <div className={styles.whole}>
      {call.description && <p>{call.description}</p>}
      {call.parameters.length > 0 && (
        <Table
          label={`${text('reference.parameters')}: ${call.id}`}
          rows={call.parameters}
          columns={columns}
          keyOf={(row) => `${row.in} ${row.name}`}
        />
      )}
      {call.body && (
        <>
          <h3>
            {text('reference.body')} <code>{typeOf(call.body)}</code>
          </h3>
          <FieldsTable label={`${text('reference.body')}: ${call.id}`} schema={call.body} schemas={schemas} />
        </>
      )}
      {call.answers.map(({ status, schema, type }) => (
        <div key={status} className={styles.answer}>
          <h3>
            {text('reference.answer', { status })} {schema && <code>{typeOf(schema)}</code>}{' '}
            {type !== null && type !== 'application/json' && <code>{type}</code>}
          </h3>
          {schema && (
            <FieldsTable
              label={`${text('reference.answer', { status })}: ${call.id}`}
              schema={schema}
              schemas={schemas}
            />
          )}
        </div>
      ))}
      <p className={styles.soft}>{text('reference.error')}</p>
      <div>
        <p className={styles.soft}>{text('reference.try')}</p>
        <CopyLine label={text('reference.try')} value={curlOf(call)} />
      </div>
    </div>
  );
}
