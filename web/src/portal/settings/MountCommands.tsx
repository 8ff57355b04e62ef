import { useState } from 'react';
import { usePortalText } from '../../i18n/portal';
import { Segments } from '../../ui/Choice';
import { CopyLine } from '../../ui/CopyLine';
import styles from './Settings.module.css';

type System = 'linux' | 'macos' | 'windows';
const SYSTEMS: readonly System[] = ['linux', 'macos', 'windows'];

/** As a name is written in a shell. */
const quoted = (name: string, system: System) =>
  /^[\w.-]+$/.test(name)
    ? name
    : system === 'windows'
      ? `"${name}"`
      : `'${name.replaceAll("'", String.raw`'\''`)}'`;

/** Where drives appear. */
const FOLDERS: Record<System, string> = { linux: '~/backup', macos: '~/backup', windows: 'X:' };

/** How to have all snapshots as a drive: with our program, or with what the system brings. */
export function MountCommands({ source }: { source?: string }) {
  const text = usePortalText();
  const [system, setSystem] = useState<System>(ownSystem());
  const url = window.location.origin;
  const named = source ? ` --source ${quoted(source, system)}` : '';
  const dav = `${url}/dav/`;
  return (
    <div className={styles.mount}>
      <Segments
        label={text('mount.system')}
        value={system}
        onChange={setSystem}
        options={SYSTEMS.map((value) => ({ value, label: text(`mount.system.${value}`) }))}
      />
      <h3>{text('mount.program')}</h3>
      <p className={styles.soft}>
        {text(system === 'windows' ? 'mount.program.windows' : 'mount.program.words')}
      </p>
      <CopyLine label={text('mount.signIn')} value={`bygone login ${url}`} />
      <CopyLine
        label={text('mount.program')}
        value={`bygone --server ${url}${named} mount ${FOLDERS[system]}`}
      />
      <h3>{text('mount.dav')}</h3>
      <p className={styles.soft}>{text('mount.dav.words')}</p>
      {system === 'linux' && (
        <CopyLine
          label={text('mount.dav')}
          value={`sudo mount -t davfs ${dav} /mnt/backup -o ro,uid=$USER`}
        />
      )}
      {system === 'macos' && <p>{text('mount.dav.macos')}</p>}
      {system === 'windows' && <CopyLine label={text('mount.dav')} value={`net use X: ${dav} /user:me *`} />}
      <CopyLine label={text('mount.dav.address')} value={dav} />
    </div>
  );
}

function ownSystem(): System {
  const agent = navigator.userAgent;
  return /Windows/.test(agent) ? 'windows' : /Mac OS/.test(agent) ? 'macos' : 'linux';
}
