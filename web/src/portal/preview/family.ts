//! What a file can be shown as, by its name. What it really is, the server tells by its content.

export type Family = 'text' | 'image' | 'pdf' | 'audio' | 'video' | 'archive' | 'other';

const FAMILIES: Record<Exclude<Family, 'other'>, string> = {
  text:
    'txt md markdown rst log csv tsv json yaml yml toml ini conf cfg xml html htm css scss js mjs cjs jsx ts tsx py rb rs go java ' +
    'kt c h cc cpp hpp cs php pl sh bash zsh fish ps1 bat cmd sql tex bib srt vtt diff patch env lock gitignore dockerfile makefile svg',
  image: 'png jpg jpeg gif webp',
  pdf: 'pdf',
  audio: 'mp3 wav ogg oga opus flac m4a aac',
  video: 'mp4 m4v webm mov mkv',
  archive: 'zip tar gz tgz bz2 xz zst 7z rar',
};

const BY_EXTENSION = new Map(
  Object.entries(FAMILIES).flatMap(([family, list]) =>
    list.split(' ').map((name) => [name, family as Family]),
  ),
);

export function familyOf(name: string): Family {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return BY_EXTENSION.get(extension) ?? 'other';
}
