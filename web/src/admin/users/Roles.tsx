import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { type Column, Table } from '../../ui/Table';
import { Facts } from '../parts/Facts';
import { Page } from '../parts/Page';
import { mayAs, NOUNS, type Noun, ROLES, type Role, VERBS } from '../rights';

/** What the roles are, and what each may do: the server's own table. */
export default function Roles() {
  const text = useAdminText();
  const format = useFormat();
  const says = (role: Role, noun: Noun) => {
    const may = mayAs(role);
    const verbs = VERBS.filter((verb) => may(verb, noun));
    if (verbs.length === 0) return '–';
    if (verbs.length === VERBS.length) return text('roles.all');
    return format.list(verbs.map((verb) => text(`verb.${verb}`).toLowerCase()));
  };
  const columns: Column<Noun>[] = [
    { id: 'noun', head: text('roles.noun'), cell: (noun) => text(`noun.${noun}`) },
    ...ROLES.map((role) => ({
      id: role,
      head: text(`role.${role}`),
      cell: (noun: Noun) => says(role, noun),
    })),
  ];
  return (
    <Page title={text('nav.roles')} words={text('roles.words')}>
      <Facts
        facts={ROLES.map((role) => ({ name: text(`role.${role}`), value: text(`roles.${role}.words`) }))}
      />
      <Table label={text('nav.roles')} rows={NOUNS} columns={columns} keyOf={(noun) => noun} />
    </Page>
  );
}
